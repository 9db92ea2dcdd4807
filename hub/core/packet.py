"""A packet: records of one topic that are carried by hand or by a one-way ferry of files. Version 1.

    magic "JKHP" | version | header, JSON, length in four bytes | records | SHA-256 of everything before it

Magic, version and hash stand there in every version.

A packet of frames holds frames `first` to `last` of one spool of a connector; a packet of answers holds outcomes of an
agency from offset `first` to `last`. What is inside is sealed or says nothing of anybody, as on any other carrier; the
hash is against damage, frames are signed.
"""

import json
import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

from hub.core.errors import DataError
from hub.core.format import check_format
from hub.core.record import Record

MAGIC = b"JKHP"
VERSION = 1
FRAMES, ANSWERS = "frames", "answers"
_SIZES = struct.Struct(">HHI")


class Packet(NamedTuple):
    """What a packet says of itself. Of answers, `connector` is empty and `generation` 0.

    `log` is the identity of the log that answers came from.
    """

    kind: str
    agency: str
    connector: str
    generation: int
    first: int
    last: int
    log: str

    @property
    def name(self) -> str:
        """The file's name: packets of one sender sort in their order."""
        who = f"{self.agency}.{self.connector}.g{self.generation:05d}" if self.kind == FRAMES else self.agency
        return f"{who}.{self.first:010d}-{self.last:010d}.{self.kind}"


def pack_packet(packet: Packet, records: Iterable[Record]) -> bytes:
    """The bytes of a packet's file."""
    header = json.dumps(packet._asdict(), sort_keys=True, separators=(",", ":")).encode()
    parts = [MAGIC, bytes((VERSION,)), len(header).to_bytes(4, "big"), header]
    for key, headers, value in records:
        parts += (_SIZES.pack(len(key), len(headers), len(value)), key, headers, value)
    whole = b"".join(parts)
    return whole + sha256(whole).digest()


def unpack_packet(raw: bytes, file: str) -> tuple[Packet, Sequence[Record]]:
    """The inverse of `pack_packet`. Raises DataError HUB-I360 for a file that is damaged, cut or no packet, HUB-G130
    for that of a newer program."""
    try:
        if raw[:4] != MAGIC or sha256(raw[:-32]).digest() != raw[-32:]:
            raise ValueError
        check_format(raw[4], VERSION, file)
        at = 9 + int.from_bytes(raw[5:9], "big")
        packet = _sound(Packet(**json.loads(raw[9:at])))
        records: list[Record] = []
        while at < len(raw) - 32:
            key, headers, value = _SIZES.unpack_from(raw, at)
            at += _SIZES.size
            ends = at + key, at + key + headers, at + key + headers + value
            records.append(Record(raw[at : ends[0]], raw[ends[0] : ends[1]], raw[ends[1] : ends[2]]))
            at = ends[2]
        if at != len(raw) - 32 or len(records) != packet.last - packet.first + 1:
            raise ValueError
    except (ValueError, TypeError, struct.error, RecursionError):
        raise DataError("HUB-I360", file=file) from None
    return packet, records


def _sound(packet: Packet) -> Packet:
    """The packet, if each field is of its type; JSON promises nothing. Raises ValueError."""
    texts, numbers = (packet.kind, packet.agency, packet.connector, packet.log), packet[3:6]
    if not all(type(text) is str for text in texts) or not all(type(number) is int for number in numbers):
        raise ValueError
    if packet.kind not in (FRAMES, ANSWERS) or min(numbers) < 0:
        raise ValueError
    return packet
