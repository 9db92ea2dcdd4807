"""A log some of whose records were read already, by somebody who hands them over: the same engine reads those first.

Where the position is not among what was handed over, the log itself is read: handing over saves work and
changes nothing (law 1).
"""

from collections.abc import Sequence

from hub.core.record import Bounds, Record
from hub.ports.log import Log

Place = tuple[str, int]


class Handed:
    """The `Log` port over `log`. While records of a partition are at hand, it ends where they end."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._at_hand: dict[Place, tuple[int, Sequence[Record]]] = {}
        self._begin: dict[Place, int] = {}

    def hand(self, topic: str, partition: int, first: int, records: Sequence[Record]) -> None:
        """Records from offset `first` on. The last one of those before stays: it is asked for, too (law 6)."""
        before, kept = self._at_hand.get((topic, partition), (0, ()))
        if kept and before + len(kept) == first:
            first, records = first - 1, [kept[-1], *records]
        self._at_hand[topic, partition] = first, records

    def taken(self, topic: str, partition: int) -> None:
        """What is at hand was taken: keep nothing but its last record."""
        first, records = self._at_hand.get((topic, partition), (0, ()))
        if records:
            self._at_hand[topic, partition] = first + len(records) - 1, [records[-1]]

    def drop(self, topic: str, partition: int) -> None:
        """Read the log itself again."""
        self._at_hand.pop((topic, partition), None)
        self._begin.pop((topic, partition), None)

    def identity(self) -> str:
        """The log's."""
        return self._log.identity()

    def create(self, topic: str, partitions: int) -> None:
        """In the log."""
        self._log.create(topic, partitions)

    def topics(self) -> dict[str, int]:
        """The log's."""
        return self._log.topics()

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """To the log."""
        return self._log.append(topic, partition, records)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """What is at hand and nothing beyond it; of what is not at hand, what the log has."""
        first, records = self._at_hand.get((topic, partition), (0, ()))
        if records and first <= offset <= first + len(records):
            return list(records[offset - first : offset - first + max(limit, 0)])
        return self._log.read(topic, partition, offset, limit)

    def bounds(self, topic: str, partition: int) -> Bounds:
        """With the end of what is at hand, else as the log says."""
        place = topic, partition
        if place not in self._at_hand or place not in self._begin:
            found = self._log.bounds(topic, partition)
            self._begin[place] = found.begin
            if place not in self._at_hand:
                return found
        first, records = self._at_hand[place]
        return Bounds(self._begin[place], first + len(records))

    def close(self) -> None:
        """Close the log."""
        self._log.close()
