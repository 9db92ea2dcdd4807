"""What every form does first with a cell: take away what is only its clothing.

Rule T of docs/canonical-form.md. NFKC makes full-width characters plain and leaves the name dots and the rare
characters alone; blanks, zero-width marks and the apostrophe that forces text in a spreadsheet go.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from connectors.forms.fault import Fault

EMPTY: Final = frozenset({"", "-", "--", "/", "\\", "无", "NULL", "NONE", "N/A"})
"""Spellings of nothing, in upper case (rule E). Kinds in which one of them says something do not use it."""

EXACT: Final = 2**53
"""Whole floats below are exact; above, a spreadsheet has already lost digits."""

_INVISIBLE: Final = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_SPACE: Final = re.compile(r"\s+")
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_LOST: Final = re.compile("[\ufffd\ud800-\udfff]|锟斤|烫烫烫|屯屯屯")
_APOSTROPHES: Final = "'‘’`′"
_QUOTED: Final = re.compile(rf"\A[\s{_APOSTROPHES}]+|[\s{_APOSTROPHES}]+\Z")


def plain(raw: object) -> str | None:
    """The cell as NFKC text without outer blanks, invisible marks and leading apostrophe; None if blank.

    Numbers become their digits where they are exact. Raises Fault HUB-C118 for a cell that is no text or number,
    HUB-C104 for a number that lost digits, HUB-C107 and C117 for text that an encoding or a control character spoilt.
    """
    if raw is None:
        return None
    if not isinstance(raw, str):
        return number_text(raw)
    if raw.isascii() and raw.isalnum():
        return raw
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", raw)).strip()
    if text[:1] in _APOSTROPHES:
        text = _QUOTED.sub("", text)
    if _LOST.search(text):
        raise Fault("HUB-C107")
    if _CONTROL.search(text):
        raise Fault("HUB-C117")
    return text or None


def number_text(raw: object) -> str | None:
    """Digits of a numeric cell; None for a float that is no number, which is how some readers say empty."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal)):
        raise Fault("HUB-C118")
    if isinstance(raw, int):
        return str(raw) if abs(raw) < 10**30 else "9" * 31
    if isinstance(raw, Decimal):
        if raw.is_nan():
            return None
        return format(raw.normalize(), "f") if raw.is_finite() and abs(raw.adjusted()) < 30 else "9" * 31
    if raw != raw:
        return None
    if abs(raw) >= EXACT:
        raise Fault("HUB-C104")
    return str(int(raw)) if raw.is_integer() else repr(raw)


def tight(raw: object) -> str | None:
    """`plain`, upper case, without any blank inside; None if it spells nothing (rule E)."""
    if raw.__class__ is str and raw.isascii() and raw.isalnum():
        text = raw.upper()
        return None if text in EMPTY else text
    spelled = plain(raw)
    if spelled is None:
        return None
    text = upper(_SPACE.sub("", spelled))
    return None if text in EMPTY else text


def upper(text: str) -> str:
    """Upper case, composed again: a letter whose capital is two characters may come apart."""
    return text.upper() if text.isascii() else unicodedata.normalize("NFKC", text.upper())


def single_spaced(text: str) -> str:
    """Runs of blanks and line ends as one space."""
    return _SPACE.sub(" ", text)


def shaped(
    pattern: "re.Pattern[str]", kind: str, make: Callable[["re.Match[str]"], str]
) -> Callable[[object, int], str | None]:
    """A form for a kind that is only a shape: `tight`, the whole of `pattern`, then `make`. Raises Fault HUB-C101."""

    def form(raw: object, today: int) -> str | None:
        text = tight(raw)
        if text is None:
            return None
        found = pattern.fullmatch(text)
        if found is None:
            raise Fault("HUB-C101", kind=kind)
        return make(found)

    return form
