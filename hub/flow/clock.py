"""The clock is a sender (law 11): one `DayTicked` a day and partition, numbered by the day since go-live.

The files of policy, calendar and areas are announced in the same way: a decider refuses to run under files that its log
does not name. What was said before is asked of the stores and, where one lags, of the log: under a number that was used
nothing else is ever said (laws 3 and 12).
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from hub.codec import Codec, kind_of
from hub.core.calendar import DAY_MS
from hub.core.envelope import Envelope
from hub.core.event import asserted_of
from hub.core.frame import commitment
from hub.core.record import Record
from hub.flow.accept import NEXT, accept
from hub.flow.advance import FETCH
from hub.flow.group import Group
from hub.ports.log import Log
from hub.ports.store import Store
from hub.ports.system import System

CLOCK, PROFILE = "clock", "profile"


class Heard(NamedTuple):
    """What a partition heard of the hub's own senders: the last tick, the last announcement and its fingerprint."""

    topic: str
    partition: int
    ticks: int
    announcements: int
    profile: str


def heard(groups: Iterable[Group], log: Log, store: Store) -> Iterator[Heard]:
    """What every partition of the groups heard, up to the end of its log."""
    topics = log.topics()
    for group in groups:
        for partition in range(topics[group.topic]):
            yield heard_by(group, partition, log, store)


def heard_by(group: Group, partition: int, log: Log, store: Store) -> Heard:
    """What one partition heard, up to the end of its log."""
    position, accepted, _, facts = store.committed(group.name, partition)
    profile = facts.get("profile", "")
    for record in _unread(log, group.topic, partition, position.offset):
        envelope = group.codec.envelope(record.headers)
        new = accept(accepted, envelope.sender, envelope.number) == NEXT
        if new and envelope.sender == PROFILE:
            profile = group.codec.decode(record.value)[1].sha256
    return Heard(group.topic, partition, accepted.get(CLOCK, 0), accepted.get(PROFILE, 0), profile)


def _unread(log: Log, topic: str, partition: int, offset: int) -> Iterator[Record]:
    """What a store has still to read. One that is newer than its log is not told here but by who reads on."""
    while offset < log.bounds(topic, partition).end and (records := log.read(topic, partition, offset, FETCH)):
        yield from records
        offset += len(records)


def tick(log: Log, codec: Codec, system: System, go_live: int, partitions: Iterable[Heard]) -> int:
    """Bring every partition to today; returns how many ticks were appended. Before `go_live` nothing ticks."""
    wanted, sent = system.today() - go_live + 1, 0
    for each in partitions:
        records = []
        for number in range(each.ticks + 1, wanted + 1):
            hint = f"{CLOCK}/{each.topic}/{each.partition}/{number}"
            day = go_live + number - 1
            records.append(_control(codec, "hub.DayTicked", CLOCK, number, day, {"number": number}, hint))
        if records:
            log.append(each.topic, each.partition, records)
            sent += len(records)
    return sent


def announce(log: Log, codec: Codec, system: System, profile: str, partitions: Iterable[Heard]) -> int:
    """Name the files in force to every partition that heard of others last; returns how many announcements."""
    sent = 0
    for each in partitions:
        if each.profile != profile:
            number, day, fields = each.announcements + 1, system.today(), {"sha256": profile}
            hint = f"{PROFILE}/{each.topic}/{each.partition}/{number}"
            record = _control(codec, "hub.ProfileChanged", PROFILE, number, day, fields, hint)
            log.append(each.topic, each.partition, [record])
            sent += 1
    return sent


def _control(codec: Codec, type: str, sender: str, number: int, day: int, fields: dict[str, Any], hint: str) -> Record:
    """A record for every partition: it has no key, and the hub asserts it. It tells of nobody, so nothing is secret."""
    common: dict[str, Any] = {"occurred_on": day, "occurred_minute": None, "recorded_at": day * DAY_MS, "mode": "live"}
    common |= {"legal_basis": "public_duty", "area": "", "salt": sha256(f"salt/{hint}".encode()).digest()[:16]}
    value = codec.encode(type, kind_of(type).cls(**common, **fields))
    id = sha256(f"event/{hint}".encode()).digest()[:16]
    envelope = Envelope(
        id, number, day * DAY_MS, asserted_of(0, 0, number), commitment(value), 0, type,
        f"hub/{sender}", sender, "", b"",
    )  # fmt: skip
    return Record(b"", codec.headers(envelope), value)
