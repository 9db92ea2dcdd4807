"""Rows that were refused: why, where, and the row itself, locked until its key is destroyed (law 8, law 9)."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from connectors.edge import Edge
from connectors.run.sealed_row import Sealed, pack_row, unpack_row
from connectors.spool import RefusedRow, Spool
from hub.core.errors import Coded, DataError
from hub.ports.keys import Keys

_SEALED_AS: Final = b"refused row"
DOUBLED: Final = "HUB-C147"
"""A second row of a key that stands for another one; so no retry may take it for what became of the first."""

OPEN, AGAIN, CLOSED, DISCARDED = "open", "again", "closed", "discarded"


class RefusedRows:
    """The refused rows of one run: what was open before of the rows that it meets, and what it finds."""

    def __init__(self, spool: Spool, keys: Keys, mapping: str, today: int) -> None:
        self._spool, self._keys, self._mapping, self._today = spool, keys, mapping, today
        self._some = spool.refusals.any()
        self._known: dict[int, RefusedRow] = {}
        self._by_intake: dict[int, list[int]] = {}
        self._again: dict[int, list[int]] = {}
        self._taken_back = {back.token for back in spool.taken.refused()}
        self._met: set[int] = set()
        self._valid: set[int] = set()
        self._stand: set[int] = set()  # refused in an earlier turn of this read, and nothing was heard of them since
        self._second: set[int] = set()  # refused, and a valid row of the same read has their key
        self._put: dict[int, RefusedRow] = {}
        self._closed: list[int] = []
        self._done: set[int] = set()
        self.new = 0
        self.closed = 0

    def look(self, tokens: Sequence[int]) -> None:
        """What is known of these rows; called before they are judged."""
        if self._some:
            self._learn(self._spool.refusals.of(tokens))

    def _learn(self, rows: Iterable[RefusedRow]) -> None:
        for row in rows:
            if row.code.startswith("HUB-C"):
                if row.token not in self._known:
                    self._known[row.token] = row
            elif row.id not in self._done:
                if row.state == AGAIN:
                    kept = self._again
                elif row.token in self._taken_back:  # that waits for its owner, whatever becomes of the row
                    continue
                else:
                    kept = self._by_intake
                ids = kept.setdefault(row.token, [])
                ids += [row.id] if row.id not in ids else []

    def add(self, token: int, print: bytes, error: Coded, alias: str, row: int, column: str, sealed: Sealed) -> int:
        """A row is refused; the token it waits under. What was known and has not changed is left alone or discarded."""
        self.look([token])
        if token in self._met and self._known[token].print != print:  # two rows under one key, and both are refused
            token = int.from_bytes(print[:8], "big") >> 1
            self.look([token])
            self._second.add(token)
        self._met.add(token)
        before = self._known.get(token)
        if before is not None and before.print == print:
            if before.state == DISCARDED:
                return token
            told = (before.code, before.mapping, before.row, before.column, before.state)
            if told == (error.code, self._mapping, row, column or error.column, OPEN) and before.sealed:
                return token
        name = f"rows-{self._today}"
        self._keys.make("secret", name)
        locked = self._keys.lock(name, pack_row(sealed), _SEALED_AS)
        place = json.dumps({key: value for key, value in error.place.items() if key != "column"}, ensure_ascii=False)
        fresh = before is None or before.state == DISCARDED
        self.new += fresh
        self._known[token] = self._put[token] = RefusedRow(
            0 if before is None else before.id, token, print, error.code, place, alias, row,
            column or error.column, self._today if fresh or before is None else before.since, self._today,
            self._mapping, locked, OPEN,
        )  # fmt: skip
        return token

    def valid(self, token: int, published: bool) -> None:
        """The row is no longer refused here; where it was published anew, what intake refused of it is closed, too.

        It closes at the end, unless this read meets another row of that key that is refused.
        """
        if token in self._known:
            self._valid.add(token)
            self._stand.discard(token)
            if token in self._met:
                self.second(token)
        if published:
            self._close_all(self._by_intake.pop(token, ()))
        if self._again:
            self._close_all(self._again.pop(token, ()))

    def second(self, token: int) -> None:
        """A valid row of this read has the key of this refused one."""
        self._second.add(token)

    def published(self, tokens: Sequence[int]) -> None:
        """As `valid`, for many rows that were published anew."""
        if self._known or self._by_intake or self._again:
            for token in tokens:
                self.valid(token, True)

    def begin_read(self) -> None:
        """What was tried again is done; from here on rows come from their source."""
        self._met.clear()
        self._second.clear()

    def turn(self) -> None:
        """What follows takes the place of what this read told before: a row refused then may be sound now."""
        self._stand |= self._met
        self.begin_read()

    def removed(self, tokens: Sequence[int]) -> None:
        """These rows were deleted: what was wrong with them needs nobody."""
        self.look(tokens)
        for token in self._known.keys() & set(tokens):
            self._met.discard(token)
            self.valid(token, False)

    def gone(self) -> None:
        """The read was whole: refused rows that it did not meet are not there any more, and no retry finds them."""
        self._learn(self._spool.refused())
        self._valid.update(self._known)
        for ids in self._again.values():
            self._close_all(ids)
        self._again.clear()

    def vanished(self, tokens: Sequence[int]) -> None:
        """These rows are not there any more: what the hub refused of them needs nobody."""
        self.look(tokens)
        for token in tokens:
            self._close_all(self._by_intake.pop(token, ()))

    def said_again(self, token: int) -> None:
        """What was to be taken back of this row was said once more."""
        self._close_all(self._again.pop(token, ()))

    def _close_all(self, ids: Sequence[int]) -> None:
        self._closed += ids
        self._done.update(ids)
        self.closed += len(ids)

    def _close(self, row: RefusedRow) -> None:
        self._put.pop(row.token, None)
        if row.id:
            self._closed.append(row.id)
            self.closed += row.state != DISCARDED
        else:  # refused and mended within this read
            self.new -= 1

    def wait(self, row: RefusedRow) -> None:
        """Not tried again now: it stays as it is, open."""
        self._put[row.token] = row._replace(state=OPEN)

    def save(self, key: str) -> None:
        """Keep what this run found; inside its transaction. `key` is the column that tells rows apart."""
        for token in self._second & self._known.keys():
            row = self._put.get(token) or self._known[token]
            if row.state == OPEN:
                self._put[token] = row._replace(code=DOUBLED, place="{}", column=key)
        for token in self._valid - self._met - self._stand:
            self._close(self._known.pop(token))
        self._spool.refuse(list(self._put.values()))
        self._spool.move_refused(CLOSED, self._closed)

    def to_retry(self) -> list[tuple[RefusedRow, Sealed]]:
        """Rows that a changed mapping, or their owner's wish, gives another chance, and that can still be read."""
        refusals = self._spool.refusals
        rows = [row for row in refusals.again() if row.sealed and row.code.startswith("HUB-C")]
        rows = sorted([*rows, *refusals.of_others(self._mapping)], key=lambda row: row.id)
        self._learn(rows)
        found = [(row, open_row(self._keys, row)) for row in rows]
        return [(row, sealed) for row, sealed in found if sealed.columns]

    def again(self) -> list[RefusedRow]:
        """Rows of which intake refused something that their owner wants said again."""
        rows = [row for row in self._spool.refusals.again() if not row.code.startswith("HUB-C")]
        self._learn(rows)
        return rows


