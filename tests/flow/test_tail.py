"""Following a topic from now on."""

from hub.adapters.memory.log import MemoryLog, seeded
from hub.flow.tail import Tail
from tests.flow.sample import CODEC, record, subject


def test_a_tail_gives_what_comes_after_it_of_the_types_wanted() -> None:
    """What was there before is not given; what comes later is, once, however few records a read gives."""
    log = MemoryLog(seeded(3, failing=0.0))
    log.create("persons", 2)
    who = subject(1)
    log.append("persons", 0, [record("agency.ApplicationFiled", 1, who)])
    tail = Tail(log, CODEC, "persons", frozenset(("agency.ConsentGranted",)))
    assert list(tail.new()) == []
    log.append("persons", 0, [record("agency.ApplicationFiled", 2, who), record("agency.ConsentGranted", 3, who)])
    log.append("persons", 1, [record("agency.ConsentGranted", 1, who)])
    assert [event.number for event in tail.new()] == [3, 1]
    assert list(tail.new()) == []
