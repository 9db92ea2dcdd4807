"""The guard: a read that lacks too much, or is not whole, publishes nothing (issue 3, part 4)."""

from collections.abc import Sequence

from connectors.mapping.language import GuardLimits
from connectors.sources import Source
from hub.core.errors import DataError


def check_key(source: Source, key: Sequence[str]) -> None:
    """Raises DataError HUB-C396 where a source of changes tells rows apart otherwise than the mapping does.

    What it says of a row, and that it was deleted, would be taken for another row's.
    """
    if source.key and set(source.key) != set(key):
        raise DataError("HUB-C396", alias=source.alias, key=", ".join(source.key), mapped=", ".join(key))


def guard(source: Source, limits: GuardLimits, known: int, lost: int, accepted: int | None) -> None:
    """Judge a finished read in which `lost` of the `known` rows are missing.

    `accepted` is how many its owner says are really gone, None if nothing was said. Raises DataError: HUB-C301 too many
    are missing, C302 the read was not whole (a missing sheet, a cut last line), and the file's own C214 where it
    changed while it was read, which nobody can accept.
    """
    place: dict[str, str | int] = {"alias": source.alias, "known": known, "lost": lost}
    reason = source.reason
    if reason is not None and reason.code == "HUB-C214":
        raise reason
    if accepted is not None and lost <= accepted:
        return
    if not source.complete:
        why = reason or DataError("-")
        raise DataError("HUB-C302", **{**why.place, **place}, reason=why.code)
    if lost > max(limits.rows, known * limits.percent // 100):
        raise DataError("HUB-C301", **place)
