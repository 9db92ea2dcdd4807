"""From a checked frame to canonical records: persons, references, numbers.

The bytes of an event's value are never touched. Everything that is added is a function of the frame and of
keys, so that a frame that is opened again after a crash gives the same records (law 12).
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from hashlib import shake_256
from typing import Any, Final, NamedTuple

from hub.codec import Codec, kind_of
from hub.core.area import market_of
from hub.core.envelope import envelope_packer
from hub.core.event import asserted_of
from hub.core.frame import (
    KIND_EVENT,
    KIND_SUBJECT,
    PATIENT,
    Entry,
    commitment,
    pack_refs,
    unpack_edge_event,
)
from hub.core.outcome import EventOutcome
from hub.core.partition import partition_of
from hub.core.record import Record
from hub.intake.arrive import Opened
from hub.intake.check import MARKET, Checked, reply_of
from hub.intake.reply import Replies
from hub.ports.keys import Keys
from hub.ports.vault import Resolved

SECRET: Final = "K_intake"
PERSONS, MARKETS = "persons", "markets"
REGISTERED: Final = "hub.SubjectRegistered"
_ADDRESS = struct.Struct(">HHI")
_IDS = 64
_new: Any = tuple.__new__  # half the time of calling a NamedTuple's class

Place = tuple[str, int]


class Routed(NamedTuple):
    """What became of a frame: its events' outcomes, and how many persons it registered."""

    events: tuple[EventOutcome, ...]
    registered: int


class Lane:
    """One partition that intake sends to: the number of its next record there, and the records of this fetch."""

    def __init__(self, topic: str, partition: int, number: int) -> None:
        self.topic, self.partition, self.number = topic, partition, number
        self.records: list[Record] = []


class _Who(NamedTuple):
    """The persons of an event as packed references, and its patient; or the code that refuses it."""

    code: str
    refs: bytes
    patient: bytes


Pack = Callable[[bytes, int, int, int, bytes, str, bytes], bytes]


