"""What a partition of a group has committed, read in the same words from any kind of SQL store."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from hub.adapters.sql.faults import VIEWS, damaged
from hub.ports.store import NOTHING, Committed, Position

Ask = Callable[[str, Sequence[Any]], list[Any]]


def committed(ask: Ask, table: str, partition: int) -> Committed:
    """From a group's table of positions; nothing where it has no row of the partition yet."""
    found = ask(f'SELECT log, "offset", last, accepted, counters, facts FROM {table} WHERE partition = ?', (partition,))
    if not found:
        return Committed(NOTHING, {}, {}, {})
    log, offset, last, *remembered = found[0]
    return Committed(Position(log, offset, last), *map(small, remembered))


def small(text: str) -> Any:
    """What a column of a position holds as JSON. Raises IntegrityError HUB-P414 for what is none (any more)."""
    try:
        return json.loads(text)
    except (ValueError, TypeError):
        raise damaged(VIEWS, "NOT_JSON") from None
