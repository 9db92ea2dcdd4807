"""The event log, as every backend honours it (law 2)."""

from collections.abc import Sequence
from typing import Protocol

from hub.core.record import Bounds, Record


class Log(Protocol):
    """Topics of partitions of records. Order holds within a partition only; offsets rise by one.

    What `append` returned for survives a kill of the process. An `append` that raised `AppendUncertain` may have
    landed: whole, in part, or with later records landed and earlier ones lost. There is no global order.
    """

    def identity(self) -> str:
        """The log's own id, made when it was created; another id is another log, whatever it holds."""
        ...

    def create(self, topic: str, partitions: int) -> None:
        """Make a topic; nothing happens when it exists with as many partitions. Raises DataError HUB-L101 otherwise."""
        ...

    def topics(self) -> dict[str, int]:
        """Every topic and its number of partitions, by name."""
        ...

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Append records together, in order; returns the offset of the first.

        Raises DataError HUB-L102 for an unknown topic or partition, Unreachable HUB-L502 when nothing can have landed,
        AppendUncertain HUB-L501 when nobody knows.
        """
        ...

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on; the i-th has offset `offset + i`. Empty at the end.

        Raises IntegrityError HUB-L401 when `offset` lies before the first kept or after the end, Unreachable HUB-L502.
        """
        ...

    def bounds(self, topic: str, partition: int) -> Bounds:
        """First kept offset and end. Raises DataError HUB-L102, Unreachable HUB-L502."""
        ...

    def close(self) -> None:
        """Give back files and connections; closing twice is harmless."""
        ...
