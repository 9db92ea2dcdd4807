"""The store in one SQLite file: a transaction a fetch, rows read and written many at a time."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hub.adapters.sql import formats
from hub.adapters.sql.committed import committed
from hub.adapters.sql.faults import mapped
from hub.adapters.sql.opening import Run, prepared
from hub.adapters.sql.schema import Statements, statements
from hub.adapters.sql.tables import IN_DIGEST, STORE, of_group
from hub.adapters.sql.unit import SqliteUnit
from hub.core.errors import DataError
from hub.core.fold import Projection
from hub.core.record import Record
from hub.ports.store import Committed, Outgoing

FORMAT: Final = formats.newest("store")


class SqliteStore:
    """The `Store` port over `path`, with tables for `projections`; a shadow lives in the same file under a prefix."""

    def __init__(self, path: Path, projections: Sequence[Projection], prefix: str = "") -> None:
        self._prefix = prefix
        self._statements: dict[tuple[str, str], Statements] = {}
        self._folds: dict[str, list[str]] = {}
        for projection in projections:
            self._folds[projection.group] = [fold.table.name for fold in projection.folds]
            for name, declared in of_group(projection).items():
                self._statements[projection.group, name] = statements(f"{prefix}{projection.group}_{name}", *declared)
        path.parent.mkdir(parents=True, exist_ok=True)
        with mapped():
            self.connection = prepared(sqlite3.connect(path, isolation_level=None, timeout=30), self._prepare)

    def _prepare(self, run: Run) -> None:
        run("PRAGMA cache_size=-65536")
        found = run("PRAGMA user_version").fetchone()[0]
        if found > FORMAT:
            raise DataError("HUB-P302", found=found, known=FORMAT)
        for each in self._statements.values():
            for statement in each.create:
                run(statement)
        if found != FORMAT:  # writing it takes the write lock, for which a reader need not wait
            run(f"PRAGMA user_version={FORMAT}")

    def statement(self, group: str, name: str) -> Statements:
        """The statements of a group's table."""
        return self._statements[group, name]

    def begin(self, group: str, partition: int) -> SqliteUnit:
        """Open the transaction; it holds SQLite's write lock until `commit` or `abandon`."""
        return SqliteUnit(
            self.connection,
            self._prefix + group,
            partition,
            {n: s for (g, n), s in self._statements.items() if g == group},
        )

    def committed(self, group: str, partition: int) -> Committed:
        """What is committed, read outside of any transaction."""
        return committed(self.ask, f"{self._prefix}{group}_position", partition)

    def outgoing(self, group: str, partition: int, limit: int) -> list[Outgoing]:
        """The oldest records of the outbox."""
        with mapped():
            rows = self.connection.execute(
                f"SELECT topic, dest, number, key, headers, value FROM {self._prefix}{group}_outbox WHERE partition = ?"
                " ORDER BY topic, dest, number LIMIT ?",
                (partition, limit),
            ).fetchall()
        return [Outgoing(topic, dest, number, Record(*record)) for topic, dest, number, *record in rows]

    def sent(self, group: str, partition: int, last: Mapping[tuple[str, int], int]) -> None:
        """Trim the outbox up to the acknowledged numbers."""
        with mapped():
            outbox = f"{self._prefix}{group}_outbox"
            self.connection.executemany(
                f"DELETE FROM {outbox} WHERE partition = ? AND topic = ? AND dest = ? AND number <= ?",
                [(partition, topic, dest, number) for (topic, dest), number in last.items()],
            )

    def tables(self, group: str) -> list[str]:
        """Fold tables and the ledger's, sorted."""
        return sorted([*self._folds[group], *IN_DIGEST])

    def selection(self, group: str, table: str) -> str:
        """The SELECT of all rows of a table in order of its key."""
        found = self._statements[group, table]
        keys = STORE[table].key if table in STORE else ("id", "n")
        shown, order = (", ".join(f'"{name}"' for name in names) for names in (found.columns, keys))
        return f"SELECT {shown} FROM {found.name} ORDER BY {order}"

    def scan(self, group: str, table: str) -> Iterable[tuple[Any, ...]]:
        """All rows in order of the table's key."""
        with mapped():
            yield from self.connection.execute(self.selection(group, table))

    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Rows of a statement that stands alone."""
        with mapped():
            return self.connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Give back the file."""
        self.connection.close()
