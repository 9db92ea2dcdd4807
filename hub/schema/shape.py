"""What a schema of ours is once read: plain values with every attribute in its place."""

import json
from typing import Any, Final, NamedTuple

SPEAKERS: Final = ("agency", "health", "federation", "civil_affairs", "stations")
PUBLISHERS: Final = (*SPEAKERS, "hub")
ROUTES: Final = ("subject", "market", "every")
STATUSES: Final = ("draft", "released")
SCALARS: Final = ("int", "long", "boolean", "string")
LOGICAL: Final = {"date": "int", "timestamp-millis": "long"}
SALT: Final = {"type": "fixed", "name": "Salt", "size": 16}


class Label(NamedTuple):
    """A privacy label (domain §6): what the value is, what is done to it before it leaves, and what it may serve."""

    kind: str
    transform: str
    purposes: tuple[str, ...]


class Field(NamedTuple):
    """One field. `type` is int, long, boolean, string or salt; `logical` the logical type; bounds as the schema says.

    `max` of a string is its length in characters, of a number its greatest value. `set`: codes joined by ",".
    """

    name: str
    type: str
    logical: str
    nullable: bool
    doc: str
    doc_zh: str
    min: int | None
    max: int | None
    unit: str
    codes: str
    set: bool
    label: Label


class Schema(NamedTuple):
    """One event type, and `raw`, the JSON that it was read from."""

    type: str
    doc: str
    doc_zh: str
    route: str
    rank: int
    status: str
    fields: tuple[Field, ...]
    raw: dict[str, Any]


class Finding(NamedTuple):
    """Something that a rule refuses: the code of its text, the file, the field ("" for the whole), and more places."""

    code: str
    path: str
    field: str
    place: dict[str, str | int]

    def places(self) -> dict[str, str | int]:
        """All places, for the text."""
        return {"path": self.path, "field": self.field or "-", **self.place}


def finding(code: str, path: str, field: str = "", **place: str | int) -> Finding:
    """A finding with its places by name."""
    return Finding(code, path, field, place)


def type_of(raw: Any) -> tuple[str, str, bool] | None:
    """Type, logical type and whether null is allowed, of a field's Avro type; None for one that we do not allow."""
    nullable = isinstance(raw, list)
    if nullable:
        if len(raw) != 2 or raw[0] != "null":
            return None
        raw = raw[1]
    if raw == SALT:
        return ("salt", "", nullable)
    if isinstance(raw, str):
        return (raw, "", nullable) if raw in SCALARS else None
    if isinstance(raw, dict) and set(raw) == {"type", "logicalType"} and LOGICAL.get(raw["logicalType"]) == raw["type"]:
        return (raw["type"], raw["logicalType"], nullable)
    return None


def schema_of(raw: dict[str, Any]) -> Schema:
    """The schema in a JSON object in which `rules.faults` found nothing."""
    return Schema(
        type=f"{raw['namespace']}.{raw['name']}",
        doc=raw["doc"],
        doc_zh=raw["doc_zh"],
        route=raw["route"],
        rank=raw["rank"],
        status=raw["status"],
        fields=tuple(_field(one) for one in raw["fields"]),
        raw=raw,
    )


def _field(raw: dict[str, Any]) -> Field:
    found = type_of(raw["type"])
    assert found is not None
    privacy = raw["privacy"]
    return Field(
        name=raw["name"],
        type=found[0],
        logical=found[1],
        nullable=found[2],
        doc=raw["doc"],
        doc_zh=raw["doc_zh"],
        min=raw.get("min"),
        max=raw.get("max"),
        unit=raw.get("unit", ""),
        codes=raw.get("codes", ""),
        set=raw.get("set", False),
        label=Label(privacy["class"], privacy["transform"], tuple(privacy["purposes"])),
    )


def pretty(raw: dict[str, Any]) -> str:
    """The one layout of a schema file."""
    return json.dumps(raw, ensure_ascii=False, indent=2) + "\n"
