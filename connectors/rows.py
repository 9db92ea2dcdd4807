"""Rows to drafts of events: column by column, without a thought for what was published before."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from datetime import date
from itertools import repeat
from operator import itemgetter
from typing import Any, Final, NamedTuple

from connectors.cells import Reader, Target
from connectors.contract import REFS, Contract, check_mapping, people_of
from connectors.mapping import ROLES, Cell, Mapping, Section
from connectors.people import PersonReader, Somebody
from connectors.rules import RuleReader
from connectors.tokens import Tokens
from hub.core.errors import Coded
from hub.core.frame import Ref

_EPOCH: Final = date(1970, 1, 1).toordinal()
_REF_TARGET: Final = Target("ref", "string", True, size=64, kind="text")
_GROUPS: Final = ((13, "child"), (17, "youth"), (34, "young_adult"), (59, "adult"), (999, "senior"))


class Draft(NamedTuple):
    """What one section says of one row. `values` follow the contract's targets, with `recorded_at` None for now.

    `people` are (role, somebody); `column` is the place of the row's date in the user's own tool.
    """

    section: int
    values: tuple[Any, ...]
    people: tuple[tuple[int, Somebody], ...]
    refs: tuple[Ref, ...]
    column: str


class Refused(NamedTuple):
    """A row that cannot be published: why, and which of its columns, as the user's tool names it."""

    error: Coded
    column: str


class NotSelected(NamedTuple):
    """A row that no section wants; `rule` names the rules that said so."""

    rule: str


Reading = list[Draft] | Refused | NotSelected


class RowMapper:
    """A mapping made ready for one run. `columns` are those it reads, in the order in which rows are given to it."""

    def __init__(self, mapping: Mapping, tokens: Tokens, today: int, go_live: int, now_ms: int) -> None:
        """Raises DataError when the mapping does not fit the schemas (connectors.contract)."""
        self.columns = mapping.columns()
        self.contracts = check_mapping(mapping)
        self._mapping = mapping
        self._rules = {name: RuleReader(rule, today, go_live) for name, rule in mapping.rules.items()}
        self._persons = {
            role: PersonReader(person, mapping.tables, tokens, today) for role, person in mapping.persons.items()
        }
        self.sections = [
            SectionMapper(number, section, mapping, self.contracts[section.name], self._persons, today, now_ms)
            for number, section in enumerate(mapping.sections)
        ]

    def read(self, rows: Sequence[tuple[Any, ...]], places: Map[str, str]) -> list[Reading]:
        """What becomes of each row; its cells follow `columns`. `places` name the columns for their owner."""
        if not rows:
            return []
        out: list[Any] = [None] * len(rows)
        whole = dict(zip(self.columns, zip(*rows, strict=True), strict=True))
        judged = {name: rule.read(whole[rule.column]) for name, rule in self._rules.items()}
        left: Sequence[int] = range(len(rows))
        for name in self._mapping.select:
            kept = self._holding([name], judged, left, out, places)
            if len(kept) < len(left):
                for at in set(left).difference(kept):
                    out[at] = out[at] or NotSelected(name)
                left = kept
        for section in self.sections:
            section.read(whole, len(rows), self._holding(section.when, judged, left, out, places), out, places)
        for at in left:
            if out[at] is None:
                why = [next(name for name in section.when if not judged[name][at]) for section in self.sections]
                out[at] = NotSelected(" / ".join(dict.fromkeys(why)))
        return out

    def _holding(
        self,
        rules: Sequence[str],
        judged: Map[str, list[Any]],
        rows: Sequence[int],
        out: list[Any],
        places: Map[str, str],
    ) -> Sequence[int]:
        """The rows that all rules hold for; a cell that a rule cannot read refuses its row."""
        for name in rules:
            verdict, rule = judged[name], self._rules[name]
            if rule.may_fail:
                for at in rows:
                    if verdict[at].__class__ is not bool:
                        out[at] = Refused(verdict[at], places.get(rule.column, ""))
                rows = [at for at in rows if verdict[at] is True]
            elif not all(verdict) or len(rows) < len(verdict):
                rows = [at for at in rows if verdict[at]]
        return rows


