"""Frames: events numbered, committed to, sealed, chained and signed (architecture §7). What leaves here is final."""

import struct
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256, shake_256
from typing import Final, NamedTuple

from connectors.edge import Edge
from connectors.forms.canonical import VERSION
from connectors.rows.people import People, Somebody
from connectors.rows.tokens import Tokens
from connectors.spool import Place, Sent, State
from hub.core.county import with_linked
from hub.core.frame import (
    BODY_LABEL,
    PERSONS_LABEL,
    FrameHeader,
    pack_body,
    pack_entry,
    pack_header,
    pack_person,
    pack_persons,
    pack_unsigned,
    root_of,
)
from hub.ports.system import System

PEOPLE: Final = 2_000
"""Persons in a frame whom no event of it names; a frame stays below a megabyte."""
EVENTS: Final = 500
"""Events in a frame: 100 cost a quarter more, 2,000 gain 4 % (facts.md)."""
_SALT: Final = 16


class Sealable(NamedTuple):
    """An event without number and salt: `kind` is the framing of its type, `fields` the bytes of all other fields."""

    kind: bytes
    fields: bytes
    area: str
    people: People
    refs: bytes
    place: str
    token: int


class Sealer:
    """Collects events into frames. `keep` gets each finished frame, inside the transaction of the run."""

    def __init__(
        self, edge: Edge, system: System, tokens: Tokens, mapping: str, keep: Callable[[Sent], None],
        state: State,
    ) -> None:  # fmt: skip
        """Numbers go on from the last frame and event in `state`."""
        self.frame, self.event, self.hash = state.frame, state.event, state.hash
        self.incarnation, self.generation = state.incarnation, state.generation
        self._edge, self._keys, self._system = edge, edge.keys, system
        self._mapping, self._check, self._keep = mapping, tokens.check(), keep
        self._address = f"{edge.spec.connector}/{state.generation}/"
        self.linked = ""
        """The key check under which everybody known is linked, told while the county has two keys."""
        self._begin()

    def _begin(self) -> None:
        """Begin a frame. Its salts are one stream under a seed that only this frame has and that is forgotten.

        So the salt of one event, once told, says nothing of another's.
        """
        self._values: list[bytes] = []
        self._entries: list[bytes] = []
        self._places: list[str] = []
        self._tokens: list[int] = []
        self._people: list[Somebody] = []
        self._index: dict[int, bytes] = {}
        seed = self._system.new_id("salts", f"{self._address}{self.event + 1}")
        self._salts = shake_256(seed).digest(_SALT * EVENTS)

    def add(self, events: Sequence[Sealable]) -> int:
        """Take the next events and return the number of the first. Finishes each frame that is full."""
        first, at = self.event + 1, 0
        while at < len(events):
            some = events[at : at + EVENTS - len(self._values)]
            self._add(some)
            at += len(some)
            if len(self._values) >= EVENTS:
                self.finish()
        return first

    def _add(self, events: Sequence[Sealable]) -> None:
        kinds, fields, areas, people, refs, places, tokens = zip(*events, strict=True)
        begin, end = len(self._values), len(self._values) + len(events)
        salts = [self._salts[at : at + _SALT] for at in range(begin * _SALT, end * _SALT, _SALT)]
        values = list(map(b"".join, zip(kinds, salts, fields, strict=True)))
        who = map(self._who, people)
        numbers = range(self.event + 1, self.event + 1 + len(events))
        self._entries += map(pack_entry, numbers, areas, who, refs, places, values)
        self._values += values
        self._places += places
        self._tokens += tokens
        self.event += len(events)

    def _who(self, people: People) -> bytes:
        index = self._index
        if len(people) == 1:
            return index.get(id(people[0])) or self._at(people[0])
        return b"".join([index.get(id(one)) or self._at(one) for one in people])

    def _at(self, somebody: Somebody) -> bytes:
        """Where a person stands in this frame. Objects are compared, since a reader gives one object a person."""
        packed = self._index[id(somebody)] = pack_person(somebody.role, len(self._people))
        self._people.append(somebody)
        return packed

    def link(self, somebody: Somebody) -> None:
        """Take a person without an event: whom the vault knows by one token it will know by all of them."""
        self._people.append(somebody)
        if len(self._people) >= PEOPLE:
            self.finish()

    def finish(self) -> None:
        """Seal what there is. Two fresh keys a frame, each wrapped for the one who may read its part."""
        if not self._values and not self._people:
            return
        spec, keys = self._edge.spec, self._keys
        self.frame += 1
        header = pack_header(
            FrameHeader(
                agency=spec.agency,
                connector=spec.connector,
                incarnation=self.incarnation,
                generation=self.generation,
                number=self.frame,
                previous=self.hash,
                canonical_form=VERSION,
                key_check=self._check,
                mapping=self._mapping,
                epochs=with_linked(spec.epochs, self.linked) if self.linked else spec.epochs,
                events=len(self._values),
                root=root_of([sha256(value).digest() for value in self._values]).hex(),
                sealed_at=self._system.now_ms(),
            )
        )
        body_key, persons_key = keys.fresh(), keys.fresh()
        signed = pack_unsigned(
            header,
            keys.seal(body_key, pack_body(self._entries), header),
            keys.seal(
                persons_key, pack_persons((somebody.tokens, somebody.identity) for somebody in self._people), header
            ),
            keys.wrap(spec.hub_public, body_key, BODY_LABEL),
            keys.wrap(spec.vault_public, persons_key, PERSONS_LABEL),
        )
        raw = signed + keys.sign("agency", signed)
        digest = sha256(raw)
        self.hash = digest.hexdigest()
        places = pack_places(self._tokens, self._places)
        self._keep(Sent(self.frame, digest.digest(), len(self._values), 0, raw, places))
        self._begin()


def pack_places(tokens: list[int], places: list[str]) -> bytes:
    """The row of each event of a frame: it is wanted only where intake refuses one."""
    count = len(tokens)
    return struct.pack(f">I{count}Q", count, *tokens) + zlib.compress("\n".join(places).encode(), 1)


def unpack_places(packed: bytes) -> list[Place]:
    """The inverse of `pack_places`."""
    count = int.from_bytes(packed[:4], "big")
    tokens = struct.unpack_from(f">{count}Q", packed, 4)
    places = zlib.decompress(packed[4 + 8 * count :]).decode().split("\n") if count else []
    return [Place(place, token) for place, token in zip(places, tokens, strict=True)]
