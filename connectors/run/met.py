"""A lot of rows as a run meets it: what they are told by, and what is known of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from connectors.rows.lot import Lot
from connectors.spool import Known


class Met(NamedTuple):
    """Of each row the cells that the mapping reads, the token of its key or why there is none, and the fingerprint of
    what it says; by token, those that were `known` before, and the fingerprints of those that have their ending `here`.
    """

    lot: Lot
    rows: Sequence[tuple[Any, ...]]
    tokens: Sequence[Any]
    prints: Sequence[bytes]
    known: Mapping[int, Known]
    here: dict[Any, bytes]

    def place(self, n: int) -> str:
        """Where a row stands, as its events tell it: `alias:row:`."""
        return f"{self.lot.alias}:{self.lot.rows[n].number}:"
