"""Intake's own schema in PostgreSQL: registry, position, chains, numbers, counts. No token, no identity, no value."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from hub.adapters.postgres.connection import Line, ask, mapped, transaction
from hub.adapters.postgres.migrate import ready
from hub.adapters.postgres.schema import statements
from hub.adapters.sql.remembered import RememberedIntake
from hub.adapters.sql.tables import INTAKE

SCHEMA: Final = "intake"
_WRITERS: Final = 0x4855_4203  # the lock under which the registry and positions are written
_TABLES: Final = statements("", INTAKE)


class PostgresIntakeStore(RememberedIntake):
    """The `IntakeStore` port over the schema `intake` of a database. One that is `older` is opened as it is."""

    def __init__(self, url: str, older: bool = False) -> None:
        if not older:
            ready(url, SCHEMA)
        self._line = Line(url, SCHEMA)

    def close(self) -> None:
        """Give back the connection."""
        self._line.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        connection = self._line.connection()
        with transaction(connection, ""):
            with mapped(connection.schema):
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITERS,))
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with transaction(self._line.connection(), "ISOLATION LEVEL REPEATABLE READ READ ONLY"):
            yield

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return ask(self._line.connection(), statement, values)

    def _many(self, table: str, what: str, rows: Iterable[Any]) -> None:
        columns = list(zip(*rows, strict=True))
        if columns:
            self._run(getattr(_TABLES[table], what), [list(column) for column in columns])
