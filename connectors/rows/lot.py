"""Rows of one sheet or file on their way through an edge."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from connectors.sources import Broken, Row


def picked(rows: Sequence[Row], columns: Sequence[str], names: Sequence[str]) -> list[tuple[Any, ...]]:
    """The cells of each row under these names. Raises ValueError for a name that is no column."""
    at = [columns.index(name) for name in names]
    pick = itemgetter(*at) if len(at) > 1 else lambda cells: (cells[at[0]],)
    return [pick(row.values) for row in rows]


class Lot(NamedTuple):
    """Rows of one sheet or file, with all columns of their source. `seen` is the number that they are remembered by."""

    alias: str
    columns: tuple[str, ...]
    places: Map[str, str]
    rows: Sequence[Row]
    broken: Sequence[Broken]
    seen: int

    def cells(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """As `picked`, of these rows."""
        return picked(self.rows, self.columns, names)
