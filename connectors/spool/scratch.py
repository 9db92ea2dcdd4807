"""A copy of a spool to try a load on: it is thrown away, and the spool itself stays as it is."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from connectors.spool.driver import connect, mapped
from connectors.spool.spool import Spool

FILE: Final = "report.db"
_CREATE: Final = (
    "PRAGMA synchronous = OFF",
    "CREATE TABLE person (id INTEGER PRIMARY KEY)",
    "CREATE TABLE said (person INTEGER, number INTEGER, value BLOB, PRIMARY KEY (person, number)) WITHOUT ROWID",
)
_MANY: Final = 5_000


class Scratch(Spool):
    """A spool that also remembers who there was, and what was said of whom. Persons are numbers that mean nothing
    elsewhere."""

    def begin(self) -> None:
        """Make its own tables."""
        for statement in _CREATE:
            self._all(statement, ())

    def meet(self, persons: Iterable[int]) -> None:
        """These persons are in the load."""
        self._many("INSERT OR IGNORE INTO person VALUES (?)", ((one,) for one in persons))

    def persons(self) -> int:
        """How many different ones there are."""
        return int(self._all("SELECT count(*) FROM person", ())[0][0])

    def hear(self, said: Iterable[tuple[int, int, bytes]]) -> None:
        """Person, number and value of events."""
        self._many("INSERT INTO said VALUES (?, ?, ?)", said)

    def heard(self) -> Iterator[tuple[int, int, bytes]]:
        """The same, person after person."""
        last: Sequence[Any] = (-1, -1)
        order = "SELECT * FROM said WHERE (person, number) > (?, ?) ORDER BY person, number LIMIT ?"
        while rows := self._all(order, (*last[:2], _MANY)):
            last = rows[-1]
            yield from rows


@contextmanager
def scratch(path: Path, connector: str) -> Iterator[Scratch]:
    """A copy of the spool at `path`, or an empty one where there is none, for as long as it is looked at."""
    copy = path.with_name(FILE)
    _remove(copy)
    try:
        if path.exists():
            _copy(path, copy, connector)
        with Scratch(copy, connector) as spool:
            spool.begin()
            yield spool
    finally:
        _remove(copy)


def _copy(path: Path, copy: Path, connector: str) -> None:
    with mapped(connector):
        source, target = connect(path), connect(copy)
        try:
            source.backup(target)
        finally:
            source.close()
            target.close()


def _remove(copy: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        copy.with_name(copy.name + ending).unlink(missing_ok=True)
