"""Frames: events numbered, committed to, sealed, chained and signed (architecture §7). What leaves here is final."""

import zlib
from collections.abc import Callable
from hashlib import blake2b, sha256
from typing import Final

from connectors.canonical import VERSION
from connectors.edge import Edge
from connectors.people import Somebody
from connectors.spool import Place, Sent
from connectors.tokens import Tokens
from hub.core.frame import (
    BODY_LABEL,
    PERSONS_LABEL,
    Entry,
    FrameHeader,
    Ref,
    commitment,
    pack_entries,
    pack_header,
    pack_persons,
    pack_unsigned,
    root_of,
)
from hub.ports.system import System

EVENTS: Final = 500
"""Events in a frame: 100 cost a quarter more, 2,000 gain 4 % (facts.md)."""


class Sealer:
    """Collects events into frames. `keep` gets each finished frame, inside the transaction of the run."""

    def __init__(
        self, edge: Edge, system: System, tokens: Tokens, mapping: str, keep: Callable[[Sent], None],
        incarnation: str, generation: int, frame: int, event: int, hash: str,
    ) -> None:  # fmt: skip
        """`frame`, `event` and `hash` are the last of this incarnation; numbers go on from there."""
        self.frame, self.event, self.hash = frame, event, hash
        self.incarnation, self.generation = incarnation, generation
        self._edge, self._keys, self._system = edge, edge.keys, system
        self._mapping, self._check, self._keep = mapping, tokens.check(), keep
        self._address = f"{edge.spec.connector}/{generation}/"
        self._begin()

    def _begin(self) -> None:
        self._entries: list[Entry] = []
        self._places: list[tuple[str, int]] = []
        self._people: list[Somebody] = []
        self._index: dict[int, int] = {}
        self._seed = self._system.new_id("salts", f"{self._address}{self.event + 1}")

    def salt(self) -> bytes:
        """16 bytes for the next event: a keyed function of its number, under a key that only this frame had.

        The key is forgotten, so that the salt of one event, once told, says nothing of another's.
        """
        return blake2b((self.event + 1).to_bytes(4, "big"), digest_size=16, key=self._seed).digest()

    def add(
        self, value: bytes, area: str, people: tuple[tuple[int, Somebody], ...], refs: tuple[Ref, ...], place: str,
        token: int,
    ) -> int:  # fmt: skip
        """Take the next event and return its number. Finishes a frame when it is full."""
        self.event += 1
        number = self.event
        who = tuple([(role, self._at(somebody)) for role, somebody in people]) if people else ()
        self._entries.append(Entry(number, area, who, refs, place, value))
        self._places.append((place, token))
        if len(self._entries) >= EVENTS:
            self.finish()
        return number

    def _at(self, somebody: Somebody) -> int:
        """Where a person stands in this frame. Objects are compared, since a reader gives one object a person."""
        found = self._index.get(id(somebody))
        if found is None:
            found = self._index[id(somebody)] = len(self._people)
            self._people.append(somebody)
        return found

    def finish(self) -> None:
        """Seal what there is. Two fresh keys a frame, each wrapped for the one who may read its part."""
        if not self._entries:
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
                epochs=spec.epochs,
                events=len(self._entries),
                root=root_of([commitment(entry.value) for entry in self._entries]).hex(),
                sealed_at=self._system.now_ms(),
            )
        )
        body_key, persons_key = keys.fresh(), keys.fresh()
        signed = pack_unsigned(
            header,
            keys.seal(body_key, pack_entries(self._entries), header),
            keys.seal(
                persons_key, pack_persons((somebody.tokens, somebody.identity) for somebody in self._people), header
            ),
            keys.wrap(spec.hub_public, body_key, BODY_LABEL),
            keys.wrap(spec.vault_public, persons_key, PERSONS_LABEL),
        )
        raw = signed + keys.sign("agency", signed)
        digest = sha256(raw)
        self.hash = digest.hexdigest()
        self._keep(Sent(self.frame, digest.digest(), len(self._entries), 0, raw, pack_places(self._places)))
        self._begin()


def pack_places(places: list[tuple[str, int]]) -> bytes:
    """The row of each event of a frame, compressed: it is wanted only where intake refuses one."""
    return zlib.compress("\n".join([f"{token}\t{place}" for place, token in places]).encode(), 1)


def unpack_places(packed: bytes) -> list[Place]:
    """The inverse of `pack_places`."""
    lines = (line.partition("\t") for line in zlib.decompress(packed).decode().split("\n"))
    return [Place(place, int(token)) for token, _, place in lines]
