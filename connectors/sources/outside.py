"""Kinds of sources that other packages bring: entry points of the group `hub.sources`."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from hub.core.errors import DataError

GROUP: Final = "hub.sources"


@cache
def _found() -> Mapping[str, Any]:
    from importlib.metadata import entry_points  # dear, and asked only where no kind of ours is meant

    return {point.name: point for point in entry_points(group=GROUP)}


def kinds() -> list[str]:
    """The kinds that installed packages bring."""
    return sorted(_found())


Opener = Callable[[Any, Path, Mapping[str, str], Callable[[], int] | None], Any]
"""`(spec, folder, wanted, now_ms) -> Source`: wanted columns with their types, and this machine's clock."""


def opener(kind: str, alias: str) -> Opener:
    """Who opens a source of this kind. Raises DataError C288 if it cannot be loaded."""
    try:
        loaded: Opener = _found()[kind].load()
    except (ImportError, AttributeError):
        raise DataError("HUB-C288", alias=alias, kind=kind) from None
    return loaded
