"""A second store beside the live one, in which the views are made again and compared, and its switch (law 5)."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from hub.ports.store import Store


class Side(Protocol):
    """One of two stores, as of the moment at which both are looked at."""

    def tables(self, group: str) -> list[str]:
        """Names of the tables that a digest of the group covers."""
        ...

    def columns(self, group: str, table: str) -> tuple[str, ...]:
        """Names of a table's fields, in order."""
        ...

    def scan(self, group: str, table: str) -> Iterable[tuple[Any, ...]]:
        """All rows of a table in order of its key. `name`, the pseudonyms, is a table, too, outside of every digest."""
        ...


class Shadows(Protocol):
    """Makes, compares, switches and removes the shadow of a live store."""

    def meddled(self) -> list[str]:
        """Tables whose rows somebody else's trigger or rule may change, also those that a switch puts in."""
        ...

    def make(self) -> Store:
        """A new empty shadow; what an interrupted run left is removed first."""
        ...

    def pair(self, groups: Sequence[str]) -> AbstractContextManager[tuple[Side, Side] | None]:
        """Live and shadow in one snapshot, which stops no writer; None when their positions differ."""
        ...

    def switch(self, groups: Sequence[str]) -> bool:
        """Behind the fence, let the live tables hold the shadow's rows; False when their positions differ.

        Positions and outboxes stay. Raises IntegrityError HUB-P431 when the shadow lacks a table.
        """
        ...

    def drop(self) -> None:
        """Remove the shadow; harmless when there is none."""
        ...
