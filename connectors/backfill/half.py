"""Whether a first load is half in: from its day of going live on, the hub decides by the half that it has."""

import json
from typing import Final

from connectors.edge import Edge
from connectors.spool import Spool
from hub.core.calendar import iso
from hub.core.errors import DataError

SOON: Final = 7
"""Days before going live from which on an unfinished backfill is told of."""


def half_in(edge: Edge, today: int) -> DataError | None:
    """What somebody should know of an unfinished backfill of this connector: HUB-C480 from the day of going live on,
    HUB-C481 in the week before it; None where there is nothing to say.

    Raises what opening a spool raises.
    """
    go_live = edge.spec.go_live
    if today < go_live - SOON or not edge.spool_path.exists():
        return None
    with Spool(edge.spool_path, edge.spec.connector, write=False) as spool:
        state = spool.state
    if not state.filling:
        return None
    found = json.loads(state.backfill)
    return told_of(edge, today, found["rows"]["read"], found["of"])


def told_of(edge: Edge, today: int, read: int, of: int) -> DataError | None:
    """The same of one whose sums are known."""
    place: dict[str, str | int] = {"connector": edge.spec.connector, "read": read, "of": max(of, read)}
    place["day"] = iso(edge.spec.go_live)
    if today >= edge.spec.go_live:
        return DataError("HUB-C480", **place)
    return DataError("HUB-C481", **place) if today >= edge.spec.go_live - SOON else None
