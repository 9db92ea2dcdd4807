"""What a first load would publish, refuse and let wait, before anything of it is sent.

The very parts of a backfill read the same rows in the same lots, over a copy of the spool that is thrown away; only
nothing is sealed. So its sums are those of the backfill afterwards.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import groupby
from typing import Any, Final, NamedTuple, Protocol, cast

from connectors.backfill.lots import Stretch
from connectors.edge import Edge
from connectors.frames.seal import Sealable, Sealer
from connectors.mapping.file import load_mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.tokens import KeyedTokens
from connectors.run.given import Asked, Given
from connectors.run.once import Once
from connectors.run.report import Endings
from connectors.sources import CHUNK, Bounds, open_walk
from connectors.spool.scratch import Scratch, scratch
from hub.codec import Codec
from hub.core.event import Event, order_of
from hub.core.frame import PATIENT
from hub.ports.keys import Keys
from hub.ports.system import System

_SALT: Final = bytes(16)
_OWN: Final = frozenset(("agency.SourceStarted", "agency.RunFinished"))
_PRESET: Final = "00" * 16


class Gate(Protocol):
    """What the hub's rules say of one person's events; `types` are those that it must hear of, `gated` those of which
    some may wait."""

    types: frozenset[str]
    gated: frozenset[str]

    def parked(self, events: Sequence[Event]) -> Iterable[str]:
        """Why each event that would wait does, for the events of one person in any order."""
        ...


class FirstLoad(NamedTuple):
    """The sums of a load: rows by ending, events by mode, persons, and how many events would wait, by what they lack.

    `parked` goes by what this source alone says. None: by no gate, since none was asked or no event has one.
    """

    connector: str
    alias: str
    of: int
    rows: Endings
    not_data: int
    events: dict[str, int]
    persons: int
    parked: dict[str, int] | None
    description: dict[str, str]

    @property
    def visible(self) -> int:
        """Events that would be in the views at once."""
        return sum(self.events.values()) - sum((self.parked or {}).values())


Tell = Callable[[int, int], None]
"""Hears how many rows were read, of how many."""


def first_load(
    edge: Edge, system: System, *, bounds: Bounds = Bounds(), gate: Gate | None = None, tell: Tell = lambda *_: None,  # noqa: B008
) -> FirstLoad:  # fmt: skip
    """Read a source as a backfill does, send nothing, and leave nothing behind. Raises what a backfill raises."""
    mapping = load_mapping(edge.folder)
    edge = replace(edge, keys=cast(Keys, _Unkept(edge.keys)))
    tokens, names = KeyedTokens(edge.keys), mapping.columns()
    asked = gate is not None and any(section.type in gate.gated for section in mapping.sections)
    opened = open_walk(
        mapping.source, edge.folder, names=names, key=mapping.key, today=system.today(), now_ms=system.now_ms,
        bounds=bounds,
    )  # fmt: skip
    with opened as walk, scratch(edge.spool_path, edge.spec.connector) as spool:
        heard = _Heard(spool, gate if asked else None, system.random(32))
        of, rows, not_data, seen = walk.count(), Endings(), 0, spool.state.read + 1
        with spool.transaction():  # so that nothing is said of a beginning
            state = spool.state
            spool.save(state._replace(incarnation=state.incarnation or _PRESET, generation=max(1, state.generation)))
        pieces, ended = walk.pieces((), CHUNK), False
        while not ended:
            mapper = RowMapper(mapping, tokens, today := system.today(), edge.spec.go_live, system.now_ms())
            given = Given(edge, None, system, today, spool, mapping, mapper, tokens, lambda _: None, heard.sealer)
            once = Once(given, Asked())
            lot = Stretch(pieces)
            with spool.transaction():
                once.take(lot, seen)
            rows, not_data, ended = rows.plus(once.report(False).rows), not_data + lot.not_data, lot.ended
            gc.collect()
            tell(rows.read, of)
        return FirstLoad(
            edge.spec.connector, mapping.source.alias, of, rows, not_data, dict(heard.modes), spool.persons(),
            dict(Counter(heard.parked())) if asked else None, dict(walk.description),
        )  # fmt: skip


class _Heard:
    """Hears every event that a load would say."""

    def __init__(self, spool: Scratch, gate: Gate | None, key: bytes) -> None:
        self._spool, self._gate, self._key = spool, gate, key
        self._codec = Codec()
        self.modes: Counter[str] = Counter()

    def sealer(self, *parts: Any) -> Sealer:
        """In the place of the one that seals."""
        return _Unsealed(self._hear, *parts)

    def _hear(self, first: int, events: Sequence[Sealable]) -> None:
        said: list[tuple[int, int, bytes]] = []
        persons: set[int] = set()
        for number, event in enumerate(events, first):
            value = event.kind + _SALT + event.fields
            kind, fields = self._codec.decode(value)
            if kind.type in _OWN:
                continue
            self.modes[fields.mode] += 1
            who = {one.role: self._number(one.tokens[0][1]) for one in reversed(event.people)}
            persons.update(who.values())
            if self._gate is not None and kind.type in self._gate.types and PATIENT in who:
                said.append((who[PATIENT], number, value))
        self._spool.meet(persons)
        self._spool.hear(said)

    def _number(self, token: bytes) -> int:
        """A person by the first token, under a key that nobody keeps."""
        return int.from_bytes(blake2b(token, digest_size=8, key=self._key).digest(), "big") >> 1

    def parked(self) -> Iterator[str]:
        """Why events would wait, person after person."""
        gate = self._gate
        if gate is not None:
            for person, said in groupby(self._spool.heard(), key=lambda each: each[0]):
                yield from gate.parked([self._event(person, number, value) for _, number, value in said])

    def _event(self, person: int, number: int, value: bytes) -> Event:
        kind, fields = self._codec.decode(value)
        order = order_of(fields.occurred_on, kind.rank, fields.occurred_minute, number)
        mark = number.to_bytes(16, "big")
        return Event(kind.type, mark, person.to_bytes(16, "big"), fields, (), order, "", number, "", "", 0, b"")


class _Unsealed(Sealer):
    """Numbers events and seals nothing."""

    def __init__(self, hear: Callable[[int, Sequence[Sealable]], None], *parts: Any) -> None:
        super().__init__(*parts)
        self._hear = hear

    def add(self, events: Sequence[Sealable]) -> int:
        """Take the next events and return the number of the first."""
        first, self.event = self.event + 1, self.event + len(events)
        self._hear(first, events)
        return first


class _Unkept:
    """The keys of an edge, but that none is made for refused rows and nothing of them is kept."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)

    def make(self, kind: str, name: str) -> None:
        """No key is made."""

    def lock(self, name: str, data: bytes, associated: bytes) -> bytes:
        """What was refused goes."""
        return b"" if name.startswith("rows-") else self._keys.lock(name, data, associated)
