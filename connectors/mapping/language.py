"""The mapping language: how the rows of one source become events (docs/mapping.md).

A mapping is data. This module says what a mapping is made of; `connectors.mapping.file` reads one from TOML, and
`connectors.rows.contract` judges it against the schemas before the first row.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import Final, NamedTuple

from connectors.sources import SourceSpec

OPS: Final = ("equals", "not_equals", "in", "not_in", "empty", "not_empty", "before", "after")
ROLES: Final[Map[str, int]] = {"patient": 1, "guardian": 2, "relative": 3, "staff": 4}
TOKENS: Final[Map[str, tuple[int, str]]] = {
    "resident_id": (1, "resident_id"),
    "certificate": (2, "disability_certificate"),
    "passport": (3, "passport"),
    "hk_macao_permit": (4, "hk_macao_permit"),
    "taiwan_permit": (5, "taiwan_permit"),
    "foreigner_permit": (6, "foreigner_permit"),
}
"""Name of each token: its kind in a frame, and its canonical form. Numbers are for ever."""

REFUSE: Final = "refuse"
"""As `on_change`: what a row said stands, and the row is refused when it would say something else."""

COMMON: Final = ("occurred_on", "occurred_minute", "recorded_at", "legal_basis", "area")
"""Fields that every event has and a mapping may set once for all; `salt` and `mode` are the engine's."""


class Cell(NamedTuple):
    """Where a value comes from: a column through a kind and perhaps a code table, or a constant.

    `default` stands for an empty cell, `other` for a value that the code table lacks. `per` divides a number and rounds
    down (metres to cells of 2 km: 2000); `age` makes a birth year or date the age group on the event's date; `split`
    lists the characters between several codes in one cell.
    """

    column: str = ""
    kind: str = ""
    codes: str = ""
    constant: str | int | bool | None = None
    default: str | int | bool | None = None
    other: str | None = None
    per: int = 0
    age: bool = False
    split: str = ""


class Rule(NamedTuple):
    """A named condition on one column. `values` are texts; for before and after one date, `today` or `go_live`."""

    name: str
    column: str
    op: str
    values: tuple[str, ...]


class Document(NamedTuple):
    """A column whose numbers are of several kinds: `kinds` looks the kind up in a code table by another column."""

    column: str
    type_column: str
    codes: str


class Person(NamedTuple):
    """Who a row is about, in one role. A row without any number of a `required` person is refused."""

    role: str
    tokens: tuple[tuple[str, Cell], ...]
    document: Document | None
    identity: tuple[tuple[str, Cell], ...]
    required: bool


class Section(NamedTuple):
    """One `[[event]]`: what a row that passes the rules `when` says.

    `vanish` holds constants for the event named by `on_vanish`. `persons` None means: the patient, if the type is
    routed to a subject.
    """

    name: str
    type: str
    when: tuple[str, ...]
    fields: Map[str, Cell]
    persons: tuple[str, ...] | None
    refs: Map[str, Cell]
    on_change: str
    on_vanish: str
    vanish: Map[str, Cell]


class GuardLimits(NamedTuple):
    """A full read may lack up to max(`rows`, `percent` of the known rows)."""

    rows: int = 3
    percent: int = 5


class Mapping(NamedTuple):
    """A whole mapping. `hash` (hex) is of the file and its code tables: another hash is another mapping.

    `tables` holds the code tables by path, each from source value to code. With a cursor, a full read is due after
    `full_every_days`; 0 means only when asked for. `rhythm` is how often a run is due (`hub.core.rhythm`), or empty.
    """

    id: str
    version: int
    source: SourceSpec
    key: tuple[str, ...]
    select: tuple[str, ...]
    rules: Map[str, Rule]
    persons: Map[str, Person]
    common: Map[str, Cell]
    sections: tuple[Section, ...]
    tables: Map[str, Map[str, str]]
    guard: GuardLimits
    full_every_days: int
    hash: str
    rhythm: str = ""

    def cells(self) -> Iterator[tuple[str, Cell]]:
        """Every cell that reads a column, with the setting that holds it."""
        for name, cell in self.common.items():
            yield f"common.{name}", cell
        for section in self.sections:
            for name, cell in (*section.fields.items(), *section.refs.items()):
                yield f"{section.name}.{name}", cell
        for person in self.persons.values():
            for name, cell in (*person.tokens, *person.identity):
                yield f"person.{person.role}.{name}", cell

    def columns(self) -> tuple[str, ...]:
        """Every column that the mapping reads, once, in the order of its first use."""
        found = dict.fromkeys(self.key)
        found.update(dict.fromkeys(rule.column for rule in self.rules.values()))
        for _, cell in self.cells():
            found.update({cell.column: None} if cell.column else {})
        for person in self.persons.values():
            if person.document:
                found.update(dict.fromkeys(person.document[:2]))
        return tuple(found)
