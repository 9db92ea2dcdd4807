"""Whole fetches handed over by somebody who shares a log's partitions among several processes."""

from collections.abc import Callable, Sequence
from typing import Protocol

from hub.core.record import Record


class Taker(Protocol):
    """What a process does with the partitions that it has just now. Every call comes from the same one thread.

    Whatever a call raises ends the process; the next start is the recovery (law 12).
    """

    def topics(self) -> list[str]:
        """The topics to be shared out. Called once, before everything else."""
        ...

    def begin(self, topic: str, partition: int) -> int:
        """The partition is ours from now on; returns the offset to read from, by the store's word and nobody else's."""
        ...

    def give_back(self, kept: set[tuple[str, int]]) -> None:
        """Only these partitions are still ours."""
        ...

    def take(self, topic: str, partition: int, first: int, records: Sequence[Record], end: int) -> None:
        """Records from offset `first` on, in order and without a gap; the partition's end was `end` just now.

        They may begin before what was asked for, or beyond it after somebody else worked on the partition.
        """
        ...

    def rest(self) -> bool:
        """Called about once a second: what needs no record. False asks for a new start, with other topics perhaps."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class Fetches(Protocol):
    """Somebody who hands fetches over until told to stop."""

    def run(self, open: Callable[[], Taker], stopping: Callable[[], bool]) -> None:
        """Open the taker and serve it; returns when `stopping` says so, or when it asks for a new start.

        Raises what the taker raised, Unreachable HUB-L502 when no broker answers.
        """
        ...
