"""What intake remembers: registry, position, chains, numbers, counts, in the same words for any kind of SQL database.

No token, no identity, no value. A database says how its transactions begin and how many rows are written at once.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from hub.adapters.sql.tables import IntakePosition
from hub.core.errors import DataError, IntegrityError
from hub.ports.intake import Chain, Connector, IntakeState, Pace, Taken

_PACES = (
    "SELECT c.id, c.agency, COALESCE(p.rhythm, ''), COALESCE(p.since, 0), COALESCE(h.day, 0) FROM connector c"
    " LEFT JOIN pace p ON p.connector = c.id LEFT JOIN heard h ON h.connector = c.id ORDER BY c.id"
)

_OFFSETS = (
    'SELECT DISTINCT c.agency, COALESCE(p."offset", 0) FROM connector c LEFT JOIN position p ON p.agency = c.agency'
    " ORDER BY c.agency"
)


class RememberedIntake(ABC):
    """The `IntakeStore` port but for the database itself."""

    def same_key(self, check: bytes) -> bool:
        """Whether the key that makes the hub's event ids is the one that made the first of them."""
        with self._writing():
            if not self._run("SELECT 1 FROM taken LIMIT 1"):  # as long as nothing was taken, any key may begin
                self._many("key_check", "replace", [(1, check)])
            self._many("key_check", "keep", [(1, check)])
            return bool(self._run("SELECT value FROM key_check WHERE n = 1")[0][0] == check)

    def agencies(self) -> list[str]:
        """Every agency that has a connector."""
        return sorted(agency for (agency,) in self._run("SELECT DISTINCT agency FROM connector"))

    def registry(self) -> tuple[int, list[Connector]]:
        """The registry and its revision."""
        with self._reading():
            revision = self._run("SELECT number FROM revision")[0][0]
            return revision, [Connector(*row) for row in self._run("SELECT * FROM connector ORDER BY number")]

    def register(self, connector: Connector) -> Connector:
        """Put a connector in, or change what it may publish."""
        with self._writing():
            known = {row[1]: Connector(*row) for row in self._run("SELECT * FROM connector")}
            before = known.get(connector.id)
            if before and before.agency != connector.agency:
                raise DataError("HUB-I350", connector=connector.id)
            if self._run("SELECT 1 FROM position WHERE intent > 0 AND agency = ?", (connector.agency,)):
                raise DataError("HUB-I351", agency=connector.agency)
            number = before.number if before else connector.number or max([0, *(c.number for c in known.values())]) + 1
            kept = connector._replace(number=number)
            self._many("connector", "replace", [kept])
            self._run("UPDATE revision SET number = number + 1")
        return kept

    def declare(self, connector: str, rhythm: str, since: int) -> None:
        """Keep how often a connector is to be heard of."""
        with self._writing():
            known = self._run("SELECT rhythm FROM pace WHERE connector = ?", (connector,))
            if (known[0][0] if known else "") != rhythm:
                self._many("pace", "replace", [(connector, rhythm, since)])

    def paces(self) -> list[Pace]:
        """Rhythm and last run of every connector."""
        return [Pace(*row) for row in self._run(_PACES)]

    def state(self, agency: str) -> IntakeState:
        """What is committed of an agency."""
        with self._reading():
            state = IntakeState(agency)
            for row in self._run("SELECT * FROM position WHERE agency = ?", (agency,)):
                _, state.log, state.offset, state.last, state.answered, state.sequence, state.vault, state.intent = row
            chains = self._run("SELECT * FROM chain WHERE agency = ?", (agency,))
            state.chains = {row[1]: Chain(*row[1:]) for row in chains}
            nexts = self._run("SELECT topic, partition, number FROM next_number WHERE agency = ?", (agency,))
            state.next = {(topic, partition): number for topic, partition, number in nexts}
            state.counts = dict(self._run("SELECT name, value FROM total WHERE agency = ?", (agency,)))
        return state

    def offsets(self) -> dict[str, int]:
        """The next offset of every agency's frames."""
        return dict(self._run(_OFFSETS))

    def taken(self, connector: str, generation: int, number: int) -> bytes | None:
        """The hash of a frame that was taken."""
        rows = self._run(
            "SELECT hash FROM taken WHERE connector = ? AND generation = ? AND number = ?",
            (connector, generation, number),
        )
        return bytes(rows[0][0]) if rows else None

    def rule_out(self, hash: bytes, by: str) -> None:
        """A person decided that a frame is not the connector's history."""
        with self._writing():
            self._many("ruled", "replace", [(hash, by)])

    def ruled_out(self, hash: bytes) -> bool:
        """Whether somebody decided that of a frame."""
        return bool(self._run("SELECT 1 FROM ruled WHERE hash = ?", (hash,)))

    def intend(self, agency: str, upto: int, revision: int) -> bool:
        """Write down how far a fetch goes."""
        with self._writing():
            if self._run("SELECT number FROM revision")[0][0] != revision:
                return False
            self._many("position", "keep", [IntakePosition(agency, "", 0, b"", 0, 0, 0, 0)])
            self._run("UPDATE position SET intent = ? WHERE agency = ?", (upto, agency))
        return True

    def commit(self, before: int, state: IntakeState, taken: Iterable[Taken]) -> None:
        """All of it, or nothing."""
        agency = state.agency
        row = IntakePosition(
            agency, state.log, state.offset, state.last, state.answered, state.sequence, state.vault, state.intent
        )
        with self._writing():
            found = self._run('SELECT "offset" FROM position WHERE agency = ?', (agency,))
            if (found[0][0] if found else 0) != before:
                raise IntegrityError("HUB-I440", agency=agency)
            self._many("position", "replace", [row])
            self._many("chain", "replace", [(agency, *chain) for chain in state.chains.values()])
            self._many("next_number", "replace", [(agency, *key, n) for key, n in state.next.items()])
            self._many("total", "replace", [(agency, *count) for count in state.counts.items()])
            self._many("heard", "replace", sorted(state.heard.items()))
            self._many("taken", "replace", sorted(taken))

    @abstractmethod
    def close(self) -> None:
        """Give back the database."""

    @abstractmethod
    def _writing(self) -> AbstractContextManager[None]:
        """A transaction that keeps every other writer out from its beginning."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[None]:
        """A transaction that sees one moment."""

    @abstractmethod
    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """All rows of one statement."""

    @abstractmethod
    def _many(self, table: str, what: str, rows: Iterable[Any]) -> None:
        """Write rows: `what` is insert, keep (what is there stays) or replace."""
