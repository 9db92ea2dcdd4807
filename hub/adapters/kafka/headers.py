"""A record's packed headers as native headers of Kafka, and back, byte for byte.

What is not packed headers, such as any bytes that a test appends, travels whole in one header of its own name.
"""

from collections.abc import Sequence
from typing import Final

from hub.core.errors import IntegrityError
from hub.core.record import pack_headers, unpack_headers

RAW: Final = "hub.raw"


def native(packed: bytes) -> list[tuple[str, bytes]]:
    """Headers for the broker."""
    try:
        pairs = unpack_headers(packed)
    except ValueError:
        return [(RAW, packed)]
    return [(RAW, packed)] if pairs and pairs[0][0] == RAW else pairs


def packed(pairs: Sequence[tuple[str, bytes | None]]) -> bytes:
    """The canonical byte string. Raises IntegrityError HUB-L402 for what no program of ours can have written."""
    if len(pairs) == 1 and pairs[0][0] == RAW:
        return pairs[0][1] or b""
    try:
        try:
            return pack_headers(pairs)  # type: ignore[arg-type]
        except TypeError:  # a header without a value, which no program of ours writes
            return pack_headers([(name, value or b"") for name, value in pairs])
    except OverflowError:
        raise IntegrityError("HUB-L402", reason="headers") from None