class SectionMapper:
    """One section made ready: reads its columns only where its rules hold."""

    def __init__(
        self,
        number: int,
        section: Section,
        mapping: Mapping,
        contract: Contract,
        persons: Map[str, PersonReader],
        today: int,
        now_ms: int,
    ) -> None:
        self.number = number
        self.when = section.when
        self.section = section
        self.contract = contract
        self._roles = [(ROLES[role], persons[role]) for role in people_of(mapping, section, contract)]
        self._now_ms = now_ms
        self._readers: list[Reader | None] = []
        self._ages: list[int] = []
        names = list(contract.targets)
        for at, (name, target) in enumerate(contract.targets.items()):
            cell = section.fields.get(name) or mapping.common.get(name)
            if cell is None and not target.nullable:
                cell = Cell(constant=now_ms)  # recorded_at, the only one that a contract lets a mapping leave out
            self._readers.append(Reader(cell, target, mapping.tables, today) if cell else None)
            if cell is not None and cell.age:
                self._ages.append(at)
        self._occurred = names.index("occurred_on")
        self._refs = [
            (*REFS[name], Reader(cell, _REF_TARGET, mapping.tables, today)) for name, cell in section.refs.items()
        ]
        reader = self._readers[self._occurred]
        self._column = reader.column if reader else ""

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
        values = [
            [None] * len(mine) if reader is None else reader.read(columns[reader.column] if reader.column else mine)
            for reader in self._readers
        ]
        for at in self._ages:
            values[at] = [_age_group(*pair) for pair in zip(values[at], values[self._occurred], strict=True)]
        people = [reader.read(columns, len(mine)) for _, reader in self._roles]
        refs = [reader.read(columns[reader.column]) for _, _, reader in self._refs]
        risky = [column for column, reader in zip(values, self._readers, strict=True) if reader and reader.may_fail]
        faults = _faults([*risky, *people, *refs])
        where = places.get(self._column, "")
        named = self._named(people, len(mine))
        linked: Any = map(self._bound, zip(*refs, strict=True)) if refs else repeat(())
        drafts = map(Draft, repeat(self.number), zip(*values, strict=True), named, linked, repeat(where))
        for place, (at, draft) in enumerate(zip(mine, drafts, strict=False)):
            before = out[at]
            if faults and place in faults:
                out[at] = Refused(faults[place], places.get(faults[place].column, ""))
            elif before is None:
                out[at] = [draft]
            elif before.__class__ is list:
                before.append(draft)

    def _named(self, people: Sequence[Sequence[Any]], rows: int) -> Iterable[tuple[tuple[int, Any], ...]]:
        """The persons of each row under their roles; an optional person that is not there is left out."""
        roles = [role for role, _ in self._roles]
        if not roles:
            return repeat((), rows)
        if len(roles) == 1:
            role = roles[0]
            return [((role, person),) if person is not None else () for person in people[0]]
        return [
            tuple([(role, person) for role, person in zip(roles, persons, strict=True) if person is not None])
            for persons in zip(*people, strict=True)
        ]

    def _bound(self, targets: tuple[Any, ...]) -> tuple[Ref, ...]:
        return tuple(
            Ref(role, kind, reference_bytes(value))
            for (role, kind, _), value in zip(self._refs, targets, strict=True)
            if value is not None
        )

    def _needed(self) -> set[str]:
        names = {reader.column for reader in self._readers if reader is not None}
        names |= {reader.column for _, _, reader in self._refs}
        for _, reader in self._roles:
            names |= reader.columns
        return names - {""}


def _faults(columns: Sequence[Sequence[Any]]) -> dict[int, Coded]:
    """The first error of each row that has one."""
    found: dict[int, Coded] = {}
    for column in columns:
        if Coded in set(map(type, column)):
            for place, value in enumerate(column):
                if value.__class__ is Coded:
                    found.setdefault(place, value)
    return found


def reference_bytes(text: str) -> bytes:
    """A reference as its owner writes it: 32 hex digits are 16 bytes, anything else is its UTF-8."""
    if len(text) == 32:
        try:
            return bytes.fromhex(text)
        except ValueError:
            return text.encode()
    return text.encode()


def _age_group(born: Any, occurred: Any) -> Any:
    """The age group of somebody born in a year, in the year of an event (days since 1970-01-01)."""
    if not isinstance(born, int) or not isinstance(occurred, int):
        return born
    age = date.fromordinal(occurred + _EPOCH).year - born
    return next(name for limit, name in _GROUPS if age <= limit)
