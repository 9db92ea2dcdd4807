"""The clock is a sender (law 11): one `DayTicked` a day and partition, numbered by the day since go-live."""

from typing import Any

from hub.codec import Codec, Envelope, kind_of
from hub.core.event import asserted_of
from hub.core.frame import commitment
from hub.core.record import Record
from hub.ports.log import Log
from hub.ports.system import System

DAY_MS = 86_400_000
SENDER = "clock"
TOPICS = ("persons", "markets")


def control_record(
    codec: Codec, type: str, sender: str, number: int, day: int, fields: dict[str, Any], system: System, hint: str
) -> Record:
    """A record for every partition: it has no key, and the hub asserts it. Its bytes follow from its arguments."""
    common = {"occurred_on": day, "occurred_minute": None, "recorded_at": day * DAY_MS, "mode": "live"}
    common |= {"legal_basis": "public_duty", "area": "", "salt": b"\0" * 16}
    value = codec.encode(type, kind_of(type).cls(**common, **fields))
    envelope = Envelope(
        system.new_id("event", hint), number, day * DAY_MS, asserted_of(0, 0, number), commitment(value), 0, type,
        f"hub/{sender}", sender, "", b"",
    )  # fmt: skip
    return Record(b"", codec.headers(envelope), value)


def tick(log: Log, codec: Codec, system: System, go_live: int, ticked: dict[tuple[str, int], int]) -> int:
    """Bring every partition of both logs to today; returns how many ticks were appended.

    `ticked` remembers the last number by partition; where it knows nothing the log is asked, so that a later run of the
    same day adds nothing. Before `go_live` nothing ticks.
    """
    wanted, sent = system.today() - go_live + 1, 0
    topics = log.topics()
    for topic in TOPICS:
        for partition in range(topics[topic]):
            place = (topic, partition)
            if place not in ticked:
                ticked[place] = _last(log, codec, topic, partition)
            numbers = range(ticked[place] + 1, wanted + 1)
            if numbers:
                records = [_tick(codec, system, go_live, topic, partition, number) for number in numbers]
                log.append(topic, partition, records)
                ticked[place] = wanted
                sent += len(records)
    return sent


def _tick(codec: Codec, system: System, go_live: int, topic: str, partition: int, number: int) -> Record:
    hint = f"{SENDER}/{topic}/{partition}/{number}"
    return control_record(
        codec, "hub.DayTicked", SENDER, number, go_live + number - 1, {"number": number}, system, hint
    )


def _last(log: Log, codec: Codec, topic: str, partition: int) -> int:
    """The last tick in a partition, looked for from its end."""
    begin, end = log.bounds(topic, partition)
    while end > begin:
        start = max(begin, end - 5000)
        for record in reversed(read_span(log, topic, partition, start, end)):
            envelope = codec.envelope(record.headers)
            if envelope.sender == SENDER:
                return envelope.number
        end = start
    return 0


def read_span(log: Log, topic: str, partition: int, start: int, end: int) -> list[Record]:
    """Every record from `start` up to `end`, however few a read gives."""
    found: list[Record] = []
    while start + len(found) < end:
        found += log.read(topic, partition, start + len(found), end - start - len(found))
    return found
