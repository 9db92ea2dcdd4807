"""An outcome: what intake answers to one frame, on `outcomes.<agency>` under the connector's id (law 12). Version 1.

    magic "JKHO" | version | sizes | connector | fixed fields | events, 45 bytes each | next numbers, 11 bytes each

Intake numbers its outcomes 1, 2, 3 ... per agency (`sequence`), and readers accept exactly the next (law 3): an append
that nobody knows about may bring one twice. Whoever has all outcomes has all of intake's memory.
"""

import struct
from typing import NamedTuple

from hub.core.errors import IntegrityError

MAGIC = b"JKHO"
VERSION = 1
ROOM = "HUB-I"
LETTERS = {"": b"-", "persons": b"p", "markets": b"m"}
TOPICS = {letter: topic for topic, letter in LETTERS.items()}


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


_HEAD = struct.Struct(">QQ16sHI32sHIQIH")
_EVENT = struct.Struct(">32sHcHQ")
_NEXT = struct.Struct(">cHQ")


def _number(code: str) -> int:
    return int(code.removeprefix(ROOM)) if code else 0


def _code(number: int) -> str:
    return f"{ROOM}{number:03d}" if number else ""


def pack_outcome(outcome: Outcome) -> bytes:
    """The value of an outcome's record. Every code of it is one of intake's, HUB-I and a number."""
    connector = outcome.connector.encode()
    head = _HEAD.pack(
        outcome.sequence, outcome.offset, bytes.fromhex(outcome.incarnation), outcome.generation, outcome.frame,
        outcome.hash, _number(outcome.code), outcome.last_event, outcome.vault, len(outcome.events), len(outcome.next),
    )  # fmt: skip
    parts = [MAGIC, bytes((VERSION, len(connector))), connector, head]
    parts += [
        _EVENT.pack(mark, _number(code), LETTERS[topic], partition, number)
        for mark, code, topic, partition, number in outcome.events
    ]
    parts += [_NEXT.pack(LETTERS[topic], partition, number) for topic, partition, number in outcome.next]
    return b"".join(parts)


def unpack_outcome(raw: bytes) -> Outcome:
    """The inverse of `pack_outcome`. Raises IntegrityError HUB-I412 for other bytes than a whole outcome."""
    try:
        if raw[:4] != MAGIC or raw[4] != VERSION:
            raise ValueError
        at = 6 + raw[5]
        connector = raw[6:at].decode()
        sequence, offset, incarnation, generation, frame, digest, code, last, vault, events, nexts = _HEAD.unpack_from(
            raw, at
        )
        at += _HEAD.size
        middle, end = at + _EVENT.size * events, at + _EVENT.size * events + _NEXT.size * nexts
        if end != len(raw):
            raise ValueError
        outcomes = tuple(
            EventOutcome(mark, _code(refused), TOPICS[letter], partition, number)
            for mark, refused, letter, partition, number in _EVENT.iter_unpack(raw[at:middle])
        )
        following = tuple((TOPICS[letter], *rest) for letter, *rest in _NEXT.iter_unpack(raw[middle:end]))
    except (struct.error, ValueError, IndexError, KeyError):
        raise IntegrityError("HUB-I412") from None
    who = connector, incarnation.hex(), generation, frame, digest, _code(code)
    return Outcome(sequence, offset, *who, last, vault, outcomes, following)
