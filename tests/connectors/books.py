"""Workbooks for tests, as offices make them."""

import io
import zipfile
from pathlib import Path
from typing import Any

import msoffcrypto
import openpyxl
from msoffcrypto.format.ooxml import OOXMLFile

from connectors.sources import open_source, parse_source

Cells = list[list[Any]]


def book(path: Path, sheets: dict[str, Cells], merges: dict[str, list[str]] | None = None, **changes: Any) -> Path:
    """A workbook; `hidden_rows` are those of each sheet, `hidden_sheets` are names."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for area in (merges or {}).get(name, ()):
            sheet.merge_cells(area)
        for number in changes.get("hidden_rows", ()):
            sheet.row_dimensions[number].hidden = True
        if name in changes.get("hidden_sheets", ()):
            sheet.sheet_state = "hidden"
    made.save(path)
    return path


def locked(path: Path, password: str) -> None:
    """The same workbook under a password."""
    out = io.BytesIO()
    with path.open("rb") as file:
        OOXMLFile(file).encrypt(password, out)
    assert msoffcrypto.OfficeFile(out).is_encrypted()
    path.write_bytes(out.getvalue())


def repacked(path: Path, parts: dict[str, bytes], keep: bool = True) -> None:
    """The same workbook with some of its parts replaced."""
    with zipfile.ZipFile(path) as old:
        whole = {name: old.read(name) for name in old.namelist()} if keep else {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in (whole | parts).items():
            new.writestr(name, data)


def read(folder: Path, names: list[str], **section: Any) -> tuple[list[tuple[Any, ...]], Any]:
    """(alias, row number, letters, values) of each row, and the source after the read."""
    spec = parse_source({"kind": "excel", "alias": "sites", "path": "a.xlsx", **section})
    with open_source(spec, folder, names=names) as source:
        columns = [column.name for column in source.columns()]
        at = [columns.index(name) for name in names]
        rows = [
            (chunk.alias, row.number, tuple(chunk.places[i] for i in at), tuple(row.values[i] for i in at))
            for chunk in source.rows()
            for row in chunk.rows
        ]
        return rows, source
