"""Outcomes are a hop like any other: taken exactly next, whatever an uncertain append left behind (law 3)."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.spool import Spool
from hub.adapters.memory.log import MemoryLog
from hub.core.record import Record
from tests.connectors.rig import Rig, row


def left_behind(sent: list[Record], schedule: list[tuple[int, int]]) -> list[Record]:
    """What stands in a log after tries that landed only from `lost` on: each is repeated whole afterwards."""
    found: list[Record] = []
    for upto, lost in schedule:
        found += sent[lost:upto]
    return [*found, *sent]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2)), max_size=4))
def test_no_outcome_is_missed_whatever_landed_before_it(
    tmp_path_factory: pytest.TempPathFactory, schedule: list[tuple[int, int]]
) -> None:
    """Where later outcomes landed and earlier ones were lost, all are taken when they come again, each once."""
    rig = Rig(tmp_path_factory.mktemp("edge"))
    for n in range(1, 4):
        rig.rows(*(row(one) for one in range(1, n + 1)))
        rig.run()
    rig.answer(lambda entry: "HUB-I323" if entry.place.startswith("assessments:3:") else "")
    sent = rig.log.read("outcomes.hospital", 0, 0, 9)
    assert len(sent) == 3
    log, rig.log = rig.log, MemoryLog(identity=rig.log.identity())
    for topic in ("ingress.hospital", "outcomes.hospital"):
        rig.log.create(topic, 1)
    rig.log.append("ingress.hospital", 0, log.read("ingress.hospital", 0, 0, 9))
    rig.log.append("outcomes.hospital", 0, left_behind(sent, schedule))
    report = rig.run()
    assert report.refused == 1
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        assert spool.waiting() == (0, 0), "a frame still waits for an outcome that was there"


def test_a_new_incarnation_reads_on_behind_the_outcomes_of_the_old_one(tmp_path: Path) -> None:
    """After `begin_anew` the next outcome is the one after the last that stood there."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    rig.answer()
    rig.run(begin_anew="replaced")
    rig.answer()
    assert rig.run().appended > 0
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        assert spool.waiting() == (0, 0)
