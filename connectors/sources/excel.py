"""Excel workbooks as people keep them: titles above, merged headers, one sheet a month, 合计 at the foot."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import python_calamine

from connectors.sources.files import find
from connectors.sources.grid import (
    DEEPEST,
    LOOK,
    SAMPLE,
    find_header,
    letter,
    ranges,
)
from connectors.sources.months import month_of
from connectors.sources.opening import open_book
from connectors.sources.sheet import DATA, LOST, NOTHING, Sheet, rows_of
from connectors.sources.source import CHUNK, Broken, Chunk, Column, Cursor, Row
from connectors.sources.spec import ExcelSpec
from connectors.sources.structure import check_columns, family_of_all
from connectors.sources.whole import WholeRead
from hub.core.errors import Coded, DataError

_VISIBLE: Final = python_calamine.SheetVisibleEnum.Visible
_WORKSHEET: Final = python_calamine.SheetTypeEnum.WorkSheet
_row: Final[Callable[[tuple[int, tuple[object, ...]]], Row]] = partial(tuple.__new__, Row)


class ExcelSource(WholeRead):
    """A workbook (xlsx, xls, et). Rows carry Excel's own row number, places are its column letters.

    `sheets` are names or patterns, read in the workbook's order; without them the first visible sheet is read. A cell
    merged downwards holds for all its rows. Each declared sheet or pattern that has no sheet makes the read incomplete.
    What is hidden is read as if it were not, unless the source leaves it; either is stated.
    """

    def __init__(self, spec: ExcelSpec, folder: Path, wanted: Mapping[str, str]) -> None:
        super().__init__(spec.alias, wanted)
        self._spec = spec
        self._sheets: list[Sheet] = []
        self._columns: list[Column] | None = None
        made = {"sheet": spec.sheet_column, "title": spec.title_column, "month": spec.month_column}
        self._made = {kind: name for kind, name in made.items() if name}
        self._there = [name for name in wanted if name not in self._made.values()]
        self._opened = open_book(spec, folder, find(spec.alias, folder, spec.path))
        try:
            with _careful(spec.alias):
                self._book = python_calamine.CalamineWorkbook.from_object(self._opened.source)
        except DataError:
            self._opened.source.close()
            raise

    def columns(self) -> list[Column]:
        """The named columns of all sheets, each of which must have the wanted ones. Raises DataError."""
        if self._columns is not None:
            return self._columns
        found: dict[str, Column] = {}
        chosen = self._chosen()
        for number, place in enumerate(chosen):
            alias = self.alias if number == 0 else f"{self.alias}.{number + 1}"
            sheet = self._open(alias, place)
            self._sheets.append(sheet)
            columns = self._typed(sheet)
            check_columns(alias, columns, self._wanted)
            for column in columns:
                found.setdefault(column.name, column)
        self._describe(chosen)
        self._columns = list(found.values())
        return self._columns

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """All rows of all chosen sheets, a chunk never from two."""
        names = [column.name for column in self.columns()]
        for sheet in self._sheets:
            have = [*sheet.header.names, *self._made.values()]
            at = [have.index(name) if name in have else len(have) for name in names]
            width = len(sheet.header.names)
            places = tuple(letter(place) if place < width else "" for place in at)
            whole = at == list(range(width))
            more = (*sheet.made, None)
            chunk = Chunk(sheet.alias, places, [], [])
            for number, cells, kind in rows_of(sheet, self._spec.hidden == "leave"):
                if kind == NOTHING:
                    self._not_data += 1
                    continue
                if kind == LOST:
                    chunk.broken.append(Broken(number, tuple(cells), Coded("HUB-C132", "")))
                elif whole:
                    chunk.rows.append(_row((number, tuple(cells))))
                else:
                    cells += more
                    chunk.rows.append(_row((number, tuple([cells[place] for place in at]))))
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
        self._opened.source.close()

    def _chosen(self) -> list[int]:
        """Places in the workbook of the sheets to read. Raises DataError C213 if none of the declared ones is there."""
        leave = self._spec.hidden == "leave"
        sheets = [
            (place, meta.name)
            for place, meta in enumerate(self._book.sheets_metadata)
            if meta.typ == _WORKSHEET and (meta.visible == _VISIBLE or (self._spec.sheets and not leave))
        ]
        if not self._spec.sheets:
            if not sheets:
                raise DataError("HUB-C213", alias=self.alias, missing=1)
            return [place for place, _ in sheets[:1]]
        missing = [one for one in self._spec.sheets if not any(_matches(name, one) for _, name in sheets)]
        chosen = [place for place, name in sheets if any(_matches(name, one) for one in self._spec.sheets)]
        if missing:
            # The declared name stands in the connector's own file; its number in the list is enough to find it.
            self._reason = DataError("HUB-C213", alias=self.alias, missing=self._spec.sheets.index(missing[0]) + 1)
            if not chosen:
                raise self._reason
        return chosen

    def _describe(self, chosen: Sequence[int]) -> None:
        """What was found, without the name of a sheet: sheets are counted from the left."""
        metas = self._book.sheets_metadata
        hidden = {place for place, meta in enumerate(metas) if meta.typ == _WORKSHEET and meta.visible != _VISIBLE}
        rows = {
            sheet.alias: [number for number in sorted(sheet.facts.hidden) if number > sheet.header.end]
            for sheet in self._sheets
        }
        what = "left" if self._spec.hidden == "leave" else "read"
        told = {
            "format": self._opened.form,
            "sheets": f"{len(chosen)}/{len(metas)}",
            "days_from": "1904" if self._opened.looked.from_1904 else "1900",
            "hidden_sheets_read": ranges([place + 1 for place in sorted(hidden & set(chosen))]),
            "hidden_sheets_left": ranges([place + 1 for place in sorted(hidden - set(chosen))]),
            f"hidden_rows_{what}": "; ".join(f"{alias} {ranges(some)}" for alias, some in rows.items() if some),
            "formulas_without_result": str(sum(sheet.facts.hollow for sheet in self._sheets) or ""),
        }
        self._description = {name: value for name, value in told.items() if value}

    def _open(self, alias: str, place: int) -> Sheet:
        facts = self._opened.looked.facts(place)
        with _careful(alias):
            cells = self._book.get_sheet_by_index(place)
            head = cells.to_python(skip_empty_area=False, nrows=max(LOOK, self._spec.header_row + DEEPEST))
            merges = cells.merged_cell_ranges or ()
        header = find_header(
            alias, head, self._there, row=self._spec.header_row, depth=self._spec.header_rows, merges=merges
        )
        made = self._sheet_texts(alias, cells.name, head[: header.end - header.depth])
        return Sheet(alias, cells, header, merges, facts, made)

    def _sheet_texts(self, alias: str, name: str, above: Sequence[Sequence[object]]) -> tuple[object, ...]:
        """The values of the columns that are made of a sheet's name and title. Raises DataError C294."""
        titles = [cell for row in above for cell in row if isinstance(cell, str) and cell.strip()]
        texts: dict[str, Any] = {"sheet": name, "title": titles[0] if titles else None}
        if "month" in self._made:
            texts["month"] = month_of((name, texts["title"]))
            if texts["month"] is None:
                raise DataError("HUB-C294", alias=alias)
        return tuple(texts[kind] for kind in self._made)

    def _typed(self, sheet: Sheet) -> list[Column]:
        """The named columns of a sheet with the type of their first cells."""
        rows = (cells for _, cells, kind in rows_of(sheet, self._spec.hidden == "leave") if kind == DATA)
        sample = list(islice(rows, SAMPLE))
        found = [
            Column(name, family_of_all(cells[place] for cells in sample))
            for place, name in enumerate(sheet.header.names)
            if name
        ]
        return found + [Column(name, "date" if kind == "month" else "text") for kind, name in self._made.items()]


