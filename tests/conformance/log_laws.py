"""The laws of the log port, over any backend, so that broken ones can be tried."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from hub.core.errors import DataError, IntegrityError
from hub.core.record import Bounds, Record
from hub.ports.log import Log


class Rig(NamedTuple):
    """How a backend is tried: a new log, the log after its process ended, and a second user of the same log."""

    make: Callable[[], Log]
    again: Callable[[Log], Log]
    beside: Callable[[Log], Log]


def record(n: int, size: int = 20) -> Record:
    """A record that tells its number."""
    return Record(b"%d" % n, b"head %d" % n, b"%d." % n * size)


def records(first: int, end: int) -> list[Record]:
    """Records with the numbers from `first` up to `end`."""
    return [record(n) for n in range(first, end)]


def everything(log: Log, topic: str = "t", partition: int = 0, limit: int = 997) -> list[Record]:
    """All records, read as a follower reads them."""
    found: list[Record] = []
    while some := log.read(topic, partition, len(found), limit):
        found += some
    return found


def law_order(rig: Rig) -> None:
    """Appended records are read back in their order, and their offsets rise by one from what append returned."""
    log = rig.make()
    log.create("t", 1)
    end = 0
    for size in (1, 2, 1, 1000, 2500, 3):
        assert log.append("t", 0, records(end, end + size)) == end
        end += size
        assert log.bounds("t", 0) == Bounds(0, end)
    assert everything(log) == records(0, end)


def law_anywhere(rig: Rig) -> None:
    """A read may begin at every offset and ask for any number; it gets a beginning of that, and not nothing."""
    log = rig.make()
    log.create("t", 1)
    expected = records(0, 30)
    for first, end in ((0, 1), (1, 8), (8, 9), (9, 30)):
        log.append("t", 0, expected[first:end])
    for offset in (*range(30), *reversed(range(30))):
        for limit in (1, 2, 7, 100):
            found = log.read("t", 0, offset, limit)
            assert found
            assert found == expected[offset : offset + limit][: len(found)]


def law_apart(rig: Rig) -> None:
    """Partitions and topics have their own offsets and records."""
    log = rig.make()
    log.create("a", 2)
    log.create("b", 1)
    places = [("a", 0), ("a", 1), ("b", 0)]
    for round in range(3):
        for n, place in enumerate(places):
            assert log.append(*place, [record(100 * n + round)]) == round
    for n, place in enumerate(places):
        assert everything(log, *place) == records(100 * n, 100 * n + 3)


def law_bytes(rig: Rig) -> None:
    """Every byte comes back: empty parts, all values of a byte, a long key, a large value."""
    log = rig.make()
    log.create("t", 1)
    every = bytes(range(256))
    strange = [
        Record(b"", b"", b""),
        Record(every, b"", every),
        Record(b"", every, b"\0"),
        Record(b"k" * 70_000, b"h" * 70_000, every * 8_000),
        Record(b"\xff", b"\0\0", b""),
    ]
    log.append("t", 0, strange)
    log.append("t", 0, strange[::-1])
    assert everything(log) == strange + strange[::-1]


def law_create(rig: Rig) -> None:
    """A topic is made once; made again as it is nothing happens, with another number of partitions it is refused."""
    log = rig.make()
    log.create("t", 2)
    log.append("t", 1, records(0, 1))
    log.create("t", 2)
    log.create("s", 1)
    for topic, partitions in (("t", 3), ("t", 1), ("new", 0), ("new", -1)):
        with pytest.raises(DataError, match="HUB-L101"):
            log.create(topic, partitions)
    assert log.topics() == {"s": 1, "t": 2}
    assert list(log.topics()) == ["s", "t"]
    assert everything(log, "t", 1) == records(0, 1)


def law_unknown(rig: Rig) -> None:
    """What there is not is refused: a topic, a partition, one below zero."""
    log = rig.make()
    log.create("t", 2)
    for topic, partition in (("x", 0), ("t", 2), ("t", -1)):
        for use in (
            lambda t, p: log.append(t, p, records(0, 1)),
            lambda t, p: log.append(t, p, []),
            lambda t, p: log.read(t, p, 0, 1),
            lambda t, p: log.bounds(t, p),
        ):
            with pytest.raises(DataError, match="HUB-L102"):
                use(topic, partition)
    assert log.topics() == {"t": 2}


def law_end(rig: Rig) -> None:
    """Reading at the end gives nothing; after the end it is refused, in an empty partition, too."""
    log = rig.make()
    log.create("t", 2)
    log.append("t", 0, records(0, 3))
    for partition, end in ((0, 3), (1, 0)):
        assert log.read("t", partition, end, 10) == []
        for offset in (end + 1, end + 1000):
            with pytest.raises(IntegrityError, match="HUB-L401"):
                log.read("t", partition, offset, 10)


def law_survives(rig: Rig) -> None:
    """What append returned for is there after the process ended, with identity, topics and offsets."""
    log = rig.make()
    log.create("t", 2)
    log.append("t", 1, records(0, 1500))
    identity = log.identity()
    log = rig.again(log)
    assert (log.identity(), log.topics(), log.bounds("t", 1)) == (identity, {"t": 2}, Bounds(0, 1500))
    assert everything(log, "t", 1) == records(0, 1500)
    assert log.append("t", 1, records(1500, 1502)) == 1500
    assert everything(rig.again(log), "t", 1) == records(0, 1502)


def law_identity(rig: Rig) -> None:
    """Two logs are never taken for each other; one log says the same each time."""
    one, two = rig.make(), rig.make()
    assert one.identity()
    assert one.identity() == one.identity() == rig.beside(one).identity()
    assert one.identity() != two.identity()


def law_beside(rig: Rig) -> None:
    """What one appends another sees at once, although it had read to the end; their offsets interleave."""
    one = rig.make()
    two = rig.beside(one)
    one.create("t", 1)
    for n in range(0, 40, 2):
        assert one.append("t", 0, [record(n)]) == n
        assert two.read("t", 0, n, 10) == [record(n)]
        assert two.append("t", 0, [record(n + 1)]) == n + 1
        assert one.read("t", 0, n, 10) == records(n, n + 2)
    assert everything(one) == everything(two) == records(0, 40)


def law_nothing(rig: Rig) -> None:
    """Appending nothing changes nothing and tells the end."""
    log = rig.make()
    log.create("t", 1)
    assert log.append("t", 0, []) == 0
    log.append("t", 0, records(0, 2))
    assert log.append("t", 0, []) == 2
    assert everything(log) == records(0, 2)


def law_own_copy(rig: Rig) -> None:
    """Lists that were given and gotten are the caller's: changing them does not change the log."""
    log = rig.make()
    log.create("t", 1)
    given = records(0, 5)
    log.append("t", 0, given)
    given.clear()
    for limit in (5, 2):
        found = log.read("t", 0, 0, limit)
        found.reverse()
        found.append(record(9))
    assert everything(log) == records(0, 5)


def law_close(rig: Rig) -> None:
    """Closing twice is harmless."""
    log = rig.make()
    log.close()
    log.close()


LAWS = (
    *(law_order, law_anywhere, law_apart, law_bytes, law_create, law_unknown, law_end, law_survives, law_identity),
    *(law_beside, law_nothing, law_own_copy, law_close),
)
