import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.damage.world import World, copied, make


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a command."""
    for name in os.environ:
        if name.startswith("HUB_") and name != "HUB_REQUIRE":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HUB_LANG", "en")
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", "2026-05-27")  # also where an installation has only just been made


@pytest.fixture(scope="session")
def room() -> Iterator[Path]:
    """A folder for all worlds."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.fixture(scope="session")
def template(room: Path) -> World:
    """An installation that nothing has happened to."""
    return make(room / "template")


@pytest.fixture
def world(template: World, room: Path) -> Iterator[World]:
    """One to be damaged."""
    with tempfile.TemporaryDirectory(dir=room) as folder:
        os.chmod(folder, 0o755)
        made = copied(template, Path(folder) / "home")
        try:
            yield made
        finally:
            made.as_ourselves()
            made.held()
