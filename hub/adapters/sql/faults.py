"""What is told when one of the hub's own databases fails: which one, with which code, and never a value.

A damaged database is the same fault wherever it happens, and ends with exit 4: nothing may go on before a person
decides. What that person may do differs: views are made again from the log, what intake and vault know is in no log.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from hub.core.errors import DataError, HubError, IntegrityError, Unreachable

VIEWS, INTAKE, VAULT = "views", "intake", "vault"
_DAMAGED: Final[Mapping[str, str]] = {VIEWS: "HUB-P414", INTAKE: "HUB-I442", VAULT: "HUB-V412"}


def damaged(what: str, reason: str) -> IntegrityError:
    """The error for a database that does not hold any more what was written to it."""
    return IntegrityError(_DAMAGED[what], reason=reason)


@contextmanager
def mapped(what: str = VIEWS) -> Iterator[None]:
    """The driver's errors as those of the database `what`, without their text, which may carry values."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise _ours(error, getattr(error, "sqlite_errorname", "SQLITE_ERROR"), what) from None


def _ours(error: sqlite3.DatabaseError, reason: str, what: str) -> HubError:
    if reason.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return damaged(what, reason)
    if not isinstance(error, sqlite3.OperationalError):
        return DataError("HUB-P310", what=what, reason=reason)
    if not hasattr(error, "sqlite_errorname"):  # not SQLite's: the driver found a text that is none
        return damaged(what, "NOT_UTF8")
    if reason == "SQLITE_ERROR":  # a statement of ours that SQLite refuses: waiting would not mend it
        return HubError("HUB-P101", what=what, reason=reason)
    return Unreachable("HUB-P501", what=what, reason=reason)
