"""Event <-> record bytes: Avro in Confluent framing for the value, CloudEvents headers in one canonical layout.

    value     0x00 | schema id, 4 bytes | Avro, first field the salt
    headers   ce_specversion ce_id number received_at asserted commitment body | ce_type ce_source sender from refs

The headers of the first group have a fixed size and place, so that they are read and written by one struct.
"""

import struct
from binascii import unhexlify
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from hub import flat
from hub.core.errors import DataError, IntegrityError
from hub.core.event import Event, order_of
from hub.core.frame import commitment, unpack_refs
from hub.core.record import Record
from hub.events import KINDS, KINDS_BY_ID, Kind
from hub.ports.store import Entry

_OWN = 4  # salt, date, minute and time of recording: what differs from event to event
_new: Any = tuple.__new__  # half the time of calling a NamedTuple's class
_refs = lru_cache(8192)(unpack_refs)  # those of a person's events are the same bytes


class Envelope(NamedTuple):
    """What the headers of a canonical record say: `refs` packed, `received_at` in ms, `body` 0 clear 1 sealed."""

    id: bytes
    number: int
    received_at: int
    asserted: int
    commitment: bytes
    body: int
    type: str
    source: str
    sender: str
    place: str
    refs: bytes


def _named(name: str, size: int) -> bytes:
    return bytes((len(name),)) + name.encode() + size.to_bytes(2, "big")


_VERSION = _named("ce_specversion", 3) + b"1.0" + _named("ce_id", 32)
_NUMBER, _RECEIVED, _ASSERTED = _named("number", 8), _named("received_at", 8), _named("asserted", 8)
_COMMITMENT, _BODY = _named("commitment", 32), _named("body", 1)
_FIXED = struct.Struct(
    f">{len(_VERSION)}s32s{len(_NUMBER)}sQ{len(_RECEIVED)}sq{len(_ASSERTED)}sQ{len(_COMMITMENT)}s32s{len(_BODY)}sB"
)
_TYPE, _SOURCE, _SENDER, _FROM, _REFS = (
    bytes((len(x),)) + x for x in (b"ce_type", b"ce_source", b"sender", b"from", b"refs")
)
_FROM_SIZE, _REFS_SIZE = len(_FROM) + 2, len(_REFS) + 2  # with the length of what follows
_READ = struct.Struct(
    f">{len(_VERSION)}s32s{len(_NUMBER)}xQ{len(_RECEIVED)}xq{len(_ASSERTED)}xQ{len(_COMMITMENT)}x32s{len(_BODY)}xB"
)


def pack_envelope(envelope: Envelope) -> bytes:
    """The headers of a canonical record, as the one byte string that its proof hashes."""
    type, source, sender = envelope.type.encode(), envelope.source.encode(), envelope.sender.encode()
    place, refs = envelope.place.encode(), envelope.refs
    return b"".join(
        (
            _FIXED.pack(
                _VERSION, envelope.id.hex().encode(), _NUMBER, envelope.number, _RECEIVED, envelope.received_at,
                _ASSERTED, envelope.asserted, _COMMITMENT, envelope.commitment, _BODY, envelope.body,
            ),
            _TYPE, len(type).to_bytes(2, "big"), type,
            _SOURCE, len(source).to_bytes(2, "big"), source,
            _SENDER, len(sender).to_bytes(2, "big"), sender,
            _FROM, len(place).to_bytes(2, "big"), place,
            _REFS, len(refs).to_bytes(2, "big"), refs,
        )
    )  # fmt: skip


def envelope_packer(type: str, source: str, sender: str) -> Callable[[bytes, int, int, int, bytes, str, bytes], bytes]:
    """As `pack_envelope`, prepared for many clear events of one type from one sender.

    The function takes id, number, received_at, asserted, commitment, place and refs.
    """
    parts = ((name, text.encode()) for name, text in ((_TYPE, type), (_SOURCE, source), (_SENDER, sender)))
    middle = b"".join(name + len(text).to_bytes(2, "big") + text for name, text in parts) + _FROM

    def pack(
        id: bytes, number: int, received_at: int, asserted: int, commitment: bytes, place: str, refs: bytes
    ) -> bytes:
        where = place.encode()
        fixed = _FIXED.pack(
            _VERSION, id.hex().encode(), _NUMBER, number, _RECEIVED, received_at,
            _ASSERTED, asserted, _COMMITMENT, commitment, _BODY, 0,
        )  # fmt: skip
        sizes = len(where).to_bytes(2, "big"), len(refs).to_bytes(2, "big")
        return b"".join((fixed, middle, sizes[0], where, _REFS, sizes[1], refs))

    return pack


