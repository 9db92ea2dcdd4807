"""The tables of the hub's databases, declared once for every kind of database that keeps them."""

from typing import Final, NamedTuple

from hub.core.fold import Projection, Table
from hub.ports.intake import Connector, Taken
from hub.ports.store import Entry, Key, Put
from hub.ports.vault import Conflict, Disclosure, Identity, Link, Person


class Source(NamedTuple):
    """A ce_source and its small integer in a partition."""

    partition: int
    n: int
    name: str


class Count(NamedTuple):
    """A partial sum of a partition."""

    partition: int
    name: str
    value: int


class Name(NamedTuple):
    """The pseudonym of a key in a domain."""

    id: int
    domain: str
    value: bytes


class StorePosition(NamedTuple):
    """What a group committed of a partition; the last three are JSON."""

    partition: int
    log: str
    offset: int
    last: bytes
    keys: int
    accepted: str
    counters: str
    facts: str


class Outbox(NamedTuple):
    """A record that waits to be sent."""

    partition: int
    topic: str
    dest: int
    number: int
    key: bytes
    headers: bytes
    value: bytes


class IntakePosition(NamedTuple):
    """What intake committed of an agency."""

    agency: str
    log: str
    offset: int
    last: bytes
    answered: int
    sequence: int
    vault: int
    intent: int


class AgencyChain(NamedTuple):
    """How far a connector came."""

    agency: str
    connector: str
    incarnation: str
    generation: int
    frame: int
    hash: bytes
    last_event: int


class Next(NamedTuple):
    """The number of intake's next record to a partition."""

    agency: str
    topic: str
    partition: int
    number: int


class Total(NamedTuple):
    """A count of law 8."""

    agency: str
    name: str
    value: int


class Ruled(NamedTuple):
    """A frame that a person ruled out."""

    hash: bytes
    by: str


class Check(NamedTuple):
    """By what a key is known again."""

    n: int
    value: bytes


class Rhythm(NamedTuple):
    """How often a connector is to be heard of, declared on which day."""

    connector: str
    rhythm: str
    since: int


class Heard(NamedTuple):
    """The day of a connector's last run that ended."""

    connector: str
    day: int


class High(NamedTuple):
    """How far the vault resolved an agency's frames."""

    agency: str
    upto: int


class Declared(NamedTuple):
    """A table, its key, and what else is unique."""

    table: Table
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()


def _table(name: str, row: type, key: tuple[str, ...], unique: tuple[tuple[str, ...], ...] = ()) -> Declared:
    return Declared(Table(name, row), key, unique)


STORE: Final = {
    "key": _table("key", Key, ("id",), (("key",),)),
    "event": _table("event", Entry, ("at",)),
    "put": _table("put", Put, ("id", "n")),
    "source": _table("source", Source, ("partition", "n")),
    "count": _table("count", Count, ("partition", "name")),
    "name": _table("name", Name, ("id", "domain")),
    "position": _table("position", StorePosition, ("partition",)),
    "outbox": _table("outbox", Outbox, ("partition", "topic", "dest", "number")),
}
"""What every group has beside the tables of its folds."""
IN_DIGEST: Final = ("count", "event", "key", "put", "source")
INTAKE: Final = {
    "key_check": _table("key_check", Check, ("n",)),
    "ruled": _table("ruled", Ruled, ("hash",)),
    "connector": _table("connector", Connector, ("number",), (("id",),)),
    "position": _table("position", IntakePosition, ("agency",)),
    "chain": _table("chain", AgencyChain, ("agency", "connector")),
    "taken": _table("taken", Taken, ("connector", "generation", "number")),
    "next_number": _table("next_number", Next, ("agency", "topic", "partition")),
    "total": _table("total", Total, ("agency", "name")),
    "pace": _table("pace", Rhythm, ("connector",)),
    "heard": _table("heard", Heard, ("connector",)),
}
VAULT: Final = {
    "key_check": _table("key_check", Check, ("n",)),
    "link": _table("link", Link, ("at",)),
    "person": _table("person", Person, ("subject",)),
    "identity": _table("identity", Identity, ("subject", "mark")),
    "conflict": _table("conflict", Conflict, ("kept", "other")),
    "disclosure": _table("disclosure", Disclosure, ("n",)),
    "high": _table("high", High, ("agency",)),
}


def of_group(projection: Projection) -> dict[str, Declared]:
    """Every table of a group: what all have, and those of its folds, whose key is (id, n)."""
    folds = {fold.table.name: Declared(fold.table, ("id", "n")) for fold in projection.folds}
    return {**STORE, **folds}
