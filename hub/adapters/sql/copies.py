"""Copies of SQLite databases that are in use, and the proof that a copy is whole."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from hub.core.errors import IntegrityError, Unreachable

SQLITE: Final = sqlite3.sqlite_version


def copy_database(source: Path, target: Path, path: str, then: Sequence[str] = ()) -> None:
    """Copy `source` as it is at one moment, whoever is writing to it, into one new file; then run statements in it.

    One step takes it all: readers of a WAL keep no writer waiting, and a copy in several would begin again with each
    commit. Raises IntegrityError HUB-B403 for one that is damaged, Unreachable HUB-B501 for one that does not open.
    """
    with _mapped(path), closing(_open(source, "rw")) as theirs, closing(sqlite3.connect(target)) as ours:
        theirs.backup(ours, pages=-1)
        ours.isolation_level = None
        ours.execute("PRAGMA journal_mode=DELETE")  # one file, without anything beside it
        for statement in then:
            ours.execute(statement)
    check_database(target, path)


def check_database(file: Path, path: str) -> None:
    """Look at every page of a database that nobody uses. Raises IntegrityError HUB-B403 for one that is damaged."""
    with _mapped(path), closing(_open(file, "ro&immutable=1")) as database:
        found = database.execute("PRAGMA quick_check(1)").fetchall()
    if found != [("ok",)]:
        raise IntegrityError("HUB-B403", path=path, reason="quick_check")


def _open(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=30)


@contextmanager
def _mapped(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        reason = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
        if reason.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise IntegrityError("HUB-B403", path=path, reason=reason) from None
        raise Unreachable("HUB-B501", path=path, reason=reason) from None
