"""A run, from a file to frames in the log, with a crash at every step."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from connectors.frames.send import send
from connectors.spool import Spool
from hub.adapters.files.keys import FileKeys
from hub.adapters.memory.log import MemoryLog
from hub.core.errors import AppendUncertain, DataError, IntegrityError
from tests.connectors.rig import Rig, row

HOPS = ("chunk", "before commit", "committed", "appended", "acknowledged")


class Killed(BaseException):
    """The process is gone: nothing after it runs but rollbacks."""


def killer(hop: str) -> Any:
    def at(name: str) -> None:
        if name == hop:
            raise Killed

    return at


def twins(folder: Path) -> tuple[Rig, Rig]:
    """Two edges with the same keys."""
    calm, storm = Rig(folder / "calm"), Rig(folder / "storm")
    storm.keys = calm.keys
    return calm, storm


def facts_law(found: Counter[Any], wanted: Counter[Any]) -> None:
    assert found == wanted, "a fact was lost or doubled"


def test_rows_become_events_in_signed_frames(tmp_path: Path) -> None:
    """A row that is selected and sound is one event in a frame that both ends can open, and each row has one ending."""
    rig = Rig(tmp_path)
    rig.rows(*[row(n) for n in range(1200)], row(1300, 评估结论="不详"), row(1301, 姓名="测试"))
    report = rig.run()
    assert (report.rows.read, report.rows.published, report.rows.unchanged) == (1202, 1200, 0)
    assert report.rows.not_selected == {"not_test": 1}
    assert report.rows.refused == {"HUB-C140": 1}
    types = rig.types()
    assert types[0] == "agency.SourceStarted"
    assert types[-1] == "agency.RunFinished"
    assert types.count("health.DischargeAssessed") == 1200
    assert [header.number for header, _, _ in rig.frames()] == [1, 2, 3]
    numbers = [entry.number for _, entries, _ in rig.frames() for entry in entries]
    assert numbers == list(range(1, 1203))


def test_a_second_run_over_the_same_source_adds_no_event(tmp_path: Path) -> None:
    """What was published before and is unchanged is not published again, nor is the end of such a run told."""
    rig = Rig(tmp_path)
    rig.rows(*[row(n) for n in range(20)], row(30, 评估结论="不详"))
    rig.run()
    before = rig.types()
    report = rig.run()
    assert rig.types() == before
    assert (report.rows.unchanged, report.rows.refused) == (20, {"HUB-C140": 1})


@pytest.mark.parametrize("hop", HOPS)
def test_a_kill_at_any_hop_loses_and_doubles_nothing(tmp_path: Path, hop: str) -> None:
    """Killed at any step and run again, the hub accepts the same facts as without the kill."""
    calm, storm = twins(tmp_path)
    first = [row(n) for n in range(700)]
    for rig in (calm, storm):
        rig.rows(*first)
    calm.run()
    with pytest.raises(Killed):
        storm.run(hop=killer(hop))
    storm.run()
    facts_law(storm.facts(), calm.facts())
    second = [row(n, 风险等级="2") for n in range(700)]
    for rig in (calm, storm):
        rig.rows(*second)
    calm.run()
    with pytest.raises(Killed):
        storm.run(hop=killer(hop))
    storm.run()
    facts_law(storm.facts(), calm.facts())
    assert sum(calm.facts().values()) == 1400


def test_the_law_of_facts_notices_a_relay_that_trims_before_it_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutant: frames acknowledged before they are appended are lost by a kill in between, and the law says so."""
    calm, storm = twins(tmp_path)
    for rig in (calm, storm):
        rig.rows(*[row(n) for n in range(5)])
    calm.run()
    honest = send

    def trims_first(spool: Spool, *rest: Any) -> int:
        frames = spool.unsent(16)
        if frames:
            with spool.transaction():
                spool.acknowledge(frames[0].number, frames[-1].number)
            raise Killed
        return honest(spool, *rest)

    monkeypatch.setattr("connectors.run.run.send", trims_first)
    with pytest.raises(Killed):
        storm.run()
    monkeypatch.undo()
    storm.run()
    with pytest.raises(AssertionError):
        facts_law(storm.facts(), calm.facts())


def test_an_append_that_may_have_landed_is_sent_again_with_the_same_bytes(tmp_path: Path) -> None:
    """After an append that raised, whatever landed, the same frames go again and the hub counts each once."""
    for fate in ("whole", "part", "later", "nothing"):
        calls = []

        def schedule(word: str, fate: Any = fate, calls: list[str] = calls) -> Any:
            calls.append(word)
            return fate if word == "append" and calls.count("append") == 1 else "well"

        rig = Rig(tmp_path / fate, log=MemoryLog(schedule))
        rig.rows(*[row(n) for n in range(1700)])
        with pytest.raises(AppendUncertain):
            rig.run()
        rig.run()
        assert sum(rig.facts().values()) == 1700


def test_a_dry_run_counts_and_changes_nothing(tmp_path: Path) -> None:
    """A dry run tells the endings and leaves neither a frame nor a fingerprint."""
    rig = Rig(tmp_path)
    rig.rows(*[row(n) for n in range(7)])
    assert rig.run(dry_run=True).rows.published == 7
    assert rig.records() == []
    assert rig.run().rows.published == 7


def test_a_missing_column_stops_the_run_before_the_first_event(tmp_path: Path) -> None:
    """A renamed column publishes nothing and names the nearest one."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    text = (rig.folder / "assessments.csv").read_text(encoding="utf-8")
    (rig.folder / "assessments.csv").write_text(text.replace("评估日期", "评估时间"), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        rig.run()
    assert (caught.value.code, caught.value.place["nearest"]) == ("HUB-C201", "评估时间")
    assert rig.records() == []


def test_another_countys_key_is_refused_before_a_row_is_read(tmp_path: Path) -> None:
    """Tokens under another `K_edge` would link nobody, silently: exit 4 at once, and the right key goes on."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    end = rig.log.bounds("ingress.hospital", 0).end
    key = rig.folder / "keys" / "K_edge.key"
    right = key.read_bytes()
    key.write_text(f"secret {'ab' * 32}\n", encoding="ascii")
    rig.keys = FileKeys(rig.folder / "keys")
    rig.rows(row(1), row(2))
    for _ in range(2):
        with pytest.raises(IntegrityError) as stop:
            rig.run()
        assert (stop.value.code, stop.value.exit_code) == ("HUB-C410", 4)
    assert rig.log.bounds("ingress.hospital", 0).end == end
    key.write_bytes(right)
    rig.keys = FileKeys(rig.folder / "keys")
    assert rig.run().events == 2
