"""`hub connector` and `hub refused`, as a user types them; and a run that is killed by the operating system."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.rig import number
from tests.typed import Hub


def source(folder: Path, count: int, broken: str = "1.6E+17") -> Path:
    path = folder / "patients.csv"
    lines = ["患者编号,姓名,证件号码,居住区划,建档日期"]
    lines += [f"P{n},张三丰,{number(n) if n != 3 else broken},220102,2026-01-05" for n in range(count)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def drafted(typed: Hub, path: Path) -> None:
    code, _, error = typed("connector", "new", "--from", str(path), "--name", "patients", "--area", "220102")
    assert code == 0, error


def test_from_a_file_to_events_in_four_words(typed: Hub, tmp_path: Path) -> None:
    """New, check, preview and run work one after the other on a drafted mapping, and the sums are printed."""
    drafted(typed, source(tmp_path, 6))
    assert typed("connector", "check", "patients")[0] == 0
    code, shown, _ = typed("connector", "preview", "patients")
    assert code == 0
    assert number(0) not in shown
    assert "##################" in shown
    code, out, _ = typed("connector", "run", "patients", "--dry-run")
    assert "read 6 = published 5 + unchanged 0 + not selected 0 + refused 1" in out
    code, out, _ = typed("connector", "run", "--json")
    assert (code, [one["rows"]["published"] for one in json.loads(out)]) == (0, [5])
    code, out, _ = typed("connector", "status", "--json")
    assert (json.loads(out)[0]["events"], json.loads(out)[0]["open"]) == (7, 1)


def test_a_draft_works_from_a_relative_address_and_names_the_command_that_registers_it(
    typed: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database named relative to where the user stands is found by check, and the printed registration is taken."""
    monkeypatch.chdir(tmp_path)
    with contextlib.closing(sqlite3.connect("hospital.db")) as database:
        database.execute("CREATE TABLE 患者 (患者编号 TEXT, 姓名 TEXT, 证件号码 TEXT, 居住区划 TEXT, 建档日期 TEXT)")
    words = ("--name", "patients", "--publisher", "health", "--area", "220102")
    code, out, error = typed("connector", "new", "--from", "sqlite:///hospital.db", "患者", *words)
    assert code == 0, error
    assert typed("connector", "check", "patients")[0] == 0
    register = out.splitlines()[-1].split()
    assert register[:3] == ["hub", "agency", "add"]
    assert typed(*register[1:])[0] == 0


def test_a_refused_row_is_shown_retried_and_discarded(typed: Hub, tmp_path: Path) -> None:
    """List and show tell code, place and fix and no digit of the row; retry and discard do what they say."""
    drafted(typed, source(tmp_path, 6))
    typed("connector", "run", "patients")
    _, out, _ = typed("refused", "list", "--json")
    (row,) = json.loads(out)
    assert (row["code"], row["row"], row["column"]) == ("HUB-C104", 5, "C")
    _, out, _ = typed("refused", "show", "patients", "1")
    assert "#.#A+##" in out
    _, out, _ = typed("refused", "retry", "patients", "1")
    assert "refused again 1" in out
    assert typed("refused", "discard", "patients", "1")[0] == 0
    assert typed("refused", "list")[1] == "No refused row waits\n"
    code, _, error = typed("refused", "show", "patients", "9")
    assert (code, "HUB-C330" in error) == (3, True)


def test_words_that_cannot_be_done_say_why(typed: Hub, tmp_path: Path) -> None:
    """An unknown connector, a second draft and a guard that says no each have their exit code."""
    assert typed("connector", "run", "nobody")[0] == 3
    drafted(typed, source(tmp_path, 30))
    code, _, error = typed("connector", "new", "--from", str(source(tmp_path, 30)), "--name", "patients")
    assert (code, "HUB-C325" in error) == (3, True)
    typed("connector", "run", "patients")
    source(tmp_path, 10)
    code, _, error = typed("connector", "run", "patients")
    assert (code, "HUB-C301" in error) == (3, True)
    assert typed("connector", "run", "patients", "--accept-vanished", "20")[0] == 0


def events_of(home: Path) -> list[Any]:
    """What accept-next takes of the ingress log, as (number, events) of each frame."""
    from hub.adapters.sql.log import SqliteLog
    from hub.core.frame import unpack_frame
    from hub.flow.accept import NEXT, accept

    log = SqliteLog(home / "hub" / "log.db")
    records = log.read("ingress.agency-1", 0, 0, 10_000)
    log.close()
    taken: dict[str, int] = {}
    headers = [unpack_frame(record.value).header for record in records]
    return [(h.number, h.events) for h in headers if accept(taken, h.incarnation, h.number) == NEXT]


@pytest.mark.slow
def test_kill_minus_nine_at_any_moment_loses_and_doubles_nothing(typed: Hub, tmp_path: Path) -> None:
    """Killed by the operating system at five moments, a run that is repeated ends with each row published once."""
    drafted(typed, source(tmp_path, 6000, broken=number(3)))
    command = [sys.executable, "-m", "hub.cli.main", "connector", "run", "patients"]
    environment = {**os.environ, "HUB_HOME": str(tmp_path / "home")}
    for wait in (0.5, 0.8, 1.1, 1.4, 1.8):
        child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(wait)
        child.send_signal(signal.SIGKILL)
        child.wait()
    code, _, error = typed("connector", "run", "patients")
    assert code == 0, error
    frames = events_of(tmp_path / "home")
    assert [number for number, _ in frames] == list(range(1, len(frames) + 1))
    assert sum(events for _, events in frames) == 6002


def test_a_number_typed_for_a_connector_is_not_repeated(typed: Hub) -> None:
    """Whatever is typed where a connector's name belongs, no message has a number long enough to be a person's."""
    for words in (("connector", "preview"), ("connector", "run"), ("refused", "retry")):
        code, out, err = typed(*words, number(3))
        assert code == 3
        assert number(3) not in out + err


def test_nothing_is_registered_under_somebodys_number(typed: Hub) -> None:
    """A connector and its agency are named in clear in every record: a number as long as a person's is no name."""
    rest = ("--publisher", "health", "--area", "220102", "--key", "00" * 32, "--key-check", "00" * 16)
    for words in (
        ("agency", "key", number(3)), ("agency", "add", number(3), "--agency", "ward", *rest),
        ("agency", "add", "ward", "--agency", number(3).lower(), *rest),
    ):  # fmt: skip
        code, out, err = typed(*words)
        assert (code, "HUB-I201" in err, number(3) in out + err) == (2, True, False)


def test_one_connector_without_its_key_does_not_hide_the_others(typed: Hub, tmp_path: Path) -> None:
    """`connector status` shows every connector, and of one whose key is gone, what lacks."""
    path = source(tmp_path, 1)
    for name in ("one", "two"):
        assert typed("connector", "new", "--from", str(path), "--name", name)[0] == 0
    (tmp_path / "home" / "edges" / "one" / "keys" / "agency.key").unlink()
    code, out, _ = typed("connector", "status", "--json")
    assert code == 0
    assert [(row["connector"], (row["error"] or {}).get("code")) for row in json.loads(out)] == [
        ("one", "HUB-G120"),
        ("two", None),
    ]
