"""What a vault keeps, asked for in the same words of any kind of SQL database. How it is written differs."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from hub.ports.vault import Disclosure, Identity, Link, Person

Row = TypeVar("Row", Link, Person, Identity)
_MANY: Final = 5_000


def _lots(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, _MANY)):
        yield some


class KeptVault(ABC):
    """The questions of the `VaultTables` port that are the same everywhere."""

    def person(self, subject: bytes) -> Person | None:
        """A subject, if it exists."""
        rows = self._run("SELECT * FROM person WHERE subject = ?", (subject,))
        return Person(*rows[0]) if rows else None

    def identities(self, subject: bytes) -> list[Identity]:
        """What is known of a subject, oldest first."""
        return [Identity(*row) for row in self._run("SELECT * FROM identity WHERE subject = ? ORDER BY n", (subject,))]

    def disclosures(self) -> list[Disclosure]:
        """Every disclosure, oldest first."""
        return [Disclosure(*row) for row in self._run("SELECT * FROM disclosure ORDER BY n")]

    def high(self, agency: str) -> int:
        """The greatest `upto` resolved for an agency."""
        rows = self._run("SELECT upto FROM high WHERE agency = ?", (agency,))
        return int(rows[0][0]) if rows else 0

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        names = ("link", "person", "identity", "conflict", "disclosure")
        return {name: int(self._run(f"SELECT count(*) FROM {name}")[0][0]) for name in names}

    def check(self) -> bytes:
        """The key check that is kept."""
        return bytes(self._run("SELECT value FROM key_check WHERE n = 1")[0][0])

    def everything(self) -> tuple[Iterator[Link], Iterator[Person], Iterator[Identity]]:
        """All that is under keys, some thousand rows at a time."""
        return (
            self._all("link", Link, ("at",)),
            self._all("person", Person, ("subject",)),
            self._all("identity", Identity, ("subject", "mark")),
        )

    def write_anew(
        self, check: bytes, links: Iterable[Link], persons: Iterable[Person], identities: Iterable[Identity]
    ) -> None:
        """Put these in the place of all there is. Identities are read while they are written, into a table beside."""
        self._run("CREATE TEMP TABLE next_identity AS SELECT * FROM identity WHERE 1 = 0")
        for some in _lots(identities):
            self._insert("next_identity", some)
        for table in ("link", "person", "identity"):
            self._run(f"DELETE FROM {table}")
        for of_links in _lots(links):
            self._insert("link", of_links)
        for of_persons in _lots(persons):
            self._insert("person", of_persons)
        self._run("INSERT INTO identity SELECT * FROM next_identity")
        self._run("DROP TABLE next_identity")
        self._run("UPDATE key_check SET value = ? WHERE n = 1", (check,))

    def _all(self, table: str, row: type[Row], key: tuple[str, ...]) -> Iterator[Row]:
        last: tuple[Any, ...] = ()
        names = ", ".join(key)
        while True:
            after = f"WHERE ({names}) > ({', '.join('?' * len(key))})" if last else ""
            rows = self._run(f"SELECT * FROM {table} {after} ORDER BY {names} LIMIT {_MANY}", last)
            yield from (row(*each) for each in rows)
            if len(rows) < _MANY:
                return
            last = tuple(rows[-1][: len(key)])

    @abstractmethod
    def _insert(self, table: str, rows: Sequence[Any]) -> None:
        """Insert rows into a table, or one of the same form."""

    @abstractmethod
    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of one statement."""
