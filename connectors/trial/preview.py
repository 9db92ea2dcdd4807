"""Before and after, side by side, without publishing: shapes and verdicts, never a digit or a letter of a value."""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from pathlib import Path
from typing import Any, NamedTuple

from connectors.edge import Edge
from connectors.mapping.file import load_mapping
from connectors.mapping.language import Mapping
from connectors.rows.cells import Target
from connectors.rows.drafts import NotSelected, RowMapper
from connectors.rows.lot import picked
from connectors.rows.section import Draft, Refused
from connectors.rows.tokens import KeyedTokens
from connectors.sources import open_source
from hub.core.errors import Coded
from hub.ports.system import System


class Seen(NamedTuple):
    """One row: its place, the shape of each cell that the mapping reads, and what becomes of it.

    `verdict` is published, not_selected, refused; `why` the rules or the error; `events` each type with its fields as
    shown.
    """

    alias: str
    row: int
    cells: tuple[tuple[str, str], ...]
    verdict: str
    why: "str | Coded"
    events: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


class Lines(NamedTuple):
    """First rows of one sheet, file or query: their numbers, and the cells that a mapping reads of each."""

    alias: str
    places: Map[str, str]
    numbers: tuple[int, ...]
    rows: tuple[tuple[Any, ...], ...]


def first_rows(mapping: Mapping, folder: Path, system: System, most: int) -> list[Lines]:
    """The first `most` rows of the source. Raises DataError as a run does."""
    names = mapping.columns()
    found: list[Lines] = []
    left = most
    with open_source(mapping.source, folder, names=names, today=system.today(), now_ms=system.now_ms) as source:
        columns = [column.name for column in source.columns()]
        for chunk in source.rows():
            some = chunk.rows[:left]
            places = dict(zip(columns, chunk.places, strict=True))
            cells = tuple(picked(some, columns, names))
            found.append(Lines(chunk.alias, places, tuple(row.number for row in some), cells))
            left -= len(some)
            if left <= 0:
                break
    return found


def seen(mapper: RowMapper, lines: Iterable[Lines]) -> list[Seen]:
    """What becomes of these rows, masked."""
    return [
        Seen(some.alias, number, shapes(mapper.columns, row), *_told(mapper, reading))
        for some in lines
        for number, row, reading in zip(some.numbers, some.rows, mapper.read(some.rows, some.places), strict=True)
    ]


def shapes(names: Sequence[str], row: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    """The shape of each cell, by its column."""
    return tuple((name, shape(value)) for name, value in zip(names, row, strict=True))


def preview(edge: Edge, system: System, most: int) -> list[Seen]:
    """What becomes of the first `most` rows of the source. Raises DataError as a run does."""
    mapping = load_mapping(edge.folder)
    mapper = RowMapper(mapping, KeyedTokens(edge.keys), system.today(), edge.spec.go_live, system.now_ms())
    return seen(mapper, first_rows(mapping, edge.folder, system, most))


def _told(mapper: RowMapper, reading: Any) -> tuple[str, "str | Coded", tuple[Any, ...]]:
    if isinstance(reading, Refused):
        return "refused", reading.error, ()
    if isinstance(reading, NotSelected):
        return "not_selected", reading.rule, ()
    return "published", "", tuple(_event(mapper, draft) for draft in reading)


def _event(mapper: RowMapper, draft: Draft) -> tuple[str, tuple[tuple[str, str], ...]]:
    section = mapper.sections[draft.section]
    contract = section.contract
    fields = section.fields(draft)._asdict()
    shown = [
        (name, shown_value(fields[name], target))
        for name, target in contract.targets.items()
        if fields[name] is not None
    ]
    shown += [(f"person {who.role}", f"{len(who.tokens)} token(s)") for who in draft.people]
    return contract.kind.type, tuple(shown)


def shown_value(value: object, target: Target) -> str:
    """Codes of a list and yes or no are shown, since they are the contract's words; all else is its shape."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if target.kind in ("date", "timestamp"):
        return "####-##-##" if target.kind == "date" else "####-##-## ##:##"
    return str(value) if target.codes is not None else shape(value)


def shape(value: object) -> str:
    """What a cell looks like: # a digit, A a Latin letter, 汉 any other letter, and its punctuation; - for nothing."""
    if value is None or value == "":
        return "-"
    text = value if isinstance(value, str) else str(value)
    shown = "".join(_mark(character) for character in text[:40])
    return shown + ("..." if len(text) > 40 else "")


def _mark(character: str) -> str:
    if character.isdigit():
        return "#"
    if character.isalpha():
        return "A" if character.isascii() else "汉"
    return character if character.isascii() and character.isprintable() else " "


def masked(columns: tuple[str, ...], cells: tuple[Any, ...]) -> list[tuple[str, str]]:
    """Columns and shapes of a row that was kept sealed."""
    names = [columns[n] if n < len(columns) else str(n + 1) for n in range(len(cells))]
    return [(name, shape(cell)) for name, cell in zip(names, cells, strict=True)]
