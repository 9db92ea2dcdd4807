"""One connection for one read: read-only where the product can be told so, with a time limit, and with its clock."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from connectors.sources.database import connected, mapped
from connectors.sources.hours import may_read
from connectors.sources.products import product_of
from connectors.sources.source import CHUNK
from connectors.sources.spec import SqlSpec
from connectors.sources.watermark import Clock
from hub.core.errors import DataError, Unreachable

Rows = list[tuple[object, ...]]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_STEPS: Final = 100_000
"""Steps of SQLite between two looks at the clock: some milliseconds."""


class Session:
    """The only connection of a read; every transaction on it ends before the next begins, and none has written.

    The time limit is for one answer: a page, or the next rows of a read in one statement.
    """

    def __init__(self, engine: sa.Engine, spec: SqlSpec, now_ms: Callable[[], int] | None) -> None:
        self.backend = engine.dialect.name
        self._engine, self._spec, self._now_ms = engine, spec, now_ms
        self._product = product_of(self.backend)
        self._open: sa.Connection | None = None
        self._late = 0.0

    def in_hours(self) -> bool:
        """Whether the source's owner lets it be read now."""
        return self._now_ms is None or may_read(self._spec.hours, self._now_ms())

    def connection(self) -> sa.Connection:
        """The connection, opened when first asked for. Raises Unreachable C220; C271 outside of the allowed hours."""
        if self._open is None:
            if not self.in_hours():
                raise Unreachable("HUB-C271", alias=self._spec.alias, hours=", ".join(self._spec.hours))
            with mapped(self._spec):
                self._open = connected(self._engine)
                self._limit(self._open.connection.dbapi_connection)
                for statement in self._product.login:
                    self._say(statement)
                self._open.commit()  # a setting of PostgreSQL's session is forgotten with its transaction
        return self._open

    def answer(self, statement: sa.Select[Any]) -> tuple[Rows, list[tuple[str, object]]]:
        """All rows of a short statement, and name and type of its columns, in a transaction of its own."""
        connection = self.connection()
        with mapped(self._spec):
            try:
                result = self._execute(connection, statement, stream_results=False)
                told = [(name, one[1]) for name, one in zip(result.keys(), result.cursor.description, strict=True)]
                return list(map(tuple, result)), told
            finally:
                self._end(connection)

    def stream(self, statement: sa.Select[Any]) -> Iterator[Rows]:
        """The rows of one long statement, some at a time, as the server sends them."""
        connection = self.connection()
        with mapped(self._spec):
            for one in self._product.whole:
                self._say(one)
            try:
                result = self._execute(connection, statement, stream_results=True)
                found = list(map(tuple, result.fetchmany(1)))  # what SQLAlchemy has fetched already
                found += self._fetched(connection, result, CHUNK - 1)
                while found:
                    yield found
                    self._late = time.monotonic() + self._spec.timeout_seconds
                    found = self._fetched(connection, result, CHUNK)
            except GeneratorExit:  # nobody wants the rest
                _forget(result)
                if not connection.closed:
                    connection.invalidate()
                raise
            finally:
                self._end(connection)

    def _fetched(self, connection: sa.Connection, result: sa.CursorResult[Any], most: int) -> Rows:
        """The next rows as the driver has them: rows of SQLAlchemy's own would cost as much again as reading them."""
        dialect = self._engine.dialect
        try:
            found: Rows = list(result.cursor.fetchmany(most)) if result.cursor is not None else []
        except dialect.loaded_dbapi.Error as error:
            away = dialect.is_disconnect(error, connection.connection.driver_connection, result.cursor)
            raise exc.DBAPIError("fetch", None, error, connection_invalidated=away) from None
        return found if not found or type(found[0]) is tuple else list(map(tuple, found))

    def clock(self) -> Clock | None:
        """The database's clock; None where it has none of its own, or does not tell it."""
        if not self._product.clock or self._now_ms is None:
            return None
        connection, before = self.connection(), self._now_ms()
        try:
            with mapped(self._spec):
                told = tuple(connection.exec_driver_sql(self._product.clock).one())
        except DataError:  # a right or a function that this release lacks: rows can be read without
            return None
        finally:
            self._end(connection)
        return _clock(told, (before + self._now_ms()) // 2)

    def pause(self) -> None:
        """Leave the database alone for as long as its owner wants."""
        if self._spec.pause_ms:
            time.sleep(self._spec.pause_ms / 1000)

    def close(self) -> None:
        """Let go of the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None
        self._engine.dispose()

    def _execute(self, connection: sa.Connection, statement: sa.Select[Any], **options: Any) -> sa.CursorResult[Any]:
        for one in self._product.begin:
            self._say(one)
        self._late = time.monotonic() + self._spec.timeout_seconds
        return connection.execute(statement, execution_options=options)

    def _say(self, statement: str) -> None:
        assert self._open is not None
        self._open.exec_driver_sql(self._spec.session(statement))

    def _end(self, connection: sa.Connection) -> None:
        if not connection.closed and not connection.invalidated:
            connection.rollback()

    def _limit(self, raw: Any) -> None:
        """The time limits that a driver has, and no statement."""
        driver = self._engine.dialect.driver
        if driver in ("oracledb", "cx_oracle"):
            raw.call_timeout = self._spec.timeout_seconds * 1000
        elif driver == "pyodbc":
            with suppress(self._engine.dialect.loaded_dbapi.Error):  # not every ODBC driver has a limit of its own
                raw.timeout = self._spec.timeout_seconds
        elif self.backend == "sqlite":
            raw.set_progress_handler(lambda: time.monotonic() > self._late, _STEPS)


def _forget(result: sa.CursorResult[Any]) -> None:
    """Keeps PyMySQL from reading all that is left of a result before it lets go of its connection."""
    unread = getattr(result.cursor, "_result", None)
    if unread is not None:
        unread.unbuffered_active = False


def _clock(told: tuple[Any, ...], now_ms: int) -> Clock | None:
    local, utc = told
    if isinstance(utc, (int, float, Decimal)):
        utc = _EPOCH + timedelta(seconds=int(utc))
    if not isinstance(local, datetime) or not isinstance(utc, datetime):
        return None
    utc = utc.replace(tzinfo=UTC)
    ours = _EPOCH + timedelta(milliseconds=now_ms)
    return Clock(local.replace(tzinfo=None), utc, round((utc - ours).total_seconds()))
