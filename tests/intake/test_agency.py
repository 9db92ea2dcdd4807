"""`hub agency`: the registry at the command line."""

import json
from pathlib import Path

import pytest

from hub.cli.main import run

KEY = "ab" * 32


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """An installation that was just made."""
    assert run(["init", "--home", str(tmp_path)]) == 0
    capsys.readouterr()
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a command."""
    code = run([*words])
    out, err = capsys.readouterr()
    return code, out, err


def add(home: Path, *more: str, agency: str = "a", key: str = KEY, area: str = "2201") -> list[str]:
    """A registration as it is typed."""
    words = ["agency", "add", "c1", "--home", str(home), "--agency", agency, "--publisher", "health"]
    return [*words, "--key", key, "--key-check", "11", "--area", area, *more]


def test_what_is_added_is_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A registered connector is listed with all that it may publish, for people and for programs."""
    code, out, _ = asked(capsys, *add(home, "--site", "s1", "--site", "s2", "--rhythm", "weekly", "--json"))
    assert (code, json.loads(out)["number"]) == (0, 1)
    _, out, _ = asked(capsys, "agency", "list", "--home", str(home), "--json")
    (agency,) = json.loads(out)
    assert agency["connectors"][0] == {
        "connector": "c1",
        "number": 1,
        "publisher": "health",
        "types": "agency.* health.*",
        "areas": "2201",
        "sites": "s1 s2",
        "public_key": KEY,
        "key_check": "11",
        "rhythm": "weekly",
    }
    for lang, word in (("en", "event types"), ("zh", "事件类型")):
        code, out, _ = asked(capsys, "--lang", lang, "agency", "list", "--home", str(home))
        assert code == 0
        assert word in out


def test_a_registration_that_makes_no_sense_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names, keys and areas are checked at the door, and a name keeps its agency."""
    assert asked(capsys, *add(home, key="12"))[0] == 2
    assert asked(capsys, *add(home, area="长春"))[0] == 2
    assert asked(capsys, *add(home, agency="A B"))[0] == 2
    assert asked(capsys, *add(home))[0] == 0
    code, _, err = asked(capsys, *add(home, agency="b"))
    assert code == 3
    assert "HUB-I350" in err
    assert asked(capsys, *add(home, area="22"))[0] == 0


def test_an_empty_registry_says_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without connectors the list names the command that adds one."""
    code, out, _ = asked(capsys, "agency", "list", "--home", str(home))
    assert code == 0
    assert "hub agency add" in out
