"""One pass over rows: which are new or changed, what they say, and what became of each."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from connectors.changes import Changes, pack_made, unpack_made
from connectors.mapping import Mapping
from connectors.prints import Prints, RowNames
from connectors.publish import Publisher
from connectors.refused import RefusedRows, Sealed
from connectors.report import Endings
from connectors.rows import Draft, NotSelected, Reading, Refused, RowMapper
from connectors.sources import Broken, Row
from connectors.spool import Known, Place, Spool
from connectors.whom import Keeper, Whom
from hub.core.errors import Coded
from hub.ports.keys import Keys


class Lot(NamedTuple):
    """Rows of one sheet or file, with all columns of their source. `seen` is the number that they are remembered by."""

    alias: str
    columns: tuple[str, ...]
    places: Map[str, str]
    rows: Sequence[Row]
    broken: Sequence[Broken]
    seen: int


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
        self, mapping: Mapping, mapper: RowMapper, spool: Spool, keys: Keys, publisher: Publisher, refused: RefusedRows,
        read: int, today: int,
    ) -> None:  # fmt: skip
        """`read` numbers this read of the source."""
        self._mapping, self._mapper, self._spool = mapping, mapper, spool
        self._publisher, self._refused, self._read = publisher, refused, read
        self._prints = Prints(keys)
        self._names = RowNames(mapping, mapper.columns, self._prints, today)
        self._changes = Changes(mapper.sections, self._prints)
        self._any_known = spool.size() > 0
        self._keeper = Keeper(keys)
        self._later: list[_Later] = []
        self._spared: set[int] = set()

    def take(self, lot: Lot, endings: Endings) -> None:
        """Give every row of a lot its ending, but for those that `finish` must judge."""
        endings.read += len(lot.rows) + len(lot.broken)
        for broken in lot.broken:
            token = self._prints.token(("broken", *broken.raw))
            self._refuse(lot, broken.number, token, b"", Refused(broken.error, ""), Sealed((), broken.raw), endings)
        if not lot.rows:
            return
        at = [lot.columns.index(name) for name in self._mapper.columns]
        pick = itemgetter(*at) if len(at) > 1 else lambda cells: (cells[at[0]],)
        rows = [pick(row.values) for row in lot.rows]
        tokens: list[Any] = self._names.tokens(rows)
        prints = self._prints.contents(rows, self._mapping.hash)
        known = self._spool.known([token for token in tokens if token.__class__ is int]) if self._any_known else {}
        here: dict[Any, bytes] = {}
        left: list[int] = []
        for n, (token, print) in enumerate(zip(tokens, prints, strict=True)):
            before = known.get(token)
            if before is None or before.print != print:
                left.append(n)
            else:
                here[token] = print
                self._refused.valid(before.id, False)
        endings.unchanged += len(rows) - len(left)
        self._spool.see(lot.seen, here)
        readings = self._mapper.read([rows[n] for n in left], lot.places)
        puts: list[Known] = []
        for n, reading in zip(left, readings, strict=True):
            token, print = tokens[n], prints[n]
            before = known.get(token)
            verdict: Any = self._unique(reading, token, print, here.get(token), before, lot.places)
            if verdict is None:
                endings.unchanged += 1
            elif verdict.__class__ is Refused:
                self._refuse_row(lot, n, tokens[n], print, verdict, before, endings)
            elif verdict.__class__ is NotSelected:
                self._later_or_never(lot, lot.rows[n].number, token, print, verdict, before, endings)
            else:
                here[token] = print
                place = f"{lot.alias}:{lot.rows[n].number}:"
                puts.append(self._settle(verdict, token, print, before, place, lot.seen, endings))
        self._spool.put(puts)
        self._any_known = self._any_known or bool(puts)

    def finish(self, endings: Endings) -> None:
        """Judge the rows that were published before and are not selected now: another row of their key may be."""
        spool = self._spool
        now = spool.known([later.token for later in self._later])
        for later in self._later:
            before = now.get(later.token)
            if before is None or before.seen == self._read:
                endings.skip(later.rule)
                continue
            put = self._settle([], later.token, later.print, before, later.place, later.seen, endings, later.rule)
            if put.events:
                spool.put([put])
            else:
                spool.drop([put.id])
        seen = {one.id for one in spool.known(sorted(self._spared)).values() if one.seen < self._read}
        spool.see(self._read, seen)
        self._later, self._spared = [], set()

    def vanish(self, rows: Sequence[Known]) -> None:
        """Say what the mapping says of rows that are no longer there, and forget them."""
        dropped: list[int] = []
        left: list[int] = []
        for row in rows:
            who = self._keeper.unpack(row.who)
            said = self._publisher.vanished(row.events, who, Place(f"{self._mapping.source.alias}:0:", row.id))
            (dropped if said else left).append(row.id)
        self._spool.drop(dropped)
        self._spool.leave(left)

    def _unique(
        self, reading: Reading, token: int | Coded, print: bytes, first: bytes | None, before: Known | None,
        places: Map[str, str],
    ) -> Reading | None:  # fmt: skip
        """The reading; None for a copy of a row of this read; refused where the key is bad or stands for two rows.

        `first` is the fingerprint of a row of that key in this lot.
        """
        if token.__class__ is not int:
            assert isinstance(token, Coded)
            return reading if isinstance(reading, Refused) else Refused(token, places.get(token.column, ""))
        if reading.__class__ is not list:
            return reading
        if first is None and before is not None and before.seen == self._read:
            first = before.print
        if first is None:
            return reading
        key = self._mapping.key[0]
        return None if first == print else Refused(Coded("HUB-C147", key), places.get(key, ""))

    def _settle(
        self, drafts: list[Draft], token: int, print: bytes, before: Known | None, place: str, seen: int,
        endings: Endings, rule: str = "",
    ) -> Known:  # fmt: skip
        """Publish what is new of a row, and say what to remember of it. With `rule`, no section selected it."""
        changes, publisher = self._changes, self._publisher
        if before is None:
            made = []
            for draft in drafts:
                number = publisher.fresh(draft, place + draft.column, token)
                made.append((changes.id(draft.section), publisher.generation, number, changes.print(draft)))
            endings.published += 1
            self._refused.valid(token, True)
            return Known(token, print, seen, 0, pack_made(made), self._lock(drafts, made, None))
        sayings, stand = changes.decide(drafts, unpack_made(before.events), lambda: self._former(before))
        said = list(stand)
        for saying in sayings:
            new = publisher.say(saying, Place(place + saying.draft.column, token))
            if new is not None:
                said.append(new)
        if sayings:
            endings.published += 1
        elif rule:
            endings.skip(rule)
        else:
            endings.unchanged += 1
        self._refused.valid(token, bool(sayings))
        return Known(token, print, seen, 0, pack_made(said), self._lock(drafts, said, before))

    def _later_or_never(
        self, lot: Lot, row: int, token: int, print: bytes, verdict: NotSelected, before: Known | None, endings: Endings
    ) -> None:
        """No section selects the row: nothing more, unless it was published before or in this lot."""
        if before is None:
            endings.skip(verdict.rule)
            self._refused.valid(token, False)
        else:
            self._later.append(_Later(token, print, f"{lot.alias}:{row}:", lot.seen, verdict.rule))

    def _refuse_row(
        self, lot: Lot, n: int, token: int | Coded, print: bytes, why: Refused, before: Known | None,
        endings: Endings,
    ) -> None:  # fmt: skip
        """Refuse a row. One that was published before is still there, and what it said stands."""
        if isinstance(token, Coded) or why.error.code == "HUB-C147":
            token = self._prints.token(("row", print))
        elif before is not None:
            self._spared.add(token)
        row = lot.rows[n]
        self._refuse(lot, row.number, token, print, why, Sealed(lot.columns, row.values), endings)

    def _lock(self, drafts: Sequence[Draft], made: Sequence[Any], before: Known | None) -> bytes | None:
        """Whom the row's events concern, locked; None where no mapping will ever ask."""
        kept: dict[int, Whom] = {}
        for draft in drafts:
            if self._changes.tracked[draft.section]:
                area, basis = self._publisher.area_and_basis(draft)
                kept[self._changes.id(draft.section)] = area, basis, draft.people
        if before is not None and before.who is not None and len(kept) < len(made):
            standing = {one[0] for one in made}
            kept = {id: who for id, who in self._keeper.unpack(before.who).items() if id in standing} | kept
        return self._keeper.pack(kept) if kept else None

    def _former(self, row: Known) -> dict[int, Draft]:
        """Drafts that say whom the row's earlier events concerned."""
        return {
            id: Draft(-1, (area, basis), people, (), "")
            for id, (area, basis, people) in self._keeper.unpack(row.who).items()
        }

    def _refuse(
        self, lot: Lot, number: int, token: int, print: bytes, why: Refused, sealed: Sealed, endings: Endings
    ) -> None:
        endings.refuse(why.error.code)
        self._refused.add(token, print, why.error, lot.alias, number, why.column, sealed)
