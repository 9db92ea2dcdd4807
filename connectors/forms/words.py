"""Text, codes, people's names and telephone numbers."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from connectors.forms.cells import EMPTY, plain, single_spaced, tight, upper
from connectors.forms.fault import Fault
from connectors.forms.han import unify

_DOTS: Final = re.compile(r"\s*[·•‧・∙⋅᛫․]\s*")
_HAN: Final = "\u2e80-\u2fdf\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff"
_STOP: Final = re.compile(rf"(?<=[{_HAN}])[.。](?=[{_HAN}])")
_INNER: Final = re.compile(rf"(?<=[{_HAN}]) +| +(?=[{_HAN}])")
_LETTER: Final = re.compile(r"[^\W\d_]|[\ue000-\uf8ff]")
_TEXT_LIMIT: Final = 4_000
_NAME_LIMIT: Final = 60

_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_FIXED: Final = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_SERVICE: Final = re.compile(r"[48]00[0-9]{7}|1[02]\d{3}")
_EXTENSION: Final = re.compile(r"(.*[0-9])(?:转|EXT\.?|#|\*|-)([0-9]{1,5})")
_SEVERAL: Final = re.compile(r"[/、,;；]|或")


def text(raw: object, today: int) -> str | None:
    """Words: NFKC, outer blanks gone, inner ones single, nothing else. Raises Fault C110 above 4,000 characters."""
    found = plain(raw)
    if found is None:
        return None
    if len(found) > _TEXT_LIMIT:
        raise Fault("HUB-C110")
    return single_spaced(found)


def code(raw: object, today: int) -> str | None:
    """What is looked up in a code table: `text` without blanks inside, in upper case."""
    found = text(raw, today)
    return None if found is None else upper(found.replace(" ", ""))


def name(raw: object, today: int) -> str | None:
    """A person's name (rule N): one spelling of the dot (·), no blanks beside Han characters, Latin in upper case.

    Rare characters stay what they are; those that old fonts kept in the private area become their Unicode ones.
    Raises Fault C107 if a character was lost, C110 without a letter or above 60 characters.
    """
    found = plain(raw)
    if found is None or found.upper() in EMPTY:
        return None
    found = upper(unify(single_spaced(found)))
    found = _DOTS.sub("·", _STOP.sub("·", found)).strip("·")
    found = _INNER.sub("", found)
    if "?" in found:
        raise Fault("HUB-C107")
    if len(found) > _NAME_LIMIT or not _LETTER.search(found):
        raise Fault("HUB-C110")
    return found


def phone(raw: object, today: int) -> str | None:
    """Digits only: a mobile number of 11, a fixed one with its area code (an extension after `-`), 400 and 800 numbers.

    +86 goes. Raises Fault C113 for several numbers in a cell, C119 without an area code, C101 for any other shape.
    """
    found = tight(raw)
    if found is None:
        return None
    whole = _phone(found)
    if whole is not None:
        return whole
    extended = _EXTENSION.fullmatch(found)
    main = _phone(extended[1]) if extended else None
    if extended and main and main[0] == "0":
        return f"{main}-{extended[2]}"
    if _SEVERAL.search(found):
        raise Fault("HUB-C113")
    if re.fullmatch(r"[2-8][0-9]{6,7}", found):
        raise Fault("HUB-C119")
    raise Fault("HUB-C101", kind="phone")


def _phone(found: str) -> str | None:
    """Digits of one number without an extension, or None."""
    digits = re.sub(r"[-().—–]", "", found.removesuffix(".0"))
    digits = re.sub(r"^(?:\+86|0086|86(?=1[3-9]\d{9}$))", "", digits)
    if _MOBILE.fullmatch(digits) or _FIXED.fullmatch(digits) or _SERVICE.fullmatch(digits):
        return digits
    if _FIXED.fullmatch(f"0{digits}") and found.startswith(("+86", "0086")):
        return f"0{digits}"
    return None


FORMS: Final[Mapping[str, Callable[[object, int], str | int | bool | None]]] = {
    "text": text,
    "code": code,
    "name": name,
    "phone": phone,
}
