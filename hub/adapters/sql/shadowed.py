"""A shadow beside the live tables, compared in one snapshot, switched to behind a fence (law 5), on any SQL database.

Positions and outboxes stay the live ones, because a decision in flight is in the outbox only; everything that a digest
covers, and the pseudonyms, become the shadow's. What a snapshot and a fence are, a kind of database says itself.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Generic, Protocol, TypeVar

from hub.core.errors import IntegrityError

Ask = Callable[[str], list[Any]]
"""All rows of a statement."""
Stream = Callable[[str], Iterator[tuple[Any, ...]]]
"""The rows of a SELECT, one after another."""


class StoreTables(Protocol):
    """What a store tells of its tables."""

    def tables(self, group: str) -> list[str]: ...

    def statement(self, group: str, name: str) -> Any: ...

    def selection(self, group: str, table: str) -> str: ...

    def close(self) -> None: ...


AnyStore = TypeVar("AnyStore", bound=StoreTables)


class TableSide:
    """The `Side` port: the tables of one store, read as of the snapshot that `stream` reads in."""

    def __init__(self, store: StoreTables, stream: Stream) -> None:
        self._store, self._stream = store, stream

    def tables(self, group: str) -> list[str]:
        """Those that a digest covers."""
        return self._store.tables(group)

    def columns(self, group: str, table: str) -> tuple[str, ...]:
        """Names of fields."""
        columns: tuple[str, ...] = self._store.statement(group, table).columns
        return columns

    def scan(self, group: str, table: str) -> Iterator[tuple[Any, ...]]:
        """All rows in order of the table's key."""
        yield from self._stream(self._store.selection(group, table))


class TableShadows(ABC, Generic[AnyStore]):
    """The `Shadows` port over the live store; `open` gives a store under a prefix in the same place."""

    _foreign: str
    """The SELECT of the tables with triggers that this program does not make."""

    def __init__(self, live: AnyStore, open: Callable[[str], AnyStore], prefix: str = "shadow_") -> None:
        self._live, self._open, self._prefix = live, open, prefix
        self._shadow: AnyStore | None = None

    def meddled(self) -> list[str]:
        """Tables with a trigger that is not ours."""
        return sorted({table for (table,) in self._ask()(self._foreign)})

    def make(self) -> AnyStore:
        """A new empty shadow."""
        self.drop()
        self._shadow = self._open(self._prefix)
        return self._shadow

    @contextmanager
    def pair(self, groups: Sequence[str]) -> Iterator[tuple[TableSide, TableSide] | None]:
        """Both in one snapshot."""
        with self._snapshot() as (ask, stream):
            if self._shadow and all(at_same_positions(ask, group, self._prefix) for group in groups):
                yield TableSide(self._live, stream), TableSide(self._shadow, stream)
            else:
                yield None

    def switch(self, groups: Sequence[str]) -> bool:
        """Rows change hands behind the fence, in one transaction; False when positions differ."""
        prefix = self._prefix
        with self._fence(groups) as ask:
            there = self._names(ask)
            for group in groups:
                for table in [*self._live.tables(group), "name", "position"]:
                    if f"{prefix}{group}_{table}" not in there:
                        raise IntegrityError("HUB-P431", table=f"{prefix}{group}_{table}")
            if not all(at_same_positions(ask, group, prefix) for group in groups):
                return False
            for group in groups:
                for table in [*self._live.tables(group), "name"]:
                    with self._unguarded(ask, f"{group}_{table}"):
                        _replace(ask, f"{group}_{table}", f"{prefix}{group}_{table}")
                with self._unguarded(ask, f"{group}_position"):
                    _count_keys(ask, f"{group}_position", f"{prefix}{group}_position")
            ask("COMMIT")
            return True

    def drop(self) -> None:
        """Close the shadow and remove its tables."""
        if self._shadow:
            self._shadow.close()
            self._shadow = None
        ask = self._ask()
        for name in sorted(self._names(ask)):
            if name.startswith(self._prefix):
                ask(f"DROP TABLE {name}")

    def _unguarded(self, ask: Ask, table: str) -> AbstractContextManager[None]:
        """While a table may be changed otherwise than a fetch changes it."""
        return nullcontext()

    @abstractmethod
    def _ask(self) -> Ask:
        """The live tables, outside of any transaction."""

    @abstractmethod
    def _names(self, ask: Ask) -> set[str]:
        """The tables that are there."""

    @abstractmethod
    def _snapshot(self) -> AbstractContextManager[tuple[Ask, Stream]]:
        """Both stores as of one moment; it stops no writer."""

    @abstractmethod
    def _fence(self, groups: Sequence[str]) -> AbstractContextManager[Ask]:
        """A transaction beside which nobody commits to these groups; without a COMMIT inside of it nothing was done."""


def at_same_positions(ask: Ask, group: str, prefix: str) -> bool:
    """Whether both have committed the same offsets of a group; to be asked inside of a transaction."""
    fields = 'partition, log, "offset", last, accepted'
    live, shadow = (
        ask(f'SELECT {fields} FROM {some}{group}_position WHERE "offset" > 0 ORDER BY partition')
        for some in ("", prefix)
    )
    return live == shadow


def _replace(ask: Ask, name: str, shadow: str) -> None:
    """Rows change hands, the tables stay: readers and views keep their names."""
    ask(f"DELETE FROM {name}")
    ask(f"INSERT INTO {name} SELECT * FROM {shadow}")


def _count_keys(ask: Ask, position: str, shadow: str) -> None:
    """The next key id follows the keys that are there now: a mended fold may have made others."""
    ask(f"UPDATE {position} SET keys = s.keys FROM {shadow} s WHERE s.partition = {position}.partition")
