"""The only door by which workbooks are written: whatever a cell holds, it is text or a number, never a formula."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

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
    try:
        book.save(part)
        os.replace(part, path)
    except OSError:
        raise DataError("HUB-C297", file=path.name) from None
    finally:
        part.unlink(missing_ok=True)


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


def _cell(sheet: "Workbook", value: str | int | None, bold: bool) -> WriteOnlyCell:
    """A cell that no spreadsheet program works out, though it begin with `=`, now or after it is typed into again."""
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:32_000])
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in "=+-@\t\r" and bool(value)
    else:
        cell = WriteOnlyCell(sheet, value=value)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
