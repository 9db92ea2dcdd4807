"""Event <-> record bytes: Avro in Confluent framing for the value, and headers (`hub.core.envelope`).

value     0x00 | schema id, 4 bytes | Avro, first field the salt
"""

from functools import lru_cache
from typing import Any

from hub import flat
from hub.core.envelope import Envelope, pack_envelope, unpack_envelope
from hub.core.errors import DataError, IntegrityError
from hub.core.event import Event, order_of
from hub.core.frame import unpack_refs
from hub.core.record import Record
from hub.events import KINDS, KINDS_BY_ID, Kind
from hub.ports.store import Entry

_OWN = 4  # salt, date, minute and time of recording: what differs from event to event
_new: Any = tuple.__new__  # half the time of calling a NamedTuple's class
_refs = lru_cache(8192)(unpack_refs)  # those of a person's events are the same bytes


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
