"""A record's packed headers as native headers of Kafka, and back, byte for byte.

What is not packed headers, such as any bytes that a test appends, travels whole in one header of its own name.
"""

from collections.abc import Sequence
from typing import Any, Final

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
            names, values = zip(*pairs, strict=True) if pairs else ((), ())
            parts = _forms[names, *map(len, values)].copy()
            parts[1::2] = values
            return b"".join(parts)
        except TypeError:  # a header without a value, which no program of ours writes
            return pack_headers([(name, value or b"") for name, value in pairs])
    except OverflowError:
        raise IntegrityError("HUB-L402", reason="headers") from None


class _Forms(dict[tuple[Any, ...], list[bytes]]):
    """What stands before each value, and room for it, by names and sizes: records of one type differ in little else.

    A log has few; of foreign ones only so many are remembered.
    """

    def __missing__(self, form: tuple[Any, ...]) -> list[bytes]:
        names, *sizes = form
        before = (
            pack_headers([(name, b"\0" * size)])[: -size or None] for name, size in zip(names, sizes, strict=True)
        )
        found = [part for each in before for part in (each, b"")]
        if len(self) < _MOST_FORMS:
            self[form] = found
        return found


_MOST_FORMS: Final = 1_000
_forms = _Forms()
