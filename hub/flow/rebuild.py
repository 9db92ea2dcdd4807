"""Rows = fold(log): rebuild a store from the log, and say whether two stores agree (law 5)."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hub.core.digest import rows_digest
from hub.core.errors import IntegrityError
from hub.flow.advance import FETCH, Worker
from hub.flow.group import Group
from hub.ports.log import Log
from hub.ports.store import Store
from hub.ports.system import System

Progress = Callable[[str, int], None]


class Difference(NamedTuple):
    """Where two stores differ first in a table: the row's number in key order, and the names of the fields."""

    group: str
    table: str
    row: int
    fields: tuple[str, ...]


def rebuild(
    groups: Sequence[Group],
    log: Log,
    shadow: Store,
    system: System,
    progress: Progress | None = None,
    fetch: int = FETCH,
) -> dict[str, list[int]]:
    """Fold every partition of the groups from the beginning to its end into an empty store, outbox shut.

    Returns the offset reached by group and partition. `progress` is told the group and how many records were taken.
    """
    reached: dict[str, list[int]] = {}
    for group in groups:
        worker = Worker(group, log, shadow, system, replaying=True)
        reached[group.name] = []
        for partition in range(log.topics()[group.topic]):
            while taken := worker.advance(partition, fetch):
                if progress:
                    progress(group.name, taken)
            reached[group.name].append(position(shadow, group, partition))
    return reached


def position(store: Store, group: Group, partition: int) -> int:
    """The offset that a group has committed of a partition."""
    unit = store.begin(group.name, partition)
    try:
        return unit.position.offset
    finally:
        unit.abandon()


def digest(store: Store, group: str) -> bytes:
    """One hash over every row of a group, in subject space: pseudonyms and positions are not part of it."""
    return rows_digest({table: store.scan(group, table) for table in store.tables(group)})


def require_equal(live: Store, shadow: Store, groups: Sequence[Group]) -> dict[str, bytes]:
    """The digests of the groups, equal in both stores at equal positions. Raises IntegrityError HUB-P430 otherwise."""
    digests: dict[str, bytes] = {}
    for group in groups:
        digests[group.name] = digest(live, group.name)
        if digests[group.name] != digest(shadow, group.name):
            raise IntegrityError("HUB-P430", group=group.name)
    return digests
