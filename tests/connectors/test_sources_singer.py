"""Singer taps: what they said before and after a kill, what they never may, and what of it nobody hears."""

import json
import os
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import pytest

from connectors.ending import end_by
from connectors.sources import open_source, parse_source
from connectors.spool import Spool
from hub.adapters.system import end_all
from hub.core.errors import DataError, HubError
from tests.connectors.rig import COLUMNS, MAPPING, Rig, keep_places_early, row
from tests.connectors.singer_tap import TAP
from tests.connectors.test_run import HOPS, Killed, facts_law, killer, twins

MARK = "张三丰"


def visits(folder: Path, *rows: dict[str, str], **config: Any) -> None:
    """What the tap's database holds, and the tap with its settings, in a connector's folder."""
    (folder / "tap.py").write_text(TAP, encoding="utf-8")
    (folder / "rows.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    whole = {"rows": "rows.json", "key": ["评估编号"], "bookmark": "评估日期", **config}
    path = folder / "config.json"
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    path.chmod(0o600)


def section(**changed: Any) -> dict[str, Any]:
    """The `[source]` of such a tap."""
    command = [sys.executable, "tap.py"]
    whole = {"kind": "singer", "alias": "tap", "command": command, "stream": "visits", "config": "config.json"}
    return {name: value for name, value in (whole | changed).items() if value is not None}


def tapped(rig: Rig, on_vanish: str = "nothing", on_change: str = "event", **changed: Any) -> Rig:
    """The rig with a mapping that reads the tap."""
    text = MAPPING.format(on_change=on_change, on_vanish=on_vanish)
    begin, end = text.index("[source]"), text.index("[rule.not_test]")
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in section(**changed).items()]
    rig.mapping(text[:begin] + "[source]\n" + "\n".join(lines) + "\n\n" + text[end:])
    return rig


def read(folder: Path, **changed: Any) -> list[Any]:
    """First cells of all that a source gives, its read sound to the end."""
    with open_source(parse_source(section(**changed)), folder, names=COLUMNS) as source:
        at = [column.name for column in source.columns()].index("评估编号")
        found = [one.values[at] for chunk in source.rows() for one in chunk.rows]
        assert source.complete
        return found


def heard(folder: Path) -> list[dict[str, Any]]:
    """What each start of the tap was given."""
    return [json.loads(line) for line in (folder / "heard").read_text(encoding="utf-8").splitlines()]


def test_a_tap_goes_on_where_its_state_says(tmp_path: Path) -> None:
    """Rows come once; the next run gives the tap the state of the last, and a full one none."""
    rig = tapped(Rig(tmp_path))
    visits(rig.folder, row(1), row(2, 评估日期="2026-05-03"), heard="heard")
    assert rig.run().rows.published == 2
    visits(rig.folder, row(1), row(2, 评估日期="2026-05-03"), row(3, 评估日期="2026-05-04"), heard="heard")
    report = rig.run()
    assert (report.rows.read, report.rows.published, report.rows.unchanged) == (2, 1, 1)
    assert rig.run(full=True).rows.read == 3
    assert [one["state"].get("at") for one in heard(rig.folder)] == [None, "2026-05-03", None]


@pytest.mark.parametrize("hop", HOPS)
def test_a_kill_at_any_hop_loses_and_doubles_nothing(tmp_path: Path, hop: str) -> None:
    """State and rows are one transaction: killed at any step and run again, the facts are those of a calm run."""
    calm, storm = map(tapped, twins(tmp_path))
    first = [row(n, 评估日期=f"2026-05-0{1 + n % 9}") for n in range(30)]
    second = [row(n, 评估日期="2026-05-12") for n in range(20, 60)]
    for rows in (first, [*first, *second]):
        for rig in (calm, storm):
            visits(rig.folder, *rows)
        calm.run()
        with pytest.raises(Killed):
            storm.run(hop=killer(hop))
        storm.run()
        facts_law(storm.facts(), calm.facts())
    assert sum(calm.facts().values()) == 70


