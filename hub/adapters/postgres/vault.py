"""The vault's own schema in PostgreSQL; its database should be one of its own, with an account of its own."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from hub.adapters.postgres.connection import Line, ask, mapped, roll_back
from hub.adapters.postgres.migrate import ready
from hub.adapters.postgres.schema import statements
from hub.adapters.sql.kept import KeptVault
from hub.adapters.sql.tables import VAULT
from hub.core.errors import HubError, IntegrityError
from hub.ports.vault import Conflict, Disclosure, Identity, Link, Person

SCHEMA: Final = "vault"
_WRITERS: Final = 0x4855_4204
_TABLES: Final = statements("", VAULT)


class PostgresVaultTables(KeptVault):
    """The `VaultTables` port. One writer at a time: a second vault waits, and then looks up again what was linked."""

    def __init__(self, url: str) -> None:
        ready(url, SCHEMA)
        self._line = Line(url, SCHEMA)
        self._open = False
        self._version = -1

    def same_key(self, check: bytes) -> bool:
        """Whether the key that makes the links is the one that made the first of them."""
        if not self._run("SELECT 1 FROM link LIMIT 1"):  # as long as there are none, any key may begin
            self._many("key_check", "replace", [(1, check)])
        self._many("key_check", "keep", [(1, check)])
        found = bool(self._run("SELECT value FROM key_check WHERE n = 1")[0][0] == check)
        self.commit()
        return found

    def begin(self) -> bool:
        """Open the transaction against every other writer; a number that each writer raises tells of others."""
        self._begin()
        before = self._version
        self._version = self._run("SELECT number FROM revision")[0][0]
        return before not in (-1, self._version)

    def links(self, at: Sequence[int]) -> dict[int, Link]:
        """Those of the links that exist."""
        rows = self._run("SELECT * FROM link WHERE at = ANY(?)", (sorted(at),)) if at else []
        return {row[0]: Link(*row) for row in rows}

    def add(
        self,
        links: Iterable[Link],
        persons: Iterable[Person],
        identities: Iterable[Identity],
        conflicts: Iterable[Conflict],
    ) -> None:
        """Insert links, insert or replace persons, and insert what is not there yet of the others."""
        try:
            self._many("link", "insert", sorted(links))
        except HubError as error:
            if error.place.get("reason") == "23505":  # two vaults that do not keep each other out
                raise IntegrityError("HUB-V410") from None
            raise
        self._many("person", "replace", sorted(persons))
        self._many("identity", "keep", sorted(identities))
        self._many("conflict", "keep", sorted(conflicts))

    def remove(self, subject: bytes, links: Sequence[int]) -> None:
        """Delete a subject, its identities and these links. What a backup or a WAL archive holds is locked."""
        self._begin()
        self._run("DELETE FROM link WHERE at = ANY(?)", (list(links),))
        for table in ("identity", "person"):
            self._run(f"DELETE FROM {table} WHERE subject = ?", (subject,))

    def disclosed(self, disclosure: Disclosure) -> None:
        """Append to the record of disclosures."""
        self._begin()
        number = self._run("SELECT coalesce(max(n), 0) + 1 FROM disclosure")[0][0]
        self._many("disclosure", "insert", [(number, *disclosure[1:])])

    def raise_high(self, agency: str, upto: int) -> None:
        """Put it forward; never back."""
        self._begin()
        self._run(
            "INSERT INTO high VALUES (?, ?)"
            " ON CONFLICT (agency) DO UPDATE SET upto = greatest(high.upto, excluded.upto)",
            (agency, upto),
        )

    def commit(self) -> None:
        """All of it, or nothing."""
        if self._open:
            number = self._run("UPDATE revision SET number = number + 1 RETURNING number")[0][0]
            self._run("COMMIT")
            self._version, self._open = number, False

    def abandon(self) -> None:
        """Give up what was not committed."""
        if self._open:
            self._open = False
            roll_back(self._line.connection())

    def close(self) -> None:
        """Give back the connection."""
        self._line.close()

    def _begin(self) -> None:
        if not self._open:
            connection = self._line.connection()
            with mapped(connection.schema):
                connection.execute("BEGIN")
                self._open = True
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITERS,))

    def _insert(self, table: str, rows: Sequence[Any]) -> None:
        form = _TABLES[table.removeprefix("next_")].insert
        self._run(form.replace("INTO identity", f"INTO {table}"), [list(column) for column in zip(*rows, strict=True)])

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return ask(self._line.connection(), statement, values)

    def _many(self, table: str, what: str, rows: Iterable[Any]) -> None:
        self._begin()
        columns = list(zip(*rows, strict=True))
        if columns:
            self._run(getattr(_TABLES[table], what), [list(column) for column in columns])
