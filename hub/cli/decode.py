"""A record of `persons` or `markets` as a document: what may be shown of it, and nothing else.

Subject ids become pseudonyms, salts stay away. Other references (an event, an offer) are random ids of the hub.
"""

from datetime import UTC, datetime
from typing import Any, Final

from hub.codec import Codec
from hub.core.calendar import iso
from hub.core.event import Event
from hub.core.frame import CASE, CAUSE, CORRECTS, GUARDIAN, KIND_SUBJECT, OFFER, PATIENT, PREVIOUS_CASE, RELATIVE, STAFF
from hub.core.record import Record
from hub.ports.keys import Mac
from hub.schema.load import folder, load
from hub.schema.shape import Field

TOPICS: Final = ("persons", "markets")
PERSONS: Final = {PATIENT: "patient", GUARDIAN: "guardian", RELATIVE: "relative", STAFF: "staff"}
REFERENCES: Final = {
    CORRECTS: "corrects", CASE: "case", OFFER: "offer", PREVIOUS_CASE: "previous_case", CAUSE: "cause",
}  # fmt: skip
_HEADED: Final = ("salt", "occurred_on", "occurred_minute", "recorded_at", "mode", "legal_basis", "area")


class Reader:
    """Decodes records; `name` is the keyed name of a subject in the domain under which persons are shown."""

    def __init__(self, name: Mac) -> None:
        self._name, self._codec = name, Codec()
        schemas = load(folder())
        self._dates = {(t, field.name) for t, schema in schemas.items() for field in schema.fields if _is_date(field)}

    def type_of(self, record: Record) -> str:
        """The event type, without decoding the value."""
        return self._codec.envelope(record.headers).type

    def document(self, topic: str, partition: int, offset: int, record: Record) -> dict[str, Any]:
        """The event at an address."""
        _, event = self._codec.event(record, self._codec.envelope(record.headers))
        fields = event.fields
        return {
            "address": f"{topic}/{partition}/{offset}",
            "topic": topic,
            "partition": partition,
            "offset": offset,
            "id": event.id.hex(),
            "type": event.type,
            "date": iso(fields.occurred_on),
            "minute": fields.occurred_minute,
            "source": event.source,
            "from_row": event.place,
            "sender": event.sender,
            "number": event.number,
            "received_at": _instant(event.received_at),
            "recorded_at": _instant(fields.recorded_at),
            "mode": fields.mode,
            "legal_basis": fields.legal_basis,
            "area": fields.area,
            "market": record.key.decode() if topic == "markets" else None,
            "persons": self._persons(event),
            "refs": {
                REFERENCES[role]: value.hex()
                for role, kind, value in event.refs
                if kind != KIND_SUBJECT and role in REFERENCES
            },
            "commitment": event.commitment.hex(),
            "fields": self._fields(event),
        }

    def _fields(self, event: Event) -> dict[str, Any]:
        """The event's own fields; a date as YYYY-MM-DD, bytes as hex."""
        return {
            name: iso(value) if (event.type, name) in self._dates and value is not None else _plain(value)
            for name, value in event.fields._asdict().items()
            if name not in _HEADED
        }

    def _persons(self, event: Event) -> dict[str, str]:
        """Whom the event concerns, by role: several in one role get numbers."""
        found: dict[str, str] = {}
        for role, kind, value in event.refs:
            if kind == KIND_SUBJECT:
                name = PERSONS.get(role, str(role))
                found[name if name not in found else f"{name}_{len(found) + 1}"] = self._name(value)[:16].hex()
        return found


def _is_date(field: Field) -> bool:
    return field.logical == "date"


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _instant(milliseconds: int) -> str:
    """An instant as ISO 8601 in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
