"""From a checked frame to canonical records: persons, references, numbers.

The bytes of an event's value are never touched. Everything that is added is a function of the frame and of
keys, so that a frame that is opened again after a crash gives the same records (law 12).
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from hub.codec import Codec, Envelope, kind_of, pack_envelope
from hub.core.area import market_of
from hub.core.event import asserted_of
from hub.core.frame import (
    KIND_EVENT,
    KIND_SUBJECT,
    PATIENT,
    Entry,
    FrameHeader,
    commitment,
    unpack_edge_event,
)
from hub.core.outcome import EventOutcome
from hub.core.partition import partition_of
from hub.core.record import Record
from hub.intake.arrive import Opened
from hub.intake.check import MARKET, Checked
from hub.ports.keys import Keys
from hub.ports.vault import Resolved

SECRET: Final = "K_intake"
PERSONS, MARKETS = "persons", "markets"
REGISTERED: Final = "hub.SubjectRegistered"
_ADDRESS = struct.Struct(">HHI")

Place = tuple[str, int]


class Routed(NamedTuple):
    """What became of a frame: its events' outcomes, its records by destination, how many persons it registered."""

    events: tuple[EventOutcome, ...]
    records: dict[Place, list[Record]]
    registered: int


class Router:
    """Makes the canonical records of one agency's frames. `next` is counted up as records are made."""

    def __init__(
        self, agency: str, codec: Codec, keys: Keys, partitions: Mapping[str, int], next: dict[Place, int]
    ) -> None:
        self._sender, self._source, self._codec = f"intake/{agency}", f"agency/{agency}", codec
        self._partitions, self._next = partitions, next
        self._event_mac, self._salt_mac = keys.mac(SECRET, "event"), keys.mac(SECRET, "salt")

    def route(self, opened: Opened, checked: Sequence[Checked], people: Sequence[Resolved | None] | None) -> Routed:
        """Records and outcomes of one frame; `people` are its persons resolved, None when nobody could open them."""
        records: dict[Place, list[Record]] = {}
        connector = opened.arrival.connector
        assert connector is not None
        registered = self._register(opened, checked, people or (), records)
        outcomes = [
            self._event(opened.arrival.header, connector.number, *each, people, records)
            for each in zip(opened.entries, opened.marks, checked, strict=True)
        ]
        return Routed(tuple(outcomes), records, registered)

    def _event(
        self,
        header: FrameHeader,
        connector: int,
        entry: Entry,
        mark: bytes,
        checked: Checked,
        people: Sequence[Resolved | None] | None,
        records: dict[Place, list[Record]],
    ) -> EventOutcome:
        type, route, _, code = checked
        if code:
            return EventOutcome(mark, code, "", 0, 0)
        try:
            who, patient = _persons(entry, people)
        except _Refused as refused:
            return EventOutcome(mark, refused.code, "", 0, 0)
        refs = who + self._refs(entry, connector)
        topic, key = (MARKETS, market_of(entry.area).encode()) if route == MARKET else (PERSONS, patient)
        envelope = Envelope(
            self._id(connector, header.generation, entry.number), 0, header.sealed_at,
            asserted_of(connector, header.generation, entry.number), mark, 0,
            type, self._source, self._sender, entry.place, refs,
        )  # fmt: skip
        partition, number = self._append(topic, key, envelope, entry.value, records)
        return EventOutcome(mark, "", topic, partition, number)

    def _append(
        self, topic: str, key: bytes, envelope: Envelope, value: bytes, records: dict[Place, list[Record]]
    ) -> tuple[int, int]:
        partition = partition_of(key, self._partitions[topic])
        place = topic, partition
        number = self._next.get(place, 1)
        self._next[place] = number + 1
        made = Record(key, pack_envelope(envelope._replace(number=number)), value)
        records.setdefault(place, []).append(made)
        return partition, number

    def _id(self, connector: int, generation: int, number: int) -> bytes:
        return self._event_mac(_ADDRESS.pack(connector, generation, number))[:16]

    def _refs(self, entry: Entry, connector: int) -> bytes:
        """References as a record has them: the hub's id for an event, all else as the edge gave it."""
        parts: list[bytes] = []
        for role, kind, value in entry.refs:
            if kind == KIND_EVENT:
                value = self._id(connector, *unpack_edge_event(value))
            parts.append(bytes((role, kind, len(value))) + value)
        return b"".join(parts)

    def _register(
        self,
        opened: Opened,
        checked: Sequence[Checked],
        people: Sequence[Resolved | None],
        records: dict[Place, list[Record]],
    ) -> int:
        """A `SubjectRegistered` for each person that this frame brought, dated as the first thing known of them."""
        new = {i: who.subject for i, who in enumerate(people) if who and who.is_new}
        if not new:
            return 0
        first: dict[int, tuple[int, int, str, str]] = {}
        for n, (entry, (_, _, fields, _)) in enumerate(zip(opened.entries, checked, strict=True)):
            for _, i in entry.persons:
                if i in new and fields is not None:
                    told = (fields.occurred_on, n, fields.mode, entry.area)
                    first[i] = min(first.get(i, told), told)
        subjects: set[bytes] = set()
        for i, subject in new.items():
            if i in first and subject not in subjects:
                subjects.add(subject)
                on, _, mode, area = first[i]
                self._registered(opened.arrival.header.sealed_at, subject, on, mode, area, records)
        return len(subjects)

    def _registered(
        self, at: int, subject: bytes, on: int, mode: str, area: str, records: dict[Place, list[Record]]
    ) -> None:
        fields = kind_of(REGISTERED).cls(self._salt_mac(subject)[:16], on, None, at, mode, "public_duty", area)
        value = self._codec.encode(REGISTERED, fields)
        id, refs = self._event_mac(subject)[:16], bytes((PATIENT, KIND_SUBJECT, len(subject))) + subject
        envelope = Envelope(id, 0, at, 0, commitment(value), 0, REGISTERED, "hub/intake", self._sender, "", refs)
        self._append(PERSONS, subject, envelope, value, records)


class _Refused(Exception):
    """One event is refused; only this module sees it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _persons(entry: Entry, people: Sequence[Resolved | None] | None) -> tuple[bytes, bytes]:
    """The persons of an event as packed references, and its patient; no bytes when it has none."""
    if not entry.persons:
        return b"", b""
    if people is None:
        raise _Refused("HUB-I327")
    parts: list[bytes] = []
    patient = b""
    for role, i in entry.persons:
        who = people[i] if i < len(people) else None
        if who is None:
            raise _Refused("HUB-I325")
        if role == PATIENT and not patient:
            patient = who.subject
        parts.append(bytes((role, KIND_SUBJECT, len(who.subject))) + who.subject)
    return b"".join(parts), patient