def test_a_state_kept_apart_from_its_rows_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a spool that keeps the state before the rows are safe."""
    keep_places_early(monkeypatch)
    with pytest.raises(AssertionError, match="lost or doubled"):
        test_a_kill_at_any_hop_loses_and_doubles_nothing(tmp_path, "before commit")


FAULTS = {
    "die": "HUB-C392", "die at once": "HUB-C392", "rubbish": "HUB-C394", "cut": "HUB-C394", "early": "HUB-C395",
    "other stream": "HUB-C399", "retyped": "HUB-C201", "another key": "HUB-C396", "hang": "HUB-C393",
    "silent": "HUB-C393",
}  # fmt: skip


@pytest.mark.parametrize(("fault", "code"), FAULTS.items(), ids=list(FAULTS))
def test_a_tap_that_errs_publishes_nothing_and_keeps_its_state(tmp_path: Path, fault: str, code: str) -> None:
    """A tap that dies, hangs, prints rubbish, half a line, rows before a schema or another schema is told by code; what
    it said before that is not published, its state not kept, and no word of it or of its errors is shown."""
    rig = tapped(Rig(tmp_path), timeout_seconds=1 if code == "HUB-C393" else 60)
    visits(rig.folder, row(1))
    rig.run()
    before = rig.types()
    more = [row(n, 评估日期="2026-05-05") for n in range(2, 9)]
    visits(rig.folder, row(1), *more, fault=fault, lacks=["评估结论"])
    with pytest.raises(HubError) as stop:
        rig.run()
    assert stop.value.code == code
    shown = "".join(traceback.format_exception(stop.value))
    assert MARK not in shown
    assert row(1)["证件号码"] not in shown
    assert rig.types() == before
    assert list(rig.folder.glob(".tap-*")) == []
    visits(rig.folder, row(1), *more)
    assert rig.run().rows.published == 7


def test_a_full_table_shows_what_vanished(tmp_path: Path) -> None:
    """A new version that the tap calls active takes back what it lacks, and a version that goes on takes nothing."""
    rig = tapped(Rig(tmp_path), on_vanish="retract")
    visits(rig.folder, *[row(n) for n in range(9)], replication="full")
    rig.run()
    visits(rig.folder, *[row(n) for n in range(1, 9)], replication="full")
    assert rig.run().vanished == 1
    assert rig.types().count("agency.Retracted") == 1
    other = tapped(Rig(tmp_path / "2"), on_vanish="retract")
    visits(other.folder, row(1), row(2, 评估日期="2026-05-09"), replication="versioned")
    other.run()
    assert other.run().vanished == 0


@pytest.mark.parametrize("fault", ["poison", "plain", "other version"])
def test_what_is_not_whole_shows_nothing_vanished(tmp_path: Path, fault: str) -> None:
    """A version with a row that cannot be read, rows without a version, and a version that no row has, are no proof
    that another row is gone."""
    rig = tapped(Rig(tmp_path), on_vanish="retract")
    visits(rig.folder, *[row(n) for n in range(9)], replication="full")
    rig.run()
    visits(rig.folder, row(1), row(2), row(3), fault=fault, replication="plain" if fault == "plain" else "full")
    report = rig.run()
    assert report.vanished == 0
    assert report.rows.refused == ({"HUB-C131": 1} if fault == "poison" else {})


def test_the_guard_stands_before_a_version_that_lacks_too_much(tmp_path: Path) -> None:
    """A version without most of the rows publishes nothing until its owner says that they are gone."""
    rig = tapped(Rig(tmp_path), on_vanish="retract")
    visits(rig.folder, *[row(n) for n in range(40)], replication="full")
    rig.run()
    visits(rig.folder, row(1), replication="full")
    with pytest.raises(DataError) as stop:
        rig.run()
    assert stop.value.code == "HUB-C301"
    assert rig.run(accept_vanished=39).vanished == 39


def test_a_later_record_of_a_key_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """A row told twice in one run is no double: each state that says something new is said, in order."""
    rig = tapped(Rig(tmp_path), on_change="correct")
    visits(rig.folder, row(1), row(2), row(1, 风险等级="3"), row(1, 评估结论="不详"), row(1, 风险等级="4"))
    report = rig.run()
    assert (report.rows.published, report.rows.refused) == (4, {"HUB-C140": 1})
    assert (report.open, report.new_refused) == (0, 0), "a later record mended the refused one"
    assert sum(bool(refs) for _, _, _, refs in rig.facts()) == 2


def test_a_refused_row_stays_open_while_others_are_told_again(tmp_path: Path) -> None:
    """What was refused and not told again in this read waits for its owner, though the read was full."""
    rig = tapped(Rig(tmp_path))
    rows = [row(1, 评估结论="不详"), row(2), row(2, 风险等级="3"), row(3), row(3, 评估结论="不详")]
    visits(rig.folder, *rows, replication="full")
    assert rig.run().open == 2
    assert rig.run().open == 2
    visits(rig.folder, row(1), row(2), row(3), row(2, 风险等级="2"), replication="full")
    assert rig.run().open == 0


def test_the_key_of_the_mapping_is_the_streams(tmp_path: Path) -> None:
    """A stream that tells rows apart otherwise than the mapping is refused before a row is published."""
    rig = tapped(Rig(tmp_path))
    visits(rig.folder, row(1), key=["证件号码", "评估日期"])
    with pytest.raises(DataError) as stop:
        rig.run()
    assert stop.value.code == "HUB-C396"
    visits(rig.folder, row(1), key=[])
    assert rig.run().rows.published == 1


def test_secrets_reach_the_tap_in_a_file_of_its_own_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password stands in a file that only we can read, gone afterwards; of our environment only what is named."""
    monkeypatch.setenv("HUB_TAP_PASSWORD", "geheim-7")
    monkeypatch.setenv("HUB_SOMEONES_KEY", "x")
    monkeypatch.setenv("TAP_REGION", "220102")
    rig = tapped(Rig(tmp_path), password_env="HUB_TAP_PASSWORD", environment=["TAP_REGION"], catalog="catalog.json")
    (rig.folder / "catalog.json").write_text('{"streams": []}', encoding="utf-8")
    visits(rig.folder, row(1), expects="geheim-7", heard="heard")
    rig.run()
    rig.run()
    for one in heard(rig.folder):
        assert one["modes"]["config"] == "0o600"
        assert "TAP_REGION" in one["environment"]
        assert not {"HUB_TAP_PASSWORD", "HUB_SOMEONES_KEY"} & set(one["environment"])
    assert heard(rig.folder)[1]["modes"]["state"] == "0o600"
    kept = {
        path.name: path.read_bytes() for path in rig.folder.rglob("*") if path.is_file() and path.name != "config.json"
    }
    assert [name for name, raw in kept.items() if b"geheim-7" in raw] == []
    assert list(rig.folder.glob(".tap-*")) == []


