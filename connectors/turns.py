"""Who has an edge now: one process at a time, and a backfill lets others in between two of its lots.

    run        lock, or exit 7; while a backfill goes on: turn -> lock
    backfill   for each lot: turn -> lock

Whoever has the turn waits for the lock, and is the next to have it: so a run waits for one lot at most, and a backfill
for one run.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Final

from connectors.edge import Edge
from hub.core.errors import AlreadyRunning

PATIENCE: Final = 600.0
"""Seconds for which a run waits for a backfill's lot, which takes some of them."""

_LOOK: Final = 0.02

Lock = AbstractContextManager[Any]


@contextmanager
def held(edge: Edge, patience: float = PATIENCE) -> Iterator[None]:
    """The edge for one run. Raises AlreadyRunning HUB-G701, at once unless it is a backfill that has it."""
    with ExitStack() as stack:
        try:
            stack.enter_context(edge.lock)
        except AlreadyRunning:
            if is_free(edge.filling):
                raise
            stack.enter_context(in_turn(edge, patience))
        yield


@contextmanager
def in_turn(edge: Edge, patience: float | None = None) -> Iterator[None]:
    """The edge as soon as it is our turn. Raises AlreadyRunning after `patience` seconds; without, it waits."""
    until = None if patience is None else time.monotonic() + patience
    with ExitStack() as stack:
        with waited_for(edge.turn, until):
            stack.enter_context(waited_for(edge.lock, until))
        yield


@contextmanager
def waited_for(lock: Lock, until: float | None) -> Iterator[None]:
    """A lock, when whoever has it lets go."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(lock)
                break
            except AlreadyRunning:
                if until is not None and time.monotonic() >= until:
                    raise
            time.sleep(_LOOK)
        yield


def is_free(lock: Lock) -> bool:
    """Whether nobody has this lock now."""
    try:
        with lock:
            return True
    except AlreadyRunning:
        return False
