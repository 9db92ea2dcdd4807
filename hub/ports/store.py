"""Where rows, ledger, accepted numbers, outbox and position of a group live, and commit together (law 6)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from hub.core.fold import Row, Table
from hub.core.record import Record


class Position(NamedTuple):
    """What a group has committed of one partition: the log's identity, the next offset, the hash of the last record."""

    log: str
    offset: int
    last: bytes


class Committed(NamedTuple):
    """What a partition of a group has committed beside its rows, as its `Unit` has it."""

    position: Position
    accepted: dict[str, int]
    counters: dict[str, int]
    facts: dict[str, str]


NOTHING: Final = Position("", 0, b"")


class Key(NamedTuple):
    """A chain key of a group: its integer id, the newest ledger entry, the greatest order, corrections waiting."""

    id: int
    key: bytes
    head: int
    high: int
    low: int
    waiting: int


class Entry(NamedTuple):
    """A ledger entry: an accepted event at `at` = partition << 40 | offset + 1, chained to the one before of its key.

    `id` is the key's, `kind` the schema id, `source` the partition's integer for who asserted it, `place` where it was
    read there, `basis` its legal basis. What else the record said is in the log, at the same address.
    """

    at: int
    id: int
    prev: int
    high: int
    low: int
    kind: int
    event: bytes
    source: int
    place: str
    basis: str
    refs: bytes
    value: bytes


class Put(NamedTuple):
    """An event that is in the ledger but not in the rows: parked (lacks consent) or held (a fold could not take it).

    `n` is the ledger entry's `at`, so that it is a row of its key's.
    """

    id: int
    n: int
    state: str
    code: str


class Outgoing(NamedTuple):
    """A record on its way: destination, the number that this group gave it there, and its bytes."""

    topic: str
    partition: int
    number: int
    record: Record


class Unit(Protocol):
    """One transaction of one group on one partition. Nothing is kept unless `commit` returns."""

    position: Position
    accepted: dict[str, int]
    """Last accepted number by sender."""
    counters: dict[str, int]
    """Last number given by this group, by "topic/partition"; never below what was read back."""
    facts: dict[str, str]
    """Small state of the partition: `day` of the last tick, day at which its decider `looked` last, `profile`, and
    in ms when it was `committed`."""
    counts: dict[str, int]
    """Partial sums of this partition by name; added up by a view."""

    def keys(self, keys: Sequence[bytes]) -> tuple[dict[bytes, Key], list[Key]]:
        """The keys, and those of them that were made now, in the order given (head 0)."""
        ...

    def known(self, keys: Sequence[bytes]) -> dict[bytes, Key]:
        """Those of the keys that exist."""
        ...

    def save_keys(self, keys: Iterable[Key]) -> None:
        """Put heads, orders and waiting corrections forward."""
        ...

    def rows(self, table: Table, ids: Sequence[int]) -> Mapping[int, Row]:
        """The row with the highest `n` of each id that has one."""
        ...

    def due(self, table: Table, day: int, limit: int) -> list[Row]:
        """Rows with `due` <= day, lowest first, then id."""
        ...

    def select(self, table: Table, where: Mapping[str, Any], order: Sequence[str] = (), limit: int = 0) -> list[Row]:
        """Rows whose fields equal `where`, in order of fields then id."""
        ...

    def sources(self) -> dict[str, int]:
        """The small integers of ce_sources in this partition; the caller adds new ones in order of appearance."""
        ...

    def save(self, table: Table, rows: Iterable[Row]) -> None:
        """Insert or replace rows of a fold. Another partition's row is accused (memory) or refused (HUB-P301)."""
        ...

    def drop(self, table: Table, ids: Iterable[int], keep: int) -> None:
        """Remove the rows of these ids whose `n` >= keep."""
        ...

    def add(self, entries: Iterable[Entry]) -> None:
        """Insert ledger entries."""
        ...

    def chain(self, heads: Sequence[int]) -> list[Entry]:
        """Every ledger entry of the chains that end at `heads`, in order of `at`."""
        ...

    def name(self, names: Iterable[tuple[int, str, bytes]]) -> None:
        """Insert pseudonyms: key id, domain, 16 bytes. They are not part of any digest."""
        ...

    def queue(self, outgoing: Iterable[Outgoing]) -> None:
        """Put records into the outbox."""
        ...

    def commit(self, position: Position) -> None:
        """All of it, or nothing. Raises IntegrityError HUB-P410 when another worker committed since `begin`."""
        ...

    def abandon(self) -> None:
        """Give it up; harmless after `commit`."""
        ...


class Store(Protocol):
    """The state of all groups."""

    def begin(self, group: str, partition: int) -> Unit:
        """Open the transaction of a group on a partition."""
        ...

    def committed(self, group: str, partition: int) -> Committed:
        """What is committed, read outside of any transaction: it waits for no writer and keeps none waiting."""
        ...

    def outgoing(self, group: str, partition: int, limit: int) -> list[Outgoing]:
        """The oldest records of an outbox, by destination and number."""
        ...

    def sent(self, group: str, partition: int, last: Mapping[tuple[str, int], int]) -> None:
        """Trim the outbox: per destination, everything up to the contiguous acknowledged number."""
        ...

    def tables(self, group: str) -> list[str]:
        """Names of the tables that a digest of the group covers."""
        ...

    def scan(self, group: str, table: str) -> Iterable[tuple[Any, ...]]:
        """All rows of a table in order of their key, for a digest or a comparison."""
        ...

    def close(self) -> None:
        """Give back files; closing twice is harmless."""
        ...
