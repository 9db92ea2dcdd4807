"""One pass over rows: which are new or changed, what they say, and what became of each."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from connectors.canonical import canonical
from connectors.cells import Memo
from connectors.changes import Changes, Persons, Prints, pack_made, pack_people, unpack_made, unpack_people
from connectors.mapping import Mapping
from connectors.publish import Publisher
from connectors.refused import RefusedRows, Sealed
from connectors.report import Endings
from connectors.rows import Draft, NotSelected, Reading, Refused, RowMapper
from connectors.sources import Broken, Row
from connectors.spool import Known, Place, Spool
from hub.core.errors import Coded
from hub.ports.keys import Keys

_WHO: Final = b"whom a row concerned"


class Lot(NamedTuple):
    """Rows of one sheet or file, with all columns of their source. `seen` is the number that they are remembered by."""

    alias: str
    columns: tuple[str, ...]
    places: Map[str, str]
    rows: Sequence[Row]
    broken: Sequence[Broken]
    seen: int


class Engine:
    """Takes lots of rows inside the transaction of a run."""

    def __init__(
        self, mapping: Mapping, mapper: RowMapper, spool: Spool, keys: Keys, publisher: Publisher, refused: RefusedRows,
        read: int, today: int,
    ) -> None:  # fmt: skip
        """`read` numbers this read of the source."""
        self._mapping, self._mapper, self._spool, self._keys = mapping, mapper, spool, keys
        self._publisher, self._refused, self._read, self._today = publisher, refused, read, today
        self._prints = Prints(*(keys.mac("K_source", label) for label in ("row token", "row content", "event content")))
        self._changes = Changes(mapper.sections, self._prints)
        self._any_known = spool.size() > 0
        self._locked = Memo(lambda packed: keys.lock("K_spool", packed, _WHO))
        self._forms = [(list(mapper.contracts[s.name].targets)) for s in mapping.sections]

    def take(self, lot: Lot, endings: Endings) -> None:
        """Give every row of a lot its ending."""
        endings.read += len(lot.rows) + len(lot.broken)
        for broken in lot.broken:
            token = self._prints.token(("broken", *broken.raw))
            self._refuse(lot, broken.number, token, b"", Refused(broken.error, ""), Sealed((), broken.raw), endings)
        if not lot.rows:
            return
        at = [lot.columns.index(name) for name in self._mapper.columns]
        pick = itemgetter(*at) if len(at) > 1 else lambda cells: (cells[at[0]],)
        rows = [Row(row.number, pick(row.values)) for row in lot.rows]
        tokens, prints = self._named(rows)
        known = self._spool.known([token for token in tokens if token.__class__ is int]) if self._any_known else {}
        here: dict[int, bytes] = {}
        still: list[int] = []
        left: list[int] = []
        for n, (token, print) in enumerate(zip(tokens, prints, strict=True)):
            before = known.get(token)
            if before is None or before.print != print or before.gone:
                left.append(n)
            else:
                here[token] = print
                still.append(token)
                endings.unchanged += 1
                self._refused.valid(token, False)
        readings = self._mapper.read([rows[n] for n in left], lot.places)
        puts: list[Known] = []
        for n, reading in zip(left, readings, strict=True):
            token, print = tokens[n], prints[n]
            verdict = self._unique(reading, token, print, here, known, lot.places)
            if isinstance(verdict, Refused):
                if verdict.error.code == "HUB-C147" or token.__class__ is not int:
                    token = self._prints.token(("row", print))
                sealed = Sealed(lot.columns, lot.rows[n].values)
                self._refuse(lot, rows[n].number, token, print, verdict, sealed, endings)
                if token in known:
                    still.append(token)
                continue
            if verdict is None:
                endings.unchanged += 1
                continue
            here[token] = print
            place = f"{lot.alias}:{rows[n].number}:"
            put = self._settle(verdict, token, print, known.get(token), place, lot.seen, endings)
            if put is None:
                still.append(token)
            elif put.events:
                puts.append(put)
            else:
                self._spool.drop([token])
        self._spool.put(puts)
        self._spool.see(lot.seen, still)
        self._any_known = self._any_known or bool(puts)

    def vanish(self, rows: Sequence[Known]) -> None:
        """Say what the mapping says of rows that are no longer there, and forget them."""
        dropped: list[int] = []
        left: list[int] = []
        for row in rows:
            who = self._who(row)
            said = self._publisher.vanished(row.events, who, Place(f"{self._mapping.source.alias}:0:", row.id))
            (dropped if said else left).append(row.id)
        self._spool.drop(dropped)
        self._spool.leave(left)

    def _named(self, rows: Sequence[Row]) -> tuple[list[Any], list[bytes]]:
        """The token of each row, or the error of a key that cannot be read; and its fingerprint."""
        at = [self._mapper.columns.index(name) for name in self._mapping.key]
        mapping = self._mapping.hash
        tokens: list[Any] = []
        for row in rows:
            cells = [row.values[place] for place in at]
            if not all(cell.__class__ is str and cell.isascii() and cell.isalnum() for cell in cells):
                try:
                    names = self._mapping.key
                    cells = [
                        canonical("text", cell, today=self._today, column=name)
                        for cell, name in zip(cells, names, strict=True)
                    ]
                    if all(cell is None for cell in cells):
                        raise Coded("HUB-C146", names[0])
                except Coded as error:
                    tokens.append(error)
                    continue
            tokens.append(self._prints.token(("key", *cells)))
        return tokens, [self._prints.content(row.values, mapping) for row in rows]

    def _unique(
        self,
        reading: Reading,
        token: Any,
        print: bytes,
        here: dict[int, bytes],
        known: dict[int, Known],
        places: Map[str, str],
    ) -> Reading | None:
        """The reading; None for a copy of a row of this read; refused where the key is bad or stands for two rows."""
        if isinstance(token, Coded):
            return reading if isinstance(reading, Refused) else Refused(token, places.get(token.column, ""))
        if isinstance(reading, (Refused, NotSelected)):
            return reading
        first = here.get(token)
        before = known.get(token)
        if first is None and before is not None and before.seen == self._read:
            first = before.print
        if first is None:
            return reading
        key = self._mapping.key[0]
        return None if first == print else Refused(Coded("HUB-C147", key), places.get(key, ""))

    def _settle(
        self, reading: list[Draft] | NotSelected, token: int, print: bytes, before: Known | None, place: str, seen: int,
        endings: Endings,
    ) -> Known | None:  # fmt: skip
        """Publish what is new of a row. What to remember of it; None to leave what is remembered as it is."""
        drafts = [] if isinstance(reading, NotSelected) else reading
        events = unpack_made(before.events) if before is not None and not before.gone else []
        whom = (lambda: self._former(before)) if before is not None else (lambda: {})
        sayings, stand = self._changes.decide(drafts, events, whom)
        if isinstance(reading, NotSelected) and not sayings:
            endings.skip(reading.rule)
            self._refused.valid(token, False)
            return None if before is not None else Known(token, print, seen, 0, b"", None)
        made = list(stand)
        for saying in sayings:
            new = self._publisher.say(saying, Place(place + saying.draft.column, token))
            if new is not None:
                made.append(new)
        if sayings:
            endings.published += 1
        else:
            endings.unchanged += 1
        self._refused.valid(token, bool(sayings))
        return Known(token, print, seen, 0, pack_made(made), self._lock(drafts, made, before))

    def _lock(self, drafts: Sequence[Draft], made: Sequence[Any], before: Known | None) -> bytes | None:
        """Whom the row's events concern, locked; None where no mapping will ever ask."""
        kept: dict[int, tuple[str, str, Persons]] = {}
        for draft in drafts:
            if self._changes.tracked(draft.section):
                names = self._forms[draft.section]
                area, basis = draft.values[names.index("area")], draft.values[names.index("legal_basis")]
                kept[self._changes.id(draft.section)] = area, basis, draft.people
        if before is not None and before.who is not None and len(kept) < len(made):
            standing = {one.section for one in made}
            kept = {id: who for id, who in self._who(before).items() if id in standing} | kept
        return self._locked[pack_people(kept)] if kept else None

    def _who(self, row: Known) -> dict[int, tuple[str, str, Persons]]:
        return unpack_people(self._keys.unlock("K_spool", row.who, _WHO)) if row.who is not None else {}

    def _former(self, row: Known) -> dict[int, Draft]:
        """Drafts that say whom the row's earlier events concerned."""
        return {id: Draft(-1, (area, basis), people, (), "") for id, (area, basis, people) in self._who(row).items()}

    def _refuse(
        self, lot: Lot, number: int, token: int, print: bytes, why: Refused, sealed: Sealed, endings: Endings
    ) -> None:
        endings.refuse(why.error.code)
        self._refused.add(token, print, why.error, lot.alias, number, why.column, sealed)
