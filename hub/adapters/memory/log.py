"""The strict log model: the `Log` port over lists. It accuses misuse with AssertionError, and may fail as law 2 allows.

A real log would take wrong types and uses after closing in its own way, so only callers are accused here; what the
port says of unknown topics and offsets holds as it does everywhere.
"""

import random
from collections.abc import Callable, Sequence
from typing import Literal

from hub.core.errors import AppendUncertain, DataError, IntegrityError, Unreachable
from hub.core.record import Bounds, Record

Fate = Literal["well", "whole", "part", "later", "nothing", "fewer", "unreachable"]
FATES: tuple[Fate, ...] = ("whole", "part", "later", "nothing")


def seeded(seed: int, failing: float = 0.2) -> Callable[[str], Fate]:
    """A schedule that fails that share of appends and reads, in every way there is; reads mostly get fewer records."""
    chance = random.Random(seed)

    def choose(word: str) -> Fate:
        if chance.random() >= failing:
            return "well"
        return chance.choice((*FATES, "unreachable") if word == "append" else ("fewer", "fewer", "unreachable"))

    return choose


class MemoryLog:
    """A log that ends with its process. `schedule(word)` says how each "append" and "read" goes; without one, well.

    "whole", "part", "later" and "nothing": append raises AppendUncertain, and all landed, or the first half, or the
    second half without the first, or none. "fewer": read gives half of what it could, at least one. "unreachable":
    append or read raises Unreachable, and nothing landed.
    """

    def __init__(self, schedule: Callable[[str], Fate] | None = None, identity: str = "") -> None:
        self._schedule = schedule or (lambda word: "well")
        self._identity = identity or f"memory-{random.getrandbits(64):016x}"
        self._kept: dict[str, list[list[Record]]] = {}
        self._closed = False

    def identity(self) -> str:
        """The id made with the log."""
        return self._identity

    def create(self, topic: str, partitions: int) -> None:
        """Make a topic. Raises DataError HUB-L101 when it has another number of partitions, or that is below one."""
        self._check_open()
        assert topic, "a topic has a name"
        found = len(self._kept.get(topic, ()))
        if partitions < 1 or found not in (0, partitions):
            raise DataError("HUB-L101", topic=topic, partitions=partitions, found=found)
        self._kept.setdefault(topic, [[] for _ in range(partitions)])

    def topics(self) -> dict[str, int]:
        """Every topic and its number of partitions, by name."""
        self._check_open()
        return {topic: len(self._kept[topic]) for topic in sorted(self._kept)}

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Append records; returns the offset of the first."""
        kept = self._partition(topic, partition)
        for record in records:
            assert isinstance(record, Record), "a log takes records"
            assert all(isinstance(part, bytes) for part in record), "key, headers and value are bytes"
        first, half = len(kept), (len(records) + 1) // 2
        fate = self._fate("append")
        landed = {"well": records, "whole": records, "part": records[:half], "later": records[half:], "nothing": ()}
        kept.extend(landed[fate])
        if fate != "well":
            raise AppendUncertain("HUB-L501", topic=topic, partition=partition)
        return first

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on."""
        kept = self._partition(topic, partition)
        assert limit > 0, "a read wants at least one record"
        assert offset >= 0, "no offset is negative"
        if offset > len(kept):
            raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset)
        found = kept[offset : offset + limit]
        return found[: (len(found) + 1) // 2] if self._fate("read") == "fewer" else found

    def bounds(self, topic: str, partition: int) -> Bounds:
        """First offset, which is 0, and end."""
        return Bounds(0, len(self._partition(topic, partition)))

    def close(self) -> None:
        """From here on every use is misuse, but closing again."""
        self._closed = True

    def _fate(self, word: str) -> Fate:
        fate = self._schedule(word)
        if fate == "unreachable":
            raise Unreachable("HUB-L502", reason=word)
        return fate

    def _check_open(self) -> None:
        assert not self._closed, "the log is closed"

    def _partition(self, topic: str, partition: int) -> list[Record]:
        self._check_open()
        partitions = self._kept.get(topic, [])
        if not 0 <= partition < len(partitions):
            raise DataError("HUB-L102", topic=topic, partition=partition)
        return partitions[partition]
