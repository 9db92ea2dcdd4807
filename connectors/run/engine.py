"""One pass over rows: which are new or changed, what they say, and what became of each."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from connectors.frames.publish import Publisher
from connectors.frames.tell import Teller
from connectors.rows.drafts import NotSelected, Reading
from connectors.rows.lot import Lot
from connectors.rows.prints import Prints, RowNames
from connectors.rows.section import Draft, Refused
from connectors.run.doubles import all_new, denied, unique
from connectors.run.former import Former
from connectors.run.given import Asked, Given
from connectors.run.met import Met
from connectors.run.refused import DOUBLED, RefusedRows
from connectors.run.report import Endings
from connectors.run.sealed_row import Sealed
from connectors.spool import Known, Place, RefusedRow
from hub.core.errors import Coded

_UNREAD: Final = bytes(16)
"""The fingerprint of no row: a row that has it is read again."""


class _Later(NamedTuple):
    """A row that no section selects now and that was published before."""

    token: int
    print: bytes
    place: str
    seen: int
    rule: str


class Engine:
    """Takes lots of rows inside the transaction of a run."""

    def __init__(
        self, given: Given, asked: Asked, publisher: Publisher, refused: RefusedRows, former: Former, read: int
    ) -> None:
        """`read` numbers this read of the source; `remap` reads all by this mapping; a receipt is told of its rows."""
        self._mapping, self._mapper, self._spool = given.mapping, given.mapper, given.spool
        self._refused, self._former, self._read = refused, former, read
        self._remap, self._receipt = asked.remap, asked.receipt
        self._prints = Prints(given.edge.keys)
        self._names = RowNames(self._mapping, self._mapper.columns, self._prints, given.today)
        self._keys = RowNames(self._mapping, self._mapping.key, self._prints, given.today)
        self._teller = Teller(self._mapper.sections, self._spool, given.edge.keys, publisher, self._prints, asked.remap)
        self.stale = 0
        """Rows that this mapping would say otherwise, and that did not change: what was said of them stands."""
        self.nameless = 0
        """Rows of this read whose key nobody can read: any of them may be one that seems to be missing."""
        self._later: list[_Later] = []
        self._spared: set[int] = set()

    def take(self, lot: Lot, endings: Endings) -> None:
        """Give every row of a lot its ending, but for those that `finish` must judge."""
        endings.read += len(lot.rows) + len(lot.broken)
        for broken in lot.broken:
            token = self._prints.token(("broken", *broken.raw))
            self._refuse(lot, broken.number, token, b"", Refused(broken.error, ""), Sealed((), broken.raw), endings)
        self.nameless += len(lot.broken) * (lot.seen == self._read)
        if not lot.rows:
            return
        met = self._met(lot)
        left: Sequence[int] = range(len(lot.rows))
        if met.known:
            left = left if self._remap else self._changed(met)
            self._spool.rows.see(lot.seen, met.here)
            if self._former and left:
                left = self._carried(met, left)
            endings.unchanged += len(lot.rows) - len(left)
        readings = self._mapper.read([met.rows[n] for n in left], lot.places)
        new: Sequence[int] = left
        if met.known or not all_new(met.tokens, readings):
            new = self._judge(met, zip(left, readings, strict=True), endings)
            wanted = set(new)
            readings = [reading for n, reading in zip(left, readings, strict=True) if n in wanted]
        if new:
            fresh = [met.tokens[n] for n in new]
            prints, places = [met.prints[n] for n in new], [met.place(n) for n in new]
            self._spool.rows.put(self._teller.first(fresh, prints, places, readings, lot.seen))
            self._refused.published(fresh)
            endings.published += len(new)

    def turn(self, read: int, endings: Endings) -> None:
        """From here on rows take the place of those that came before in this read; `read` numbers what follows."""
        self.finish(endings)
        self._refused.turn()
        self._read, self.nameless = read, 0

    def gone(self, lot: Lot) -> int:
        """Say what the mapping says of deleted rows, of which only the key is told; how many were known."""
        tokens = [token for token in self._keys.tokens(lot.cells(self._mapping.key)) if isinstance(token, int)]
        self._refused.removed(tokens)
        known = [row for row in self._spool.rows.known(tokens).values() if not row.gone]
        self.vanish(known)
        return len(known)

    def doubled(self, lot: Lot) -> bool:
        """Whether the first row's key is a published row's: which of two is right, only a read tells."""
        token = self._named(lot)[1][0]
        return token.__class__ is int and bool(self._spool.rows.known([token]))

    def _named(self, lot: Lot) -> tuple[list[tuple[Any, ...]], list[Any]]:
        """The cells that the mapping reads of each row, and the token of its key or why there is none."""
        return (rows := lot.cells(self._mapper.columns)), self._names.tokens(rows)

    def _met(self, lot: Lot) -> Met:
        rows, tokens = self._named(lot)
        if self._receipt is not None and lot.seen == self._read:
            self._receipt.read(lot.alias, [row.number for row in lot.rows], tokens)
        self._refused.look(named := [token for token in tokens if token.__class__ is int])
        self.nameless += (len(tokens) - len(named)) * (lot.seen == self._read)
        prints = self._prints.contents(rows, self._mapping.hash)
        return Met(lot, rows, tokens, prints, self._spool.rows.known(named), {})

    def _judge(self, met: Met, readings: Iterable[tuple[int, Reading]], endings: Endings) -> list[int]:
        """Give every row its ending but for the new ones that a section wants: those are returned."""
        lot, here, key = met.lot, met.here, self._mapping.key[0]
        new: list[int] = []
        puts: list[Known] = []
        for n, reading in readings:
            token, print = met.tokens[n], met.prints[n]
            before = met.known.get(token)
            again = before is not None and before.seen == self._read == lot.seen  # not by what is only tried again
            first = here.get(token) or (before.print if before is not None and again else None)
            verdict: Any = unique(reading, token, print, first, key, lot.places)
            if verdict.__class__ is list and not first and before and self._teller.denies(verdict, before):
                verdict = denied(key, lot.places)
            if verdict.__class__ is list:
                here[token] = print
                if before is None:
                    new.append(n)
                else:
                    events = self._again(verdict, token, before, met.place(n), endings)
                    puts.append(Known(token, print, lot.seen, 0, events))
            elif verdict is None:
                endings.unchanged += 1
            elif verdict.__class__ is Refused:
                self._refuse_row(met, n, verdict, endings)
                if token in here or again:
                    self._refused.second(token)
            else:
                self._later_or_never(met, n, verdict, endings)
        self._spool.rows.put(puts)
        return new

    def _changed(self, met: Met) -> list[int]:
        """Which rows are new or changed; the others have their ending."""
        left: list[int] = []
        for n, (token, print) in enumerate(zip(met.tokens, met.prints, strict=True)):
            before = met.known.get(token)
            if before is None or before.print != print:
                left.append(n)
            else:
                met.here[token] = print
                self._refused.valid(before.id, False)
        return left

    def _carried(self, met: Met, left: Sequence[int]) -> Sequence[int]:
        """Remember rows that are as another mapping read them as read by this one; returns the others."""
        same = self._former.same(met.lot, left, met.tokens, met.known)
        puts: list[Known] = []
        for n, reading in zip(same, self._mapper.read([met.rows[n] for n in same], met.lot.places), strict=True):
            token, print = met.tokens[n], met.prints[n]
            before = met.known[token]
            met.here[token] = print
            puts.append(Known(token, print, met.lot.seen, 0, before.events))
            self.stale += not isinstance(reading, list) or not self._teller.stands(reading, before)
            self._refused.valid(token, False)
        self._spool.rows.put(puts)
        return sorted(set(left).difference(same))

    def finish(self, endings: Endings) -> None:
        """Judge the rows that were published before and are not selected now: another row of their key may be."""
        spool = self._spool
        now = spool.rows.known([later.token for later in self._later])
        for later in self._later:
            before = now.get(later.token)
            if before is None or before.seen == self._read:
                endings.skip(later.rule)
                continue
            events = self._again([], later.token, before, later.place, endings, later.rule)
            if events:
                spool.rows.put([Known(later.token, later.print, later.seen, 0, events)])
            else:
                spool.rows.drop([later.token])
        seen = {one.id for one in spool.rows.known(sorted(self._spared)).values() if one.seen < self._read}
        spool.rows.see(self._read, seen)
        self._later, self._spared = [], set()

    def vanish(self, rows: Sequence[Known]) -> None:
        """Say what the mapping says of rows that are no longer there, and forget them."""
        self._teller.vanished(rows, self._mapping.source.alias)
        self._refused.vanished([row.id for row in rows])

    def say_again(self, rows: Sequence[RefusedRow]) -> None:
        """Say once more what the hub refused of these rows: at once what was to be taken back, the rest when its row is
        read again."""
        of = {row.token: row for row in rows}
        for back in self._spool.taken.refused():
            if row := of.get(back.token):
                self._teller.take_back(back, Place(f"{row.alias}:{row.row}:{row.column}", back.token))
                self._refused.said_again(back.token)
        self._spool.rows.put([row._replace(print=_UNREAD) for row in self._spool.rows.known(sorted(of)).values()])

    def _again(
        self, drafts: list[Draft], token: int, before: Known, place: str, endings: Endings, rule: str = ""
    ) -> bytes:
        """Publish what is new of a known row; what to remember of it. With `rule`, no section selected it."""
        events, said = self._teller.again(drafts, token, before, place)
        if said:
            endings.published += 1
        elif rule:
            endings.skip(rule)
        else:
            endings.unchanged += 1
        self._refused.valid(token, said)
        return events

    def _later_or_never(self, met: Met, n: int, verdict: NotSelected, endings: Endings) -> None:
        """No section selects the row: nothing more, unless it was published before or in this lot."""
        lot, token = met.lot, met.tokens[n]
        if self._receipt is not None and lot.seen == self._read:
            self._receipt.leave(lot.alias, lot.rows[n].number, verdict.rule)
        if token not in met.known:
            endings.skip(verdict.rule)
            self._refused.valid(token, False)
        else:
            self._later.append(_Later(token, met.prints[n], met.place(n), lot.seen, verdict.rule))

    def _refuse_row(self, met: Met, n: int, why: Refused, endings: Endings) -> None:
        """Refuse a row. One that was published before is still there, and what it said stands."""
        lot, token, print = met.lot, met.tokens[n], met.prints[n]
        if isinstance(token, Coded) or why.error.code == DOUBLED:
            token = self._prints.token(("row", print))
        elif token in met.known and lot.seen == self._read:  # one that is tried again was not met by this read
            self._spared.add(token)
        row = lot.rows[n]
        self._refuse(lot, row.number, token, print, why, Sealed(lot.columns, row.values), endings)

    def _refuse(
        self, lot: Lot, number: int, token: int, print: bytes, why: Refused, sealed: Sealed, endings: Endings
    ) -> None:
        endings.refuse(why.error)
        token = self._refused.add(token, print, why.error, lot.alias, number, why.column, sealed)
        if self._receipt is not None and lot.seen == self._read:
            self._receipt.read(lot.alias, [number], [token])
