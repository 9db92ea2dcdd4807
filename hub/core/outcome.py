"""An outcome: what intake answers to one frame, on `outcomes.<agency>` under the connector's id (law 12).

An outcome's value is Avro in Confluent framing, as events' values are, so that any tool reads it that has the schema,
`schemas/avro/wire/hub.FrameAnswered.1.avsc`; its id is `SCHEMA_ID`. It is written and read here by hand, since it is
the one record with lists in it. Intake numbers its outcomes 1, 2, 3 ... per agency (`sequence`), and readers accept
exactly the next (law 3): an append that nobody knows about may bring one twice. Whoever has all outcomes has all of
intake's memory.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeVar

from hub.core.errors import IntegrityError
from hub.core.varint import zigzag

SCHEMA_ID = 10_001
FRAMING = b"\0" + SCHEMA_ID.to_bytes(4, "big")
_T = TypeVar("_T")


class EventOutcome(NamedTuple):
    """What became of one event of a frame: where it was appended with which number, or the code that refused it.

    Exactly one of `code` and `topic` is empty. `number` counts intake's records of that agency in that partition.
    """

    commitment: bytes
    code: str
    topic: str
    partition: int
    number: int


class Outcome(NamedTuple):
    """What became of one frame.

    `sequence` counts the outcomes of the agency and `offset` is the frame's in `ingress.<agency>`. `code` is empty when
    the frame was accepted, that is, when its number is used up, even if each of its events was refused; with a code
    the connector's chain stays where it was. `frame` and `hash` are the frame's number and SHA-256. `last_event` is
    the connector's last event number, `vault` how many frames of the agency the vault had resolved; `next` the number
    that intake's next record will have, by topic and partition.
    """

    sequence: int
    offset: int
    connector: str
    incarnation: str
    generation: int
    frame: int
    hash: bytes
    code: str
    last_event: int
    vault: int
    events: tuple[EventOutcome, ...]
    next: tuple[tuple[str, int, int], ...]


def pack_outcome(outcome: Outcome) -> bytes:
    """The value of an outcome's record. Raises ValueError for an incarnation or hash of another size."""
    incarnation = bytes.fromhex(outcome.incarnation)
    if len(incarnation) != 16 or len(outcome.hash) != 32:
        raise ValueError("size")
    head = (
        FRAMING, zigzag(outcome.sequence), zigzag(outcome.offset), _text(outcome.connector), incarnation,
        zigzag(outcome.generation), zigzag(outcome.frame), outcome.hash, _text(outcome.code),
        zigzag(outcome.last_event), zigzag(outcome.vault),
    )  # fmt: skip
    events = [
        mark + _ending(code, topic, partition) + zigzag(number)
        for mark, code, topic, partition, number in outcome.events
    ]
    following = [_text(topic) + zigzag(partition) + zigzag(number) for topic, partition, number in outcome.next]
    return b"".join((*head, *_array(events), *_array(following)))


def unpack_outcome(raw: bytes) -> Outcome:
    """The inverse of `pack_outcome`. Raises IntegrityError HUB-I412 for other bytes than a whole outcome."""
    reader = _Reader(raw)
    try:
        if reader.bytes(len(FRAMING)) != FRAMING:
            raise ValueError
        sequence, offset, connector = reader.long(), reader.long(), reader.text()
        incarnation = reader.bytes(16).hex()
        generation, frame, hash, code = reader.long(), reader.long(), reader.bytes(32), reader.text()
        last_event, vault = reader.long(), reader.long()
        events = reader.array(reader.event)
        following = reader.array(lambda: (reader.text(), reader.long(), reader.long()))
        if reader.at != len(raw):
            raise ValueError
    except (ValueError, IndexError):
        raise IntegrityError("HUB-I412") from None
    who = connector, incarnation, generation, frame, hash, code
    return Outcome(sequence, offset, *who, last_event, vault, events, following)


def _text(value: str) -> bytes:
    encoded = value.encode()
    return zigzag(len(encoded)) + encoded


@lru_cache(4096)  # as many as there are partitions and codes
def _ending(code: str, topic: str, partition: int) -> bytes:
    return _text(code) + _text(topic) + zigzag(partition)


def _array(items: list[bytes]) -> list[bytes]:
    """One block of items, if there are any, and the empty block that ends an array."""
    return [zigzag(len(items)), *items, b"\0"] if items else [b"\0"]


class _Reader:
    """Takes Avro values from the front of some bytes. Raises IndexError or ValueError where they end too soon."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self.at = raw, 0

    def bytes(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self._raw):
            raise IndexError
        self.at += size
        return self._raw[self.at - size : self.at]

    def long(self) -> int:
        raw, at = self._raw, self.at
        byte = raw[at]
        value, shift = byte & 127, 7
        while byte > 127:
            at += 1
            byte = raw[at]
            value |= (byte & 127) << shift
            shift += 7
        self.at = at + 1
        return value >> 1 ^ -(value & 1)

    def text(self) -> str:
        return self.bytes(self.long()).decode()

    def event(self) -> EventOutcome:
        return EventOutcome(self.bytes(32), self.text(), self.text(), self.long(), self.long())

    def array(self, item: Callable[[], _T]) -> tuple[_T, ...]:
        """The items of all blocks; a block that tells its size in bytes has a negative count before it."""
        found: list[_T] = []
        while count := self.long():
            if count < 0:
                count, _ = -count, self.long()
            if count > len(self._raw):
                raise ValueError
            found += [item() for _ in range(count)]
        return tuple(found)
