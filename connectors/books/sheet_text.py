"""Values as texts in the cells of a workbook, which say the same when a spreadsheet program has saved them again.

A text stands as it is. One that would be taken for something else, or lose a blank or a character, stands in quotation
marks as JSON has it; numbers, true and false stand as they are; several texts stand a line each.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime, time
from typing import Final

Value = str | int | bool | None

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_ESCAPED: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What a workbook takes for a character by its number."""


def text_cell(text: str) -> str:
    """A text in its cell; an empty text is an empty cell."""
    plain = text.isprintable() and text == text.strip() and not text.startswith('"') and not _ESCAPED.search(text)
    return text if plain else _quoted(text)


def cell_text(cell: str) -> str:
    """The text of a cell. Raises ValueError where quotation marks do not close."""
    cell = cell.strip()
    if cell.startswith('"'):
        try:
            found = json.loads(cell)
        except RecursionError:  # thousands of brackets, which are no text either
            raise ValueError from None
        if not isinstance(found, str):
            raise ValueError(cell)
        return found
    return cell


def value_cell(value: Value) -> str:
    """A value in its cell; None is an empty cell, an empty text two quotation marks."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    shown = text_cell(value)
    return shown if shown and cell_value(shown) == value and isinstance(cell_value(shown), str) else _quoted(value)


def cell_value(cell: str) -> Value:
    """The value of a cell. Raises ValueError where quotation marks do not close."""
    cell = cell.strip()
    if not cell:
        return None
    if cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    return int(cell) if _NUMBER.fullmatch(cell) else cell_text(cell)


def list_cell(texts: Iterable[str]) -> str:
    """Several texts, a line each."""
    return "\n".join(text_cell(text) or '""' for text in texts)


def cell_list(cell: str) -> tuple[str, ...]:
    """The texts of a cell, a line each; blank lines do not count."""
    return tuple(cell_text(line) for line in cell.splitlines() if line.strip())


def shown(cell: object) -> str:
    """What is read of a cell that somebody typed into: a number without its point, a day without its midnight."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return "" if cell is None else str(cell)


def _quoted(text: str) -> str:
    """In quotation marks; what a workbook cannot hold as it is, escaped."""
    plain = json.dumps(text, ensure_ascii=not text.isprintable())
    return _ESCAPED.sub(r"\\u005f", plain)
