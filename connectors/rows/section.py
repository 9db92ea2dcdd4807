"""One section of a mapping at work: from columns of cells to drafts of events, encoded but for their salt.

Everything is done a column at a time: each different cell is read, judged and encoded once, and a draft's bytes are the
joined bytes of its cells.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Map
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import compress, repeat
from operator import add, itemgetter
from typing import Any, Final, NamedTuple

from connectors.mapping.language import Cell, Mapping, Section
from connectors.rows.cells import Reader, Target
from connectors.rows.contract import ENDS, REFS, Contract, of_a_site, people_of
from connectors.rows.people import People, PersonReader
from connectors.rows.replies import REPLY, ReplyReader
from hub import flat
from hub.core.calendar import date_of
from hub.core.errors import Coded
from hub.core.frame import Ref

_REF_TARGET: Final = Target("ref", "string", True, size=64, kind="text")
_SIXTEEN: Final = re.compile("[0-9a-fA-F]{32}")  # of bytes.fromhex, which also forgives blanks
_GROUPS: Final = ((13, "child"), (17, "youth"), (34, "young_adult"), (59, "adult"), (999, "senior"))
_FIRST: Final = ("occurred_on", "occurred_minute", "recorded_at")


class Draft(NamedTuple):
    """What one section says of one row.

    `site` is the site that it is said of, empty where it is said of a person.

    `front` are the bytes of its date and minute, `telling` those of when it was recorded and in which mode, `back`
    those of all other fields: with type and salt before them they are the event's value. `column` is the place of the
    row's date in the user's own tool.
    """

    section: int
    area: str
    basis: str
    site: str
    front: bytes
    telling: bytes
    back: bytes
    people: People
    refs: tuple[Ref, ...]
    column: str


class Refused(NamedTuple):
    """A row that cannot be published: why, and which of its columns, as the user's tool names it."""

    error: Coded
    column: str


_draft: Final[Callable[[Any], Draft]] = partial(tuple.__new__, Draft)  # half the time of calling Draft
_bytes: Final = b"".join


