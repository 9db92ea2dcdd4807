"""Mappings by which known rows were read before: who edits a mapping says nothing anew of rows that did not change.

A fingerprint covers the columns that a mapping reads and the mapping itself. Where a row's fingerprint is not that of
the mapping in force, but is what another one makes of the row as it is now, only the mapping has changed: what was said
of the row stands until `--remap`. A row that changed, too, is read by the mapping in force at once.
"""

import json
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from typing import Any

from connectors.mapping.language import Mapping
from connectors.rows.lot import Lot
from connectors.rows.prints import Prints
from connectors.spool import Known
from hub.ports.keys import Keys


class Former:
    """Those of a spool: `kept` is what `keep` gave last, empty where none matters."""

    def __init__(self, kept: str, mapping: Mapping, keys: Keys) -> None:
        self._others = [(hash, tuple(names)) for hash, names in json.loads(kept or "[]") if hash != mapping.hash]
        self._mapping, self._prints = mapping, Prints(keys)

    def __bool__(self) -> bool:
        return bool(self._others)

    def columns(self, there: Iterable[str]) -> list[str]:
        """What the others read of the columns that are there, in addition to the mapping in force."""
        known = set(there).difference(self._mapping.columns())
        return list(dict.fromkeys(name for _, names in self._others for name in names if name in known))

    def same(self, lot: Lot, wanted: Sequence[int], tokens: Sequence[Any], known: Map[int, Known]) -> list[int]:
        """Which of the wanted rows are as another mapping read them last."""
        left = [n for n in wanted if tokens[n] in known]
        found: set[int] = set()
        for hash, names in self._others:
            if not left or not set(names) <= set(lot.columns):
                continue  # what it read is no longer there: nobody can tell whether the row is the same
            some = lot._replace(rows=[lot.rows[n] for n in left])
            prints = self._prints.contents(some.cells(names), hash)
            found.update(n for n, print in zip(left, prints, strict=True) if known[tokens[n]].print == print)
            left = [n for n in left if n not in found]
        return sorted(found)

    def keep(self, whole: bool) -> str:
        """What to remember after a run: after a `whole` read, no known row is of another mapping any more."""
        return json.dumps([*([] if whole else self._others), (self._mapping.hash, self._mapping.columns())])
