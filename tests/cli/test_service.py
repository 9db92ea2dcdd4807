"""What keeps the hub running: units and tasks say exactly the command, whatever the folder is called."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors import edge as edges
from hub import founding
from hub.cli.main import run
from hub.cli.service import Service, installing, systemd, task
from hub.config import load
from hub.core.errors import UsageError

NAMES = st.text(
    st.characters(exclude_characters="\0\n\r/\ufffe\uffff", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20
)
ONCE, EVER = Service("connector-c", ("connector", "run", "c"), "02:30"), Service("serve", ("serve",))
LOW = Service("gateway", ("gateway",), low_port=True)


def argv_of_systemd(line: str) -> list[str]:
    """The words that systemd makes of ExecStart=, by systemd.service(5)."""
    program, *words = paths_of_systemd(line)
    return [program, *(word.replace("$$", "$") for word in words)]


def paths_of_systemd(line: str) -> list[str]:
    """The words of a line in which systemd looks for specifiers and not for variables."""
    return [word.replace("%%", "%") for word in shlex.split(line)]


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
    command = [f"/opt/{name}/python3", "-P", "-m", "hub.cli.main", "serve", "--home", folder]
    (text,) = systemd(EVER, command, folder, "hub").values()
    (line,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    assert argv_of_systemd(line) == command
    (paths,) = re.findall(r"^ReadWritePaths=(.*)$", text, re.MULTILINE)
    assert paths_of_systemd(paths) == [folder]
    (where,) = re.findall(r"^WorkingDirectory=(.*)$", text, re.MULTILINE)
    assert where.strip() == where
    assert not where.endswith("\\"), "systemd would go on with the next line"
    assert where.replace("%%", "%").rstrip("/") == folder


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here to ask")
@pytest.mark.parametrize("name", ["plain", "县 中枢", "a$HOME %h", 'it\'s "so"', "back\\", "blank "])
def test_systemd_itself_takes_the_units(tmp_path: Path, name: str) -> None:
    """`systemd-analyze verify` has nothing to say about a unit or a timer, whatever the folder is called."""
    folder = tmp_path / name
    folder.mkdir()
    command = [sys.executable, "-P", "-m", "hub.cli.main", "serve", "--home", str(folder)]
    for service in (EVER, ONCE, LOW):
        units = systemd(service, command, str(folder), "root")
        for file, text in units.items():
            (tmp_path / file).write_text(text, encoding="utf-8")
        for file in units:
            done = subprocess.run(
                ["systemd-analyze", "verify", str(tmp_path / file)], capture_output=True, text=True, timeout=60
            )
            assert (done.returncode, done.stdout + done.stderr) == (0, ""), text


def parsed(text: str) -> dict[str, str]:
    """The settings of a task by the names of their elements."""
    return {each.tag.rpartition("}")[2]: each.text or "" for each in ElementTree.fromstring(text).iter()}


@given(NAMES, st.sampled_from([1, 400]))
def test_a_task_starts_exactly_the_command(name: str, times: int) -> None:
    """The program is given its words again, whatever the folder is called and however long; the file is ASCII."""
    folder = f"D:\\{name * times}"
    command = [f"C:\\{name} {name}\\python.exe", "-m", "hub.cli.main", "--home", folder]
    if "%" in name or "$(" in folder:
        with pytest.raises(UsageError, match="HUB-G212"):
            task(ONCE, command, folder)
        return
    ((file, text),) = task(ONCE, command, folder).items()
    assert (file, text.isascii()) == ("rehab-exchange-hub-connector-c.xml", True)
    found = parsed(text)
    assert found["StartBoundary"].endswith("T02:30:00")
    assert [found["Command"], *argv_of_windows(found["Arguments"])] == command
    assert found["WorkingDirectory"] == folder


def test_a_task_that_stays_up_has_no_limit_and_needs_nobody() -> None:
    """It starts with the machine, under an account without a password, and is not ended after three days."""
    (text,) = task(EVER, ["python"], "D:\\hub").values()
    found = parsed(text)
    assert (found["ExecutionTimeLimit"], found["UserId"], found["RunLevel"]) == ("PT0S", "S-1-5-19", "LeastPrivilege")
    assert "BootTrigger" in found
    assert "RestartOnFailure" in found
    assert "RestartOnFailure" not in parsed(*task(ONCE, ["python"], "D:\\hub").values())


@given(NAMES)
@example("\\")  # several backslashes at the end
def test_the_lines_that_install_tasks_keep_names_whole(name: str) -> None:
    """Folder and file are one word each of the lines that are to be run, and no line gives a command itself."""
    if '"' in name:  # no name of Windows has one
        return
    rights, make = installing({"rehab-exchange-hub-serve.xml": ""}, f"D:\\{name}", Path(name))
    assert argv_of_windows(rights)[1] == f"D:\\{name}"
    words = argv_of_windows(make)
    assert words[words.index("/TN") + 1] == "rehab-exchange-hub\\serve"
    assert words[words.index("/XML") + 1] == str(Path(name) / "rehab-exchange-hub-serve.xml")
    assert "/TR" not in words


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
    founding.make_edge(load(home), spec)
    for kind in ("--systemd", "--schtasks"):
        capsys.readouterr()
        assert run(["service", "print", kind, "--home", str(home)]) == 0
        out = capsys.readouterr().out
        assert "serve" in out
        assert "hospital-1" in out
        assert "县 中枢" in out
        assert "password" not in out.lower()
        assert "gateway" not in out
    with_gateway = ["service", "print", "--systemd", "--only", "gateway", "--home", str(home)]
    assert run(with_gateway) == 0
    assert "hub.cli.main gateway --home" in capsys.readouterr().out
    (home / "hub.toml").write_text((home / "hub.toml").read_text() + '\n[gateway]\ncert = "c.pem"\nport = 443\n')
    to = tmp_path / "to write"
    for kind, ending in (("--systemd", ".service"), ("--schtasks", ".xml")):
        capsys.readouterr()
        assert run(["service", "print", kind, "--to", str(to), "--home", str(home)]) == 0
        out = capsys.readouterr().out
        for name in ("serve", "gateway", "connector-hospital-1"):
            assert (to / f"rehab-exchange-hub-{name}{ending}").is_file()
            assert f"rehab-exchange-hub-{name}{ending}" in out
    unit = (to / "rehab-exchange-hub-gateway.service").read_text(encoding="utf-8")
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in unit
    assert run(["service", "print", "--home", str(home)]) == 2
    assert run(["service", "print", "--systemd", "--only", "none", "--home", str(home)]) == 2
    assert run(["service", "print", "--systemd", "--at", "25:00", "--home", str(home)]) == 2
