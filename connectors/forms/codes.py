"""Area codes and grades."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from connectors.forms.cells import tight
from connectors.forms.fault import Fault
from connectors.forms.identity import PROVINCES, SYNTHETIC

_AREA: Final = re.compile(r"([0-9]{6}(?:[0-9]{6})?)(?:\.0)?")
_AREAS: Final = (PROVINCES | SYNTHETIC) - {"83"}
_GRADE: Final = re.compile(r"第?([1-4]|[一二三四]|[壹贰叁肆]|I{1,3}|IV)[级級]?(?:\.0)?")
_GRADES: Final = {
    spelling: str(place + 1)
    for row in ("1 2 3 4", "一 二 三 四", "壹 贰 叁 肆", "I II III IV")
    for place, spelling in enumerate(row.split())
}


def area(raw: object, today: int) -> str | None:
    """Six digits (GB/T 2260) or twelve (statistical: village). Raises Fault C101 shape, C106 no such province."""
    text = tight(raw)
    if text is None:
        return None
    found = _AREA.fullmatch(text)
    if found is None:
        raise Fault("HUB-C101", kind="area")
    if found[1][:2] not in _AREAS:
        raise Fault("HUB-C106")
    return found[1]


def county(raw: object, today: int) -> str | None:
    """The first six digits of an area code of six or twelve."""
    found = area(raw, today)
    return None if found is None else found[:6]


def grade(raw: object, today: int) -> str | None:
    """`1` to `4`, 1 the most severe, from 1, 一级, Ⅰ and the like. Raises Fault C114."""
    text = tight(raw)
    if text is None:
        return None
    found = _GRADE.fullmatch(text)
    if found is None:
        raise Fault("HUB-C114")
    return _GRADES[found[1]]


FORMS: Final[Mapping[str, Callable[[object, int], str | int | bool | None]]] = {
    "area": area,
    "county": county,
    "grade": grade,
}
