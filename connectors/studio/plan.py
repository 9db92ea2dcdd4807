"""The part of a mapping that the page edits, and its way back into the whole: what the page does not show stays.

    {"key": [column], "common": CELLS, "person": {role: {"tokens": CELLS, "identity": CELLS}},
     "event": [{"name", "type", "when": [rule], "fields": CELLS}], "tables": {path: [[value, code]]}}

CELLS has a cell, as a mapping has it, by the field's name. Events stand in the mapping's order; new ones come last.
Their rules are told, and stay what they are.
"""

import csv
import io
import re
from collections.abc import Mapping as Map
from typing import Any, Final

from connectors.mapping.code_table import parse_codes
from hub.core.errors import DataError

Document = dict[str, Any]
"""A mapping as TOML or JSON has it."""

PERSON_PARTS: Final = ("tokens", "identity")
_OWN_TABLE: Final = re.compile(r"codes/[a-z0-9_]{1,60}\.csv")
_HEADER: Final = ("值", "代码")


def plan_of(document: Document, tables: Map[str, str]) -> Document:
    """What the page is given of a mapping that can be read, and of its code tables."""
    return {
        "key": _listed(document.get("key", [])),
        "common": _cells(document.get("common", {})),
        "person": {
            role: {part: _cells(person.get(part, {})) for part in PERSON_PARTS}
            for role, person in document.get("person", {}).items()
        },
        "event": [
            {
                "name": event.get("name", event["type"]),
                "type": event["type"],
                "when": _listed(event.get("when", [])),
                "fields": _cells(event.get("fields", {})),
            }
            for event in document.get("event", [])
        ],
        "tables": {path: [row[:2] for row in _grid(text)[1:] if row] for path, text in tables.items()},
    }


def whole(document: Document, plan: Document) -> Document:
    """The mapping with the plan's parts in it. Raises DataError HUB-C382 for what is no plan of this mapping."""
    have, new = document.get("event", []), _list(plan, "event")
    if len(new) < len(have):
        raise DataError("HUB-C382", part="event")
    events = []
    for number, event in enumerate(new):
        before = have[number] if number < len(have) else _new_event(event)
        if _text(event, "type") != before["type"]:
            raise DataError("HUB-C382", part="event")
        events.append({**before, "fields": _table(event, "fields")})
    merged = {**document, "key": _list(plan, "key"), "common": _table(plan, "common"), "event": events}
    persons = document.get("person", {})
    merged["person"] = {
        role: person
        for role, parts in _table(plan, "person").items()
        if (person := _person(persons.get(role, {}), parts))
    }
    if set(persons) - set(_table(plan, "person")):
        raise DataError("HUB-C382", part="person")
    return merged


def tables_in(plan: Document, before: Map[str, str]) -> dict[str, str]:
    """The text of each code table: as it was where it says the same.

    Raises DataError HUB-C373 for a new one with a path of its own, C384 for one that was edited and has more columns
    than the page shows.
    """
    found = dict(before)
    for path, rows in _table(plan, "tables").items():
        if path not in before and not _OWN_TABLE.fullmatch(path):
            raise DataError("HUB-C373", file=path)
        text = _csv([_pair(row) for row in rows if row] if isinstance(rows, list) else [])
        if path not in before:
            found[path] = text
        elif parse_codes(path, text.encode()) != parse_codes(path, before[path].encode()):
            if any(len(row) > len(_HEADER) for row in _grid(before[path])):
                raise DataError("HUB-C384", setting=path)
            found[path] = text
    return found


def _new_event(event: Any) -> Document:
    name, type = _text(event, "name"), _text(event, "type")
    return {"type": type} if name == type else {"name": name, "type": type}


def _person(before: Document, parts: Any) -> Document:
    """A person without an empty part; nothing for one who has no part left."""
    if not isinstance(parts, dict):
        raise DataError("HUB-C382", part="person")
    person = {**before, **{part: _table(parts, part) for part in PERSON_PARTS}}
    return {name: value for name, value in person.items() if value not in ({}, None)}


def _cells(cells: Map[str, Any]) -> Document:
    return {name: {"column": cell} if isinstance(cell, str) else dict(cell) for name, cell in cells.items()}


def _listed(key: Any) -> list[str]:
    return [key] if isinstance(key, str) else [str(one) for one in key]


def _table(plan: Document, name: str) -> Document:
    value = plan.get(name)
    if not isinstance(value, dict):
        raise DataError("HUB-C382", part=name)
    return value


def _list(plan: Document, name: str) -> list[Any]:
    value = plan.get(name)
    if not isinstance(value, list):
        raise DataError("HUB-C382", part=name)
    return value


def _text(event: Any, name: str) -> str:
    if not isinstance(event, dict) or not isinstance(event.get(name), str):
        raise DataError("HUB-C382", part="event")
    return str(event[name])


def _pair(row: Any) -> list[str]:
    if not isinstance(row, list) or len(row) != len(_HEADER) or not all(isinstance(cell, str) for cell in row):
        raise DataError("HUB-C382", part="tables")
    return row


def _grid(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([_HEADER, *rows])
    return out.getvalue()
