"""Excel workbooks as people keep them: titles above, merged headers, one sheet a month, 合计 at the foot."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

import python_calamine

from connectors.sources.files import find
from connectors.sources.grid import LOOK, SAMPLE, Header, Merges, below_total, find_header, foot, is_blank, letter
from connectors.sources.source import CHUNK, Broken, Chunk, Column, Cursor, Row
from connectors.sources.spec import SourceSpec
from connectors.sources.structure import check_columns, family_of_all
from connectors.sources.whole import WholeRead
from hub.core.errors import Coded, DataError

_VISIBLE: Final = python_calamine.SheetVisibleEnum.Visible
_WORKSHEET: Final = python_calamine.SheetTypeEnum.WorkSheet


class _Sheet(NamedTuple):
    alias: str
    cells: python_calamine.CalamineSheet
    header: Header
    merges: Merges


class ExcelSource(WholeRead):
    """A workbook (xlsx, xls, xlsb, ods). Rows carry Excel's own row number, places are its column letters.

    `sheets` are names or patterns, read in the workbook's order; without them the first visible sheet is read. A cell
    merged downwards holds for all its rows. Each declared sheet or pattern that has no sheet makes the read incomplete.
    """

    def __init__(self, spec: SourceSpec, folder: Path, wanted: Mapping[str, str]) -> None:
        super().__init__(spec.alias, wanted)
        self._spec = spec
        self._sheets: list[_Sheet] = []
        self._columns: list[Column] | None = None
        path = find(spec.alias, folder, spec.path)
        try:
            self._book = python_calamine.CalamineWorkbook.from_path(str(path))
        except python_calamine.PasswordError:
            raise DataError("HUB-C211", alias=spec.alias) from None
        except (python_calamine.CalamineError, OSError, ValueError):
            raise DataError("HUB-C212", alias=spec.alias) from None

    def columns(self) -> list[Column]:
        """The named columns of the first sheet; every other one must have the wanted ones, too. Raises DataError."""
        if self._columns is not None:
            return self._columns
        names = self._chosen()
        for place, name in enumerate(names):
            alias = self.alias if place == 0 else f"{self.alias}.{place + 1}"
            self._sheets.append(self._open(alias, name))
        self._description = {"sheets": f"{len(names)}/{len(self._book.sheet_names)}"}
        found = [self._typed(sheet) for sheet in self._sheets]
        for sheet, columns in zip(self._sheets, found, strict=True):
            check_columns(sheet.alias, columns, self._wanted)
        self._columns = found[0]
        return self._columns

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """All rows of all chosen sheets, a chunk never from two."""
        names = [column.name for column in self.columns()]
        for sheet in self._sheets:
            at = [sheet.header.names.index(name) if name in sheet.header.names else -1 for name in names]
            places = tuple(letter(place) if place >= 0 else "" for place in at)
            chunk = Chunk(sheet.alias, places, [], [])
            for number, cells, lost in self._data(sheet):
                if lost:
                    chunk.broken.append(Broken(number, tuple(cells), Coded("HUB-C132", "")))
                else:
                    padded = (*cells, None)
                    chunk.rows.append(Row(number, tuple(padded[place] for place in at)))
                if len(chunk.rows) + len(chunk.broken) >= CHUNK:
                    yield chunk
                    chunk = Chunk(sheet.alias, places, [], [])
            if chunk.rows or chunk.broken:
                yield chunk
        self._ended = True

    def close(self) -> None:
        """Lets go of the workbook."""
        self._sheets.clear()
        self._book.close()

    def _chosen(self) -> list[str]:
        """Names of the sheets to read. Raises DataError C213 if none of the declared ones is there."""
        sheets = [meta for meta in self._book.sheets_metadata if meta.typ == _WORKSHEET]
        if not self._spec.sheets:
            visible = [meta.name for meta in sheets if meta.visible == _VISIBLE]
            if not visible:
                raise DataError("HUB-C213", alias=self.alias, missing=1)
            return visible[:1]
        missing = [one for one in self._spec.sheets if not any(_matches(meta.name, one) for meta in sheets)]
        names = [meta.name for meta in sheets if any(_matches(meta.name, one) for one in self._spec.sheets)]
        if missing:
            # The declared name stands in the connector's own file; its number in the list is enough to find it.
            self._reason = DataError("HUB-C213", alias=self.alias, missing=self._spec.sheets.index(missing[0]) + 1)
            if not names:
                raise self._reason
        return names

    def _open(self, alias: str, name: str) -> _Sheet:
        try:
            cells = self._book.get_sheet_by_name(name)
            head = cells.to_python(skip_empty_area=False, nrows=max(LOOK, self._spec.header_row + 2))
            merges = cells.merged_cell_ranges or ()
        except (python_calamine.CalamineError, OSError, ValueError):
            raise DataError("HUB-C212", alias=alias) from None
        header = find_header(
            alias, head, self._wanted, row=self._spec.header_row, depth=self._spec.header_rows, merges=merges
        )
        return _Sheet(alias, cells, header, merges)

    def _typed(self, sheet: _Sheet) -> list[Column]:
        """The named columns of a sheet with the type of their first cells."""
        sample = []
        skipped = self._not_data
        for _, cells, lost in self._data(sheet):
            if lost:
                break
            sample.append(cells)
            if len(sample) >= SAMPLE:
                break
        self._not_data = skipped
        return [
            Column(name, family_of_all(cells[place] for cells in sample))
            for place, name in enumerate(sheet.header.names)
            if name
        ]

    def _data(self, sheet: _Sheet) -> Iterator[tuple[int, list[object], bool]]:
        """Excel row number, cells as wide as the header, and whether it stands below the total, of each row of data."""
        width = len(sheet.header.names)
        below = _carried(sheet)
        carried: dict[int, object] = {}
        ended = False
        for place, found in enumerate(_all_rows(sheet.cells)):
            if place < sheet.header.end:
                continue
            row = _filled(found, width)
            kind = "" if ended else foot(row)
            ended = ended or kind == "total"
            if ended and not kind and below_total(row, sheet.header.names):
                yield place + 1, row, True
                continue
            if ended or kind or is_blank(row):
                self._not_data += 1
                continue
            for column, first, last in below.get(place, ()):
                if place == first:
                    carried[column] = row[column]
                elif place <= last:
                    row[column] = carried.get(column)
            yield place + 1, row, False


def _all_rows(cells: python_calamine.CalamineSheet) -> Iterator[Sequence[object]]:
    """All rows from the sheet's first on; an empty sheet has none."""
    if cells.start is None:
        return
    shift: list[object] = [None] * cells.start[1]
    for row in cells.iter_rows():
        yield [*shift, *row]  # the library leaves empty columns at the left out, but not empty rows above


def _filled(row: Sequence[object], width: int) -> list[object]:
    filled = [None if cell == "" else cell for cell in row[:width]]
    return filled + [None] * (width - len(filled))


def _carried(sheet: _Sheet) -> dict[int, list[tuple[int, int, int]]]:
    """For each row of data in a cell merged downwards: its column, first and last row."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merges:
        if top >= sheet.header.end and left == right and bottom > top:
            for place in range(top, bottom + 1):
                found.setdefault(place, []).append((left, top, bottom))
    return found


def _matches(name: str, wish: str) -> bool:
    return name == wish or fnmatchcase(name.strip(), wish.strip())