def test_the_state_is_locked_in_the_spool(tmp_path: Path) -> None:
    """What a tap says of where it stands may be somebody's number: the spool's file does not show it."""
    rig = tapped(Rig(tmp_path))
    visits(rig.folder, row(1), row(2), fault="stateless")
    rig.run()
    with Spool(rig.edge().spool_path, "hospital-1", write=False) as spool:
        assert spool.state.cursor.startswith('["locked"')
    raw = b"".join(path.read_bytes() for path in rig.folder.glob("spool.db*"))
    for hidden in (MARK, row(1)["证件号码"], "PG00002", "halfway"):
        assert hidden.encode() not in raw


def test_settings_that_others_can_read_are_refused(tmp_path: Path) -> None:
    """A config that holds a password for everybody on the machine stops the run before the tap starts."""
    visits(tmp_path, row(1))
    (tmp_path / "config.json").chmod(0o640)
    with pytest.raises(DataError) as stop:
        read(tmp_path)
    assert stop.value.code == "HUB-C391"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"command": ["no-such-tap-0"]}, "HUB-C390"), ({"command": ["./tap.py"]}, "HUB-C390"),
        ({"config": "none.json"}, "HUB-C390"), ({"catalog": "none.json"}, "HUB-C390"),
        ({"password_env": "HUB_NOT_SET"}, "HUB-C224"), ({"environment": ["HUB_NOT_SET"]}, "HUB-C224"),
        ({"path": "x"}, "HUB-C234"), ({"command": None}, "HUB-C234"), ({"stream": None}, "HUB-C233"),
        ({"command": None, "path": "x"}, "HUB-C234"), ({"timeout_seconds": 0}, "HUB-C230"),
        ({"command": None, "path": "none", "config": None}, "HUB-C206"),
    ],
)  # fmt: skip
def test_a_tap_that_cannot_be_started_is_told(tmp_path: Path, changed: dict[str, Any], code: str) -> None:
    """Programs and files that are not there, and settings that do not go together, each have a code."""
    visits(tmp_path, row(1))
    with pytest.raises(DataError) as stop:
        read(tmp_path, **changed)
    assert stop.value.code == code


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    """The words of a command reach the program as they are."""
    visits(tmp_path, row(1))
    with pytest.raises(DataError):
        read(tmp_path, command=[sys.executable, "tap.py", "; touch made", "$(touch made)", "`touch made`"])
    assert not (tmp_path / "made").exists()


def alive(pid: str) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").split()[2] != "Z"
    except OSError:
        return False


def test_what_a_tap_started_ends_with_it(tmp_path: Path) -> None:
    """A read that is given up leaves no process: neither the tap nor what it started."""
    end_by(end_all)  # as whoever puts the program together says
    (tmp_path / "tap.py").write_text(
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid}')\n"
        'print(\'{"type": "STATE", "value": 1}\', flush=True)\n'
        "time.sleep(600)\n",
        encoding="utf-8",
    )
    with pytest.raises(HubError) as stop:
        read(tmp_path, config=None, timeout_seconds=1)
    assert stop.value.code == "HUB-C393"
    for pid in (tmp_path / "pids").read_text(encoding="utf-8").split():
        until = time.monotonic() + 30
        while alive(pid):
            assert time.monotonic() < until, "a process was left"
            time.sleep(0.01)


