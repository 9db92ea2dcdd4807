"""Reading what the projections made: everything through one snapshot, so that figures of one answer agree."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from hub.ports.store import Entry

Value = int | str | bytes | None


class History(NamedTuple):
    """One ledger chain: its key, its entries in order of `at`, which of them are parked or held, who is behind them."""

    key: bytes
    entries: list[Entry]
    puts: dict[int, str]
    sources: dict[int, str]


class Snapshot(Protocol):
    """The store as it was at one moment; it keeps no writer waiting."""

    def rows(
        self, view: str, columns: Sequence[str], where: Mapping[str, Value] | None = None, limit: int = 0
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of a view or table, in order of these columns; all when limit is 0."""
        ...

    def count(self, view: str) -> int:
        """How many rows a view or table has."""
        ...

    def positions(self, group: str) -> dict[int, int]:
        """The offset that the group has committed, by partition."""
        ...

    def named(self, group: str, value: bytes) -> list[int]:
        """The key ids that have this pseudonym, in whichever domain."""
        ...

    def history(self, group: str, id: int) -> History | None:
        """The ledger chain of a key id; None when there is no such key."""
        ...

    def spoken(self, group: str, source: str) -> list[int]:
        """Key ids of the chains in which this source asserted something, in order."""
        ...


class Views(Protocol):
    """The door to snapshots."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Open a snapshot for the length of a `with`. Raises Unreachable HUB-P501 when the store does not answer."""
        ...
