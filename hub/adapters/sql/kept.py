"""What a vault keeps, asked for in the same words of any kind of SQL database. How it is written differs."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from hub.ports.vault import Disclosure, Identity, Person


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

    @abstractmethod
    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of one statement."""
