"""The strict store model: the `Store` port over dictionaries. It accuses misuse with AssertionError.

Rows are kept as plain tuples and given out as new ones; a unit works on copies until `commit`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.core.errors import IntegrityError
from hub.core.fold import PARTITION_SHIFT, Projection, Row, Table
from hub.ports.store import NOTHING, Committed, Entry, Key, Outgoing, Position

_FIXED = ("count", "event", "key", "put", "source")


class _Kept:
    """What is committed of one group and partition."""

    def __init__(self) -> None:
        self.position = NOTHING
        self.keys: dict[bytes, Key] = {}
        self.tables: dict[str, dict[tuple[int, int], Row]] = {}
        self.ledger: dict[int, Entry] = {}
        self.names: dict[tuple[int, str], bytes] = {}
        self.sources: dict[str, int] = {}
        self.outbox: dict[tuple[str, int, int], Outgoing] = {}
        self.small: dict[str, dict[str, Any]] = {"accepted": {}, "counters": {}, "facts": {}, "counts": {}}

    def copy(self) -> "_Kept":
        """An independent copy; rows themselves are immutable."""
        other = _Kept()
        other.position = self.position
        other.keys, other.ledger = dict(self.keys), dict(self.ledger)
        other.tables = {name: dict(rows) for name, rows in self.tables.items()}
        other.names, other.sources, other.outbox = dict(self.names), dict(self.sources), dict(self.outbox)
        other.small = {name: dict(values) for name, values in self.small.items()}
        return other


class MemoryStore:
    """All groups of `projections`, in memory."""

    def __init__(self, projections: Sequence[Projection]) -> None:
        self._folds = {each.group: [fold.table.name for fold in each.folds] for each in projections}
        self._kept: dict[tuple[str, int], _Kept] = {}

    def begin(self, group: str, partition: int) -> "MemoryUnit":
        """Open the transaction; two at once on one partition are let through, and the second to commit loses."""
        assert group in self._folds, f"unknown group {group}"
        kept = self._kept.setdefault((group, partition), _Kept())
        return MemoryUnit(self, group, partition, kept)

    def committed(self, group: str, partition: int) -> Committed:
        """What is committed."""
        kept = self._kept.get((group, partition), _Kept())
        return Committed(kept.position, *(dict(kept.small[name]) for name in ("accepted", "counters", "facts")))

    def outgoing(self, group: str, partition: int, limit: int) -> list[Outgoing]:
        """The oldest records of the outbox."""
        outbox = self._kept.setdefault((group, partition), _Kept()).outbox
        return [outbox[place] for place in sorted(outbox)[:limit]]

    def sent(self, group: str, partition: int, last: Mapping[tuple[str, int], int]) -> None:
        """Trim the outbox."""
        outbox = self._kept[group, partition].outbox
        for topic, dest, number in list(outbox):
            if number <= last.get((topic, dest), 0):
                del outbox[topic, dest, number]

    def tables(self, group: str) -> list[str]:
        """Fold tables and the ledger's, sorted."""
        return sorted([*self._folds[group], *_FIXED])

    def scan(self, group: str, table: str) -> Iterable[tuple[Any, ...]]:
        """All rows in order of the table's key."""
        for (name, partition), kept in sorted(self._kept.items(), key=lambda item: item[0]):
            if name != group:
                continue
            if table == "key":
                yield from sorted(map(tuple, kept.keys.values()))
            elif table == "event":
                yield from sorted(map(tuple, kept.ledger.values()))
            elif table == "count":
                yield from ((partition, name, value) for name, value in sorted(kept.small["counts"].items()))
            elif table == "source":
                yield from sorted((partition, n, name) for name, n in kept.sources.items())
            else:
                rows = kept.tables.get(table, {})
                yield from (tuple(rows[place]) for place in sorted(rows))

    def keep(self, group: str, partition: int, began: _Kept, kept: _Kept, queued: Sequence[Outgoing]) -> None:
        """Commit a unit's copy if nobody else committed since; what was sent meanwhile stays trimmed."""
        if self._kept[group, partition] is not began:
            raise IntegrityError("HUB-P410", group=group, partition=partition)
        kept.outbox = {**began.outbox, **{(o.topic, o.partition, o.number): o for o in queued}}
        self._kept[group, partition] = kept

    def close(self) -> None:
        """Nothing to give back."""


