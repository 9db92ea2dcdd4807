"""The only door by which workbooks are written: whatever a cell holds, it is text or a number, never a formula."""

import os
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from hub.core.errors import DataError

LAST_ROW: Final = 1_048_576
TEXT: Final = "@"


class Entry(NamedTuple):
    """A column to be filled in: how its cells are kept (`@` is text), what may be chosen, and what is said of it.

    `choices` is a sheet, a column from 1, and how many cells below its first row. On a locked page only `open` columns
    may be typed into.
    """

    format: str = "General"
    choices: tuple[str, int, int] | None = None
    hint: str = ""
    open: bool = False


class Page(NamedTuple):
    """A sheet: rows as they come, of which the first `head` are bold and stay in sight; widths of its columns.

    `locked` guards against slips, not against anybody: it has no password.
    """

    name: str
    rows: Iterable[Sequence[str | int | None]]
    widths: Sequence[int]
    head: int = 1
    entries: Sequence[Entry] = ()
    locked: bool = False


def write(path: Path, pages: Sequence[Page]) -> None:
    """Write a workbook that is not there yet, whole or not at all.

    Raises DataError HUB-C296 where there is one: somebody may have filled it in. HUB-C297 where none can be written.
    """
    if path.exists():
        raise DataError("HUB-C296", file=path.name)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
    except OSError:
        raise DataError("HUB-C297", file=path.name) from None
    book = Workbook(write_only=True)
    for page in pages:
        _fill(book.create_sheet(page.name), page)
    packed = BytesIO()  # on a disk that is full, an unfinished archive would close itself once more, with a stack trace
    book.save(packed)
    try:
        part.write_bytes(packed.getbuffer())
        os.replace(part, path)
    except OSError:
        raise DataError("HUB-C297", file=path.name) from None
    finally:
        part.unlink(missing_ok=True)


class Sink(Protocol):
    """Where the bytes of a workbook go, one after another."""

    def write(self, data: bytes, /) -> object:
        """Take them."""
        ...


class Streamed:
    """A workbook of one long table, written row by row in the same memory however long it is.

    What a sheet cannot hold goes on in the next one, under the same header. A day is a day, every text is text.
    """

    def __init__(self, name: str, head: Sequence[str], most: int = LAST_ROW) -> None:
        """`most` is how many rows a sheet has, with its header."""
        self._name, self._head, self._most = name, head, most
        self._book = Workbook(write_only=True)
        self.sheets = 0
        self._left = 0

    def append(self, row: Sequence[str | int | date | None]) -> None:
        """The next row."""
        if not self._left:
            self._begin()
        self._sheet.append([_value(self._sheet, value) for value in row])
        self._left -= 1

    def save(self, sink: Sink) -> None:
        """Write all of it; nothing can be appended after that."""
        if not self.sheets:
            self._begin()
        self._book.save(_Onward(sink))

    def _begin(self) -> None:
        self.sheets += 1
        name = self._name if self.sheets == 1 else f"{self._name} ({self.sheets})"
        self._sheet = self._book.create_sheet(name)
        self._sheet.freeze_panes = "A2"
        self._sheet.append([_cell(self._sheet, value, True) for value in self._head])
        self._left = self._most - 1


class _Onward:
    """A sink as `zipfile` writes to one that cannot go back."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def write(self, data: bytes) -> int:
        self._sink.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Whoever opened the sink does that."""


def _value(sheet: "Workbook", value: str | int | date | None) -> object:
    """A cell without any look of its own: a number as it is, a day under the format of one."""
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value=value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    return _text(sheet, value) if isinstance(value, str) else value


def _fill(sheet: "Workbook", page: Page) -> None:
    for number, width in enumerate(page.widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for number, entry in enumerate(page.entries, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].number_format = entry.format
        rule = DataValidation(type="list" if entry.choices else None, allow_blank=True)
        if entry.choices:
            name, column, count = entry.choices
            at = get_column_letter(column)
            rule.formula1 = f"{quote_sheetname(name)}!${at}$2:${at}${count + 1}"
            rule.showErrorMessage = True
        rule.prompt, rule.showInputMessage = entry.hint[:250], bool(entry.hint)
        rule.add(f"{letter}{page.head + 1}:{letter}{LAST_ROW}")
        sheet.data_validations.append(rule)
    if page.locked:
        sheet.protection.enable()
        sheet.protection.formatColumns = sheet.protection.formatRows = False  # False allows it
    free = {at for at, entry in enumerate(page.entries) if page.locked and entry.open}
    kept = [entry.format for entry in page.entries]
    sheet.freeze_panes = f"A{page.head + 1}"
    for number, row in enumerate(page.rows, 1):
        if number > LAST_ROW:
            break
        cells = [_cell(sheet, value, number <= page.head) for value in row]
        for at in free if number > page.head else ():
            cells[at].protection = Protection(locked=False)
            cells[at].number_format = kept[at]
        sheet.append(cells)


def _text(sheet: "Workbook", value: str) -> WriteOnlyCell:
    """A cell that no spreadsheet program works out, though it begin with `=`, now or after it is typed into again."""
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:32_000])
    cell.data_type = "s"
    if value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        cell.quotePrefix = True
    return cell


def _cell(sheet: "Workbook", value: str | int | None, bold: bool) -> WriteOnlyCell:
    """A cell that is read by people: it breaks its lines, and stands out at the head."""
    cell = _text(sheet, value) if isinstance(value, str) else WriteOnlyCell(sheet, value=value)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