def open_row(keys: Keys, row: RefusedRow) -> Sealed:
    """The row itself. Raises DataError HUB-G120 when its daily key is gone."""
    return unpack_row(keys.unlock(f"rows-{row.day}", row.sealed, _SEALED_AS))


def destroy_old_keys(edge: Edge, spool: Spool, today: int) -> int:
    """Destroy the daily keys that are older than the edge keeps refused rows; how many."""
    limit = today - edge.spec.keep_refused_days
    old = spool.refusals.sealed_before(limit)
    days = {row.day for row in old}
    for day in days:
        try:
            edge.keys.destroy(f"rows-{day}")
        except DataError as error:
            if error.code != "HUB-G120":
                raise
    if old:
        with spool.transaction():
            for state in (OPEN, AGAIN, DISCARDED):
                spool.move_refused(state, [row.id for row in old if row.state == state])
    return len(days)


def listed(rows: Iterable[RefusedRow]) -> list[RefusedRow]:
    """Those that wait for their owner: open, or to be tried again."""
    return [row for row in rows if row.state in (OPEN, AGAIN)]


def must_read(spool: Spool) -> bool:
    """Whether the source must be read whole for what is to be tried again: its bytes do not wait here.

    What only takes something back is said again without it.
    """
    rows = [row for row in spool.refusals.again() if not row.sealed]
    taken_back = {back.token for back in spool.taken.refused()}
    tokens = {row.token for row in rows}
    return bool(tokens - taken_back or spool.rows.known(sorted(tokens)))


def retry(spool: Spool, ids: Sequence[int]) -> int:
    """Mark open rows to be tried again by the next run; no ids: all. Raises DataError HUB-C330 for an unknown one."""
    return _move(spool, ids, AGAIN)


def discard(spool: Spool, ids: Sequence[int]) -> int:
    """Give rows up: their bytes go, and the same content is not listed again. Raises DataError HUB-C330."""
    return _move(spool, ids, DISCARDED)


def _move(spool: Spool, ids: Sequence[int], state: str) -> int:
    with spool.transaction():
        rows = [spool.one_refused(id) for id in ids] if ids else listed(spool.refused())
        closed = [row.id for row in rows if row.state not in (OPEN, AGAIN)]
        if closed:
            raise DataError("HUB-C330", id=closed[0])
        for row in rows:
            spool.move_refused(state, [row.id], row.sealed if state == AGAIN else b"")
        wanted = {row.token for row in listed(spool.refused())}
        spool.taken.drop([back.number for back in spool.taken.refused() if back.token not in wanted])
    return len(rows)
