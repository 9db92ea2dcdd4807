"""A shadow of the live tables in the same file, compared in one snapshot and switched to behind a fence (law 5).

The fence is SQLite's write lock: while it is held nobody advances. Positions and outboxes stay the live ones, because a
decision in flight is in the outbox only; everything that a digest covers, and the pseudonyms, become the shadow's.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hub.adapters.sql.faults import mapped
from hub.adapters.sql.store import SqliteStore
from hub.core.errors import IntegrityError


def at_same_positions(live: SqliteStore, group: str, prefix: str) -> bool:
    """Whether both have committed the same offsets of a group; to be asked inside of a transaction."""
    with mapped():
        fields = 'partition, log, "offset", last, accepted'
        positions = [
            live.connection.execute(
                f'SELECT {fields} FROM {some}{group}_position WHERE "offset" > 0 ORDER BY partition'
            ).fetchall()
            for some in ("", prefix)
        ]
    return positions[0] == positions[1]


def switch(live: SqliteStore, groups: Sequence[str], prefix: str) -> bool:
    """Replace the live tables of the groups by the shadow's in one transaction; False when positions differ.

    Raises IntegrityError HUB-P431 when the shadow has no such tables.
    """
    run = live.connection.execute
    with mapped():
        run("BEGIN IMMEDIATE")
    try:
        for group in groups:
            _require(live, [f"{prefix}{group}_{table}" for table in [*live.tables(group), "name", "position"]])
        if not all(at_same_positions(live, group, prefix) for group in groups):
            return False
        for group in groups:
            for table in [*live.tables(group), "name"]:
                _replace(live, f"{group}_{table}", f"{prefix}{group}_{table}")
            _count_keys(live, f"{group}_position", f"{prefix}{group}_position")
        with mapped():
            run("COMMIT")
        return True
    finally:
        if live.connection.in_transaction:
            run("ROLLBACK")


def _require(live: SqliteStore, names: Iterable[str]) -> None:
    for name in names:
        with mapped():
            found = live.connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        if not found:
            raise IntegrityError("HUB-P431", table=name)


def _replace(live: SqliteStore, name: str, shadow: str) -> None:
    """Rows change hands, the tables stay: readers and views keep their names."""
    with mapped():
        live.connection.execute(f"DELETE FROM {name}")
        live.connection.execute(f"INSERT INTO {name} SELECT * FROM {shadow}")


def _count_keys(live: SqliteStore, position: str, shadow: str) -> None:
    """The next key id follows the keys that are there now: a mended fold may have made others."""
    with mapped():
        live.connection.execute(
            f"UPDATE {position} SET keys = s.keys FROM {shadow} s WHERE s.partition = {position}.partition"
        )


def drop(live: SqliteStore, prefix: str) -> None:
    """Remove every table of a shadow."""
    with mapped():
        found = live.connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, ?) = ?", (len(prefix), prefix)
        ).fetchall()
        for (name,) in found:
            live.connection.execute(f"DROP TABLE {name}")


class SqliteSide:
    """The `Side` port: the tables of one store, read through the connection that holds the snapshot."""

    def __init__(self, connection: sqlite3.Connection, store: SqliteStore) -> None:
        self._connection, self._store = connection, store

    def tables(self, group: str) -> list[str]:
        """Those that a digest covers."""
        return self._store.tables(group)

    def columns(self, group: str, table: str) -> tuple[str, ...]:
        """Names of fields."""
        return self._store.statement(group, table).columns

    def scan(self, group: str, table: str) -> Iterator[tuple[Any, ...]]:
        """All rows in order of the table's key."""
        with mapped():
            yield from self._connection.execute(self._store.selection(group, table))


class SqliteShadows:
    """The `Shadows` port over the live store; `open` gives a store under a prefix in the same file."""

    def __init__(self, live: SqliteStore, open: Callable[[str], SqliteStore], prefix: str = "shadow_") -> None:
        self._live, self._open, self._prefix = live, open, prefix
        self._shadow: SqliteStore | None = None

    def make(self) -> SqliteStore:
        """A new empty shadow."""
        self.drop()
        self._shadow = self._open(self._prefix)
        return self._shadow

    @contextmanager
    def pair(self, groups: Sequence[str]) -> Iterator[tuple[SqliteSide, SqliteSide] | None]:
        """Both in one read transaction of the live connection."""
        connection = self._live.connection
        with mapped():
            connection.execute("BEGIN")
        try:
            same = self._shadow and all(at_same_positions(self._live, group, self._prefix) for group in groups)
            if self._shadow and same:
                yield SqliteSide(connection, self._live), SqliteSide(connection, self._shadow)
            else:
                yield None
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def switch(self, groups: Sequence[str]) -> bool:
        """Rows change hands behind the fence."""
        return switch(self._live, groups, self._prefix)

    def drop(self) -> None:
        """Close the shadow and remove its tables."""
        if self._shadow:
            self._shadow.close()
            self._shadow = None
        drop(self._live, self._prefix)
