"""A mapping as a workbook, to be read and signed by those whose business it is, and read back (issue 5, part 3).

It says all that the mapping says: a sheet of fields, of events, of rules, of settings, of cases, and one for each code
table. What stands in grey for a reader's sake, such as what a field means, is not read back.
"""

import csv
import io
import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from pathlib import PurePath
from typing import Final, NamedTuple

from connectors.books.settings_sheet import ALONE, SOURCE, number_of, rhythm_in, settings_rows, source_of
from connectors.books.sheet_rows import (
    CASE_SHEET,
    EVENTS,
    FIELDS,
    HEADS,
    RULES,
    SETTINGS,
    TABLE,
    TABLES,
    Grid,
    Row,
    head,
    rows_of,
)  # fmt: skip
from connectors.books.sheet_text import cell_text, list_cell, text_cell, value_cell
from connectors.mapping.language import ROLES, TOKENS, Cell, Document, GuardLimits, Mapping, Person, Rule, Section
from connectors.rows.contract import contract_of, released
from connectors.sources import parse_source
from hub.core.errors import DataError
from hub.events import KINDS as TYPES

_PARTS: Final = {
    "common": ("fields",),
    "event": ("fields", "refs", "vanish"),
    "person": ("tokens", "document", "identity"),
}
_FORBIDDEN: Final = re.compile(r"[^\w .-]")
_LONGEST: Final = 31
"""Characters in the name of a sheet."""

_NOBODY: Final = "-"

Owner = tuple[str, str, str]
"""What a row of the fields belongs to: common, event or person; the name of the event, or the role; and the part."""


class Files(NamedTuple):
    """The folder of a mapping: the mapping itself, its code tables by path, and its cases if there are any; as text.
    Of a workbook also the row of each setting in its sheet."""

    mapping: Mapping
    tables: Map[str, str]
    cases: str | None
    rows: Map[str, int] = {}


def grids(files: Files) -> dict[str, Grid]:
    """The sheets by name, each with its header."""
    mapping = files.mapping
    sheets = {
        FIELDS: [head(FIELDS), *_fields(mapping)],
        EVENTS: [head(EVENTS), *map(_event, mapping.sections)],
        RULES: [head(RULES), *map(_rule, mapping.rules.values())],
        SETTINGS: [head(SETTINGS), *settings_rows(mapping)],
        TABLES: [head(TABLES)],
    }
    for number, (path, text) in enumerate(files.tables.items(), 1):
        name = _FORBIDDEN.sub("_", f"{TABLE}{number} {PurePath(path).stem}")[:_LONGEST].strip()
        sheets[TABLES].append([text_cell(path), text_cell(name)])
        sheets[name] = csv_grid(text)
    if files.cases is not None:
        sheets[CASE_SHEET] = csv_grid(files.cases)
    return sheets


def files_of(sheets: Map[str, Grid]) -> Files:
    """What the sheets say; nothing that stands in them is left out.

    Raises DataError HUB-C370 for a sheet or column that lacks, C371 for a cell that cannot be what it is, and as
    `[source]` is judged.
    """
    tables = {path: _csv(_sheet(sheets, row.text("sheet"))) for path, row in _once(sheets, TABLES, "codes").items()}
    settings = _once(sheets, SETTINGS, "setting")
    events = _once(sheets, EVENTS, "name")
    rules = _once(sheets, RULES, "name")
    cells = _cells(sheets, events)
    roles = list(dict.fromkeys(name for of, name, _ in cells if of == "person"))
    limits = GuardLimits()._asdict()
    known = {*ALONE, *(f"guard.{name}" for name in limits), *(f"person.{role}.required" for role in roles)}
    for name, row in settings.items():
        if name not in known and not name.startswith(SOURCE):
            raise row.wrong("setting")
    mapping = Mapping(
        id=settings["id"].text("value") if "id" in settings else "",
        version=number_of(settings, "version", 1),
        source=parse_source(source_of(settings)),
        key=settings["key"].texts("value") if "key" in settings else (),
        select=settings["select"].texts("value") if "select" in settings else (),
        rules={
            name: Rule(name, row.text("column"), row.text("op"), row.texts("values")) for name, row in rules.items()
        },
        persons={role: _person(role, cells, settings) for role in roles},
        common=cells.get(("common", "", "fields"), {}),
        sections=tuple(_section(name, row, cells) for name, row in events.items()),
        tables={},
        guard=GuardLimits(*(number_of(settings, f"guard.{name}", limit) for name, limit in limits.items())),
        full_every_days=number_of(settings, "full_every_days", 0),
        hash="",
        rhythm=rhythm_in(settings),
    )
    rows = {name: row.at for name, row in settings.items()}
    return Files(mapping, tables, _csv(sheets[CASE_SHEET]) if CASE_SHEET in sheets else None, rows)


