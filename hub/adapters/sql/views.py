"""Public views in the store's SQLite file: made at opening, read through snapshots."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.adapters.sql.chains import Chains
from hub.adapters.sql.faults import mapped
from hub.adapters.sql.store import SqliteStore
from hub.ports.views import Value


def install(store: SqliteStore, views: Mapping[str, str]) -> list[str]:
    """Make the views (name -> SELECT) that lack and replace those defined otherwise; returns which.

    Nothing is written, and nobody waited for, when all are there as they should be.
    """
    if not _stale(store, views):
        return []
    with mapped():
        store.connection.execute("BEGIN IMMEDIATE")
        try:
            changed = _stale(store, views)
            for name in changed:
                store.connection.execute(f"DROP VIEW IF EXISTS {name}")
                store.connection.execute(f"CREATE VIEW {name} AS {views[name]}")
            store.connection.execute("COMMIT")
        finally:
            if store.connection.in_transaction:
                store.connection.execute("ROLLBACK")
    return changed


def _stale(store: SqliteStore, views: Mapping[str, str]) -> list[str]:
    with mapped():
        found = dict(store.connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'").fetchall())
    return [name for name, select in views.items() if found.get(name, "").partition(" AS ")[2] != select]


class SqliteViews:
    """The `Views` port over the store's file. Each snapshot has a connection of its own that cannot write."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def snapshot(self) -> Iterator["SqliteSnapshot"]:
        """A read transaction: SQLite's WAL keeps what it sees while others write."""
        with mapped():
            connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        try:
            with mapped():
                connection.execute("PRAGMA query_only=ON")
                connection.execute("BEGIN")
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment begins with a read
            yield SqliteSnapshot(connection)
        finally:
            connection.close()


class SqliteSnapshot(Chains):
    """The `Snapshot` port."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(
        self, view: str, columns: Sequence[str], where: Mapping[str, Value] | None = None, limit: int = 0
    ) -> Iterator[tuple[Any, ...]]:
        """Rows in order of the columns."""
        shown = ", ".join(f'"{name}"' for name in columns)
        tests = " AND ".join(f'"{name}" IS ?' for name in where or ())
        order = ", ".join(str(n) for n in range(1, len(columns) + 1))
        statement = f"SELECT {shown} FROM {view}{' WHERE ' + tests if tests else ''} ORDER BY {order} LIMIT ?"
        with mapped():
            yield from self._connection.execute(statement, (*(where or {}).values(), limit or -1))

    def _run(self, statement: str, values: Sequence[Value] = ()) -> list[Any]:
        with mapped():
            return self._connection.execute(statement, values).fetchall()
