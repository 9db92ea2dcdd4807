"""A record: what a log keeps. Key, headers and value are bytes to everyone below the codec.

Headers are one canonical byte string, because the proof of a record hashes exactly these bytes: for each header one
byte length and the name, two bytes length and the value. A Kafka log unpacks them into native headers and back.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple


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
        parts += (_names[name], _sizes[len(value)], value)
    return b"".join(parts)


class _Names(dict[str, bytes]):
    """Names with their length before them. A log has few; of foreign ones only so many are remembered."""

    def __missing__(self, name: str) -> bytes:
        raw = name.encode()
        found = len(raw).to_bytes(1, "big") + raw
        if len(self) < _MOST_NAMES:
            self[name] = found
        return found


class _Sizes(dict[int, bytes]):
    """Lengths of values as they are written; there are 65,536."""

    def __missing__(self, size: int) -> bytes:
        found = self[size] = size.to_bytes(2, "big")
        return found


_MOST_NAMES: Final = 1_000
_names, _sizes = _Names(), _Sizes()


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