class Router:
    """Makes the canonical records of one fetch of one agency. `next` is the number of the first record of each lane."""

    def __init__(
        self, agency: str, codec: Codec, keys: Keys, partitions: Mapping[str, int], next: Mapping[Place, int]
    ) -> None:
        self._sender, self._source, self._codec = f"intake/{agency}", f"agency/{agency}", codec
        self._partitions = partitions
        self._event_mac, self._salt_mac = keys.mac(SECRET, "event"), keys.mac(SECRET, "salt")
        self._lanes = {place: Lane(*place, number) for place, number in next.items()}
        self._lane_of: dict[tuple[str, bytes], Lane] = {}
        self._packers: dict[str, Pack] = {REGISTERED: envelope_packer(REGISTERED, "hub/intake", self._sender)}
        self._ids: dict[tuple[int, int, int], bytes] = {}
        self._replies = Replies(keys, SECRET)

    def lanes(self) -> list[Lane]:
        """Every partition that intake ever sent to, by topic and number."""
        return [lane for _, lane in sorted(self._lanes.items())]

    def route(self, opened: Opened, checked: Sequence[Checked], people: Sequence[Resolved | None] | None) -> Routed:
        """Records and outcomes of one frame; `people` are its persons resolved, None when nobody could open them."""
        connector, header = opened.arrival.connector, opened.arrival.header
        assert connector is not None
        registered = self._register(opened, checked, people or ())
        number, generation, at = connector.number, header.generation, header.sealed_at
        asserted = asserted_of(number, generation, 0)
        known: dict[tuple[tuple[int, int], ...], _Who] = {}
        outcomes: list[EventOutcome] = []
        for entry, mark, (type, route, fields, code) in zip(opened.entries, opened.marks, checked, strict=True):
            persons = entry.persons
            who = known.get(persons)
            if who is None:
                who = known[persons] = _who(persons, people)
            refs = who.refs
            if entry.refs and not code:
                who, refs = self._named(entry, type, fields, who, number)
            code = code or who.code
            if code:
                outcomes.append(EventOutcome(mark, code, "", 0, 0))
                continue
            topic, key = (MARKETS, market_of(entry.area).encode()) if route == MARKET else (PERSONS, who.patient)
            id = self._id(number, generation, entry.number)
            said = (at, asserted + entry.number, mark, entry.place, refs)
            lane = self._append(topic, key, self._packer(type), id, said, entry.value)
            outcomes.append(_new(EventOutcome, (mark, "", topic, lane.partition, lane.number - 1)))
        return Routed(tuple(outcomes), registered)

    def _append(
        self, topic: str, key: bytes, pack: Pack, id: bytes, said: tuple[int, int, bytes, str, bytes], value: bytes
    ) -> Lane:
        lane = self._lane_of.get((topic, key))
        if lane is None:
            place = topic, partition_of(key, self._partitions[topic])
            lane = self._lane_of[topic, key] = self._lanes.setdefault(place, Lane(*place, 1))
        lane.records.append(_new(Record, (key, pack(id, lane.number, *said), value)))
        lane.number += 1
        return lane

    def _packer(self, type: str) -> Pack:
        found = self._packers.get(type)
        if found is None:
            found = self._packers[type] = envelope_packer(type, self._source, self._sender)
        return found

    def _id(self, connector: int, generation: int, number: int) -> bytes:
        """The hub's id of an edge's event: keyed, so that it tells nobody its number; 64 of them come from one MAC."""
        block, place = divmod(number, _IDS)
        at = connector, generation, block
        ids = self._ids.get(at)
        if ids is None:
            self._ids.clear()  # events come in order; those that others refer to are few
            ids = self._ids[at] = shake_256(self._event_mac(_ADDRESS.pack(*at))).digest(_IDS * 16)
        return ids[place * 16 : place * 16 + 16]

    def _named(self, entry: Entry, type: str, fields: Any, who: _Who, connector: int) -> tuple[_Who, bytes]:
        """Whom an event with references concerns, and all its references; a reply code is opened to what it names."""
        sealed = reply_of(entry)
        if sealed is None:
            return who, who.refs + self._refs(entry, connector)
        found = self._replies.open(sealed, type, fields.site, fields.occurred_on)
        if isinstance(found, str):
            return _Who(found, b"", b""), b""
        return _Who("", b"", found.subject), pack_refs(found.refs())

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
    ) -> int:
        """A `SubjectRegistered` for each person that this frame brought, dated as the first thing known of them."""
        new = {i: who.subject for i, who in enumerate(people) if who and who.is_new}
        if not new:
            return 0
        first: dict[int, tuple[int, str, str]] = {}
        for entry, (_, _, fields, _) in zip(opened.entries, checked, strict=True):
            for _, i in entry.persons:
                if i in new and fields is not None and (i not in first or fields.occurred_on < first[i][0]):
                    first[i] = fields.occurred_on, fields.mode, entry.area
        subjects: set[bytes] = set()
        for i, subject in new.items():
            if i in first and subject not in subjects:
                subjects.add(subject)
                self._registered(opened.arrival.header.sealed_at, subject, *first[i])
        return len(subjects)

    def _registered(self, at: int, subject: bytes, on: int, mode: str, area: str) -> None:
        fields = kind_of(REGISTERED).cls(self._salt_mac(subject)[:16], on, None, at, mode, "public_duty", area)
        value = self._codec.encode(REGISTERED, fields)
        refs = bytes((PATIENT, KIND_SUBJECT, len(subject))) + subject
        said = (at, 0, commitment(value), "", refs)
        self._append(PERSONS, subject, self._packers[REGISTERED], self._event_mac(subject)[:16], said, value)


def _who(persons: tuple[tuple[int, int], ...], people: Sequence[Resolved | None] | None) -> _Who:
    """The persons of an event. Without any there is nothing to resolve, and nobody is missed."""
    if persons and people is None:
        return _Who("HUB-I327", b"", b"")
    parts: list[bytes] = []
    patient = b""
    for role, i in persons:
        who = people[i] if people is not None and i < len(people) else None
        if who is None:
            return _Who("HUB-I325", b"", b"")
        if role == PATIENT and not patient:
            patient = who.subject
        parts.append(bytes((role, KIND_SUBJECT, len(who.subject))) + who.subject)
    return _Who("", b"".join(parts), patient)
