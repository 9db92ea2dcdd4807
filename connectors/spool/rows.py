"""The rows that were published before. New ones wait in memory and go to their table many at a time, in order.

A row's token is random, so that rows written as they come would touch a page of the table each: at a million rows that
costs more than all else that an edge does. Tens of thousands written in order share their pages.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

from connectors.spool import tables as t
from connectors.spool.tables import Known

WAITING: Final = 40_000
"""Rows that wait in memory, some 8 MB, until they are written."""

_MARKS: Final = 1 << 23
"""Bytes of the marks: 64 million bits, one a row; two rows in a hundred share one at a million rows."""

All = Callable[[str, Sequence[Any]], list[Any]]
Many = Callable[[str, Iterable[Any]], None]


class Rows:
    """The table `row` of a spool, inside the transactions of its owner, who calls `flush` before each commit."""

    def __init__(self, all: All, many: Many) -> None:
        self._all, self._many = all, many
        self._waiting: dict[int, Known] = {}
        self._marks: bytearray | None = None

    def begin(self) -> None:
        """Look whether there are rows. As long as the table was empty at first, marks tell most new rows from known."""
        self._waiting.clear()
        self._marks = None if self._all(t.ANY_ROW, ()) else bytearray(_MARKS)

    def known(self, ids: Sequence[int]) -> dict[int, Known]:
        """Which of these rows were published before, by token."""
        waiting, marks = self._waiting, self._marks
        if marks is not None:
            last = _MARKS - 1
            ids = [id for id in ids if marks[id >> 3 & last] >> (id & 7) & 1]
        found = {id: waiting[id] for id in ids if id in waiting} if waiting else {}
        asked = [id for id in ids if id not in found] if found else ids
        for begin in range(0, len(asked), t.AT_ONCE):
            some = asked[begin : begin + t.AT_ONCE]
            padded = (*some, *[-1] * (t.AT_ONCE - len(some)))
            found.update((row[0], Known(*row)) for row in self._all(t.GET_ROWS, padded))
        return found

    def put(self, rows: Iterable[Known]) -> None:
        """Keep rows as they were published."""
        before = len(self._waiting)
        self._waiting.update([(row[0], row) for row in rows])
        if self._marks is not None and len(self._waiting) > before:
            marks, last = self._marks, _MARKS - 1
            for row in rows:
                id = row[0]
                marks[id >> 3 & last] |= 1 << (id & 7)
        if len(self._waiting) >= WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what waits, in the order of tokens: neighbours share a page."""
        if self._waiting:
            rows = [self._waiting[id] for id in sorted(self._waiting)]
            rest = len(rows) % t.TOGETHER
            for begin in range(rest, len(rows), t.TOGETHER):
                self._all(t.PUT_ROWS, list(chain.from_iterable(rows[begin : begin + t.TOGETHER])))
            self._many(t.PUT_ROW, rows[:rest])
            self._waiting.clear()

    def see(self, read: int, ids: Iterable[int]) -> None:
        """These rows are still there."""
        if seen := [(read, id) for id in sorted(ids)]:
            self.flush()
            self._many(t.SEE_ROW, seen)

    def drop(self, ids: Iterable[int]) -> None:
        """Forget these rows."""
        self.flush()
        self._many(t.DROP_ROW, [(id,) for id in ids])

    def leave(self, ids: Iterable[int]) -> None:
        """These rows vanished and nothing was said of it."""
        self.flush()
        self._many(t.LEAVE_ROW, [(id,) for id in ids])

    def forget_all(self) -> None:
        """Forget every row: a new incarnation publishes all anew."""
        self._all(t.DROP_ROWS, ())
        self.begin()

    def size(self) -> int:
        """How many published rows are believed to be there."""
        self.flush()
        return int(self._all(t.COUNT_ROWS, ())[0][0])

    def unseen_count(self, read: int) -> int:
        """How many of them the read `read` did not see."""
        self.flush()
        return int(self._all(t.COUNT_UNSEEN, (read,))[0][0])

    def link(self, ids: Iterable[int]) -> None:
        """Everybody whom these rows name was sent; remembered until `unlinked` counts."""
        self._many(t.PUT_LINKED, ((id,) for id in sorted(ids)))

    def unlinked(self) -> int:
        """How many known rows, also of those that are gone, `link` was not told of."""
        self.flush()
        count = int(self._all(t.COUNT_UNLINKED, ())[0][0])
        self._all(t.DROP_LINKED, ())
        return count

    def unseen(self, read: int) -> Iterator[list[Known]]:
        """The rows that the read did not see, some at a time; they may be dropped on the way."""
        self.flush()
        after = -1
        while rows := [Known(*row) for row in self._all(t.UNSEEN, (read, after))]:
            after = rows[-1].id
            yield rows

    def events(self) -> Iterator[bytes]:
        """What is packed of the events of every row, some rows at a time."""
        self.flush()
        after = -1
        while rows := self._all(t.EVENTS_OF_ROWS, (after,)):
            after = rows[-1][0]
            for _, events in rows:
                yield events
