"""One transaction of a group on a partition of the SQLite store."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

from hub.adapters.answers import ANSWERS
from hub.adapters.sql.begun import BegunUnit
from hub.adapters.sql.faults import VIEWS, mapped
from hub.adapters.sql.schema import Statements
from hub.core.errors import DataError, IntegrityError
from hub.core.fold import Row, Table
from hub.ports.store import Entry, Key, Position

MANY = 500  # variables of one SELECT
LEDGER = 75  # entries of one INSERT, of twelve variables each: any SQLite takes 999


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Slices of as many as one SELECT takes."""
    for at in range(0, len(values), MANY):
        yield values[at : at + MANY]


class SqliteUnit(BegunUnit):
    """The `Unit` port. SQLite's write lock is held from the start: what was read cannot change before `commit`."""

    def __init__(
        self, connection: sqlite3.Connection, group: str, partition: int, statements: Mapping[str, Statements]
    ) -> None:
        super().__init__(group, partition)
        self._connection, self._statements = connection, statements
        pairs = (("name, n", "source"), ("name, value", "count"))
        with mapped():
            with ANSWERS.awaited(VIEWS):  # whoever else writes to the file goes first
                connection.execute("BEGIN IMMEDIATE")
            found = connection.execute(
                f'SELECT log, "offset", last, keys, accepted, counters, facts FROM {group}_position'
                " WHERE partition = ?",
                (partition,),
            ).fetchone()
            sources, counts = (
                connection.execute(f"SELECT {what} FROM {group}_{table} WHERE partition = ?", (partition,)).fetchall()
                for what, table in pairs
            )
        self._remember(found, sources, counts)

    def known(self, keys: Sequence[bytes]) -> dict[bytes, Key]:
        """Those of the keys that exist in this partition."""
        found: dict[bytes, Key] = {}
        for some in chunks(keys):
            marks = ",".join("?" * len(some))
            rows = self._run(f'SELECT * FROM {self._group}_key WHERE "key" IN ({marks})', some)
            found.update((row[1], Key(*row)) for row in rows if self._low <= row[0] < self._high)
        return found

    def save_keys(self, keys: Iterable[Key]) -> None:
        """Put heads, orders and waiting corrections forward."""
        with mapped():
            self._connection.executemany(
                f"UPDATE {self._group}_key SET head = ?, high = ?, low = ?, waiting = ? WHERE id = ?",
                [(head, high, low, waiting, id) for id, _, head, high, low, waiting in keys],
            )

    def rows(self, table: Table, ids: Sequence[int]) -> Mapping[int, Row]:
        """The row with the highest `n` of each id that has one."""
        found: dict[int, Row] = {}
        make = table.row._make  # type: ignore[attr-defined]
        for some in chunks(sorted(ids)):
            marks = ",".join("?" * len(some))
            for row in self._run(f"SELECT * FROM {self._name(table)} WHERE id IN ({marks}) ORDER BY id, n", some):
                found[row[0]] = make(row)
        return found

    def due(self, table: Table, day: int, limit: int) -> list[Row]:
        """Rows with `due` <= day, lowest first, then id."""
        rows = self._run(
            f"SELECT * FROM {self._name(table)} WHERE due IS NOT NULL AND due <= ? AND id >= ? AND id < ?"
            " ORDER BY due, id, n LIMIT ?",
            (day, self._low, self._high, limit),
        )
        return [table.row._make(row) for row in rows]  # type: ignore[attr-defined]

    def select(self, table: Table, where: Mapping[str, Any], order: Sequence[str] = (), limit: int = 0) -> list[Row]:
        """Rows whose fields equal `where`, in order of fields then id."""
        tests = " AND ".join([*(f"{field} IS ?" for field in where), "id >= ?", "id < ?"])
        rows = self._run(
            f"SELECT * FROM {self._name(table)} WHERE {tests} ORDER BY {', '.join([*order, 'id', 'n'])} LIMIT ?",
            (*where.values(), self._low, self._high, limit or -1),
        )
        return [table.row._make(row) for row in rows]  # type: ignore[attr-defined]

    def save(self, table: Table, rows: Iterable[Row]) -> None:
        """Insert or replace rows of a fold."""
        wanted = sorted(rows)
        if wanted and not (self._low <= wanted[0][0] and wanted[-1][0] < self._high):
            raise DataError("HUB-P301", group=self._group, partition=self._partition)
        self._many(table.name, "replace", wanted)

    def drop(self, table: Table, ids: Iterable[int], keep: int) -> None:
        """Remove the rows of these ids whose `n` >= keep."""
        with mapped():
            self._connection.executemany(
                f"DELETE FROM {self._name(table)} WHERE id = ? AND n >= ?", [(id, keep) for id in ids]
            )

    def add(self, entries: Iterable[Entry]) -> None:
        """Insert ledger entries, many a statement: a quarter less than one by one."""
        rows, ledger = list(entries), self._statements["event"]
        rest = len(rows) % LEDGER
        self._many("event", "insert", rows[:rest])
        statement = ledger.insert + f", ({', '.join('?' * len(ledger.columns))})" * (LEDGER - 1)
        for at in range(rest, len(rows), LEDGER):
            with self._alone():
                self._connection.execute(statement, list(chain.from_iterable(rows[at : at + LEDGER])))

    def chain(self, heads: Sequence[int]) -> list[Entry]:
        """Every ledger entry of the chains that end at `heads`, in order of `at`."""
        found: list[Entry] = []
        ledger = f"{self._group}_event"
        for some in chunks(heads):
            marks = ",".join("?" * len(some))
            rows = self._run(
                f"WITH RECURSIVE link(at) AS (SELECT at FROM {ledger} WHERE at IN ({marks})"
                f" UNION ALL SELECT e.prev FROM link JOIN {ledger} e ON e.at = link.at WHERE e.prev > 0)"
                f" SELECT e.* FROM link JOIN {ledger} e ON e.at = link.at",
                some,
            )
            found += map(Entry._make, rows)
        return sorted(found)

    def commit(self, position: Position) -> None:
        """All of it, or nothing."""
        self._many("position", "replace", [(self._partition, *self._remembered(position))])
        self._save_pairs()
        with mapped():
            self._connection.execute("COMMIT")
        self._open = False

    def abandon(self) -> None:
        """Give it up."""
        if self._open:
            self._open = False
            if self._connection.in_transaction:  # SQLite has given it up itself where a disk was full
                self._connection.execute("ROLLBACK")

    def _run(self, statement: str, values: Sequence[Any]) -> list[Any]:
        with mapped():
            return self._connection.execute(statement, values).fetchall()

    def _many(self, name: str, what: str, rows: Iterable[Any]) -> None:
        with self._alone():
            # The driver takes a plain tuple to pieces in two thirds of the time that a named one costs.
            self._connection.executemany(getattr(self._statements[name], what), map(tuple, rows))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A key or ledger entry that exists already: somebody else wrote this partition."""
        with mapped():
            try:
                yield
            except sqlite3.IntegrityError:
                raise IntegrityError("HUB-P410", group=self._group, partition=self._partition) from None
