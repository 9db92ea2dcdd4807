"""What a snapshot answers of the ledger and its chains, in the same words from any kind of SQL store."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from hub.ports.store import Entry
from hub.ports.views import History, Value


class Chains(ABC):
    """The half of the `Snapshot` port that every product answers alike; the other half and `_run` are its own.

    Names of views, tables and columns come from our own dictionary, never from a user.
    """

    @abstractmethod
    def _run(self, statement: str, values: Sequence[Value] = ()) -> list[Any]:
        """The rows of a SELECT; `?` stands for a value."""

    def count(self, view: str) -> int:
        """How many rows."""
        return int(self._run(f"SELECT count(*) FROM {view}")[0][0])

    def positions(self, group: str) -> dict[int, int]:
        """Committed offsets."""
        return dict(self._run(f'SELECT partition, "offset" FROM {group}_position ORDER BY partition'))

    def named(self, group: str, value: bytes) -> list[int]:
        """Key ids of a pseudonym."""
        found = self._run(f"SELECT DISTINCT id FROM {group}_name WHERE value = ? ORDER BY id", (value,))
        return [id for (id,) in found]

    def history(self, group: str, id: int) -> History | None:
        """The chain that ends at the key's head, followed back by `prev`."""
        found = self._run(f'SELECT "key", head FROM {group}_key WHERE id = ?', (id,))
        if not found:
            return None
        ledger = f"{group}_event"
        entries = self._run(
            f"WITH RECURSIVE link(at) AS (SELECT CAST(? AS bigint) UNION ALL SELECT e.prev FROM link JOIN {ledger} e"
            f" ON e.at = link.at WHERE e.prev > 0) SELECT e.* FROM link JOIN {ledger} e ON e.at = link.at"
            " ORDER BY e.at",
            (found[0][1],),
        )
        puts = dict(self._run(f"SELECT n, state FROM {group}_put WHERE id = ?", (id,)))
        sources = dict(self._run(f"SELECT n, name FROM {group}_source WHERE partition = ?", (id >> 40,)))
        return History(found[0][0], [Entry._make(entry) for entry in entries], puts, sources)

    def spoken(self, group: str, source: str) -> list[int]:
        """Key ids by who asserted something."""
        found = self._run(
            f"SELECT DISTINCT e.id FROM {group}_source s JOIN {group}_event e"
            " ON e.at >> 40 = s.partition AND e.source = s.n WHERE s.name = ? ORDER BY e.id",
            (source,),
        )
        return [id for (id,) in found]
