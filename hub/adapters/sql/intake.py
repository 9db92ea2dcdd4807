"""Intake's own SQLite file: registry, position, chains, numbers, counts. No token, no identity, no value."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from hub.adapters.sql import faults
from hub.adapters.sql.faults import mapped
from hub.adapters.sql.opening import Run, prepared
from hub.adapters.sql.schema import statements
from hub.adapters.sql.tables import INTAKE, IntakePosition
from hub.core.errors import DataError, IntegrityError
from hub.core.format import check_format
from hub.ports.intake import Chain, Connector, IntakeState, Taken

FORMAT = 1


_TABLES: Final = {name: statements(name, *declared) for name, declared in INTAKE.items()}


def _prepare(run: Run) -> None:
    found = run("PRAGMA user_version").fetchone()[0]
    check_format(found or FORMAT, FORMAT, "intake")
    for table in _TABLES.values():
        for statement in table.create:
            run(statement)
    run("CREATE TABLE IF NOT EXISTS revision (number INTEGER NOT NULL)")
    run("INSERT INTO revision SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM revision)")
    run(f"PRAGMA user_version={FORMAT}")


class SqliteIntakeStore:
    """The `IntakeStore` port over `path`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with mapped(faults.INTAKE):
            self._connection = prepared(sqlite3.connect(path, isolation_level=None, timeout=30), _prepare)

    def same_key(self, check: bytes) -> bool:
        """Whether the key that makes the hub's event ids is the one that made the first of them."""
        with self._transaction():
            if not self._run("SELECT 1 FROM taken LIMIT 1"):  # as long as nothing was taken, any key may begin
                self._run("INSERT OR REPLACE INTO key_check (n, value) VALUES (1, ?)", (check,))
            self._run("INSERT OR IGNORE INTO key_check (n, value) VALUES (1, ?)", (check,))
            return bool(self._run("SELECT value FROM key_check WHERE n = 1")[0][0] == check)

    def agencies(self) -> list[str]:
        """Every agency that has a connector."""
        return [agency for (agency,) in self._run("SELECT DISTINCT agency FROM connector ORDER BY agency")]

    def registry(self) -> tuple[int, list[Connector]]:
        """The registry and its revision."""
        with self._transaction("DEFERRED"):
            revision = self._run("SELECT number FROM revision")[0][0]
            return revision, [Connector(*row) for row in self._run("SELECT * FROM connector ORDER BY number")]

    def register(self, connector: Connector) -> Connector:
        """Put a connector in, or change what it may publish."""
        with self._transaction():
            known = {row[1]: Connector(*row) for row in self._run("SELECT * FROM connector")}
            before = known.get(connector.id)
            if before and before.agency != connector.agency:
                raise DataError("HUB-I350", connector=connector.id)
            if self._run("SELECT 1 FROM position WHERE intent > 0 AND agency = ?", (connector.agency,)):
                raise DataError("HUB-I351", agency=connector.agency)
            number = before.number if before else connector.number or max([0, *(c.number for c in known.values())]) + 1
            kept = connector._replace(number=number)
            self._many(_TABLES["connector"].replace, [kept])
            self._run("UPDATE revision SET number = number + 1")
        return kept

    def state(self, agency: str) -> IntakeState:
        """What is committed of an agency."""
        with self._transaction("DEFERRED"):
            state = IntakeState(agency)
            for row in self._run("SELECT * FROM position WHERE agency = ?", (agency,)):
                _, state.log, state.offset, state.last, state.answered, state.sequence, state.vault, state.intent = row
            chains = self._run("SELECT * FROM chain WHERE agency = ?", (agency,))
            state.chains = {row[1]: Chain(*row[1:]) for row in chains}
            nexts = self._run("SELECT topic, partition, number FROM next_number WHERE agency = ?", (agency,))
            state.next = {(topic, partition): number for topic, partition, number in nexts}
            state.counts = dict(self._run("SELECT name, value FROM total WHERE agency = ?", (agency,)))
        return state

    def taken(self, connector: str, generation: int, number: int) -> bytes | None:
        """The hash of a frame that was taken."""
        rows = self._run(
            "SELECT hash FROM taken WHERE connector = ? AND generation = ? AND number = ?",
            (connector, generation, number),
        )
        return bytes(rows[0][0]) if rows else None

    def rule_out(self, hash: bytes, by: str) -> None:
        """A person decided that a frame is not the connector's history."""
        with self._transaction():
            self._many(_TABLES["ruled"].replace, [(hash, by)])

    def ruled_out(self, hash: bytes) -> bool:
        """Whether somebody decided that of a frame."""
        return bool(self._run("SELECT 1 FROM ruled WHERE hash = ?", (hash,)))

    def intend(self, agency: str, upto: int, revision: int) -> bool:
        """Write down how far a fetch goes."""
        with self._transaction():
            if self._run("SELECT number FROM revision")[0][0] != revision:
                return False
            self._run("INSERT OR IGNORE INTO position VALUES (?, '', 0, X'', 0, 0, 0, 0)", (agency,))
            self._run("UPDATE position SET intent = ? WHERE agency = ?", (upto, agency))
        return True

    def commit(self, before: int, state: IntakeState, taken: Iterable[Taken]) -> None:
        """All of it, or nothing."""
        agency = state.agency
        row = IntakePosition(
            agency, state.log, state.offset, state.last, state.answered, state.sequence, state.vault, state.intent
        )
        with self._transaction():
            found = self._run('SELECT "offset" FROM position WHERE agency = ?', (agency,))
            if (found[0][0] if found else 0) != before:
                raise IntegrityError("HUB-I440", agency=agency)
            self._many(_TABLES["position"].replace, [row])
            self._many(_TABLES["chain"].replace, [(agency, *chain) for chain in state.chains.values()])
            self._many(_TABLES["next_number"].replace, [(agency, *key, n) for key, n in state.next.items()])
            self._many(_TABLES["total"].replace, [(agency, *count) for count in state.counts.items()])
            self._many(_TABLES["taken"].replace, sorted(taken))

    def close(self) -> None:
        """Give back the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[None]:
        with mapped(faults.INTAKE):
            self._connection.execute(f"BEGIN {kind}")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with mapped(faults.INTAKE):
            return self._connection.execute(statement, values).fetchall()

    def _many(self, statement: str, rows: Iterable[Any]) -> None:
        with mapped(faults.INTAKE):
            self._connection.executemany(statement, rows)
