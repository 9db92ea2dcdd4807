"""Keyed names and fingerprints of rows and events. They stay in the spool and mean nothing without `K_source`."""

import marshal
from collections.abc import Sequence
from hashlib import blake2b
from operator import itemgetter
from typing import Any, Final

from connectors.canonical import canonical
from connectors.mapping import Mapping
from hub.core.errors import Coded
from hub.ports.keys import Keys

_FORM: Final = 2
"""Of marshal: strings, numbers and tuples as bytes that depend on nothing else. For ever, as fingerprints are."""


def packed_values(values: tuple[Any, ...]) -> bytes:
    """Any cells as bytes, equal for equal cells and for no others."""
    try:
        return marshal.dumps(values, _FORM)
    except ValueError:
        return marshal.dumps(tuple([_plain(value) for value in values]), _FORM)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool, int, float, bytes)):
        return value
    return type(value).__name__, str(value)


class Prints:
    """BLAKE2b under keys derived from `K_source`, one a purpose: it costs half of an HMAC, three times a row."""

    def __init__(self, keys: Keys) -> None:
        labels = ("row token", "row content", "event content")
        self._row, self._content, self._event = (keys.mac("K_source", label)(b"") for label in labels)

    def token(self, key: tuple[Any, ...]) -> int:
        """63 bits that stand for a row's key; the fingerprint beside it holds 128 more."""
        return int.from_bytes(blake2b(packed_values(key), digest_size=8, key=self._row).digest(), "big") >> 1

    def contents(self, rows: Sequence[tuple[Any, ...]], mapping: str) -> list[bytes]:
        """16 bytes a row for what the mapping reads of it."""
        key, prefix = self._content, mapping.encode()
        return [blake2b(prefix + packed_values(row), digest_size=16, key=key).digest() for row in rows]

    def event(self, said: tuple[Any, ...]) -> bytes:
        """16 bytes for what an event says and of whom."""
        return blake2b(marshal.dumps(said, _FORM), digest_size=16, key=self._event).digest()


class RowNames:
    """The token of each row, from the columns of its key."""

    def __init__(self, mapping: Mapping, columns: tuple[str, ...], prints: Prints, today: int) -> None:
        """`columns` are those in whose order rows come."""
        self._names, self._prints, self._today = mapping.key, prints, today
        at = [columns.index(name) for name in mapping.key]
        self._pick = itemgetter(*at) if len(at) > 1 else lambda cells: (cells[at[0]],)

    def tokens(self, rows: Sequence[tuple[Any, ...]]) -> list[int | Coded]:
        """63 bits a row, or the error of a key that cannot be read or is empty (C146). Keys are compared as `text`."""
        pick, token = self._pick, self._prints.token
        found: list[int | Coded] = []
        for row in rows:
            cells = pick(row)
            for cell in cells:
                if cell.__class__ is not str or not cell.isascii() or not cell.isalnum():
                    found.append(self._spelled(cells))
                    break
            else:
                found.append(token(("key", *cells)))
        return found

    def _spelled(self, cells: tuple[Any, ...]) -> int | Coded:
        try:
            pairs = zip(cells, self._names, strict=True)
            texts = [canonical("text", cell, today=self._today, column=name) for cell, name in pairs]
        except Coded as error:
            return error
        if all(text is None for text in texts):
            return Coded("HUB-C146", self._names[0])
        return self._prints.token(("key", *texts))
