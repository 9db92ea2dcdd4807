"""The rows a fetch reads and changes, and the events that are in the ledger but not in the rows."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from hub.core.fold import Fold, Row, Table
from hub.ports.store import Key, Put, Unit

PUT = Table("put", Put)
HELD, PARKED = "held", "parked"


class Named(Protocol):
    """An event with its keys by fold."""

    @property
    def names(self) -> Sequence[bytes | None]:
        """None where a fold does not care."""


class Rows:
    """The rows that a fetch reads and changes, by fold."""

    def __init__(self, unit: Unit, folds: Sequence[Fold], keys: Mapping[bytes, Key]) -> None:
        self._unit, self._folds, self._keys = unit, folds, keys
        self._now: list[dict[bytes, Row]] = [{} for _ in folds]
        self._saved: list[dict[tuple[int, int], Row]] = [{} for _ in folds]
        self._begun: list[set[int]] = [set() for _ in folds]

    def load(self, items: Sequence[Named]) -> None:
        """Read every row that the events may change, many at a time."""
        for i, fold in enumerate(self._folds):
            wanted = {item.names[i]: None for item in items}
            by_id = {self._keys[name].id: name for name in wanted if name is not None}
            for id, row in self._unit.rows(fold.table, list(by_id)).items():
                self._now[i][by_id[id]] = row

    def begin(self, i: int, key: Key) -> None:
        """Forget the rows of a chain key: it is folded again from nothing."""
        self._now[i].pop(key.key, None)
        self._begun[i].add(key.id)

    def get(self, i: int, name: bytes) -> Row:
        """The row that the fold `i` has for a key now."""
        row = self._now[i].get(name)
        if row is None:
            row = self._folds[i].empty(self._keys[name].id, name)
        return row

    def change(self, i: int, name: bytes, row: Row) -> None:
        """Put a row in its place."""
        self._now[i][name] = row
        self._saved[i][row[0], row[1]] = row

    def save(self) -> None:
        """Leave every change in the unit."""
        for i, fold in enumerate(self._folds):
            if self._begun[i]:
                self._unit.drop(fold.table, self._begun[i], 0)
            if self._saved[i]:
                self._unit.save(fold.table, self._saved[i].values())


class Puts:
    """What is held or parked. Most partitions have none, and then nothing is read."""

    def __init__(self, unit: Unit, ids: set[int]) -> None:
        self._unit = unit
        self._rows: dict[int, set[int]] = {}
        self._held: set[int] = set()
        self._begun: set[int] = set()
        self._new: list[Put] = []
        self._visible = 0
        if unit.counts[HELD] or unit.counts[PARKED]:
            for row in unit.select(PUT, {}):
                if row.id in ids:
                    self._note(row)

    def holds(self, id: int) -> bool:
        """Whether the key has a held event: then every later one waits behind it."""
        return id in self._held

    def has(self, id: int, at: int) -> bool:
        """Whether the event is held or parked."""
        return at in self._rows.get(id, ())

    def begin(self, id: int) -> None:
        """The key is folded again: it is decided anew what is held and parked."""
        for row in self._unit.select(PUT, {"id": id}):
            self._unit.counts[row.state] -= 1
            self._visible += 1
        self._rows.pop(id, None)
        self._held.discard(id)
        self._begun.add(id)

    def put(self, id: int, at: int, state: str, code: str) -> None:
        """Hold or park one event."""
        row = Put(id, at, state, code)
        self._note(row)
        self._new.append(row)
        self._visible -= 1
        self._unit.counts[state] += 1

    def save(self, taken: int) -> None:
        """Leave every change in the unit; `taken` events came in."""
        self._unit.counts["visible"] += taken + self._visible
        for state in (HELD, PARKED):
            self._unit.counts.setdefault(state, 0)  # so that a rebuild in other fetches has the same rows
        if self._begun:
            self._unit.drop(PUT, self._begun, 0)
        if self._new:
            self._unit.save(PUT, self._new)

    def _note(self, row: Put) -> None:
        self._rows.setdefault(row.id, set()).add(row.n)
        if row.state == HELD:
            self._held.add(row.id)