def read_cells(path: Path) -> dict[str, Sequence[Sequence[object]]]:
    """All cells of all sheets of a workbook, by the names of the sheets. Raises DataError as a source of its name."""
    spec = ExcelSpec(kind="excel", alias=path.name, path=path.name)
    opened = open_book(spec, path.parent, find(spec.alias, path.parent, spec.path))
    with opened.source, _careful(spec.alias):
        book = python_calamine.CalamineWorkbook.from_object(opened.source)
        names = [meta.name for meta in book.sheets_metadata if meta.typ == _WORKSHEET]
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in names}


def sheets_of(spec: ExcelSpec, folder: Path) -> list[str]:
    """The names of the sheets that can be seen, in the workbook's order. Raises DataError as the source."""
    opened = open_book(spec, folder, find(spec.alias, folder, spec.path))
    with opened.source, _careful(spec.alias):
        metas = python_calamine.CalamineWorkbook.from_object(opened.source).sheets_metadata
        return [meta.name for meta in metas if meta.typ == _WORKSHEET and meta.visible == _VISIBLE]


@contextmanager
def _careful(alias: str) -> Iterator[None]:
    """What the reader of workbooks says, as our errors. Raises DataError C211, C212.

    Where it gives up in the middle (a panic of its language, no Exception) it prints what it had in hand, which may be
    a cell: for as long as it parses, the process is silent (law 9).
    """
    with _silence():
        try:
            yield
        except python_calamine.PasswordError:
            raise DataError("HUB-C211", alias=alias) from None
        except (python_calamine.CalamineError, OSError, ValueError):
            raise DataError("HUB-C212", alias=alias) from None
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            raise DataError("HUB-C212", alias=alias) from None


@contextmanager
def _silence() -> Iterator[None]:
    """Standard error of the process goes nowhere."""
    try:
        before = os.dup(2)
    except OSError:  # a service without one
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nowhere)


def _matches(name: str, wish: str) -> bool:
    return name == wish or fnmatchcase(name.strip(), wish.strip())
