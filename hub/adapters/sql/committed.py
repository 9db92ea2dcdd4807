"""What a partition of a group has committed, read in the same words from any kind of SQL store."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from hub.ports.store import NOTHING, Committed, Position

Ask = Callable[[str, Sequence[Any]], list[Any]]


def committed(ask: Ask, table: str, partition: int) -> Committed:
    """From a group's table of positions; nothing where it has no row of the partition yet."""
    found = ask(f'SELECT log, "offset", last, accepted, facts FROM {table} WHERE partition = ?', (partition,))
    if not found:
        return Committed(NOTHING, {}, {})
    log, offset, last, accepted, facts = found[0]
    return Committed(Position(log, offset, last), json.loads(accepted), json.loads(facts))
