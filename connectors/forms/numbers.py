"""Whole numbers, money, yes and no."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from connectors.forms.cells import EMPTY, plain, tight
from connectors.forms.fault import Fault

_LIMIT: Final = 2**53
_SURE: Final = 10**10
"""Below it the fifteen digits that a spreadsheet shows have five places: none that says something is lost."""

_INTEGER: Final = re.compile(r"[+-]?(?:[0-9]{1,17}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0*)?")
_MONEY: Final = re.compile(r"¥?([+-]?(?:[0-9]{1,14}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]{1,2}0*)?)元?")
_YES: Final = frozenset({"是", "有", "1", "Y", "YES", "T", "TRUE", "真", "对", "√", "✓", "✔"})
_NO: Final = frozenset({"否", "无", "0", "N", "NO", "F", "FALSE", "假", "错", "不是", "没有", "×", "✗", "✘"})


def integer(raw: object, today: int) -> int | None:
    """A whole number within ±2^53; thousands may have commas. Raises Fault C108, for fractions too."""
    if isinstance(raw, int) and not isinstance(raw, bool) and -_LIMIT < raw < _LIMIT:
        return raw
    text = tight(raw)
    if text is None:
        return None
    if not _INTEGER.fullmatch(text):
        text = _counted(raw)
    if not _INTEGER.fullmatch(text):
        raise Fault("HUB-C108")
    value = int(text.partition(".")[0].replace(",", ""))
    if abs(value) >= _LIMIT:
        raise Fault("HUB-C108")
    return value


def fen(raw: object, today: int) -> int | None:
    """Money in yuan with at most two places, as hundredths of a yuan. Raises Fault C108."""
    text = tight(raw)
    if text is None:
        return None
    found = _MONEY.fullmatch(text) or _MONEY.fullmatch(_counted(raw))
    if found is None:
        raise Fault("HUB-C108")
    return int(Decimal(found[1].replace(",", "")) * 100)


def _counted(raw: object) -> str:
    """A float that a formula made, as its cell shows it: 0.30000000000000004 is 0.3. Empty for anything else."""
    return format(Decimal(f"{raw:.15g}"), "f") if isinstance(raw, float) and abs(raw) < _SURE else ""


def boolean(raw: object, today: int) -> bool | None:
    """Yes or no in the spellings of rule B; 无 is no here. Raises Fault C109."""
    if isinstance(raw, bool):
        return raw
    text = plain(raw)
    if text is None:
        return None
    text = text.upper().removesuffix(".0")
    if text in _YES:
        return True
    if text in _NO:
        return False
    if text in EMPTY:
        return None
    raise Fault("HUB-C109")


FORMS: Final[Mapping[str, Callable[[object, int], str | int | bool | None]]] = {
    "integer": integer,
    "fen": fen,
    "boolean": boolean,
}
