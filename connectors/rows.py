"""Rows to drafts of events: column by column, without a thought for what was published before."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Final, NamedTuple

from connectors.cells import Reader, Target
from connectors.contract import REFS, Contract, check_mapping, people_of
from connectors.mapping import ROLES, Cell, Mapping, Section
from connectors.people import PersonReader, Somebody
from connectors.rules import RuleReader
from connectors.sources import Row
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

    def read(self, rows: Sequence[Row], places: Map[str, str]) -> list[Reading]:
        """What becomes of each row; `values` of a row follow `columns`. `places` name the columns for their owner."""
        if not rows:
            return []
        out: list[Any] = [None] * len(rows)
        whole = dict(zip(self.columns, zip(*(row.values for row in rows), strict=True), strict=True))
        judged = {name: rule.read(whole[rule.column]) for name, rule in self._rules.items()}
        left = self._chosen(self._mapping.select, judged, range(len(rows)), out, places)
        failed: dict[int, list[str]] = {}
        for section in self.sections:
            mine = self._chosen(section.when, judged, left, out, places, failed)
            section.read(whole, len(rows), mine, out, places)
        for at in left:
            if out[at] is None:
                out[at] = NotSelected(" / ".join(dict.fromkeys(failed[at])))
        return out

    def _chosen(
        self,
        rules: Sequence[str],
        judged: Map[str, list[Any]],
        rows: Sequence[int],
        out: list[Any],
        places: Map[str, str],
        failed: dict[int, list[str]] | None = None,
    ) -> Sequence[int]:
        """The rows that all rules hold for. Others are refused, not selected, or remembered in `failed` by rule."""
        left: Sequence[int] = rows
        for name in rules:
            verdict = judged[name]
            if not self._rules[name].may_fail and all(map(verdict.__getitem__, left)):
                continue
            kept = []
            for at in left:
                if verdict[at] is True:
                    kept.append(at)
                elif verdict[at] is not False:
                    out[at] = Refused(verdict[at], places.get(self._rules[name].column, ""))
                elif failed is None:
                    out[at] = NotSelected(name)
                else:
                    failed.setdefault(at, []).append(name)
            left = kept
        return left


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
        mine = [at for at in mine if not isinstance(out[at], Refused)]
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
        faults = self._faults([*values, *people, *refs], len(mine))
        where, number, roles = places.get(self._column, ""), self.number, [role for role, _ in self._roles]
        one = roles[0] if len(roles) == 1 else None
        who: Any = people[0] if one is not None else zip(*people, strict=True) if people else [()] * len(mine)
        linked: Any = zip(*refs, strict=True) if refs else [()] * len(mine)
        for place, (at, row, persons, targets) in enumerate(
            zip(mine, zip(*values, strict=True), who, linked, strict=True)
        ):
            if faults and place in faults:
                out[at] = Refused(faults[place], places.get(faults[place].column, ""))
                continue
            named: tuple[tuple[int, Somebody], ...]
            if one is not None:
                named = ((one, persons),) if persons is not None else ()
            else:
                named = tuple((role, person) for role, person in zip(roles, persons, strict=True) if person is not None)
            bound = self._bound(targets) if targets else ()
            draft = Draft(number, row, named, bound, where)
            if out[at] is None:
                out[at] = [draft]
            elif isinstance(out[at], list):
                out[at].append(draft)

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

    def _faults(self, columns: Sequence[Sequence[Any]], rows: int) -> dict[int, Coded]:
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
