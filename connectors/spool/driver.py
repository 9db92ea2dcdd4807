"""How a spool's file is opened, and what its driver raises."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy.dialects import sqlite

from hub.core.errors import IntegrityError, Unreachable

_DRIVER: Final[Any] = sqlite.dialect.import_dbapi()
_DRIVER.register_adapter(bytes, bytes.__bytes__)  # asking each blob how to write it costs half of writing it


@contextmanager
def mapped(connector: str) -> Iterator[None]:
    """The driver's errors as ours, without their text, and whose spool it is."""
    try:
        yield
    except _DRIVER.OperationalError as error:
        raise Unreachable(
            "HUB-C501", connector=connector, reason=getattr(error, "sqlite_errorname", "SQLITE_ERROR")
        ) from None
    except _DRIVER.DatabaseError as error:
        raise IntegrityError(
            "HUB-C405", connector=connector, reason=getattr(error, "sqlite_errorname", "SQLITE_ERROR")
        ) from None


def connect(path: Path) -> Any:
    """A connection to a spool's file, which it makes if there is none."""
    connection = _DRIVER.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-32768", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
