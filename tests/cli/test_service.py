"""What keeps the hub running: units and tasks say exactly the command, whatever the folder is called."""

import configparser
import re
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import edge as edges
from hub import wiring
from hub.cli.main import run
from hub.cli.service import Service, schtasks, systemd
from hub.config import load

NAMES = st.text(st.characters(exclude_characters="\0\n\r/", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
ONCE, EVER = Service("connector-c", ("connector", "run", "c"), "02:30"), Service("serve", ("serve",))


def argv_of_systemd(line: str) -> list[str]:
    """The words that systemd makes of ExecStart=, by systemd.service(5)."""
    return [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)]


def argv_of_windows(line: str) -> list[str]:
    """The words that a Windows program is given, by the rules of CommandLineToArgvW."""
    words, word, quoted, some, at = [], "", False, False, 0
    while at < len(line):
        slashes = len(line[at:]) - len(line[at:].lstrip("\\"))
        at += slashes
        if slashes and line[at : at + 1] != '"':
            word, some = word + "\\" * slashes, True
            continue
        word += "\\" * (slashes // 2)
        if at >= len(line):
            break
        mark = line[at]
        at += 1
        if mark == '"' and slashes % 2:
            word, some = word + '"', True
        elif mark == '"':
            quoted, some = not quoted, True
        elif mark in " \t" and not quoted:
            if some:
                words.append(word)
            word, some = "", False
        else:
            word, some = word + mark, True
    return [*words, word] if some else words


@given(NAMES)
def test_a_unit_starts_exactly_the_command(name: str) -> None:
    """Blanks, quotes, percent and dollar signs of a folder's name come to the program as they are."""
    folder = f"/srv/{name}"
    command = ["/usr/bin/python3", "-P", "-m", "hub.cli.main", "serve", "--home", folder]
    (text,) = systemd(EVER, command, folder, "hub").values()
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert argv_of_systemd(line) == command
    (paths,) = re.findall(r"^ReadWritePaths=(.*)$", text, re.MULTILINE)
    assert argv_of_systemd(paths) == [folder]


@given(NAMES)
def test_a_task_starts_exactly_the_command(name: str) -> None:
    """The command of a task is one argument of schtasks, and the program is given its words again."""
    command = ["C:\\Program Files\\Python\\python.exe", "-m", "hub.cli.main", "--home", f"D:\\{name}"]
    words = argv_of_windows(schtasks(ONCE, command))
    assert words[words.index("/ST") + 1] == "02:30"
    assert argv_of_windows(words[words.index("/TR") + 1]) == command


def test_words_without_quotation_marks_are_found_out() -> None:
    """The law above kills a unit whose words are only joined."""
    assert argv_of_systemd(" ".join(["python", "--home", "/srv/a b"])) != ["python", "--home", "/srv/a b"]


def test_a_service_is_not_started_again_where_a_person_must_look() -> None:
    """Exit codes of data, integrity, rights and usage stop it; a connector runs by a timer, once a day."""
    (text,) = systemd(EVER, ["python"], "/srv", "hub").values()
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment]
    unit.read_string(text)
    assert unit["Service"]["RestartPreventExitStatus"].split() == ["2", "3", "4", "6", "7"]
    assert unit["Service"]["NoNewPrivileges"] == "yes"
    units = systemd(ONCE, ["python"], "/srv", "hub")
    assert [name.rpartition(".")[2] for name in units] == ["service", "timer"]
    assert "OnCalendar=*-*-* 02:30:00" in units["rehab-exchange-hub-connector-c.timer"]
    assert "Restart=" not in units["rehab-exchange-hub-connector-c.service"]


def test_all_that_an_installation_has_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The hub and each connector have a unit or a task; what is not there is refused, and so is a time that is none."""
    home = tmp_path / "县 中枢"
    run(["init", "--home", str(home)])
    spec = edges.EdgeSpec("hospital-1", "hospital", "health", "", b"", b"", 20_000, "220102")
    wiring.make_edge(load(home), spec)
    for kind in ("--systemd", "--schtasks"):
        capsys.readouterr()
        assert run(["service", "print", kind, "--home", str(home)]) == 0
        out = capsys.readouterr().out
        assert "serve" in out
        assert "hospital-1" in out
        assert "县 中枢" in out
        assert "password" not in out.lower()
    assert run(["service", "print", "--home", str(home)]) == 2
    assert run(["service", "print", "--systemd", "--only", "none", "--home", str(home)]) == 2
    assert run(["service", "print", "--systemd", "--at", "25:00", "--home", str(home)]) == 2