def unpack_envelope(headers: bytes) -> Envelope:
    """The inverse of `pack_envelope`. Raises IntegrityError HUB-P411 for any other headers."""
    try:
        version, id, number, received, asserted, commitment, body = _READ.unpack_from(headers)
        if version != _VERSION:
            raise ValueError
        at = headers.index(_FROM, _READ.size)  # no type, source or sender has a control character
        type, source, sender = _who(headers[_READ.size : at])
        begin = at + _FROM_SIZE
        end = begin + (headers[begin - 2] << 8 | headers[begin - 1])
        last = end + _REFS_SIZE
        refs = headers[last : last + (headers[last - 2] << 8 | headers[last - 1])]
        place, event_id = headers[begin:end].decode(), unhexlify(id)
    except (struct.error, ValueError, IndexError):
        raise IntegrityError("HUB-P411") from None
    parts = event_id, number, received, asserted, commitment, body, type, source, sender, place, refs
    return _new(Envelope, parts)  # type: ignore[no-any-return]


def _after(headers: bytes, at: int, name: bytes) -> int:
    """Where the header that begins at `at` ends."""
    at += len(name) + 2
    return at + (headers[at - 2] << 8 | headers[at - 1])


@lru_cache(1024)  # as many as there are types and senders, not events
def _who(middle: bytes) -> tuple[str, str, str]:
    """Type, source and sender, from their three headers."""
    found: list[str] = []
    at = 0
    for name in (_TYPE, _SOURCE, _SENDER):
        end = _after(middle, at, name)
        found.append(middle[at + len(name) + 2 : end].decode())
        at = end
    if at != len(middle):
        raise ValueError
    type, source, sender = found
    return type, source, sender


class _Decoders(dict[bytes, tuple[Kind, flat.Decode]]):
    """By the framing of a value. Raises IntegrityError HUB-S410 for that of no released schema."""

    def __missing__(self, framed: bytes) -> tuple[Kind, flat.Decode]:
        kind = KINDS_BY_ID.get(int.from_bytes(framed[1:], "big")) if framed[:1] == b"\0" and len(framed) == 5 else None
        if kind is None:
            raise IntegrityError("HUB-S410")
        found = self[framed] = kind, flat.decoder(kind.avro, kind.cls, _OWN)
        return found


class Codec:
    """Encodes and decodes every released event type; schemas are prepared at first use."""

    envelope = staticmethod(unpack_envelope)

    def __init__(self) -> None:
        self._decoders = _Decoders()
        self._encoders: dict[str, tuple[bytes, flat.Encode]] = {}

    def encode(self, type: str, fields: Any) -> bytes:
        """The value of an event: framing, then Avro. `fields` is the generated NamedTuple of the type.

        Raises DataError HUB-S310 for a type that is not released, HUB-S311 when a field does not fit its schema.
        """
        found = self._encoders.get(type)
        if found is None:
            kind = kind_of(type)
            found = self._encoders[type] = framing(kind.id), flat.encoder(kind.avro)
        prefix, encode = found
        try:
            return prefix + encode(fields)
        except (TypeError, ValueError, AttributeError):
            raise DataError("HUB-S311", type=type) from None

    def decode(self, value: bytes) -> tuple[Kind, Any]:
        """The kind and the fields of a value. Raises IntegrityError HUB-S410 for bytes of no released schema."""
        kind, decode = self._decoders[value[:5]]
        try:
            return kind, decode(value, 5)
        except (ValueError, IndexError):
            raise IntegrityError("HUB-S410") from None

    def headers(self, envelope: Envelope) -> bytes:
        """The headers of a canonical record."""
        return pack_envelope(envelope)

    def event(self, record: Record, envelope: Envelope) -> tuple[int, Event]:
        """A canonical record decoded: its schema id, and the event."""
        kind, fields = self.decode(record.value)
        order = order_of(fields.occurred_on, kind.rank, fields.occurred_minute, envelope.asserted)
        id, number, received_at, _, commitment, _, type, source, sender, place, refs = envelope
        rest = sender, number, source, place, received_at, commitment
        return kind.id, _new(Event, (type, id, record.key, fields, _refs(refs), order, *rest))

    def recall(self, entry: Entry, key: bytes, source: str) -> Event:
        """An event from its ledger entry. Sender, number and times of receipt stay in the log and are empty here."""
        kind, fields = self.decode(entry.value)
        refs, order = _refs(entry.refs), (entry.high, entry.low)
        return Event(kind.type, entry.event, key, fields, refs, order, "", 0, source, entry.place, 0, b"")

    def is_committed(self, record: Record) -> bool:
        """Whether the value is the one that its sender committed to, salt and all."""
        return unpack_envelope(record.headers).commitment == commitment(record.value)

    def copy(self, record: Record, key: bytes, number: int) -> Record:
        """A decision's copy for the other owner: the same event under another key and number."""
        return Record(key, pack_envelope(unpack_envelope(record.headers)._replace(number=number)), record.value)


def framing(id: int) -> bytes:
    """What stands before the Avro bytes of a value: zero, then the schema id in four bytes."""
    return b"\0" + id.to_bytes(4, "big")


def kind_of(type: str) -> Kind:
    """What is known of a released event type. Raises DataError HUB-S310 otherwise."""
    kind = KINDS.get(type)
    if kind is None:
        raise DataError("HUB-S310", type=type)
    return kind
