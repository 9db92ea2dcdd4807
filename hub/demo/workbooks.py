"""Excel workbooks as offices make them: a title over the columns, a merged two-row header, a sum at the foot.

The bytes depend on nothing but the rows: the time stamps that the format asks for are fixed.
"""

import os
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from hub.demo.tables import Row

_STAMP = datetime(2024, 1, 1)  # noqa: DTZ001 - a fixed stamp in a file that has no zone
_ZIP_STAMP = (2024, 1, 1, 0, 0, 0)


class Sheet(NamedTuple):
    """One sheet: columns under groups; a group of "" has its column's name over both header rows."""

    title: str
    name: str
    columns: tuple[str, ...]
    groups: tuple[str, ...]
    rows: Iterable[Row]
    sums: tuple[str, ...] = ()


def save(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write the workbook and swap it in whole."""
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = path.with_suffix(".raw")
    book.save(raw)
    part = path.with_suffix(".part")
    _settle(raw, part)
    raw.unlink()
    os.replace(part, path)


def _fill(page: Worksheet, sheet: Sheet) -> None:
    width = len(sheet.columns)
    page.cell(1, 1, sheet.title).font = Font(bold=True, size=16)
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    column = 1
    while column <= width:
        group, last = sheet.groups[column - 1], column
        while group and last < width and sheet.groups[last] == group:
            last += 1
        _header(page, sheet, group, column, last)
        column = last + 1
    sums = dict.fromkeys(sheet.sums, 0)
    at = 3
    for at, row in enumerate(sheet.rows, 4):
        for number, name in enumerate(sheet.columns, 1):
            value = row[name]
            if value is not None:
                page.cell(at, number, value)
            if name in sums and isinstance(value, int):
                sums[name] += value
    page.cell(at + 1, 1, "合计")
    for name, total in sums.items():
        page.cell(at + 1, sheet.columns.index(name) + 1, total)


def _header(page: Worksheet, sheet: Sheet, group: str, first: int, last: int) -> None:
    centre = Alignment(horizontal="center", vertical="center")
    page.cell(2, first, group or sheet.columns[first - 1]).alignment = centre
    if not group:
        page.merge_cells(start_row=2, start_column=first, end_row=3, end_column=first)
        return
    if last > first:
        page.merge_cells(start_row=2, start_column=first, end_row=2, end_column=last)
    for column in range(first, last + 1):
        page.cell(3, column, sheet.columns[column - 1]).alignment = centre


def _settle(raw: Path, out: Path) -> None:
    """The same archive with fixed stamps; openpyxl writes the moment of saving into one part and into the archive."""
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            data = source.read(entry)
            if entry.filename == "docProps/core.xml":
                data = _core(data)
            target.writestr(zipfile.ZipInfo(entry.filename, _ZIP_STAMP), data, zipfile.ZIP_DEFLATED)


def _core(data: bytes) -> bytes:
    text = data.decode()
    for tag in ("dcterms:created", "dcterms:modified"):
        start = text.index(">", text.index(f"<{tag}")) + 1
        end = text.index(f"</{tag}>")
        text = f"{text[:start]}{_STAMP:%Y-%m-%dT%H:%M:%SZ}{text[end:]}"
    return text.encode()
