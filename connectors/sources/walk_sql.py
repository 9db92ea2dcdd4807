"""A walk through a table in the order of its key or of its cursor: page after page, each a short statement."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from hashlib import blake2b
from itertools import count, takewhile
from pathlib import Path
from typing import Final

from connectors.sources.pages import without
from connectors.sources.session import Rows
from connectors.sources.source import Chunk, Cursor, CursorValue
from connectors.sources.spec import SqlSpec
from connectors.sources.sql import SqlSource, numbered
from connectors.sources.statements import Part
from connectors.sources.walk import After, Bounds, Piece
from hub.core.errors import DataError

_KEYED: Final = "keyed"
_EMPTY: Final = "empty"
"""Rows whose first column of the order is empty come last, and are usually none."""


class SqlWalk(SqlSource):
    """A table or SELECT, walked through. It is bounded by `bounds`, or all of it."""

    def __init__(
        self, spec: SqlSpec, folder: Path, wanted: Mapping[str, str], today: int | None,
        now_ms: Callable[[], int] | None, key: Sequence[str], bounds: Bounds,
    ) -> None:  # fmt: skip
        """`key` tells rows apart. Raises DataError HUB-C420 for bounds of a cursor column where none is declared."""
        if bounds.by_cursor and not spec.cursor:
            raise DataError("HUB-C420", alias=spec.alias)
        super().__init__(spec, folder, wanted, today, now_ms)
        key = spec.key or tuple(key)
        self._order = tuple(dict.fromkeys((spec.cursor, *key))) if bounds.by_cursor else tuple(key)
        self._bounds = bounds

    @property
    def stamp(self) -> str:
        """The place is good as long as table, order and bounds are the same."""
        spec = self._spec
        return repr((spec.url, spec.schema, spec.table, spec.query, self._order, self._bounds))

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._ended

    def count(self) -> int:
        """By one statement of its own."""
        found, _ = self._session.answer(self._sent.count(self._part()))
        return int(str(found[0][0]))

    def mark(self) -> Cursor | None:
        """The newest value of the cursor column that is not ahead of the database's clock."""
        if not self._spec.cursor:
            return None
        self._look_at_clock()
        found, _ = self._session.answer(self._sent.newest())
        self._mark.note({row[0] for row in found})
        return self.cursor

    def pieces(self, after: After, at_once: int) -> Iterator[Piece]:
        """In the order of the key; within bounds by the cursor, in its order."""
        places = tuple(column.name for column in self.columns())
        part = self._part()
        phase, number, last, tied = _begin(after)
        while phase == _KEYED:
            limit = at_once + len(tied)
            found, _ = self._session.answer(self._sent.piece(places, part, last, limit))
            fresh = without(found, tied, _mark)
            over = len(found) < limit
            if found:
                last, tied = self._place(places, found, part)
            number += len(fresh)
            if over:
                phase, last, tied = _EMPTY, (), ()
            yield self._piece(places, fresh, number, (phase, number, last, tied))
            if not over:
                self._session.pause()
                if not self._session.in_hours():
                    self._description["ended"] = "hours"
                    return
        if not self._bounds:
            passed = int(str(last[0])) if last else 0
            yield from self._without_key(places, part, number, passed)
        self._ended = True

    def _without_key(self, places: Sequence[str], part: Part, number: int, passed: int) -> Iterator[Piece]:
        """Rows in no order of ours: those that were passed are counted."""
        skip = passed
        for found in self._session.stream(self._sent.empty(places, part)):
            fresh, skip = found[skip:], max(0, skip - len(found))
            if fresh:
                number, passed = number + len(fresh), passed + len(fresh)
                yield self._piece(places, fresh, number, (_EMPTY, number, (passed,), ()))

    def _piece(self, places: Sequence[str], found: Rows, number: int, after: After) -> Piece:
        rows = list(map(numbered, zip(count(number - len(found) + 1), self._decoded(places, found), strict=False)))
        return Piece(tuple(places), Chunk(self.alias, tuple(places), rows, []), after)

    def _place(self, places: Sequence[str], found: Rows, part: Part) -> tuple[tuple[object, ...], tuple[bytes, ...]]:
        """Where the next page begins, and marks of the rows that it has again: a key that is empty or not unique must
        not hide a row."""
        at = [places.index(name) for name in part.order]
        last = [found[-1][place] for place in at]
        if not self._sent.nulls_last:
            last = list(takewhile(lambda value: value is not None, last))
        tied = tuple(_mark(row) for row in found if [row[place] for place in at[: len(last)]] == last)
        return tuple(last), tied

    def _part(self) -> Part:
        """Raises DataError HUB-C421 for a bound that is no value of its column."""
        kinds = {column.name: column.type for column in self.columns()}
        name = self._order[0]
        begin, end = (self._value(text, name, kinds[name]) for text in self._bounds[1:])
        return Part(self._order, begin, end)

    def _value(self, text: str, name: str, kind: str) -> CursorValue | None:
        if not text:
            return None
        for read in _READ.get(kind, (str,)):
            with suppress(ValueError):
                return read(text)
        raise DataError("HUB-C421", alias=self.alias, column=name, kind=kind)


_READ: Final[Mapping[str, tuple[Callable[[str], CursorValue], ...]]] = {
    "number": (int, float),
    "date": (date.fromisoformat, datetime.fromisoformat),
}


def _begin(after: After) -> tuple[str, int, Sequence[object], Sequence[object]]:
    if not after:
        return _KEYED, 0, (), ()
    phase, number, last, tied = after
    assert isinstance(phase, str)
    assert isinstance(number, int)
    assert isinstance(last, (tuple, list))
    assert isinstance(tied, (tuple, list))
    return phase, number, last, tied


def _mark(row: tuple[object, ...]) -> bytes:
    """What tells a row from others with its key. It is locked before it is written, as the key is."""
    return blake2b(repr(row).encode(), digest_size=16).digest()
