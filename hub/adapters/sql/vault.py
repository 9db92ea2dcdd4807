"""The vault's own SQLite file. Only the vault opens it; what it holds is locked or keyed before it comes here."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from hub.adapters.sql import faults, formats
from hub.adapters.sql.faults import mapped
from hub.adapters.sql.kept import KeptVault
from hub.adapters.sql.opening import Run, prepared
from hub.adapters.sql.schema import statements
from hub.adapters.sql.tables import VAULT
from hub.adapters.sql.unit import chunks
from hub.core.errors import IntegrityError
from hub.ports.vault import Conflict, Disclosure, Identity, Link, Person

NAME: Final = "vault"
_TABLES: Final = {name: statements(name, *declared) for name, declared in VAULT.items()}
_FOR_EVER = [
    f"CREATE TRIGGER IF NOT EXISTS disclosure_no_{act.lower()} BEFORE {act} ON disclosure"
    " BEGIN SELECT RAISE(ABORT, 'disclosures are for ever'); END"
    for act in ("UPDATE", "DELETE")
]


def _prepare(run: Run) -> None:
    run("PRAGMA secure_delete=ON")
    run("PRAGMA cache_size=-65536")
    found = run("PRAGMA user_version").fetchone()[0]
    formats.check(found, NAME)
    for table in _TABLES.values():
        for statement in table.create:
            run(statement)
    for statement in _FOR_EVER:
        run(statement)
    run(f"PRAGMA user_version={formats.newest(NAME)}")


class SqliteVaultTables(KeptVault):
    """The `VaultTables` port over `path`. What is removed is overwritten, in the WAL, too."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with mapped(faults.VAULT):
            self._connection = prepared(sqlite3.connect(path, isolation_level=None, timeout=30), _prepare)
        path.chmod(0o600)
        self._removed = False
        self._version = 0

    def same_key(self, check: bytes) -> bool:
        """Whether the key that makes the links is the one that made the first of them."""
        if not self._run("SELECT 1 FROM link LIMIT 1"):  # as long as there are none, any key may begin
            self._run("INSERT OR REPLACE INTO key_check (n, value) VALUES (1, ?)", (check,))
        self._run("INSERT OR IGNORE INTO key_check (n, value) VALUES (1, ?)", (check,))
        return bool(self._run("SELECT value FROM key_check WHERE n = 1")[0][0] == check)

    def begin(self) -> bool:
        """Open the transaction; SQLite tells by a version whether another connection wrote since."""
        self._run("BEGIN IMMEDIATE")
        before, self._version = self._version, self._run("PRAGMA data_version")[0][0]
        return before not in (0, self._version)

    def links(self, at: Sequence[int]) -> dict[int, Link]:
        """Those of the links that exist; as many keys a SELECT as it takes, in order."""
        found: dict[int, Link] = {}
        for some in chunks(sorted(at)):
            marks = ",".join("?" * len(some))
            found.update((row[0], Link(*row)) for row in self._run(f"SELECT * FROM link WHERE at IN ({marks})", some))
        return found

    def add(
        self,
        links: Iterable[Link],
        persons: Iterable[Person],
        identities: Iterable[Identity],
        conflicts: Iterable[Conflict],
    ) -> None:
        """Insert links, insert or replace persons, and insert what is not there yet of the others."""
        self._many(_TABLES["link"].insert, sorted(links))
        self._many(_TABLES["person"].replace, sorted(persons))
        for name, rows in (("identity", identities), ("conflict", conflicts)):
            self._many(_TABLES[name].keep, sorted(rows))

    def remove(self, subject: bytes, links: Sequence[int]) -> None:
        """Delete a subject, its identities and these links."""
        self._removed = True
        self._many("DELETE FROM link WHERE at = ?", [(at,) for at in links])
        for table in ("identity", "person"):
            self._many(f"DELETE FROM {table} WHERE subject = ?", [(subject,)])

    def disclosed(self, disclosure: Disclosure) -> None:
        """Append to the record of disclosures."""
        self._many(_TABLES["disclosure"].insert, [(None, *disclosure[1:])])

    def raise_high(self, agency: str, upto: int) -> None:
        """Put it forward; never back."""
        self._many(
            "INSERT INTO high VALUES (?, ?) ON CONFLICT (agency) DO UPDATE SET upto = max(upto, excluded.upto)",
            [(agency, upto)],
        )

    def commit(self) -> None:
        """All of it, or nothing."""
        if self._connection.in_transaction:
            self._run("COMMIT")
            if self._removed:
                self._run("PRAGMA wal_checkpoint(TRUNCATE)")
                self._removed = False

    def abandon(self) -> None:
        """Give up what was not committed."""
        if self._connection.in_transaction:
            self._run("ROLLBACK")

    def close(self) -> None:
        """Give back the file."""
        self._connection.close()

    def _insert(self, table: str, rows: Sequence[Any]) -> None:
        self._many(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with mapped(faults.VAULT):
            return self._connection.execute(statement, values).fetchall()

    def _many(self, statement: str, rows: Iterable[Any]) -> None:
        with mapped(faults.VAULT):
            if not self._connection.in_transaction:
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(statement, map(tuple, rows))  # plain ones are cheaper, as in a unit
            except sqlite3.IntegrityError:
                # Somebody else added the same link meanwhile: two vaults work on one file.
                raise IntegrityError("HUB-V410") from None