class SectionMapper:
    """One section made ready: reads its columns only where its rules hold."""

    def __init__(
        self, number: int, section: Section, mapping: Mapping, contract: Contract, persons: Map[str, PersonReader],
        today: int, go_live: int, now_ms: int, open_replies: AbstractSet[bytes] | None = None,
    ) -> None:  # fmt: skip
        self.number, self.section, self.contract = number, section, contract
        self.when = section.when
        self._people = [persons[role] for role in people_of(mapping, section, contract)]
        self._go_live = go_live
        avro = {field["name"]: flat.field_encoder(field["type"]) for field in contract.kind.avro["fields"]}
        self._encode = [avro[name] for name in contract.targets]
        self._modes = avro["mode"]("history"), avro["mode"]("live")
        self._names = names = list(contract.targets)
        assert tuple(names[:3]) == _FIRST
        assert tuple(contract.kind.cls._fields[:5]) == ("salt", *_FIRST, "mode")
        self._area, self._basis = names.index("area"), names.index("legal_basis")
        self._site = names.index("site") if of_a_site(contract) else None
        cells = [section.fields.get(name) or mapping.common.get(name) for name in names]
        if cells[2] is None:  # recorded_at, the only field with a value that a contract lets a mapping leave out
            cells[2] = Cell(constant=now_ms)
        self._ages = [at for at, cell in enumerate(cells) if cell is not None and cell.age]
        self._constants = [cell.constant if cell else None for cell in cells]
        # These are needed as values; of all others only the bytes are.
        ends = ENDS.get(section.type, "")
        last = cells[names.index(ends)] if ends else None
        self._ends = None if last is None else names.index(ends)
        self._early_error = None if last is None else Coded("HUB-C439", last.column)
        kept = [at for at in (self._site, self._ends) if at is not None]
        self._valued = {0, self._area, self._basis, *self._ages, *kept}
        self._readers = [
            None if cell is None or not cell.column
            else Reader(cell, target, mapping.tables, today)
            if at in self._valued
            else Reader(cell, target, mapping.tables, today, self._encode[at])
            for at, (cell, target) in enumerate(zip(cells, contract.targets.values(), strict=True))
        ]  # fmt: skip
        self._refs = [
            (
                *REFS[name],
                ReplyReader(cell.column, mapping.key[0], section.type, today, open_replies)
                if name == REPLY
                else Reader(cell, _REF_TARGET, mapping.tables, today, reference_bytes),
            )
            for name, cell in section.refs.items()
        ]
        self._column = cells[0].column if cells[0] else ""

    def read(
        self, whole: Map[str, Sequence[object]], count: int, mine: Sequence[int], out: list[Any], places: Map[str, str]
    ) -> None:
        """Add this section's draft to each row of `mine`, or refuse the row."""
        if not mine:
            return
        columns: Map[str, Sequence[object]] = whole
        if len(mine) < count:
            pick = itemgetter(*mine) if len(mine) > 1 else lambda cells: (cells[mine[0]],)
            columns = {name: pick(whole[name]) for name in self._needed()}
        read = [reader.read(columns[reader.column]) if reader else None for reader in self._readers]
        people = [reader.read(columns, len(mine)) for reader in self._people]
        refs = [
            reader.read(columns[reader.column], columns[reader.number])
            if isinstance(reader, ReplyReader)
            else reader.read(columns[reader.column])
            for _, _, reader in self._refs
        ]
        risky: list[Any] = [
            column for column, reader in zip(read, self._readers, strict=True) if reader and reader.may_fail
        ]
        faults = _faults([*risky, *people, *refs, *self._early(read, len(mine))])
        if faults:
            for place, error in faults.items():
                out[mine[place]] = Refused(error, places.get(error.column, ""))
            sound = [place not in faults for place in range(len(mine))]
            mine = list(compress(mine, sound))
            read = [None if column is None else list(compress(column, sound)) for column in read]
            people, refs = ([list(compress(column, sound)) for column in some] for some in (people, refs))
        for at, draft in zip(mine, self._drafts(read, people, refs, len(mine), places), strict=True):
            before = out[at]
            if before is None:
                out[at] = [draft]
            elif before.__class__ is list:
                before.append(draft)

    def fields(self, draft: Draft) -> Any:
        """What a draft of this section says, as the type's fields; its salt is empty."""
        decode = flat.decoder(self.contract.kind.avro, self.contract.kind.cls)
        return decode(bytes(16) + draft.front + draft.telling + draft.back, 0)

    def _drafts(
        self, read: list[list[Any] | None], people: Sequence[Sequence[Any]], refs: Sequence[Sequence[Any]], rows: int,
        places: Map[str, str],
    ) -> Iterable[Draft]:  # fmt: skip
        values = {at: self._column_of(read, at, rows) for at in self._valued}
        for at in self._ages:
            values[at] = [_age_group(*pair) for pair in zip(values[at], values[0], strict=True)]
        encoded: list[Iterable[bytes]] = []
        for at, (encode, column) in enumerate(zip(self._encode, read, strict=True)):
            if at in values:
                encoded.append(map(encode, values[at]))
            else:
                encoded.append(column if column is not None else repeat(encode(self._constants[at]), rows))
        history, live = self._modes
        modes = [history if day < self._go_live else live for day in values[0]]
        return map(
            _draft,
            zip(
                repeat(self.number, rows), values[self._area], values[self._basis],
                repeat("", rows) if self._site is None else values[self._site],
                map(add, encoded[0], encoded[1]),
                map(add, encoded[2], modes),
                map(_bytes, zip(*encoded[3:], strict=True)),
                self._named(people, rows),
                map(self._bound, zip(*refs, strict=True)) if refs else repeat((), rows),
                repeat(places.get(self._column, ""), rows),
                strict=True,
            ),
        )  # fmt: skip

    def _early(self, read: list[list[Any] | None], rows: int) -> list[list[Coded | None]]:
        """What ends before it began: HUB-C439 in its row."""
        if self._ends is None:
            return []
        pairs = zip(self._column_of(read, 0, rows), self._column_of(read, self._ends, rows), strict=True)
        return [[self._early_error if _before(last, first) else None for first, last in pairs]]

    def _column_of(self, read: list[list[Any] | None], at: int, rows: int) -> list[Any]:
        column = read[at]
        return column if column is not None else [self._constants[at]] * rows

    @staticmethod
    def _named(people: Sequence[Sequence[Any]], rows: int) -> Iterable[People]:
        """The persons of each row; an optional person that is not there is left out."""
        if not people:
            return repeat((), rows)
        if None in people[0] or len(people) > 1:
            return [tuple([one for one in row if one is not None]) for row in zip(*people, strict=True)]
        return zip(people[0], strict=True)

    def _bound(self, targets: tuple[Any, ...]) -> tuple[Ref, ...]:
        return tuple(
            Ref(role, kind, value)
            for (role, kind, _), value in zip(self._refs, targets, strict=True)
            if value is not None
        )

    def _needed(self) -> set[str]:
        names = {reader.column for reader in self._readers if reader is not None}
        names |= {reader.column for _, _, reader in self._refs}
        names |= {reader.number for _, _, reader in self._refs if isinstance(reader, ReplyReader)}
        for reader in self._people:
            names |= reader.columns
        return names - {""}


def _before(last: Any, first: Any) -> bool:
    return isinstance(last, int) and isinstance(first, int) and last < first


def _faults(columns: Sequence[Sequence[Any]]) -> dict[int, Coded]:
    """The first error of each row that has one."""
    found: dict[int, Coded] = {}
    for column in columns:
        if Coded in set(map(type, column)):
            for place, value in enumerate(column):
                if value.__class__ is Coded:
                    found.setdefault(place, value)
    return found


def reference_bytes(text: Any) -> bytes | None:
    """A reference as its owner writes it: 32 hex digits are 16 bytes, anything else is its UTF-8; None for none."""
    if not text:
        return None
    return bytes.fromhex(text) if _SIXTEEN.fullmatch(text) else str(text).encode()


def _age_group(born: Any, occurred: Any) -> Any:
    """The age group of somebody born in a year, in the year of an event (days since 1970-01-01)."""
    if not isinstance(born, int) or not isinstance(occurred, int):
        return born
    age = date_of(occurred).year - born
    return next(name for limit, name in _GROUPS if age <= limit)
