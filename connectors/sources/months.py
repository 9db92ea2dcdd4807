"""Which month a sheet is about, from its name or its title: 3月, 三月份, 2025年3月, 2025-03, 202503."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Final

_WORDS: Final = {word: number for number, word in enumerate([*"一二三四五六七八九十", "十一", "十二"], 1)}
_YEAR: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(?=\s*年|[-./]|(?:0[1-9]|1[0-2])(?!\d)|(?!\d))")
_MONTH: Final = re.compile(
    r"(?<![\d.])(1[0-2]|0?[1-9])\s*月|(十[一二]?|[一二三四五六七八九])月|(?:19|20)\d\d[-./]?(0[1-9]|1[0-2]|[1-9])(?!\d)"
)
_NUMBER: Final = r"[\d一二三四五六七八九十]"
_SPAN: Final = re.compile(
    rf"(?:(?<!\d{{3}}){_NUMBER}\s*月?\s*[-—]|{_NUMBER}\s*月?\s*[~至到])\s*{_NUMBER}+\s*月"  # 2025-3月 is a year's
)
"""From one month to another."""


def month_of(texts: Iterable[object]) -> date | None:
    """The first day of the month that the first telling text names; the year may stand in another one.

    None where no text names a month, or no text a year, or where they name several (1-3月; a title of another month).
    """
    months: set[int] = set()
    years: set[int] = set()
    for text in texts:
        if isinstance(text, str):
            plain = unicodedata.normalize("NFKC", text)
            months |= {_number(found) for found in _MONTH.finditer(plain)}
            years |= {int(found[1]) for found in _YEAR.finditer(plain)}
            if _SPAN.search(plain):
                return None
    if len(months) != 1 or len(years) != 1:
        return None
    return date(years.pop(), months.pop(), 1)


def year_of(cell: object) -> str:
    """The one year that a cell names, as text; empty for none or several."""
    plain = unicodedata.normalize("NFKC", f"{cell:.0f}" if isinstance(cell, float) else str(cell))
    years = {found[1] for found in _YEAR.finditer(plain)}
    return years.pop() if len(years) == 1 else ""


def _number(found: "re.Match[str]") -> int:
    return _WORDS[found[2]] if found[2] else int(found[1] or found[3])