def test_a_saved_file_of_messages_is_read_as_a_tap_is(tmp_path: Path) -> None:
    """What a tap said may be saved and carried: whole each time, a row's number its line; with a version it is full."""
    lines = [
        {"type": "SCHEMA", "stream": "visits", "key_properties": ["评估编号"], "schema": {
            "properties": {**{name: {"type": ["null", "string"]} for name in COLUMNS},
                           "地址": {"type": "object", "properties": {"区": {"type": "string"}}}}}},
        {"type": "RECORD", "stream": "visits", "record": row(1) | {"地址": {"区": "x"}}, "version": 1},
        {"type": "STATE", "value": {}}, {"type": "RECORD", "stream": "visits", "record": row(2), "version": 1},
        {"type": "ACTIVATE_VERSION", "stream": "visits", "version": 1},
    ]  # fmt: skip
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (tmp_path / "said").write_text(text, encoding="utf-8")
    spec = parse_source(section(command=None, config=None, path="said"))
    with open_source(spec, tmp_path, names=[*COLUMNS, "地址.区"]) as source:
        assert {column.type for column in source.columns()} == {"text"}
        chunks = list(source.rows())
        assert [one.number for chunk in chunks for one in chunk.rows] == [2, 4]
        assert (source.full, source.complete, source.cursor) == (True, True, None)
    (tmp_path / "said").write_text(text[:-20], encoding="utf-8")
    with pytest.raises(DataError) as stop:
        read(tmp_path, command=None, config=None, path="said")
    assert (stop.value.code, stop.value.place["row"]) == ("HUB-C394", 5)


def test_a_read_that_is_given_up_early_ends_the_tap(tmp_path: Path) -> None:
    """A preview takes a few rows of a tap that would never end."""
    visits(tmp_path, *[row(n) for n in range(9)])
    with open_source(parse_source(section()), tmp_path, names=COLUMNS) as source:
        assert len(source.columns()) == len(COLUMNS)
        next(iter(source.rows()))
    assert not [path for path in os.listdir(tmp_path) if path.startswith(".tap-")]


LINGERS = """
import os, subprocess, sys, time
writes = "import sys, time\\nwhile True: sys.stderr.write('.'); sys.stderr.flush(); time.sleep(0.01)"
child = subprocess.Popen([sys.executable, "-c", writes], start_new_session=True)
open("pids", "w").write(f"{os.getpid()} {child.pid}")
print('{"type": "STATE", "value": 1}', flush=True)
time.sleep(600)
"""
"""A tap that leaves a process of another session behind, which goes on writing where the tap wrote."""


def gone(folder: Path) -> None:
    """Wait until the processes that a tap told of have ended."""
    for pid in (folder / "pids").read_text(encoding="utf-8").split():
        until = time.monotonic() + 30
        while alive(pid):
            assert time.monotonic() < until, "a process was left"
            time.sleep(0.01)


def test_a_tap_that_is_ended_while_others_write_where_it_wrote_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever hears a tap stops by itself, with no error of a thread, and then nobody writes any more, either."""
    errors: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", errors.append)
    monkeypatch.setattr("connectors.sources.tap._PATIENCE_S", 0.001)
    (tmp_path / "tap.py").write_text(LINGERS, encoding="utf-8")
    with pytest.raises(HubError) as stop:
        read(tmp_path, config=None, timeout_seconds=1)
    assert stop.value.code == "HUB-C393"
    gone(tmp_path)
    assert errors == []


def test_a_program_that_ends_while_a_tap_is_silent_ends_the_tap(tmp_path: Path) -> None:
    """Who reads it in a thread of its own, as the studio does, leaves no tap behind when the program ends."""
    (tmp_path / "tap.py").write_text(LINGERS.replace("start_new_session=True", ""), encoding="utf-8")
    program = (
        "import sys, threading, time\n"
        "from pathlib import Path\n"
        "from connectors.sources import open_source, parse_source\n"
        "from hub import wiring\n"
        "def read():\n"
        "    section = {'kind': 'singer', 'alias': 'tap', 'stream': 'visits', 'command': [sys.executable, 'tap.py']}\n"
        "    with open_source(parse_source(section), Path.cwd(), names=['x']) as source:\n"
        "        source.columns()\n"
        "threading.Thread(target=read, daemon=True).start()\n"
        "while not Path('pids').exists() or len(Path('pids').read_text().split()) < 2:\n"
        "    time.sleep(0.01)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, timeout=60, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    gone(tmp_path)
