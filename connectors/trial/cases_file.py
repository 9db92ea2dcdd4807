"""Reading the cases of a mapping from `cases.csv`. Every error names line and column, and what was meant."""

import csv
import io
import re
import shlex
from collections.abc import Mapping as Map
from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from connectors.forms.identity import PROVINCES
from connectors.mapping.code_table import saved_text
from connectors.mapping.language import Mapping
from connectors.rows.cells import Target
from connectors.rows.drafts import RowMapper
from connectors.trial.cases import NOT_SELECTED, OPEN, PERSONS, Case, Told
from hub.core.calendar import day_of
from hub.core.errors import DataError

FILE: Final = "cases.csv"
EXPECT: Final = ("expect", "期望")
TODAY: Final = ("today", "今天")

_REAL: Final = re.compile(r"(?<!\d)(?:\d{17}[\dXx](?:\d{2})?|\d{15})(?!\d)")
_CODE: Final = re.compile(r"HUB-C\d{3}")


def load_cases(folder: Path, mapping: Mapping, today: int, mapper: RowMapper) -> list[Case]:
    """The cases beside a mapping.

    Raises DataError HUB-C360 where there is no file, C361 for a line that cannot be read, C362 for a column that the
    mapping reads and the file lacks, C363 for an expectation that says nothing the mapping can do, C364 for a number
    that may be a person's.
    """
    try:
        raw = (folder / FILE).read_bytes()
    except OSError:
        raise DataError("HUB-C360", file=FILE) from None
    rows = _rows(raw)
    if not rows:
        raise DataError("HUB-C361", file=FILE, line=1)
    header = [name.strip() for name in rows[0][1]]
    columns = mapper.columns
    for column in columns:
        if column not in header:
            raise DataError("HUB-C362", file=FILE, column=column)
    at = [header.index(column) for column in columns]
    wish = next((header.index(name) for name in EXPECT if name in header), None)
    if wish is None:
        raise DataError("HUB-C362", file=FILE, column=EXPECT[0])
    when = next((header.index(name) for name in TODAY if name in header and name not in columns), None)
    known = {section.type: mapper.contracts[section.name].targets for section in mapping.sections}
    cases = []
    for line, cells in rows[1:]:
        if len(cells) != len(header):
            raise DataError("HUB-C361", file=FILE, line=line)
        refuse_real(header, line, cells)
        day = _day(cells[when].strip(), line, header[when]) if when is not None and cells[when].strip() else today
        row = tuple(cells[place] or None for place in at)
        cases.append(Case(line, day, row, _expected(cells[wish], line, known)))
    return cases


def refuse_real(header: Sequence[str], line: int, cells: Sequence[str]) -> None:
    """Raises DataError HUB-C364 for a number that may be a person's, wherever in a cell it stands."""
    for column, cell in zip(header, cells, strict=False):
        if any(number[:2] in PROVINCES for number in _REAL.findall(cell)):
            raise DataError("HUB-C364", file=FILE, line=line, column=column)


def _rows(raw: bytes) -> list[tuple[int, list[str]]]:
    """Lines that are not empty, with their numbers."""
    try:
        text = saved_text(raw)
    except UnicodeDecodeError:
        raise DataError("HUB-C361", file=FILE, line=1) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise DataError("HUB-C361", file=FILE, line=reader.line_num) from None


def _day(text: str, line: int, column: str) -> int:
    try:
        return day_of(date.fromisoformat(text))
    except ValueError:
        raise DataError("HUB-C363", file=FILE, line=line, column=column, word=column, nearest="2026-05-01") from None


def _expected(cell: str, line: int, known: Map[str, Map[str, Target]]) -> tuple[Told, ...] | None:
    def wrong(word: str, names: Sequence[str]) -> DataError:
        nearest = (get_close_matches(word, names, 1, 0.4) or [", ".join(names)])[0]
        return DataError("HUB-C363", file=FILE, line=line, column=EXPECT[0], word=word[:60], nearest=nearest)

    whats = [*known, "HUB-C104", NOT_SELECTED, OPEN]
    lexer = shlex.shlex(cell.replace("\n", " ; "), posix=True, punctuation_chars=";")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:
        raise wrong('"', ['"..."']) from None
    groups: list[list[str]] = [[]]
    for word in words:
        groups.append([]) if set(word) == {";"} else groups[-1].append(word)
    groups = [group for group in groups if group]
    if groups == [[OPEN]]:
        return None
    if not groups:
        raise wrong("-", whats)
    told = []
    for what, *details in groups:
        if _CODE.fullmatch(what):
            told.append(Told(what, {"column": " ".join(details)} if details else {}))
        elif what == NOT_SELECTED:
            rule = " ".join(details)
            told.append(Told(what, {"rule": rule} if rule else {}))
        elif what in known:
            fields = dict(detail.partition("=")[::2] for detail in details)
            for name in fields:
                if name not in known[what] and name != PERSONS:
                    raise wrong(name, [*known[what], PERSONS])
            told.append(Told(what, fields))
        else:
            raise wrong(what, whats)
    return tuple(told)
