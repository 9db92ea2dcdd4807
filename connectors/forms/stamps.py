"""Times as databases write them, `2026-01-03 10:11:12`: each differs from the last, but its day does not.

A short way to what `moments.timestamp` says, for days from 1992 on, when Shanghai had no summer time any more.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from connectors.forms import moments

_STAMP: Final = re.compile(
    r"(?:199[2-9]|20[0-9]{2})-[0-9]{2}-[0-9]{2} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]", re.ASCII
)


@lru_cache(maxsize=4096)
def _midnight(day: str, today: int) -> int:
    found = moments.timestamp(day, today)
    assert found is not None
    return found


def timestamp(raw: object, today: int) -> int | None:
    """Milliseconds since 1970-01-01 UTC, as `moments.timestamp`. Raises Fault as it does."""
    if isinstance(raw, str) and _STAMP.fullmatch(raw):
        minutes = int(raw[11:13]) * 60 + int(raw[14:16])
        return _midnight(raw[:10], today) + (minutes * 60 + int(raw[17:])) * 1000
    return moments.timestamp(raw, today)


FORMS: Final[Mapping[str, Callable[[object, int], str | int | bool | None]]] = {"timestamp": timestamp}
