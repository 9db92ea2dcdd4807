"""Intake's own SQLite file: registry, position, chains, numbers, counts. No token, no identity, no value."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from hub.adapters.answers import ANSWERS
from hub.adapters.sql import faults, formats
from hub.adapters.sql.faults import mapped
from hub.adapters.sql.opening import Run, prepared
from hub.adapters.sql.remembered import RememberedIntake
from hub.adapters.sql.schema import statements
from hub.adapters.sql.tables import INTAKE

NAME: Final = "intake"


_TABLES: Final = {name: statements(name, *declared) for name, declared in INTAKE.items()}


def _prepare(run: Run) -> None:
    formats.check(run("PRAGMA user_version").fetchone()[0], NAME)
    for table in _TABLES.values():
        for statement in table.create:
            run(statement)
    run("CREATE TABLE IF NOT EXISTS revision (number INTEGER NOT NULL)")
    run("INSERT INTO revision SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM revision)")
    run(f"PRAGMA user_version={formats.newest(NAME)}")


def _leave(run: Run) -> None:
    """Of an older program, that is going to be backed up as it is."""


class SqliteIntakeStore(RememberedIntake):
    """The `IntakeStore` port over `path`. One that is `older` is opened as it is, to be backed up."""

    def __init__(self, path: Path, older: bool = False) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with mapped(faults.INTAKE):
            self._connection = prepared(
                sqlite3.connect(path, isolation_level=None, timeout=30), _leave if older else _prepare
            )

    def close(self) -> None:
        """Give back the file."""
        self._connection.close()

    def _writing(self) -> AbstractContextManager[None]:
        return self._transaction("IMMEDIATE")

    def _reading(self) -> AbstractContextManager[None]:
        return self._transaction("DEFERRED")

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[None]:
        with mapped(faults.INTAKE):
            with ANSWERS.awaited(faults.INTAKE):
                self._connection.execute(f"BEGIN {kind}")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with mapped(faults.INTAKE):
            return self._connection.execute(statement, values).fetchall()

    def _many(self, table: str, what: str, rows: Iterable[Any]) -> None:
        with mapped(faults.INTAKE):
            self._connection.executemany(getattr(_TABLES[table], what), rows)