class MemoryUnit:
    """The `Unit` port over a copy."""

    def __init__(self, store: MemoryStore, group: str, partition: int, began: _Kept) -> None:
        self._store, self._group, self._partition = store, group, partition
        self._began, self._kept = began, began.copy()
        self._queued: list[Outgoing] = []
        self._open = True
        self.position = began.position
        small = self._kept.small
        self.accepted, self.counters = small["accepted"], small["counters"]
        self.facts, self.counts = small["facts"], small["counts"]

    def keys(self, keys: Sequence[bytes]) -> tuple[dict[bytes, Key], list[Key]]:
        """The keys, and those of them that were made now, in the order given."""
        assert self._open, "used after commit"
        assert len(set(keys)) == len(keys), "a key is asked for twice"
        made: list[Key] = []
        for key in keys:
            assert isinstance(key, bytes), "a key is bytes"
            if key not in self._kept.keys:
                id = (self._partition << PARTITION_SHIFT) + len(self._kept.keys) + 1
                self._kept.keys[key] = Key(id, key, 0, 0, 0, 0)
                made.append(self._kept.keys[key])
        return self.known(keys), made

    def known(self, keys: Sequence[bytes]) -> dict[bytes, Key]:
        """Those of the keys that exist."""
        return {key: self._kept.keys[key] for key in keys if key in self._kept.keys}

    def save_keys(self, keys: Iterable[Key]) -> None:
        """Put heads, orders and waiting corrections forward."""
        for key in keys:
            assert self._kept.keys[key.key].id == key.id, "a key's id never changes"
            self._kept.keys[key.key] = key

    def rows(self, table: Table, ids: Sequence[int]) -> Mapping[int, Row]:
        """The row with the highest `n` of each id that has one."""
        wanted, found = set(ids), {}
        for (id, _), row in sorted(self._rows(table).items()):
            if id in wanted:
                found[id] = row
        return found

    def due(self, table: Table, day: int, limit: int) -> list[Row]:
        """Rows with `due` <= day, lowest first, then id."""
        assert table.due, "the table has no due"
        rows = [row for row in self._rows(table).values() if row.due is not None and row.due <= day]
        return sorted(rows, key=lambda row: (row.due, row[0], row[1]))[:limit]

    def select(self, table: Table, where: Mapping[str, Any], order: Sequence[str] = (), limit: int = 0) -> list[Row]:
        """Rows whose fields equal `where`, in order of fields then id."""
        rows = [row for row in self._rows(table).values() if all(getattr(row, f) == v for f, v in where.items())]
        rows.sort(key=lambda row: (*(_nulls_first(getattr(row, field)) for field in order), row[0], row[1]))
        return rows[:limit] if limit else rows

    def sources(self) -> dict[str, int]:
        """The small integers of ce_sources; the caller adds new ones."""
        return self._kept.sources

    def save(self, table: Table, rows: Iterable[Row]) -> None:
        """Insert or replace rows of a fold."""
        assert self._open, "used after commit"
        kind: Any = table.row
        for row in rows:
            assert isinstance(row, kind), f"{table.name} keeps {kind.__name__}"
            assert row[0] >> PARTITION_SHIFT == self._partition, f"{table.name}: a row of another partition (law 4)"
            assert all(value is None or type(value) in (int, str, bytes) for value in row), "int, str, bytes or None"
            self._rows(table)[row[0], row[1]] = row

    def drop(self, table: Table, ids: Iterable[int], keep: int) -> None:
        """Remove the rows of these ids whose `n` >= keep."""
        gone = set(ids)
        rows = self._rows(table)
        for place in [place for place in rows if place[0] in gone and place[1] >= keep]:
            del rows[place]

    def add(self, entries: Iterable[Entry]) -> None:
        """Insert ledger entries."""
        for entry in entries:
            assert entry.at not in self._kept.ledger, "the ledger is insert only"
            assert entry.at >> PARTITION_SHIFT == self._partition, "an entry of another partition (law 4)"
            self._kept.ledger[entry.at] = entry

    def chain(self, heads: Sequence[int]) -> list[Entry]:
        """Every ledger entry of the chains that end at `heads`, in order of `at`."""
        found: dict[int, Entry] = {}
        for head in heads:
            at = head
            while at:
                found[at] = self._kept.ledger[at]
                at = found[at].prev
        return [found[at] for at in sorted(found)]

    def name(self, names: Iterable[tuple[int, str, bytes]]) -> None:
        """Insert pseudonyms."""
        for id, domain, value in names:
            assert (id, domain) not in self._kept.names, "a pseudonym is given once"
            self._kept.names[id, domain] = value

    def queue(self, outgoing: Iterable[Outgoing]) -> None:
        """Put records into the outbox."""
        self._queued += outgoing

    def commit(self, position: Position) -> None:
        """All of it, or nothing."""
        assert self._open, "committed twice"
        self._open = False
        self._kept.position = position
        self._store.keep(self._group, self._partition, self._began, self._kept, self._queued)

    def abandon(self) -> None:
        """Give it up."""
        self._open = False

    def _rows(self, table: Table) -> dict[tuple[int, int], Row]:
        return self._kept.tables.setdefault(table.name, {})


def _nulls_first(value: Any) -> tuple[bool, Any]:
    return value is not None, value
