"""The unified social credit code of organisations (GB 32100-2015)."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from connectors.forms.cells import tight
from connectors.forms.fault import Fault

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE: Final = {character: value for value, character in enumerate(_ALPHABET)}
_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_SHAPE: Final = re.compile(r"[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}")
_SCIENTIFIC: Final = re.compile(r"[0-9](\.[0-9]+)?E\+?1[4-9]")


def check_character(body: str) -> str:
    """The 18th character for 17 of the alphabet (GB 32100: weights 3 to the i, modulo 31)."""
    return _ALPHABET[-sum(weight * _VALUE[one] for weight, one in zip(_WEIGHTS, body, strict=True)) % 31]


def uscc(raw: object, today: int) -> str | None:
    """Eighteen characters. Raises Fault C101 shape, C111 a letter never used (I O S V Z), C103 check, C104 damaged."""
    text = tight(raw)
    if text is None:
        return None
    if _SCIENTIFIC.fullmatch(text):
        raise Fault("HUB-C104")
    text = text.replace("-", "")
    if not _SHAPE.fullmatch(text):
        raise Fault("HUB-C101", kind="uscc")
    if set(text) - _VALUE.keys():
        raise Fault("HUB-C111")
    if check_character(text[:17]) != text[17]:
        raise Fault("HUB-C104" if text.endswith("000") and text.isdigit() else "HUB-C103")
    return text


FORMS: Final[Mapping[str, Callable[[object, int], str | int | bool | None]]] = {"uscc": uscc}
