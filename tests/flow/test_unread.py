"""What nobody takes is seen from the log and the positions alone."""

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from hub.adapters.memory.log import MemoryLog
from hub.core.errors import Unreachable
from hub.core.record import Record
from hub.flow.advance import Worker
from hub.flow.unread import Unread, Untaken, since, told, unread
from tests.flow.sample import CODEC, record, subject
from tests.flow.world import World

FIRST, SECOND = (record("agency.ApplicationFiled", number, subject(1)) for number in (1, 2))


class Seen:
    """Partitions as a test says they stand, and a clock that it moves."""

    def __init__(self) -> None:
        self.now, self.stands = 0.0, list[Unread]()
        self.untaken = Untaken(lambda: self.stands, self.tell, 60, lambda: self.now)

    def tell(self, one: Unread) -> Unreachable:
        """The notice of a partition."""
        return Unreachable("HUB-L560", partition=f"{one.topic}/{one.partition}", records=one.records, since="")

    def passes(self, seconds: float, *stands: Unread) -> list[str]:
        """So many seconds later it is looked at again; the partitions that are told."""
        self.now += seconds
        self.stands = list(stands)
        self.untaken.look()
        return [str(notice.place["partition"]) for notice in self.untaken.notices()]


def test_who_is_not_taken_is_told_until_it_is() -> None:
    """Records wait and the position stands for longer than the patience: told; taken, or nothing more waits: not."""
    seen, behind = Seen(), Unread("persons", 0, 5, 3, 0)
    assert seen.passes(0, behind) == []
    assert seen.passes(60, behind) == []
    assert seen.passes(1, behind._replace(records=9)) == ["persons/0"]
    assert seen.passes(1, behind._replace(at=6)) == []
    assert seen.passes(61, behind._replace(at=6)) == ["persons/0"]
    assert seen.untaken.notices(lambda topic: topic == "persons") == []
    assert seen.passes(1, behind._replace(at=8, records=0)) == []
    assert seen.passes(1000, behind._replace(at=8)) == [], "they have only just come"


def test_who_lost_its_beginning_is_told_of_until_it_is_back() -> None:
    """A partition kept for ever whose first records are gone is named with the first one left, read or not."""
    seen, whole = Seen(), Unread("persons", 3, 5, 0, 0)
    for stands, named in ((whole, []), (whole._replace(lost=4), [("persons", 3, 4)]), (whole, [])):
        seen.passes(1, stands)
        assert [tuple(error.place.values()) for error in seen.untaken.lost()] == named


def left(world: World) -> Sequence[tuple[str, int]]:
    """How many records wait, by topic and partition."""
    groups = [(group.name, group.topic) for group in world.groups]
    return [(f"{one.topic}/{one.partition}", one.records) for one in unread(world.log, world.store, groups, {"a": 1})]


def test_every_partition_is_seen_whoever_has_it() -> None:
    """Lag is what log and store say; of a topic that nobody made nothing is told; of an agency, by intake's offset."""
    world = World(MemoryLog())
    world.log.append("persons", 1, [FIRST, SECOND])
    assert left(world) == [("persons/0", 0), ("persons/1", 2), ("markets/0", 0)]
    world.log.create("ingress.a", 1)
    world.log.append("ingress.a", 0, [Record(b"", b"", b"damaged")] * 3)
    assert left(world)[-1] == ("ingress.a/0", 2)


def test_since_is_the_later_of_the_commit_and_the_first_record() -> None:
    """A commit counts from when it was made, a record that came after it from its own time; a damaged one has none."""
    world = World(MemoryLog())
    world.log.append("persons", 0, [FIRST, SECOND])
    assert Worker(world.groups[0], world.log, world.store, world.system).advance(0, 1) == 1
    (one, *_) = unread(world.log, world.store, [("persons", "persons")], {})
    assert (one.at, one.records, one.committed) == (1, 1, world.system.now_ms())
    made = CODEC.envelope(SECOND.headers).received_at
    assert since(world.log, CODEC, one) == max(world.system.now_ms(), made)
    assert since(world.log, CODEC, one._replace(committed=0)) == made
    world.log.create("ingress.a", 1)
    world.log.append("ingress.a", 0, [Record(b"", b"", b"damaged")])
    assert since(world.log, CODEC, Unread("ingress.a", 0, 0, 1, 7)) == 7


@pytest.mark.parametrize("sealed_at", [2**53, 2**62, -1, "soon", None])
def test_a_frame_may_say_anything_of_its_time(monkeypatch: pytest.MonkeyPatch, sealed_at: object) -> None:
    """Nobody has looked at a frame that is not taken: whatever its header says, its partition can be told of."""
    world = World(MemoryLog())
    world.log.create("ingress.a", 1)
    world.log.append("ingress.a", 0, [Record(b"", b"", b"a frame")])
    header = SimpleNamespace(header=SimpleNamespace(sealed_at=sealed_at))
    monkeypatch.setattr("hub.flow.unread.unpack_frame", lambda _: header)
    one = Unread("ingress.a", 0, 0, 1, 0)
    assert since(world.log, CODEC, one) == 0
    assert told(world.log, CODEC, one).place["since"] == "-"


def test_a_log_that_lost_a_record_can_be_told_of() -> None:
    """Who takes it will say what is wrong with it; who only looks says that nobody takes it."""
    world = World(MemoryLog())
    assert told(world.log, CODEC, Unread("persons", 0, 9, 1, 0)).code == "HUB-L560"
