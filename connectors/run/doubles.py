"""Two rows of one key in one read: a copy is no second row, and of two that differ nobody here knows which is right."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from typing import Any

from connectors.rows.drafts import Reading
from connectors.rows.section import Refused
from connectors.run.refused import DOUBLED
from hub.core.errors import Coded


def unique(
    reading: Reading, token: int | Coded, print: bytes, first: bytes | None, key: str, places: Map[str, str]
) -> Reading | None:
    """The reading; None for a copy of a row of this read; refused where the key is bad or stands for two rows.

    `first` is the fingerprint of a row of that key that this read had before.
    """
    if token.__class__ is not int:
        assert isinstance(token, Coded)
        return reading if isinstance(reading, Refused) else Refused(token, places.get(token.column, ""))
    if first is None or reading.__class__ is not list:
        return reading
    return None if first == print else Refused(Coded(DOUBLED, key), places.get(key, ""))


def denied(key: str, places: Map[str, str]) -> Refused:
    """A row that would change what stands for good."""
    return Refused(Coded("HUB-C434", key), places.get(key, ""))


def all_new(tokens: Sequence[Any], readings: Sequence[Reading]) -> bool:
    """Whether every row has a key of its own and is wanted: then none needs to be looked at by itself."""
    return set(map(type, readings)) == {list} and set(map(type, tokens)) == {int} and len(set(tokens)) == len(readings)
