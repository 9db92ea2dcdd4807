"""What a unit remembers between its begin and its commit, alike in any kind of SQL store. How it is written differs."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from hub.adapters.sql.committed import small
from hub.core.fold import PARTITION_SHIFT, Table
from hub.ports.store import NOTHING, Key, Outgoing, Position


class BegunUnit(ABC):
    """The part of the `Unit` port that is the same everywhere: small states, and numbers given to keys and sources."""

    def __init__(self, group: str, partition: int) -> None:
        self._group, self._partition = group, partition
        self._low, self._high = partition << PARTITION_SHIFT, (partition + 1) << PARTITION_SHIFT
        self._open = True
        self.position, self._keys = NOTHING, 0
        self.accepted: dict[str, int] = {}
        self.counters: dict[str, int] = {}
        self.facts: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self._sources: dict[str, int] = {}
        self._known_sources = 0

    def _remember(self, found: Sequence[Any] | None, sources: Iterable[Any], counts: Iterable[Any]) -> None:
        """The partition's row of the table of positions, if it has one, and its pairs of sources and counts."""
        if found:
            log, offset, last, self._keys, accepted, counters, facts = found
            self.position = Position(log, offset, last)
            self.accepted, self.counters, self.facts = small(accepted), small(counters), small(facts)
        self._sources, self.counts = dict(sorted(sources, key=lambda row: row[1])), dict(counts)
        self._known_sources = len(self._sources)

    def _remembered(self, position: Position) -> list[Any]:
        """The inverse: the columns of that row, without the partition."""
        return [
            *(position.log, position.offset, position.last, self._keys),
            *(json.dumps(each, sort_keys=True) for each in (self.accepted, self.counters, self.facts)),
        ]

    def _save_pairs(self) -> None:
        self._many("count", "replace", [(self._partition, name, value) for name, value in self.counts.items()])
        new = list(self._sources.items())[self._known_sources :]
        self._many("source", "insert", [(self._partition, n, name) for name, n in new])

    def keys(self, keys: Sequence[bytes]) -> tuple[dict[bytes, Key], list[Key]]:
        """The keys, and those of them that were made now, in the order given."""
        found = self.known(keys)
        made: list[Key] = []
        for key in keys:
            if key not in found:
                self._keys += 1
                found[key] = Key(self._low + self._keys, key, 0, 0, 0, 0)
                made.append(found[key])
        self._many("key", "insert", made)
        return found, made

    @abstractmethod
    def known(self, keys: Sequence[bytes]) -> dict[bytes, Key]:
        """Those of the keys that exist in this partition."""

    def sources(self) -> dict[str, int]:
        """The small integers of ce_sources; the caller adds new ones."""
        return self._sources

    def name(self, names: Iterable[tuple[int, str, bytes]]) -> None:
        """Insert pseudonyms."""
        self._many("name", "insert", names)

    def queue(self, outgoing: Iterable[Outgoing]) -> None:
        """Put records into the outbox."""
        rows = [(self._partition, topic, dest, number, *record) for topic, dest, number, record in outgoing]
        self._many("outbox", "replace", rows)

    def _name(self, table: Table) -> str:
        return f"{self._group}_{table.name}"

    @abstractmethod
    def _many(self, name: str, what: str, rows: Iterable[Any]) -> None:
        """Insert or replace rows of a table."""
