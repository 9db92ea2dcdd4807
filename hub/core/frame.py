"""A frame: a connector's signed, sealed, numbered packet of events (architecture §7). For ever: version 1.

    magic "JKHF" | version | header | body | persons | key of the body | key of the persons | Ed25519 signature (64)

Each part but the signature is prefixed by its length in four bytes. The header is canonical JSON and the associated
data of both seals. The body is sealed for the hub, the persons (tokens and identities) for the vault; who has one key
learns nothing of the other part. The signature covers every byte before it.
"""

import json
import struct
from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

from hub.core.errors import IntegrityError

MAGIC = b"JKHF"
VERSION = 1
SIGNATURE_SIZE = 64
PAD_TO = 4096
# The labels under which the two keys of a frame are wrapped.
BODY_LABEL, PERSONS_LABEL = b"frame body", b"frame persons"

# Roles of a person in an event; the vault and the folds know no others.
PATIENT, GUARDIAN, RELATIVE, STAFF = 1, 2, 3, 4
# Roles and kinds of a reference. An event reference at the edge is (generation, number); intake gives it the hub's id.
CORRECTS, CASE, OFFER, PREVIOUS_CASE, CAUSE = 16, 17, 18, 19, 20
KIND_SUBJECT, KIND_CASE, KIND_OFFER, KIND_EVENT = 1, 2, 3, 4
# A patient named by a reply code (`hub.core.reply`): from an edge to intake only, which puts subject and offer there.
KIND_REPLY = 5


class Ref(NamedTuple):
    """A reference from an event to something else: its role in the event, what it is, and its bytes (1 to 64)."""

    role: int
    kind: int
    value: bytes


class FrameHeader(NamedTuple):
    """What anyone may read of a frame. Hashes and ids are hex; `sealed_at` is in milliseconds."""

    agency: str
    connector: str
    incarnation: str
    generation: int
    number: int
    previous: str
    canonical_form: int
    key_check: str
    mapping: str
    epochs: str
    events: int
    root: str
    sealed_at: int


class Entry(NamedTuple):
    """One event of a frame: its number at the edge, whom it concerns, what it refers to, where it was read, its value.

    `place` is "alias:row:column" of the source; `area` the county code, up to six digits; `value` the codec's bytes.
    """

    number: int
    area: str
    persons: tuple[tuple[int, int], ...]
    refs: tuple[Ref, ...]
    place: str
    value: bytes


class Frame(NamedTuple):
    """A frame taken apart, still sealed."""

    header: FrameHeader
    header_bytes: bytes
    body: bytes
    persons: bytes
    body_key: bytes
    persons_key: bytes
    signed: bytes
    signature: bytes


_ENTRY = struct.Struct(">IIHBB6s")
_PERSON = struct.Struct(">BH")
_EDGE_EVENT = struct.Struct(">HI")


def commitment(value: bytes) -> bytes:
    """What stands for an event's value in proofs and outcomes: SHA-256 of the value, which begins with its salt."""
    return sha256(value).digest()


def root_of(commitments: Iterable[bytes]) -> bytes:
    """One hash over the commitments of a frame, in order."""
    return sha256(b"\x01" + b"".join(commitments)).digest()


