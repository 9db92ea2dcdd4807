"""Which places of the page an error is about: a setting, a field of a type, or every place that reads a column."""

from collections.abc import Iterator
from typing import Any

from connectors.mapping.language import COMMON
from connectors.studio.plan import PERSON_PARTS, Document


def slots_with(plan: Document, column: str) -> list[str]:
    """Every place that reads a column."""
    return [at for at, cell in _cells(plan) if cell.get("column") == column] + (
        ["key"] if column in plan["key"] else []
    )


def slots_of_error(plan: Document, place: dict[str, Any]) -> list[str]:
    """The places that an error's own place names; none where it is about something that the page does not show."""
    if place.get("setting"):
        return _of_setting(plan, str(place["setting"]))
    if place.get("field"):
        return [_of_field(plan, str(place.get("type", "")), str(place["field"]))]
    columns = str(place.get("column", "")).split(", ")
    return [at for column in columns for at in slots_with(plan, column)]


def _of_setting(plan: Document, setting: str) -> list[str]:
    if setting == "key":
        return ["key"]
    for event in sorted(plan["event"], key=lambda event: -len(event["name"])):
        if setting.startswith(event["name"] + "."):
            return [_of_field(plan, event["name"], setting.removeprefix(event["name"] + ".").split(".")[0])]
    for at, _ in _cells(plan):
        if f"{setting}.".startswith(f"{at}."):
            return [at]
    _, _, rest = setting.partition("person.")
    role, _, name = rest.partition(".")
    return [at for at in (f"person.{role}.{part}.{name}" for part in PERSON_PARTS) if at in dict(_cells(plan))]


def _of_field(plan: Document, event: str, field: str) -> str:
    """The field in an event known by its name, or in one of its type, first where it lacks; what all events have in
    common stands there, unless the event has its own."""
    mine = [(n, one["fields"]) for n, one in enumerate(plan["event"], 1) if event in (one["name"], one["type"])]
    named = [(n, one["fields"]) for n, one in enumerate(plan["event"], 1) if event == one["name"] != one["type"]]
    for number, fields in sorted(named or mine, key=lambda one: field in one[1]):
        if field in fields or field not in COMMON:
            return f"event {number}.fields.{field}"
    return f"common.{field}"


def _cells(plan: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each place with its cell."""
    parts = [("common", plan["common"])]
    parts += [
        (f"person.{role}.{part}", person[part]) for role, person in plan["person"].items() for part in PERSON_PARTS
    ]
    parts += [(f"event {number}.fields", event["fields"]) for number, event in enumerate(plan["event"], 1)]
    for at, cells in parts:
        for name, cell in cells.items():
            yield f"{at}.{name}", cell if isinstance(cell, dict) else {"column": cell}
