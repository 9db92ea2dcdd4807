"""Code tables: what a source writes, and the code that stands for it (docs/mapping.md)."""

import csv
import io
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from connectors.forms.canonical import canonical
from hub.core.errors import Coded, DataError


def saved_text(content: bytes) -> str:
    """UTF-8, or what a spreadsheet in China saves (GB18030). Raises UnicodeDecodeError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def parse_codes(path: str, content: bytes) -> dict[str, str]:
    """A code table: CSV with the columns source value and code, in this order, after one header line.

    Source values are compared as `code` (full width, blanks and case do not matter). Raises DataError HUB-C250 with the
    line that is not two fields, or repeats a value with another code.
    """
    table: dict[str, str] = {}
    try:
        rows = list(csv.reader(io.StringIO(saved_text(content)), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise DataError("HUB-C250", file=path, line=1) from None
    for line, row in enumerate(rows[1:], 2):
        if not row:
            continue
        try:
            value = canonical("code", row[0], today=0, column="")
            assert value is None or isinstance(value, str)
            if len(row) < 2 or value is None or table.get(value, row[1].strip()) != row[1].strip():
                raise DataError("HUB-C250", file=path, line=line)
        except Coded:
            raise DataError("HUB-C250", file=path, line=line) from None
        table[value] = row[1].strip()
    return table


def read_table(folders: Iterable[Path], path: str) -> bytes:
    """The table at `path` in the first of the folders that has one. Raises DataError HUB-C252 where none has."""
    for folder in folders:
        with suppress(OSError, ValueError):
            if (folder / path).is_file():  # no device or pipe, which may never end
                return (folder / path).read_bytes()
    raise DataError("HUB-C252", file=path)
