"""What intake remembers between fetches, and the registry of connectors that it goes by."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Connector(NamedTuple):
    """What a connector may publish. Several values of `types`, `areas` and `sites` are separated by blanks.

    `number` (1 to 32,767) stands for it in the order of assertions and is never given twice. `types` are event types
    or `<publisher>.*`; `areas` are codes that an event's area begins with; no `sites` means that none is asked for.
    `public_key` verifies its frames; two, while it is rotated (hub.core.signers). `key_check` tells that it makes
    tokens under the county's key, or its keys (hub.core.county).
    """

    number: int
    id: str
    agency: str
    publisher: str
    types: str
    areas: str
    sites: str
    public_key: bytes
    key_check: str


class Pace(NamedTuple):
    """How often a connector is to be heard of, declared since when, and the day of the last run that ended; 0 never."""

    connector: str
    agency: str
    rhythm: str
    since: int
    heard: int


class Chain(NamedTuple):
    """How far a connector came: its spool, and number, hash and last event of the last frame taken."""

    connector: str
    incarnation: str
    generation: int
    frame: int
    hash: bytes
    last_event: int


class Taken(NamedTuple):
    """A frame that was taken. Another one with its number is a fork."""

    connector: str
    generation: int
    number: int
    hash: bytes


@dataclass
class IntakeState:
    """What is committed of one agency.

    `log`, `offset` and `last` are the position in `ingress.<agency>`: the log's identity, the next offset, the hash of
    the last record. `answered` is the next offset in `outcomes.<agency>`, `sequence` the last outcome's number. `vault`
    is how far the vault had to resolve. `intent` is how far the fetch goes that was begun and not committed, else 0.
    `next` holds the number of intake's next record by topic and partition; `counts` the totals of law 8. `heard` is
    what a fetch adds: by connector, the day of its last run.
    """

    agency: str
    log: str = ""
    offset: int = 0
    last: bytes = b""
    answered: int = 0
    sequence: int = 0
    vault: int = 0
    intent: int = 0
    next: dict[tuple[str, int], int] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)


class IntakeStore(Protocol):
    """Intake's own small database. Every call is one transaction."""

    def same_key(self, check: bytes) -> bool:
        """Whether this key check is the one that was kept first; kept now when there was none."""
        ...

    def agencies(self) -> list[str]:
        """Every agency that has a connector, sorted."""
        ...

    def registry(self) -> tuple[int, list[Connector]]:
        """The registry's revision, and every connector in order of its number."""
        ...

    def register(self, connector: Connector) -> Connector:
        """Put a connector in, or change what it may publish; returns it with its number, which 0 asks for.

        Raises DataError HUB-I350 when it belongs to another agency, HUB-I351 while a fetch is begun: what was
        read under one registry must not be read again under another.
        """
        ...

    def declare(self, connector: str, rhythm: str, since: int) -> None:
        """Keep how often a connector is to be heard of (`hub.core.rhythm`); `since` stays where nothing changes."""
        ...

    def paces(self) -> list[Pace]:
        """Rhythm and last run of every connector, in order of its id."""
        ...

    def state(self, agency: str) -> IntakeState:
        """What is committed; of a new agency, nothing."""
        ...

    def offsets(self) -> dict[str, int]:
        """The next offset of the frames of every agency that has a connector, by what is committed."""
        ...

    def taken(self, connector: str, generation: int, number: int) -> bytes | None:
        """The hash of a frame that was taken."""
        ...

    def rule_out(self, hash: bytes, by: str) -> None:
        """A person decided that a frame, by its SHA-256, is not the connector's history: it will be refused."""
        ...

    def ruled_out(self, hash: bytes) -> bool:
        """Whether somebody decided that of a frame."""
        ...

    def intend(self, agency: str, upto: int, revision: int) -> bool:
        """Write down how far a fetch goes before anything of it is sent; False when the registry changed meanwhile."""
        ...

    def commit(self, before: int, state: IntakeState, taken: Iterable[Taken]) -> None:
        """All of it, or nothing, and no intent left. Raises IntegrityError HUB-I440 if the offset is not `before`."""
        ...

    def close(self) -> None:
        """Give back the file."""
        ...