def pack_header(header: FrameHeader) -> bytes:
    """Canonical JSON: sorted names, no blanks."""
    return json.dumps(header._asdict(), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def pack_refs(refs: Iterable[Ref]) -> bytes:
    """References as role, kind, length, bytes."""
    return b"".join(bytes((role, kind, len(value))) + value for role, kind, value in refs)


def unpack_refs(packed: bytes) -> tuple[Ref, ...]:
    """The inverse of `pack_refs`."""
    refs: list[Ref] = []
    at = 0
    while at < len(packed):
        end = at + 3 + packed[at + 2]
        refs.append(Ref(packed[at], packed[at + 1], packed[at + 3 : end]))
        at = end
    return tuple(refs)


def pack_edge_event(generation: int, number: int) -> bytes:
    """An event of the same connector as a reference names it at the edge, before intake puts the hub's id there."""
    return _EDGE_EVENT.pack(generation, number)


def unpack_edge_event(value: bytes) -> tuple[int, int]:
    """Generation and number. Raises IntegrityError HUB-I411 for other bytes."""
    if len(value) != _EDGE_EVENT.size:
        raise IntegrityError("HUB-I411")
    generation, number = _EDGE_EVENT.unpack(value)
    return generation, number


def pack_person(role: int, index: int) -> bytes:
    """A person of an event: the role there, and the place among the frame's persons."""
    return _PERSON.pack(role, index)


def pack_entry(number: int, area: str, persons: bytes, refs: bytes, place: str, value: bytes) -> bytes:
    """One event of a body; `persons` joined of `pack_person`, `refs` of `pack_refs`."""
    where = place.encode()
    sizes = len(value), len(where), len(persons) // _PERSON.size, len(refs)
    return b"".join((_ENTRY.pack(number, *sizes, area.encode()), where, persons, refs, value))


def pack_body(packed: Iterable[bytes]) -> bytes:
    """The body in clear, padded with zeros to a multiple of `PAD_TO`, so that its length tells little."""
    raw = b"".join(packed)
    return raw + b"\0" * (-len(raw) % PAD_TO)


def unpack_entries(raw: bytes, count: int) -> list[Entry]:
    """The `count` events of a body. Raises IntegrityError HUB-I411 when the body is cut."""
    entries: list[Entry] = []
    areas: dict[bytes, str] = {}  # few in a frame
    known: dict[bytes, tuple[tuple[int, int], ...]] = {b"": ()}  # persons, each with several events
    new = tuple.__new__  # half the time of calling Entry
    at = 0
    try:
        for _ in range(count):
            number, value_size, where_size, persons, refs_size, code = _ENTRY.unpack_from(raw, at)
            where = at + _ENTRY.size
            whom = where + where_size
            named = whom + _PERSON.size * persons
            value = named + refs_size
            at = value + value_size
            area = areas.get(code)
            if area is None:
                area = areas[code] = code.rstrip(b"\0").decode()
            who = known.get(raw[whom:named])
            if who is None:
                who = known[raw[whom:named]] = tuple(_PERSON.iter_unpack(raw[whom:named]))
            refs = unpack_refs(raw[named:value]) if refs_size else ()
            entries.append(new(Entry, (number, area, who, refs, raw[where:whom].decode(), raw[value:at])))
    except (struct.error, UnicodeDecodeError, IndexError):
        raise IntegrityError("HUB-I411") from None
    if at > len(raw):
        raise IntegrityError("HUB-I411")
    return entries


def pack_unsigned(header: bytes, body: bytes, persons: bytes, body_key: bytes, persons_key: bytes) -> bytes:
    """Everything that the signature covers."""
    parts = [MAGIC, bytes((VERSION,))]
    for part in (header, body, persons, body_key, persons_key):
        parts += (len(part).to_bytes(4, "big"), part)
    return b"".join(parts)


def unpack_frame(raw: bytes) -> Frame:
    """Take a frame apart without opening it. Raises IntegrityError HUB-I410 when it is no whole frame of version 1."""
    if raw[:4] != MAGIC or raw[4:5] != bytes((VERSION,)):
        raise IntegrityError("HUB-I410")
    parts: list[bytes] = []
    at = 5
    for _ in range(5):
        size = int.from_bytes(raw[at : at + 4], "big")
        parts.append(raw[at + 4 : at + 4 + size])
        at += 4 + size
    if at + SIGNATURE_SIZE != len(raw):
        raise IntegrityError("HUB-I410")
    try:
        header = FrameHeader(**json.loads(parts[0]))
    except (ValueError, TypeError, RecursionError):
        raise IntegrityError("HUB-I410") from None
    return Frame(header, parts[0], parts[1], parts[2], parts[3], parts[4], raw[:at], raw[at:])


def pack_persons(persons: Iterable[tuple[tuple[tuple[int, bytes], ...], bytes]]) -> bytes:
    """The persons of a frame in clear: each its tokens [(kind, 32 bytes)] and its identity (bytes, may be empty)."""
    parts: list[bytes] = []
    for tokens, identity in persons:
        parts.append(bytes((len(tokens),)) + b"".join(bytes((kind,)) + token for kind, token in tokens))
        parts.append(len(identity).to_bytes(2, "big") + identity)
    raw = b"".join(parts)
    return raw + b"\xff" * (-len(raw) % PAD_TO)


def unpack_persons(raw: bytes) -> list[tuple[tuple[tuple[int, bytes], ...], bytes]]:
    """The inverse of `pack_persons`. Raises IntegrityError HUB-I411 when it is cut."""
    persons: list[tuple[tuple[tuple[int, bytes], ...], bytes]] = []
    at, end = 0, len(raw)
    while at < end and raw[at] != 0xFF:
        count = raw[at]
        tokens_end = at + 1 + 33 * count
        tokens = tuple((raw[i], raw[i + 1 : i + 33]) for i in range(at + 1, tokens_end, 33))
        at = tokens_end + 2 + int.from_bytes(raw[tokens_end : tokens_end + 2], "big")
        if at > end:
            raise IntegrityError("HUB-I411")
        persons.append((tokens, raw[tokens_end + 2 : at]))
    return persons
