"""Rows = fold(log): rebuild a store from the log, and the digest by which two stores are compared (law 5)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from hub.core.digest import rows_digest
from hub.flow.advance import FETCH, Worker
from hub.flow.group import Group
from hub.ports.log import Log
from hub.ports.store import Store
from hub.ports.system import System

Progress = Callable[[str, int], None]


class Tables(Protocol):
    """As much of a store as a digest needs."""

    def tables(self, group: str) -> list[str]:
        """Names of the tables that a digest of the group covers."""
        ...

    def scan(self, group: str, table: str) -> Iterable[tuple[Any, ...]]:
        """All rows of a table in order of its key."""
        ...


def rebuild(
    groups: Sequence[Group],
    log: Log,
    shadow: Store,
    system: System,
    progress: Progress | None = None,
    fetch: int = FETCH,
    shut: bool = True,
) -> dict[str, list[int]]:
    """Fold every partition of the groups from the beginning to its present end into an empty store, outbox `shut`.

    Returns the offset reached by group and partition. `progress` is told the group and how many records were taken.
    """
    reached: dict[str, list[int]] = {}
    for group in groups:
        worker = Worker(group, log, shadow, system, replaying=True, shut=shut)
        reached[group.name] = []
        for partition in range(log.topics()[group.topic]):
            at, end = 0, log.bounds(group.topic, partition).end
            while at < end and (taken := worker.advance(partition, fetch)):
                at += taken
                if progress:
                    progress(group.name, taken)
            reached[group.name].append(position(shadow, group, partition))
    return reached


def position(store: Store, group: Group, partition: int) -> int:
    """The offset that a group has committed of a partition."""
    return store.committed(group.name, partition).position.offset


def digest(store: Tables, group: str) -> bytes:
    """One hash over every row of a group, in subject space: pseudonyms and positions are not part of it."""
    return rows_digest({table: store.scan(group, table) for table in store.tables(group)})
