"""What a projection is: keyed folds over one topic, and a decider for what follows from them (laws 4, 5, 7).

A row is a NamedTuple of `int | str | bytes | None` whose first two fields are `id` (the store's integer for its key,
which carries the partition) and `n` (0, 1, ...: a key may own several rows; `evolve` raises `n` to begin the next).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from hub.core.event import Event
from hub.core.frame import Ref

Row = Any  # a NamedTuple that begins with id and n

PARTITION_SHIFT = 40


class Table(NamedTuple):
    """Rows of one kind: `fold` (keyed, replaced), `ledger` (insert only) or `sum` (one partial row a partition).

    `due` tells that the row has a `due` field: the day on which its decisions must be looked at again, or None.
    `indexes` name fields that a decider or a reader selects by.
    """

    name: str
    row: type
    kind: str = "fold"
    due: bool = False
    indexes: tuple[tuple[str, ...], ...] = ()


class Decision(NamedTuple):
    """Something the hub decided: an event for the decider's own log, under `key`. `fields` lacks the salt (all zeros).

    It takes effect only when it is read back.
    """

    type: str
    key: bytes
    fields: Any
    refs: tuple[Ref, ...] = ()


class Fold(Protocol):
    """A pure keyed fold. No clock, no chance, no I/O; the same events in the same order give the same rows."""

    name: str
    table: Table
    chained: bool
    """Late and corrected events are folded again in the order of the ledger; an event has at most one chain key."""

    def key(self, event: Event) -> bytes | None:
        """The key whose rows the event changes; None when this fold does not care."""
        ...

    def empty(self, id: int, key: bytes) -> Row:
        """The row before any event, `n` = 0."""
        ...

    def evolve(self, row: Row, event: Event) -> Row:
        """The row after the event. Returning the same object means: nothing changed."""
        ...

    def visible(self, row: Row, event: Event) -> bool:
        """The consent gate: False parks the event until a later one opens it (the key is then folded again)."""
        ...

    def reopens(self, event: Event) -> bool:
        """Whether events parked before may become visible through this one."""
        ...


@runtime_checkable
class Through(Protocol):
    """A chained fold that takes many events of a key at once, and works out once what only the last of them settles."""

    def through(self, row: Row, events: Sequence[Event]) -> list[Row] | None:
        """The rows that change, the newest last, as `evolve` makes them event by event, raising where that raises.

        Events that are not the fold's own change nothing. None where one is not `visible`.
        """
        ...


class Reader(Protocol):
    """Rows of one partition, as a decider may read them: with everything this fetch changed."""

    def rows(self, table: Table, ids: Sequence[int]) -> Mapping[int, Row]:
        """The row with the highest `n` of each id that has one."""
        ...

    def due(self, table: Table, day: int, limit: int) -> list[Row]:
        """Rows with `due` <= day, lowest due first, then id."""
        ...

    def select(self, table: Table, where: Mapping[str, Any], order: Sequence[str] = (), limit: int = 0) -> list[Row]:
        """Rows whose fields equal `where`, ordered by fields then id; all when limit is 0."""
        ...


class Decider(Protocol):
    """A difference: what others should know minus what they were told. Runs only live, at the end of a fetch, while
    none of its partition's decisions are in flight."""

    def touch(self, event: Event) -> bytes | None:
        """What to look at again because of the event: a key of `decide`'s own choosing."""
        ...

    def decide(
        self, reader: Reader, touched: Iterable[bytes], ids: Mapping[bytes, int], day: int, first: bool
    ) -> list[Decision]:
        """Decisions of `day` for what was touched; `first` asks for all that is due (a new day, or after a start)."""
        ...


class Projection(NamedTuple):
    """Folds, decider and copies of one group: they share one topic, one position and one transaction."""

    group: str
    topic: str
    folds: tuple[Fold, ...]
    decider: Decider | None
    copy_to: Any
    """(event) -> (topic, record key) | None: where a decision read back is also sent."""
    subject_of: Any
    """(key) -> subject | None: the subject behind a key, for the pseudonyms of public views."""
    domains: tuple[str, ...] = ()
    """Names under which public views show a subject of this group, each with a key of its own."""
