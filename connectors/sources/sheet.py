"""The rows of one sheet, from the first below its header to the last: which are data, and what merged cells say."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, Protocol

from connectors.sources.grid import Header, Merges, below_total, foot, is_blank
from connectors.sources.parts import Facts

DATA: Final = 0
LOST: Final = 1
"""A row below the total that may be one of data."""

NOTHING: Final = 2
"""A blank row, a subtotal, the foot of a table, or a hidden row that is to be left."""


class Cells(Protocol):
    """The cells of a sheet, as their reader gives them."""

    @property
    def start(self) -> tuple[int, int] | None:
        """The first row and column that say anything, from 0."""

    @property
    def width(self) -> int:
        """Columns from the first to the last that say anything."""

    def iter_rows(self) -> Iterator[Sequence[Any]]:
        """Rows from the sheet's first on, without empty columns at the left; an empty cell is an empty text."""


class Sheet(NamedTuple):
    """`made` are the values of the columns that are made of the sheet's own texts."""

    alias: str
    cells: Cells
    header: Header
    merges: Merges
    facts: Facts
    made: tuple[object, ...]


def rows_of(sheet: Sheet, leave_hidden: bool) -> Iterator[tuple[int, list[object], int]]:
    """Excel row number, cells as wide as the header, and DATA, LOST or NOTHING, of each row below the header.

    A row whose first cell is a number, a date or a Latin word is one of data, and is not looked at twice.
    """
    names, end = sheet.header.names, sheet.header.end
    left = sheet.facts.hidden if leave_hidden else frozenset()
    begin = _downwards(sheet)
    carried: dict[int, tuple[int, object]] = {}  # by column: the last row (from 1) of a merged cell, and what it says
    ended = False
    for number, found in enumerate(_all_rows(sheet.cells, len(names)), 1):
        if number <= end:
            continue
        row = [None if cell == "" else cell for cell in found] if "" in found else found
        head = row[0]
        if ended or head is None or (head.__class__ is str and not _is_latin(head)):
            kind = "" if ended else foot(row)
            ended = ended or kind == "total"
            if ended or kind or is_blank(row):
                yield number, row, LOST if ended and not kind and below_total(row, names) else NOTHING
                continue
        for column, last in begin.get(number, ()):
            carried[column] = last, row[column]
        for column, (last, cell) in list(carried.items()) if carried else ():
            if number <= last:
                row[column] = cell
            else:
                del carried[column]
        yield number, row, NOTHING if number in left else DATA


def _is_latin(head: Any) -> bool:
    return bool(head.isascii() and not head.isspace())


def _all_rows(cells: Cells, width: int) -> Iterator[list[object]]:
    """All rows from the sheet's first on, so wide; an empty sheet has none."""
    if cells.start is None:
        return
    shift: list[object] = [None] * cells.start[1]
    short: list[object] = [None] * (width - cells.start[1] - cells.width)
    for row in cells.iter_rows():
        yield [*shift, *row, *short][:width] if shift or short else list(row[:width])


def _downwards(sheet: Sheet) -> dict[int, list[tuple[int, int]]]:
    """Cells merged downwards by the row of data (from 1) that they begin in: their first column, and last row."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in sheet.merges:
        if top >= sheet.header.end and bottom > top and left < len(sheet.header.names):
            found.setdefault(top + 1, []).append((left, bottom + 1))
    return found
