"""A workbook for those who fill rows in by hand, made from a mapping: what it reads is what there is to fill in."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

from connectors.mapping.language import TOKENS, Cell, Mapping
from connectors.rows.cells import Target
from connectors.rows.contract import Contract
from connectors.rows.replies import takes_answers
from connectors.sources.spec import ExcelSpec, FolderSpec
from hub.core.errors import DataError
from hub.workbook import TEXT, Entry, Page, write

Say = Callable[[str], str]
"""A phrase of the table `template`."""

HINTS: Final = (
    *("resident_id", "disability_certificate", "date", "minute", "timestamp", "area", "county", "uscc", "integer"),
    *("fen", "boolean", "phone", "name", "code", "date_1900", "date_1904"),
)
"""Kinds that have a hint of their own."""

_DATES: Final = ("date", "until", "timestamp")
_NUMBERS: Final = ("integer", "fen")


class Asked(NamedTuple):
    """A column: the kind of its cells, whether a row needs it, what may be chosen and whether several at once."""

    name: str
    kind: str
    required: bool
    choices: tuple[str, ...]
    many: bool


def _asked_of(mapping: Mapping, source: ExcelSpec, contracts: dict[str, Contract]) -> list[Asked]:
    """The columns that a mapping reads, but for those that are made of a sheet's own texts."""
    made = {source.sheet_column, source.title_column, source.month_column}
    uses = list(_uses(mapping, contracts))
    found = []
    for name in mapping.columns():
        if name in made:
            continue
        mine = [(cell, target, need) for column, cell, target, need in uses if column == name]
        choices = dict.fromkeys(value for cell, _, _ in mine if cell.codes for value in mapping.tables[cell.codes])
        if not choices:
            choices = dict.fromkeys(
                value
                for rule in mapping.rules.values()
                if rule.column == name and rule.op in ("equals", "in")
                for value in rule.values
            )
        kinds = [cell.kind or target.kind for cell, target, _ in mine if not cell.codes]
        many = any(target.many for _, target, _ in mine)
        needed = name in mapping.key or any(need for _, _, need in mine)
        found.append(Asked(name, kinds[0] if kinds else "text", needed, tuple(choices), many))
    return found


def _uses(mapping: Mapping, contracts: dict[str, Contract]) -> Iterator[tuple[str, Cell, Target, bool]]:
    """Each use of a column: its cell, what takes it, and whether a row fails without it."""
    for section in mapping.sections:
        for name, target in contracts[section.name].targets.items():
            cell = section.fields.get(name) or mapping.common.get(name)
            if cell is not None and cell.column:
                everywhere = not section.when
                yield cell.column, cell, target, everywhere and not target.nullable and cell.default is None
    for person in mapping.persons.values():
        for name, cell in (*person.tokens, *person.identity):
            needed = person.required and name in TOKENS and len(person.tokens) == 1
            yield cell.column, cell, Target(name, "string", True, kind="text"), needed
        if person.document:
            kinds = Cell(column=person.document.type_column, codes=person.document.codes)
            yield person.document.type_column, kinds, Target("kind", "string", True, kind="code"), person.required


def make(path: Path, mapping: Mapping, contracts: dict[str, Contract], today: date, say: Say) -> list[Asked]:
    """Write the workbook: a sheet to fill in, instructions, lists. Raises DataError HUB-C296, C297, C299."""
    source = mapping.source.files if isinstance(mapping.source, FolderSpec) else mapping.source
    if not isinstance(source, ExcelSpec) or source.unpivot is not None or takes_answers(mapping):  # the hub asks those
        raise DataError("HUB-C299", alias=source.alias)
    asked = _asked_of(mapping, source, contracts)
    lists = [one for one in asked if one.choices]
    names = {one.name: number for number, one in enumerate(lists, 1)}
    entries = [
        Entry(
            _format(one),
            (say("lists"), names[one.name], len(one.choices)) if one.choices and not one.many else None,
            _hint(one, say),
        )
        for one in asked
    ]
    head = _head([one.name for one in asked], source.header_row, source.header_rows)
    fill = Page(
        _sheet_name(source.sheets, source.month_column, today, say), head, [22] * len(asked), len(head), entries
    )
    lines = [[say("column"), say("needed"), say("how")]]
    lines += [[one.name, say("yes" if one.required else "no"), _hint(one, say)] for one in asked]
    lines += [[""], *([say(f"rule_{number}")] for number in range(1, 6))]
    pages = [fill, Page(say("instructions"), lines, [28, 10, 90])]
    if lists:
        depth = max(len(one.choices) for one in lists)
        rows = [[one.choices[at] if at < len(one.choices) else None for one in lists] for at in range(depth)]
        pages.append(Page(say("lists"), [[one.name for one in lists], *rows], [26] * len(lists)))
    write(path, pages)
    return asked


def _format(one: Asked) -> str:
    """Text, so that no number loses a digit; days and amounts as the program keeps them."""
    if one.choices or one.kind not in (*_DATES, *_NUMBERS):
        return TEXT
    return "yyyy-mm-dd" if one.kind in _DATES else "General"


def _hint(one: Asked, say: Say) -> str:
    hint = say(f"kind_{one.kind}") if one.kind in HINTS and not one.choices else ""
    if one.choices:
        hint = say("choose_many" if one.many else "choose")
    return " ".join(filter(None, (hint or say("kind_text"), say("must") if one.required else "")))


def _head(names: Sequence[str], row: int, depth: int) -> list[list[str]]:
    """The rows of the header where the mapping looks for them: a name of several parts over as many rows."""
    above = [[""] for _ in range(max(row, 1) - 1)]
    if depth < 2:
        return [*above, list(names)]
    parts = [name.split("/", depth - 1) for name in names]
    return [*above, *([some[min(layer, len(some) - 1)] for some in parts] for layer in range(depth))]


def _sheet_name(wishes: Sequence[str], month: str, today: date, say: Say) -> str:
    """A name that the mapping will read; with a month column, this month's."""
    named = f"{today.year}年{today.month}月"
    if not wishes:
        return named if month else say("fill")
    if any(fnmatchcase(named, wish) for wish in wishes):
        return named
    return wishes[0].replace("*", "1").replace("?", "1")
