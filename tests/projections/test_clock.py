"""Days that begin while the process is killed: none in the middle of them is decided on, and all ends as it would."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hub.core.record import Record
from hub.flow.accept import NEXT, accept
from hub.flow.advance import Worker
from hub.flow.clock import heard, tick
from hub.flow.relay import relay
from projections.profiles import load
from tests.projections.engine import CODEC, SIZES, Engine, ListLog
from tests.projections.test_simulation import START, _peaceful_start, person_history, site_history

PLACES = sum(SIZES.values())
LANDED: dict[str, Callable[[Sequence[Record]], Sequence[Record]]] = {
    "nothing": lambda records: [],
    "all": lambda records: records,
    "the first half": lambda records: records[: len(records) // 2],
    "the second half": lambda records: records[len(records) // 2 :],
}


class Killed(BaseException):
    """The process ends here."""


class Mortal(ListLog):
    """The log of a process that is killed in an append, of which some landed."""

    def __init__(self, log: ListLog, append: int, landed: Callable[[Sequence[Record]], Sequence[Record]]) -> None:
        self.records, self.left, self.landed = log.records, append, landed

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """The last one is not told of."""
        self.left -= 1
        if self.left:
            return super().append(topic, partition, records)
        super().append(topic, partition, self.landed(records))
        raise Killed


def started(engine: Engine, day: int) -> None:
    """A process starts and does what there is to do before its clock has a turn, as `hub serve` does."""
    engine.system.day = day
    engine.workers = [Worker(group, engine.log, engine.store, engine.system) for group in engine.groups]
    places = [(worker, n) for worker in engine.workers for n in range(SIZES[worker.group.topic])]
    while sum(w.advance(n, 3) + relay(w.group, n, engine.log, engine.store) for w, n in places):
        pass


def fed(seed: int) -> Engine:
    """A history that was read, and no day began since."""
    engine, rnd = Engine(load(), START - 2), random.Random(seed)
    engine.run(START - 2)
    engine.tell(*_peaceful_start(rnd))
    seen = []
    for number in range(1, 100):
        if rnd.random() < 0.3:
            engine.tell(site_history(rnd, START, number))
        else:
            seen.append(person_history(rnd, START - rnd.choice((0, 0, 4)), number, seen))
            engine.tell(seen[-1])
    started(engine, START - 2)
    return engine


def facts(engine: Engine) -> set[tuple[str, int, str, int, bytes, bytes]]:
    """What a reader accepts from the logs."""
    found = set()
    for (topic, partition), records in engine.log.records.items():
        taken: dict[str, int] = {}
        for record in records:
            envelope = CODEC.envelope(record.headers)
            if accept(taken, envelope.sender, envelope.number) == NEXT:
                found.add((topic, partition, envelope.sender, envelope.number, record.key, record.value))
    return found


def killed(engine: Engine, append: int, landed: str, last: int) -> None:
    """The clock comes to the day `last`, and the process is killed in one of its appends."""
    engine.system.day = last
    log = Mortal(engine.log, append, LANDED[landed])
    with pytest.raises(Killed):
        tick(log, CODEC, engine.system, engine.start, list(heard(engine.groups, log, engine.store)))


@pytest.mark.parametrize("landed", LANDED)
@pytest.mark.parametrize("days", [1, 40])
def test_days_that_began_in_part_begin_whole(landed: str, days: int) -> None:
    """Killed in any append of a tick, of which nothing, all or either half landed: the facts of an undisturbed run."""
    last = START + days - 2
    undisturbed = fed(days)
    undisturbed.run(last)
    for append in range(1, PLACES + 1):
        engine = fed(days)
        killed(engine, append, landed, last)
        started(engine, last)
        engine.run(last)
        assert facts(engine) == facts(undisturbed)


def more(engine: Engine, records: int) -> None:
    """So many more records in every partition; they were there before, and count for nothing."""
    for there in engine.log.records.values():
        there.extend(there[:1] * records)


def test_whatever_follows_days_that_began_in_part() -> None:
    """Thousands of records behind such days, and a second kill when some were read: no day in the middle is decided."""
    last = START + 38
    undisturbed = fed(40)
    undisturbed.run(last)
    engine = fed(40)
    killed(engine, PLACES // 2, "the first half", last)
    more(engine, 3_000)
    reading = [Worker(group, engine.log, engine.store, engine.system) for group in engine.groups]
    for worker in reading:
        for partition in range(SIZES[worker.group.topic]):
            worker.advance(partition, 30)
    started(engine, last)
    assert facts(engine) < facts(undisturbed)
    engine.run(last)
    assert facts(engine) == facts(undisturbed)


def test_a_day_that_was_looked_at_goes_on() -> None:
    """What comes after midnight and before the tick is decided under the day in force, by a new process, too."""
    engine = fed(1)
    engine.run(START)
    before = facts(engine)
    seen: list[Any] = []
    for number in range(900, 930):
        seen.append(person_history(random.Random(number), START, number, seen))
        engine.tell(seen[-1])
    started(engine, START + 1)
    assert len(facts(engine) - before) > len(seen), "nothing was decided"
