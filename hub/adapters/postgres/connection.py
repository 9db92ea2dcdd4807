"""One connection to PostgreSQL, and the driver's errors as ours, without their text, which carries values."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, Final

import psycopg
from psycopg import errors, sql

from hub.adapters.answers import ANSWERS
from hub.adapters.postgres.causes import cause
from hub.adapters.postgres.schema import REFUSED_CHANGE, REFUSED_PARTITION
from hub.adapters.sql import faults
from hub.core.errors import DataError, HubError, IntegrityError, NotPermitted, Unreachable

SCHEME: Final = "postgresql+psycopg://"
VIEWS: Final = "views"

# A process that stands still in the middle of a transaction keeps others waiting no longer than this.
_SESSION: Final = {
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "120s",
    "timezone": "UTC",
    "client_encoding": "UTF8",
    "standard_conforming_strings": "on",
}
_CONNECT_SECONDS: Final = 10
_CURSORS: Final = count()
_WAITING_HELPS: Final = ("08", "53", "55", "57", "58", "25P03", "40")
_DAMAGED: Final = ("XX001", "XX002")  # data_corrupted, index_corrupted
# invalid_password, invalid_catalog_name, invalid_authorization_specification: may be mended on the server, as it runs
_NOT_LET_IN: Final = {"28P01": "HUB-P510", "3D000": "HUB-P511", "28000": "HUB-P512"}


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that knows in which schema its tables are, so that an error can name the database."""

    schema = ""


def on_postgresql(url: str) -> bool:
    """Whether a database's URL is one of PostgreSQL."""
    return url.startswith(SCHEME)


def connect(url: str, schema: str) -> Connection:
    """A connection outside of any transaction that finds its tables in `schema`, and views beside it.

    Raises Unreachable HUB-P501 when no server answers there, HUB-P510 to HUB-P518 when it does not let us in, DataError
    HUB-P519 or HUB-P520 for what is wrong in the URL, NotPermitted HUB-P611 where the account may not connect.
    """
    address = "postgresql://" + url.removeprefix(SCHEME)
    with mapped(schema):
        try:
            connection = Connection.connect(
                address,
                autocommit=True,
                connect_timeout=_CONNECT_SECONDS,
                application_name=f"hub {schema}",
            )
        except psycopg.Error as error:
            raise cause(address, _named(schema), _key(schema)) or error from None
    connection.schema = schema
    try:
        with mapped(schema):
            settings = _SESSION | {"search_path": f"{schema}, {VIEWS}"}
            calls = sql.SQL(", ").join(
                sql.SQL("set_config({}, {}, false)").format(name, value) for name, value in settings.items()
            )
            connection.execute(sql.SQL("SELECT {}").format(calls))
    except BaseException:
        connection.close()
        raise
    return connection


def clock_ms(url: str, schema: str) -> int:
    """The clock of the server with this schema, in milliseconds since 1970. Raises as `connect` does."""
    connection = connect(url, schema)
    try:
        return int(ask(connection, "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")[0][0])
    finally:
        connection.close()


class Line:
    """A connection that is made anew after the server or somebody on the way has ended it."""

    def __init__(self, url: str, schema: str) -> None:
        self._url, self._schema = url, schema
        self._connection = connect(url, schema)

    def connection(self) -> Connection:
        """One that was not broken when it was last used. Raises Unreachable as `connect` does."""
        if self._connection.closed:
            self._connection = connect(self._url, self._schema)
        return self._connection

    def another(self) -> Connection:
        """A second one, for whoever reads while the first is at work."""
        return connect(self._url, self._schema)

    def close(self) -> None:
        """Give it back."""
        self._connection.close()


def text(statement: str) -> Any:
    """A statement of ours for the driver: `?` stands for a value, as in SQLite's, so that both can be one text."""
    return statement.replace("?", "%s")


def ask(connection: Connection, statement: str, values: Sequence[Any] = ()) -> list[Any]:
    """Run a statement and give its rows, if it is one that has any."""
    with mapped(connection.schema):
        cursor = connection.execute(text(statement), values or None)
        return cursor.fetchall() if cursor.description else []


def stream(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """The rows of a SELECT, some thousand at a time; the connection must be in a transaction."""
    with _errors(connection.schema), connection.cursor(f"rows_{next(_CURSORS)}") as cursor:
        cursor.itersize = 5000
        yield from cursor.execute(text(statement), values or None)


@contextmanager
def transaction(connection: Connection, kind: str) -> Iterator[None]:
    """BEGIN `kind`, then COMMIT, or ROLLBACK when something was raised; of a broken connection nothing is kept."""
    with mapped(connection.schema):
        connection.execute(f"BEGIN {kind}".encode())
    try:
        yield
        with mapped(connection.schema):
            connection.execute("COMMIT")
    finally:
        roll_back(connection)


def roll_back(connection: Connection) -> None:
    """Give up a transaction, if there is one; a connection that cannot even do that is closed."""
    if connection.closed or connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
        return
    try:
        connection.execute("ROLLBACK")
    except psycopg.Error:
        connection.close()


@contextmanager
def mapped(schema: str) -> Iterator[None]:
    """A question to the database with this schema, known to whoever tells how it goes; the driver's errors as ours."""
    with _errors(schema), ANSWERS.awaited(_named(schema)):
        yield


@contextmanager
def _errors(schema: str) -> Iterator[None]:
    """The driver's errors as those of the database with this schema, without their text.

    SQLSTATE is told, which is a code; DETAIL and parameters never are.
    """
    try:
        yield
    except psycopg.Error as error:
        raise ours(error, schema) from None


def lost(error: HubError) -> bool:
    """Whether somebody else won: a row that is there already, or was changed since this transaction began."""
    return str(error.place.get("reason", "")) in ("23505", "40001", "40P01")


def ours(error: BaseException | None, schema: str) -> HubError:
    """The error to raise `from None` for one of the driver."""
    what = _named(schema)
    state = getattr(error, "sqlstate", None)
    if state is None:  # no answer at all, or a value that the driver cannot send
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return Unreachable("HUB-P501", what=what, reason="connection")
        return DataError("HUB-P310", what=what, reason="value")
    if state == REFUSED_PARTITION:
        return DataError("HUB-P301", group="-", partition="-")
    if state == REFUSED_CHANGE:
        return IntegrityError("HUB-P413")
    if state in _DAMAGED:
        return faults.damaged(what, state)
    if isinstance(error, errors.InsufficientPrivilege):
        return NotPermitted("HUB-P611")
    if state in _NOT_LET_IN:
        return Unreachable(_NOT_LET_IN[state], what=what, key=_key(schema))
    if state.startswith(_WAITING_HELPS):
        return Unreachable("HUB-P501", what=what, reason=state)
    if state.startswith("42"):  # a statement of ours that it refuses: waiting would not mend it
        return HubError("HUB-P101", what=what, reason=state)
    return DataError("HUB-P310", what=what, reason=state)


def _key(schema: str) -> str:
    """The section of its settings."""
    return schema if schema in (faults.INTAKE, faults.VAULT) else "store"


def _named(schema: str) -> str:
    """What a database is called where its errors are told."""
    return schema if schema in (faults.INTAKE, faults.VAULT) else faults.VIEWS
