"""The headers of a canonical record: CloudEvents, in one layout, so that equal ones are equal bytes (decision 002).

    ce_specversion ce_id number received_at asserted commitment body | ce_type ce_source sender from refs

Those of the first group have a fixed size and place, so that they are read and written by one struct.
"""

import struct
from binascii import unhexlify
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from hub.core.errors import IntegrityError

_new: Any = tuple.__new__  # half the time of calling a NamedTuple's class


class Envelope(NamedTuple):
    """What the headers of a canonical record say: `refs` packed, `received_at` in ms, `body` 0 clear 1 sealed."""

    id: bytes
    number: int
    received_at: int
    asserted: int
    commitment: bytes
    body: int
    type: str
    source: str
    sender: str
    place: str
    refs: bytes


def _named(name: str, size: int) -> bytes:
    return bytes((len(name),)) + name.encode() + size.to_bytes(2, "big")


_VERSION = _named("ce_specversion", 3) + b"1.0" + _named("ce_id", 32)
_NUMBER, _RECEIVED, _ASSERTED = _named("number", 8), _named("received_at", 8), _named("asserted", 8)
_COMMITMENT, _BODY = _named("commitment", 32), _named("body", 1)
_FIXED = struct.Struct(
    f">{len(_VERSION)}s32s{len(_NUMBER)}sQ{len(_RECEIVED)}sq{len(_ASSERTED)}sQ{len(_COMMITMENT)}s32s{len(_BODY)}sB"
)
_TYPE, _SOURCE, _SENDER, _FROM, _REFS = (
    bytes((len(x),)) + x for x in (b"ce_type", b"ce_source", b"sender", b"from", b"refs")
)
_FROM_SIZE, _REFS_SIZE = len(_FROM) + 2, len(_REFS) + 2  # with the length of what follows
_READ = struct.Struct(
    f">{len(_VERSION)}s32s{len(_NUMBER)}xQ{len(_RECEIVED)}xq{len(_ASSERTED)}xQ{len(_COMMITMENT)}x32s{len(_BODY)}xB"
)


def pack_envelope(envelope: Envelope) -> bytes:
    """The headers of a canonical record, as the one byte string that its proof hashes."""
    type, source, sender = envelope.type.encode(), envelope.source.encode(), envelope.sender.encode()
    place, refs = envelope.place.encode(), envelope.refs
    return b"".join(
        (
            _FIXED.pack(
                _VERSION, envelope.id.hex().encode(), _NUMBER, envelope.number, _RECEIVED, envelope.received_at,
                _ASSERTED, envelope.asserted, _COMMITMENT, envelope.commitment, _BODY, envelope.body,
            ),
            _TYPE, len(type).to_bytes(2, "big"), type,
            _SOURCE, len(source).to_bytes(2, "big"), source,
            _SENDER, len(sender).to_bytes(2, "big"), sender,
            _FROM, len(place).to_bytes(2, "big"), place,
            _REFS, len(refs).to_bytes(2, "big"), refs,
        )
    )  # fmt: skip


def envelope_packer(type: str, source: str, sender: str) -> Callable[[bytes, int, int, int, bytes, str, bytes], bytes]:
    """As `pack_envelope`, prepared for many clear events of one type from one sender.

    The function takes id, number, received_at, asserted, commitment, place and refs.
    """
    parts = ((name, text.encode()) for name, text in ((_TYPE, type), (_SOURCE, source), (_SENDER, sender)))
    middle = b"".join(name + len(text).to_bytes(2, "big") + text for name, text in parts) + _FROM

    def pack(
        id: bytes, number: int, received_at: int, asserted: int, commitment: bytes, place: str, refs: bytes
    ) -> bytes:
        where = place.encode()
        fixed = _FIXED.pack(
            _VERSION, id.hex().encode(), _NUMBER, number, _RECEIVED, received_at,
            _ASSERTED, asserted, _COMMITMENT, commitment, _BODY, 0,
        )  # fmt: skip
        sizes = len(where).to_bytes(2, "big"), len(refs).to_bytes(2, "big")
        return b"".join((fixed, middle, sizes[0], where, _REFS, sizes[1], refs))

    return pack


def unpack_envelope(headers: bytes) -> Envelope:
    """The inverse of `pack_envelope`. Raises IntegrityError HUB-P411 for any other headers."""
    try:
        version, id, number, received, asserted, commitment, body = _READ.unpack_from(headers)
        if version != _VERSION:
            raise ValueError
        at = headers.index(_FROM, _READ.size)  # no type, source or sender has a control character
        type, source, sender = _who(headers[_READ.size : at])
        begin = at + _FROM_SIZE
        end = begin + (headers[begin - 2] << 8 | headers[begin - 1])
        last = end + _REFS_SIZE
        refs = headers[last : last + (headers[last - 2] << 8 | headers[last - 1])]
        place, event_id = headers[begin:end].decode(), unhexlify(id)
    except (struct.error, ValueError, IndexError):
        raise IntegrityError("HUB-P411") from None
    parts = event_id, number, received, asserted, commitment, body, type, source, sender, place, refs
    return _new(Envelope, parts)  # type: ignore[no-any-return]


def _after(headers: bytes, at: int, name: bytes) -> int:
    """Where the header that begins at `at` ends."""
    at += len(name) + 2
    return at + (headers[at - 2] << 8 | headers[at - 1])


@lru_cache(1024)  # as many as there are types and senders, not events
def _who(middle: bytes) -> tuple[str, str, str]:
    """Type, source and sender, from their three headers."""
    found: list[str] = []
    at = 0
    for name in (_TYPE, _SOURCE, _SENDER):
        end = _after(middle, at, name)
        found.append(middle[at + len(name) + 2 : end].decode())
        at = end
    if at != len(middle):
        raise ValueError
    type, source, sender = found
    return type, source, sender
