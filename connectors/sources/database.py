"""Reaching a database: its address, its password, its refusal, each without showing a secret."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from connectors.sources.products import ODBC  # which tells SQLAlchemy of our dialects
from connectors.sources.spec import DebeziumSpec, ServerSpec, SingerSpec, SqlSpec
from hub.core.errors import DataError, HubError, Unreachable

_CONNECT_S: Final = 15
_CROWDED_S: Final = 10
_DRIVERS: Final = {
    "psycopg": {"connect_timeout": _CONNECT_S},
    "psycopg2": {"connect_timeout": _CONNECT_S},
    "ksycopg2": {"connect_timeout": _CONNECT_S},
    "pymysql": {"connect_timeout": _CONNECT_S, "read_timeout": 0},
    "mysqldb": {"connect_timeout": _CONNECT_S, "read_timeout": 0},
    "pymssql": {"login_timeout": _CONNECT_S, "timeout": 0},
    ODBC: {"timeout": _CONNECT_S},
    "oracledb": {"tcp_connect_timeout": _CONNECT_S},
}
"""Time limits among what a driver is connected with; 0 stands for the source's `timeout_seconds`."""


def engine_for(spec: SqlSpec, folder: Path) -> sa.Engine:
    """An engine that only reads, for one run. Raises DataError C221 bad address, C222 driver missing, C223 password."""
    try:
        url = sa.make_url(spec.url)
    except (exc.ArgumentError, ValueError):
        raise DataError("HUB-C221", alias=spec.alias) from None
    if url.password is not None:
        raise DataError("HUB-C223", alias=spec.alias)
    password = key_of(spec, folder)
    if password:
        url = url.set(password=password)
    if url.get_backend_name() == "sqlite":
        url = _sqlite(spec, url, folder)
    try:
        plain = {"use_native_hstore": False} if "psycopg" in url.drivername else {}  # else it looks for the type
        engine = sa.create_engine(
            url, hide_parameters=True, poolclass=sa.pool.NullPool, **plain, connect_args=_waits(spec, url)
        )
    except exc.NoSuchModuleError:
        raise DataError("HUB-C222", alias=spec.alias, driver=url.drivername) from None
    except ImportError as error:
        raise DataError("HUB-C222", alias=spec.alias, driver=error.name or url.drivername) from None
    except (exc.SQLAlchemyError, ValueError, TypeError):
        raise DataError("HUB-C221", alias=spec.alias) from None
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _forgive_text)
    return engine


def _waits(spec: SqlSpec, url: sa.URL) -> dict[str, int]:
    """How long a driver waits for a connection, and for an answer where it is the driver that counts."""
    driver = url.drivername.partition("+")[2] or url.get_backend_name()
    limits = {name: value or spec.timeout_seconds for name, value in _DRIVERS.get(driver, {}).items()}
    return {name: value for name, value in limits.items() if name not in url.query}


def _forgive_text(connection: Any, _: object) -> None:
    """A text of SQLite that is no UTF-8 comes as its bytes, which refuse their row; else it would end every read."""
    connection.text_factory = _text


def _text(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def key_of(spec: ServerSpec | SingerSpec | DebeziumSpec, folder: Path) -> str:
    """The password or key of a source, empty where none is declared. Raises DataError C224."""
    if spec.password_env:
        if spec.password_env not in os.environ:
            raise DataError("HUB-C224", alias=spec.alias, setting=spec.password_env)
        return os.environ[spec.password_env]
    if spec.password_file:
        try:
            return (folder / spec.password_file).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            raise DataError("HUB-C224", alias=spec.alias, setting="password_file") from None
    return ""


def _sqlite(spec: SqlSpec, url: sa.URL, folder: Path) -> sa.URL:
    """SQLite's address opened read-only, relative to `folder`. Raises DataError C206 if there is no such file."""
    path = folder / (url.database or "")
    if not path.is_file():
        raise DataError("HUB-C206", alias=spec.alias)
    return sa.URL.create(
        url.drivername, database=path.resolve().as_uri(), query={**url.query, "mode": "ro", "uri": "true"}
    )


def connected(engine: sa.Engine) -> sa.Connection:
    """A connection, asked for again while the server says that the account has all that it may have.

    It learns a moment later that one was closed, and by the printed rights an account has two.
    """
    until = time.monotonic() + _CROWDED_S
    while True:
        try:
            return engine.connect()
        except exc.DBAPIError as error:
            if not _crowded(error.orig) or time.monotonic() > until:
                raise
        time.sleep(0.1)


@contextmanager
def mapped(spec: SqlSpec) -> Iterator[None]:
    """Turns whatever a database raises into ours, `from None`: its messages carry rows, parameters and hosts.

    C220 it does not answer, C488 it gives the account no more connections, C485 its file cannot be opened now, C270 not
    within the time limit, C441 it is a damaged file, C225 it refuses the statement, or the account may not read.
    """
    alias = spec.alias
    failure: HubError
    try:
        yield
        return
    except exc.DBAPIError as error:
        away = error.statement is None or error.connection_invalidated
        failure = Unreachable("HUB-C220", alias=alias) if away else DataError("HUB-C225", alias=alias)
        if _busy(error.orig):
            failure = Unreachable("HUB-C485", alias=alias)
        if _crowded(error.orig):
            failure = Unreachable("HUB-C488", alias=alias)
        if _damaged(error.orig):
            failure = DataError("HUB-C441", alias=alias)
        if _late(error.orig):
            failure = Unreachable("HUB-C270", alias=alias, seconds=spec.timeout_seconds)
    except (exc.TimeoutError, OSError):
        failure = Unreachable("HUB-C220", alias=alias)
    except (exc.SQLAlchemyError, UnicodeDecodeError):
        failure = DataError("HUB-C225", alias=alias)
    raise failure from None


def _busy(error: BaseException | None) -> bool:
    """Whether SQLite says that someone else has locked the file (5, 6) or that it cannot be opened (14)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (5, 6, 14)


_LATE: Final = frozenset(
    ("57014", "55P03", 3024, 1969, 1222, 9, "SQLITE_INTERRUPT", "HYT00", "ORA-01013", "DPY-4024", "DPI-1067")
)
"""How products say that their time limit is over: PostgreSQL, MySQL, MariaDB, SQL Server, SQLite, ODBC, Oracle."""


def _crowded(error: BaseException | None) -> bool:
    """Whether a server has no room for one more connection; psycopg has only its words for that, in its language."""
    first = error.args[0] if error is not None and error.args else None
    told = first in (1040, 1203, 1226) or getattr(error, "sqlstate", None) == "53300"
    return told or any(words in str(error) for words in ("too many connections", "too many clients", "连接太多"))


def _damaged(error: object) -> bool:
    """Whether SQLite says that the file is none of its own, or not whole."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT"))


def _late(error: BaseException | None) -> bool:
    """Whether a statement, or its wait for a lock, was ended by its time limit."""
    first = error.args[0] if error is not None and error.args else None
    told = [getattr(error, "sqlstate", None), getattr(error, "sqlite_errorcode", None)]
    told += [getattr(first, "full_code", None), first if isinstance(first, (int, str)) else None]
    if first == 2013 and "timed out" in str(error.args[-1]):  # type: ignore[union-attr]  # PyMySQL's own limit
        return True
    return not _LATE.isdisjoint(told)
