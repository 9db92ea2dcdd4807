"""The hours in which a source may be read, by the civil time of Shanghai, as its owner wrote them: 20:00-06:00."""

import re
from collections.abc import Sequence
from typing import Final

from hub.core.errors import DataError

_SPAN: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
SPAN: Final = _SPAN.pattern
_DAY: Final = 24 * 60
_SHANGHAI: Final = 8 * 60


def check_hours(spans: Sequence[str]) -> None:
    """Raises DataError HUB-C230 for a span that is none."""
    for span in spans:
        if not _SPAN.fullmatch(span) or span[6:] > "24:00":
            raise DataError("HUB-C230", setting="hours", allowed="20:00-06:00")


def may_read(spans: Sequence[str], now_ms: int) -> bool:
    """Whether a moment lies in one of the spans; always if there is none. A span may go over midnight."""
    minute = (now_ms // 60_000 + _SHANGHAI) % _DAY
    return not spans or any(_holds(span, minute) for span in spans)


def _holds(span: str, minute: int) -> bool:
    begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in span.split("-"))
    return begin <= minute < end if begin < end else minute >= begin or minute < end
