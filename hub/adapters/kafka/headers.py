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
            names, values = zip(*pairs) if pairs else ((), ())  # noqa: B905 - a fifth dearer, and each is a pair
            sizes = tuple(map(len, values))
            known, form = _forms[sizes]
            if known != names:
                _forms[sizes] = known, form = names, _form(names, sizes)
            return form % values
        except TypeError:  # a header without a value, which no program of ours writes
            return pack_headers([(name, value or b"") for name, value in pairs])
    except OverflowError:
        raise IntegrityError("HUB-L402", reason="headers") from None


def _form(names: Sequence[str], sizes: Sequence[int]) -> bytes:
    """What stands before each value, and its place: records of one type differ in little else."""
    before = (pack_headers([(name, b"\0" * size)])[: -size or None] for name, size in zip(names, sizes, strict=True))
    return b"".join(each.replace(b"%", b"%%") + b"%b" for each in before)


class _Forms(dict[tuple[int, ...], tuple[Sequence[str], bytes]]):
    """The names that came last with values of such sizes, and their form.

    A log has few; of foreign ones only so many are remembered.
    """

    def __missing__(self, sizes: tuple[int, ...]) -> tuple[Sequence[str], bytes]:
        if len(self) >= _MOST_FORMS:
            self.clear()
        return (), b""


_MOST_FORMS: Final = 1_000
_forms = _Forms()
