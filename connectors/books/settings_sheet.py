"""The settings of a mapping in its workbook: what is said once of all, and the source (`books.mapping_sheet`)."""

import json
from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import Any, Final

from connectors.books.sheet_rows import Row
from connectors.books.sheet_text import list_cell, text_cell, value_cell
from connectors.mapping.language import Mapping
from connectors.mapping.text import source_settings
from connectors.sources import SourceSpec
from hub.core.rhythm import rhythm_of

ALONE: Final = ("id", "version", "key", "select", "full_every_days", "rhythm")
SOURCE: Final = "source."


def settings_rows(mapping: Mapping) -> Iterator[list[str]]:
    """The rows below the header."""
    yield ["id", text_cell(mapping.id)]
    yield ["version", str(mapping.version)]
    yield ["key", list_cell(mapping.key)]
    yield ["select", list_cell(mapping.select)]
    yield ["full_every_days", str(mapping.full_every_days)]
    yield ["rhythm", text_cell(mapping.rhythm)]
    for name, limit in mapping.guard._asdict().items():
        yield [f"guard.{name}", str(limit)]
    for role, person in mapping.persons.items():
        yield [f"person.{role}.required", value_cell(person.required)]
    for name, value in source_settings(mapping.source).items():
        plain = isinstance(value, str | int) and not str(value).startswith(("[", "{"))
        yield [text_cell(SOURCE + name), value_cell(value) if plain else json.dumps(value, default=str)]


def source_of(settings: Map[str, Row]) -> dict[str, Any]:
    """The `[source]` that the rows say."""
    return {name[len(SOURCE) :]: row.setting("value") for name, row in settings.items() if name.startswith(SOURCE)}


def other_source(have: SourceSpec, said: SourceSpec) -> str | None:
    """The first setting in which two sources differ, as its row is named; None where they are the same."""
    then, now = source_settings(have), source_settings(said)
    names = [*now, *(name for name in then if name not in now)]
    return next((SOURCE + name for name in names if repr(then.get(name)) != repr(now.get(name))), None)


def number_of(settings: Map[str, Row], name: str, default: int) -> int:
    """A whole number. Raises DataError HUB-C371 for a cell that is none."""
    return settings[name].number("value") if name in settings else default


def rhythm_in(settings: Map[str, Row]) -> str:
    """The rhythm, empty where none is declared. Raises DataError HUB-C371 for one that there is not."""
    row = settings.get("rhythm")
    said = row.value("value") if row else None
    kept = rhythm_of(said) if said not in (None, "") else ""
    if row is not None and kept is None:
        raise row.wrong("value")
    return kept or ""
