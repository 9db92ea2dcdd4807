"""Reaching a database: its address, its password, its refusal, each without showing a secret."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from connectors.sources.spec import SourceSpec
from hub.core.errors import DataError, HubError, Unreachable


def engine_for(spec: SourceSpec, folder: Path) -> sa.Engine:
    """An engine that only reads, for one run. Raises DataError C221 bad address, C222 driver missing, C223 password."""
    try:
        url = sa.make_url(spec.url)
    except (exc.ArgumentError, ValueError):
        raise DataError("HUB-C221", alias=spec.alias) from None
    if url.password is not None:
        raise DataError("HUB-C223", alias=spec.alias)
    password = _password(spec, folder)
    if password:
        url = url.set(password=password)
    if url.get_backend_name() == "sqlite":
        url = _sqlite(spec, url, folder)
    try:
        engine = sa.create_engine(url, hide_parameters=True, poolclass=sa.pool.NullPool)
    except exc.NoSuchModuleError:
        raise DataError("HUB-C222", alias=spec.alias, driver=url.drivername) from None
    except ImportError as error:
        raise DataError("HUB-C222", alias=spec.alias, driver=error.name or url.drivername) from None
    except (exc.SQLAlchemyError, ValueError, TypeError):
        raise DataError("HUB-C221", alias=spec.alias) from None
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _forgive_text)
    return engine


def _forgive_text(connection: Any, _: object) -> None:
    """A text of SQLite that is no UTF-8 comes as its bytes, which refuse their row; else it would end every read."""
    connection.text_factory = _text


def _text(raw: bytes) -> str | bytes:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


def _password(spec: SourceSpec, folder: Path) -> str:
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


def _sqlite(spec: SourceSpec, url: sa.URL, folder: Path) -> sa.URL:
    """SQLite's address opened read-only, relative to `folder`. Raises DataError C206 if there is no such file."""
    path = folder / (url.database or "")
    if not path.is_file():
        raise DataError("HUB-C206", alias=spec.alias)
    return sa.URL.create(
        url.drivername, database=path.resolve().as_uri(), query={**url.query, "mode": "ro", "uri": "true"}
    )


@contextmanager
def mapped(alias: str) -> Iterator[None]:
    """Turns whatever a database raises into ours, `from None`: its messages carry rows, parameters and hosts.

    C220 it does not answer, C225 it refuses the statement, or the account may not read.
    """
    failure: HubError
    try:
        yield
        return
    except exc.DBAPIError as error:
        away = error.statement is None or error.connection_invalidated or _busy(error.orig)
        failure = Unreachable("HUB-C220", alias=alias) if away else DataError("HUB-C225", alias=alias)
    except (exc.TimeoutError, OSError):
        failure = Unreachable("HUB-C220", alias=alias)
    except (exc.SQLAlchemyError, UnicodeDecodeError):
        failure = DataError("HUB-C225", alias=alias)
    raise failure from None


def _busy(error: BaseException | None) -> bool:
    """Whether SQLite says that someone else has locked the file (5, 6) or that it cannot be opened (14)."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (5, 6, 14)


_SQL_FAMILIES: Final = (
    (sa.types.Boolean, "boolean"),
    (sa.types.Numeric, "number"),
    (sa.types.Integer, "number"),
    (sa.types.DateTime, "date"),
    (sa.types.Date, "date"),
    (sa.types.Time, "time"),
    (sa.types.String, "text"),
    (sa.types.LargeBinary, "binary"),
)


def sql_family(kind: sa.types.TypeEngine[object]) -> str:
    """The type of a column as we name types; `any` for one that we do not know."""
    for base, name in _SQL_FAMILIES:
        if isinstance(kind, base):
            return name
    return "any"
