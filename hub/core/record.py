"""A record: what a log keeps. Key, headers and value are bytes to everyone below the codec.

Headers are one canonical byte string, because the proof of a record hashes exactly these bytes: for each header one
byte length and the name, two bytes length and the value. A Kafka log unpacks them into native headers and back.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Record(NamedTuple):
    """One log record; `headers` as packed by `pack_headers`."""

    key: bytes
    headers: bytes
    value: bytes


class Bounds(NamedTuple):
    """First offset kept, and the offset that the next record will get."""

    begin: int
    end: int


def pack_headers(pairs: Iterable[tuple[str, bytes]]) -> bytes:
    """The canonical byte string of headers, in the order given. Names up to 255 bytes, values up to 65,535."""
    parts: list[bytes] = []
    for name, value in pairs:
        raw = name.encode()
        parts += (len(raw).to_bytes(1, "big"), raw, len(value).to_bytes(2, "big"), value)
    return b"".join(parts)


def unpack_headers(packed: bytes) -> list[tuple[str, bytes]]:
    """The pairs in their order; the inverse of `pack_headers`. Raises ValueError when the string is cut."""
    pairs: list[tuple[str, bytes]] = []
    at, end = 0, len(packed)
    while at < end:
        name_end = at + 1 + packed[at]
        value_at = name_end + 2
        value_end = value_at + int.from_bytes(packed[name_end:value_at], "big")
        if value_at > end or value_end > end:
            raise ValueError("headers are cut")
        pairs.append((packed[at + 1 : name_end].decode(), packed[value_at:value_end]))
        at = value_end
    return pairs