def _fields(mapping: Mapping) -> Iterator[list[str]]:
    for name, cell in mapping.common.items():
        yield _field("common", "", "fields", name, cell, mapping.sections[0].type)
    for section in mapping.sections:
        for name, cell in section.fields.items():
            yield _field("event", section.name, "fields", name, cell, section.type)
        for name, cell in section.refs.items():
            yield _field("event", section.name, "refs", name, cell)
        for name, cell in section.vanish.items():
            yield _field("event", section.name, "vanish", name, cell, section.on_vanish)
    for role, person in mapping.persons.items():
        for name, cell in person.tokens:
            yield _field("person", role, "tokens", name, cell)
        if person.document:
            told = Cell(column=person.document.column, codes=person.document.codes)
            yield _field("person", role, "document", person.document.type_column, told)
        for name, cell in person.identity:
            yield _field("person", role, "identity", name, cell)


def _field(of: str, owner: str, part: str, name: str, cell: Cell, type: str = "") -> list[str]:
    zh, en, needed = _meaning(type, name)
    place = [of, text_cell(owner), part, text_cell(name), zh, en, needed]
    values = [value_cell(cell.constant), value_cell(cell.default), value_cell(cell.other)]
    flags = [str(cell.per or ""), "true" if cell.age else "", text_cell(cell.split)]
    return [*place, *(text_cell(getattr(cell, name)) for name in ("column", "kind", "codes")), *values, *flags]


def _meaning(type: str, name: str) -> tuple[str, str, str]:
    """What a field of an event type means, and whether it must be given; nothing where there is none."""
    if type not in TYPES:
        return "", "", ""
    told = next((field for field in released(TYPES[type])["fields"] if field["name"] == name), None)
    if told is None:
        return "", "", ""
    target = contract_of(type).targets.get(name)
    needed = target is not None and not target.nullable and name != "recorded_at"
    return told["doc_zh"], told["doc"], "是 yes" if needed else ""


def _event(section: Section) -> list[str]:
    told = released(TYPES[section.type]) if section.type in TYPES else {}
    persons = "" if section.persons is None else list_cell(section.persons) or _NOBODY
    ends = [section.on_change, text_cell(section.on_vanish)]
    names = [text_cell(section.name), text_cell(section.type), told.get("doc_zh", ""), told.get("doc", "")]
    return [*names, list_cell(section.when), persons, *ends]


def _section(name: str, row: Row, cells: Map[Owner, dict[str, Cell]]) -> Section:
    persons = row.texts("persons")
    fields, refs, vanish = (cells.get(("event", name, part), {}) for part in ("fields", "refs", "vanish"))
    whom = None if not persons else () if persons == (_NOBODY,) else persons
    ends = row.text("on_change"), row.text("on_vanish")
    return Section(name, row.text("type"), row.texts("when"), fields, whom, refs, *ends, vanish)


def _rule(rule: Rule) -> list[str]:
    return [text_cell(rule.name), text_cell(rule.column), rule.op, list_cell(rule.values)]


def _person(role: str, cells: Map[Owner, dict[str, Cell]], settings: Map[str, Row]) -> Person:
    tokens, documents, identity = (cells.get(("person", role, part), {}) for part in ("tokens", "document", "identity"))
    document = next((Document(cell.column, name, cell.codes) for name, cell in documents.items()), None)
    required = settings.get(f"person.{role}.required")
    needed = required is None or required.value("value") is not False
    return Person(role, tuple(tokens.items()), document, tuple(identity.items()), needed)


def _sheet(sheets: Map[str, Grid], name: str) -> Grid:
    if name not in sheets:
        raise DataError("HUB-C370", sheet=name, column="-")
    return sheets[name]


def _once(sheets: Map[str, Grid], sheet: str, name: str) -> dict[str, Row]:
    """The rows of a sheet by a column that no two of them share. Raises DataError HUB-C370, C371."""
    found: dict[str, Row] = {}
    for row in rows_of(sheet, _sheet(sheets, sheet), list(HEADS[sheet])):
        if found.setdefault(row.text(name), row) is not row:
            raise row.wrong(name)
    return found


def _cells(sheets: Map[str, Grid], events: Map[str, Row]) -> dict[Owner, dict[str, Cell]]:
    """The cells of the sheet of fields by what they belong to. Raises DataError HUB-C370, C371."""
    found: dict[Owner, dict[str, Cell]] = {}
    for row in rows_of(FIELDS, _sheet(sheets, FIELDS), list(HEADS[FIELDS])):
        of, name, part, field = (row.text(one) for one in ("of", "name", "part", "field"))
        if of not in _PARTS:
            raise row.wrong("of")
        if part not in _PARTS[of]:
            raise row.wrong("part")
        if (
            (of == "event" and name not in events)
            or (of == "person" and name not in ROLES)
            or (of == "common" and name)
        ):
            raise row.wrong("name")
        mine = found.setdefault((of, name, part), {})
        if field in mine or (part == "document" and mine) or (part == "tokens" and field not in TOKENS):
            raise row.wrong("field")
        mine[field] = row.cell()
    return found


def csv_grid(text: str) -> Grid:
    """The cells of a CSV file."""
    return [[text_cell(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline="")) if any(row)]


def _csv(grid: Grid) -> str:
    """The grid as CSV, each line as wide as the widest."""
    rows = [row for row in grid if any(row)]
    wide = max((len(row) for row in rows), default=0)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([*map(cell_text, row), *[""] * (wide - len(row))] for row in rows)
    return out.getvalue()
