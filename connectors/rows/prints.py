"""Keyed names and fingerprints of rows and events. They stay in the spool and mean nothing without `K_source`."""

import marshal
from collections.abc import Sequence
from datetime import date, datetime, time
from hashlib import blake2b
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from connectors.forms.canonical import canonical
from connectors.mapping.language import Mapping
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
        row, content, event = (
            keys.mac("K_source", label)(b"") for label in ("row token", "row content", "event content")
        )
        self._row = blake2b(digest_size=8, key=row)
        self._content = blake2b(digest_size=16, key=content)
        self._event = blake2b(digest_size=16, key=event)

    def token(self, key: tuple[Any, ...]) -> int:
        """63 bits that stand for a row's key; the fingerprint beside it holds 128 more."""
        hash = self._row.copy()
        hash.update(packed_values(key))
        return int.from_bytes(hash.digest(), "big") >> 1

    def named(self, name: str) -> int:
        """As `token`, for the usual key of one column. No packed values begin with a zero."""
        hash = self._row.copy()
        hash.update(b"\0" + name.encode())
        return int.from_bytes(hash.digest(), "big") >> 1

    def contents(self, rows: Sequence[tuple[Any, ...]], mapping: str) -> list[bytes]:
        """16 bytes a row for what the mapping reads of it. Rows of nothing but text are joined, which is cheap."""
        texts, others = self._content.copy(), self._content.copy()
        texts.update(b"t" + mapping.encode())
        others.update(b"v" + mapping.encode())
        found: list[bytes] = []
        for row in rows:
            try:
                packed, base = "\x1f".join(row).encode(), texts
                plain = packed.count(b"\x1f") == len(row) - 1
            except (TypeError, UnicodeEncodeError):
                plain = False
            if not plain:
                packed, base = packed_values(row), others
            hash = base.copy()
            hash.update(packed)
            found.append(hash.digest())
        return found

    def of_events(self, section: int) -> blake2b:
        """What begins the hash, of 16 bytes, of what an event of that section says, and of whom."""
        base = self._event.copy()
        base.update(section.to_bytes(4, "big"))
        return base


def _written(cell: Any) -> Any:
    """A cell of a key that is a day, a time or an id, as it would stand in a file of text; any other as it is."""
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return str(cell) if isinstance(cell, (date, time, UUID)) else cell


class RowNames:
    """The token of each row, from the columns of its key."""

    def __init__(self, mapping: Mapping, columns: tuple[str, ...], prints: Prints, today: int) -> None:
        """`columns` are those in whose order rows come."""
        self._names, self._prints, self._today = mapping.key, prints, today
        at = [columns.index(name) for name in mapping.key]
        self._at, self._pick = at[0], itemgetter(*at)

    def tokens(self, rows: Sequence[tuple[Any, ...]]) -> list[int | Coded]:
        """63 bits a row, or the error of a key that cannot be read or is empty (C146). Keys are compared as `text`."""
        if len(self._names) > 1:
            return [self._spelled(self._pick(row)) for row in rows]
        named, at = self._prints.named, self._at
        return [
            named(cell) if cell.__class__ is str and cell.isascii() and cell.isalnum() else self._spelled((cell,))
            for cell in [row[at] for row in rows]
        ]

    def _spelled(self, cells: tuple[Any, ...]) -> int | Coded:
        try:
            pairs = zip(cells, self._names, strict=True)
            texts = [canonical("text", _written(cell), today=self._today, column=name) for cell, name in pairs]
        except Coded as error:
            return error
        if all(text is None for text in texts):
            return Coded("HUB-C146", self._names[0])
        if len(texts) == 1:
            return self._prints.named(str(texts[0]))
        return self._prints.token(("key", *texts))
