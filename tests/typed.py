"""The `hub` command as a user types it, in an installation of the test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.cli.main import run as hub

Hub = Callable[..., tuple[int, str, str]]


def typist(capsys: pytest.CaptureFixture[str]) -> Hub:
    """Types a command; returns exit code, output and error output."""

    def type(*words: str) -> tuple[int, str, str]:
        code = hub(list(words))
        out = capsys.readouterr()
        return code, out.out, out.err

    return type


@pytest.fixture
def typed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Types a command in an installation; returns exit code, output and error output."""
    monkeypatch.setenv("HUB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HUB_LANG", "en")
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", "2026-05-27")

    type = typist(capsys)
    assert type("init")[0] == 0
    return type
