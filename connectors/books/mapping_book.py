"""The folder of a mapping to a workbook, and back: nothing is lost on the way, or no workbook is written."""

import tomllib
from collections.abc import Mapping as Map
from contextlib import suppress
from pathlib import Path
from typing import Final

from connectors.books.mapping_sheet import Files, csv_grid, files_of, grids
from connectors.books.settings_sheet import other_source
from connectors.books.sheet_rows import SETTINGS, Grid
from connectors.books.sheet_text import shown
from connectors.drafting.editor_schema import FILE as SCHEMA
from connectors.drafting.editor_schema import LINE
from connectors.edge import MAPPING
from connectors.mapping.file import load_mapping, parse_mapping
from connectors.mapping.language import Mapping
from connectors.mapping.text import mapping_text
from connectors.rows.contract import check_mapping
from connectors.sources.excel import read_cells
from connectors.trial.cases_file import FILE as CASES
from connectors.trial.cases_file import refuse_real
from hub.core.errors import DataError
from hub.workbook import TEXT, Entry, Page, write

BEFORE: Final = "mapping.before.toml"
"""What the mapping was before a workbook took its place."""


def read_folder(folder: Path) -> Files:
    """What stands in a folder. Raises DataError as `load_mapping`, C361 and C364 for its cases."""
    mapping = load_mapping(folder)
    tables = {path: _text((folder / path).read_bytes(), path) for path in mapping.tables}
    cases = folder / CASES
    return _harmless(Files(mapping, tables, _text(cases.read_bytes(), CASES) if cases.exists() else None))


def write_book(folder: Path, path: Path) -> int:
    """The workbook of a folder; how many sheets it has. Raises DataError HUB-C296, C297, and C372 where a workbook
    cannot hold all that the mapping says."""
    files = read_folder(folder)
    check_mapping(files.mapping)
    sheets = grids(files)
    pages = []
    for name, grid in sheets.items():
        wide = max(map(len, grid), default=1)
        widths = [max(10, min(40, 2 * max(len(row[at]) if at < len(row) else 0 for row in grid))) for at in range(wide)]
        pages.append(Page(name, grid, widths, entries=[Entry(TEXT)] * wide))
    write(path, pages)
    if not _holds(path, files):
        path.unlink()
        raise DataError("HUB-C372", file=path.name)
    return len(sheets)


def _holds(path: Path, files: Files) -> bool:
    try:
        return said(read_book(path)) == said(files)
    except DataError:  # what was cut off in a cell
        return False


def read_book(path: Path) -> Files:
    """What a workbook says, judged whole against the schemas. Raises DataError as a mapping does, HUB-C370, C371."""
    found = files_of({name: [[shown(cell) for cell in row] for row in rows] for name, rows in read_cells(path).items()})
    return _harmless(found._replace(mapping=judged(found)))


def judged(files: Files) -> Mapping:
    """The mapping as its file would give it, with its code tables. Raises DataError."""
    text = mapping_text(files.mapping)

    def table(path: str) -> bytes:
        if path not in files.tables:
            raise DataError("HUB-C252", file=path)
        return files.tables[path].encode()

    mapping = parse_mapping(tomllib.loads(text), text.encode(), table)
    check_mapping(mapping)
    return mapping


def said(files: Files) -> tuple[str, Grid]:
    """All that a folder says, down to what is a number and what a text, but for remarks and layout."""
    return repr(files.mapping._replace(hash="")), [] if files.cases is None else csv_grid(files.cases)


def take(folder: Path, found: Files, source_too: bool = False) -> list[str]:
    """Write what differs into a folder; the names of its files that changed. The mapping comes last, and what it was is
    kept. Raises DataError HUB-C373 for a code table that does not belong into the folder, and C470 for another source
    unless it is taken, too: it can name programs to start, files to read and hosts to send a password to."""
    have = read_folder(folder)
    other = None if source_too else other_source(have.mapping.source, found.mapping.source)
    if other:
        raise DataError("HUB-C470", sheet=SETTINGS, row=found.rows.get(other, "-"), setting=other)
    files = {path: found.tables[path] for path, table in found.mapping.tables.items() if _other(have, path, table)}
    for path in files:
        if Path(path).suffix != ".csv" or not (folder / path).resolve().is_relative_to(folder.resolve()):
            raise DataError("HUB-C373", file=path)
    then, now = said(have), said(found)
    if found.cases is not None and then[1] != now[1]:
        files[CASES] = "\ufeff" + found.cases  # as spreadsheets know it
    text = mapping_text(found.mapping)
    if mapping_text(have.mapping) != text:
        (folder / BEFORE).write_bytes((folder / MAPPING).read_bytes())
        files[MAPPING] = (f"{LINE}\n" if (folder / SCHEMA).exists() else "") + text
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    return list(files)


def _harmless(files: Files) -> Files:
    """The same files. Raises DataError HUB-C364 where cases hold a number that may be a person's."""
    header, *rows = csv_grid(files.cases or "") or [[]]
    for line, cells in enumerate(rows, 2):
        refuse_real(header, line, cells)
    return files


def _other(have: Files, path: str, table: Map[str, str]) -> bool:
    return have.mapping.tables.get(path) != table


def _text(raw: bytes, name: str) -> str:
    """Of a CSV file: UTF-8, or what a spreadsheet in China saves."""
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    raise DataError("HUB-C361", file=name, line=1)
