"""The `[source]` of a mapping as JSON Schema, for editors: made of the tables that it is judged by."""

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from typing import Any, Final

from connectors.sources import outside
from connectors.sources.declared import ALIAS, CHOICES, HEADER_ROWS, UNPIVOT, settings_of
from connectors.sources.hours import SPAN
from connectors.sources.spec import FILES, KINDS, LARGEST, SPECS, TYPES

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": LARGEST}
_TEXTS: Final[Schema] = {"type": ["string", "array"], "items": TEXT}
_OF_TYPE: Final[dict[Any, Schema]] = {str: TEXT, int: COUNT, tuple[str, ...]: _TEXTS}


def source_schema() -> Schema:
    """What may stand in `[source]`: of each kind its own settings, each as the program reads it."""
    specs = {**SPECS, **FILES}.values()
    settings = {one.name: _OF_TYPE[one.type] for spec in specs for one in fields(spec) if one.type in _OF_TYPE}
    settings |= {name: {"enum": list(values)} for name, values in {**CHOICES, "files": FILES}.items()}
    settings["sheet"] = settings["sheets"]
    settings["header_rows"] = {**COUNT, "maximum": HEADER_ROWS}
    settings["delimiter"] = {"anyOf": [{"const": "auto"}, {"type": "string", "minLength": 1, "maxLength": 1}]}
    settings["timeout_seconds"] = {**COUNT, "minimum": 1}
    span = {"type": "string", "pattern": f"^(?:{SPAN})$"}
    settings["hours"] = {"anyOf": [span, {"type": "array", "items": span}]}
    settings["unpivot"] = {
        **_table({name: _TEXTS if name == "columns" else TEXT for name in UNPIVOT}),
        "required": list(UNPIVOT[:3]),
    }
    ours: Schema = {
        "kind": {"enum": [*KINDS, *outside.kinds()]},
        "alias": {"type": "string", "pattern": f"^(?:{ALIAS})$"},
        "columns": {"type": "object", "additionalProperties": {"enum": list(TYPES)}},
    }
    return {
        "type": "object",
        "properties": ours,
        "required": ["kind", "alias"],
        "if": {"properties": {"kind": {"const": "folder"}}},
        "then": {"properties": {"files": settings["files"]}, "required": ["files"]},
        "allOf": [
            {
                "if": {"properties": when, "required": list(when)},
                "then": _of_kind(names, needed_by(when["kind"]["const"]), settings, ours),
            }
            for when, names in _kinds()
        ],
    }


def known(kind: str, files: str = "") -> frozenset[str]:
    """The settings of a kind; in a folder also those of the kind of its `files`."""
    return settings_of(kind) | (settings_of(files) if files else frozenset())


def needed_by(kind: str) -> list[str]:
    """The settings that a kind must have."""
    return [one.name for one in fields(SPECS[kind]) if one.default is MISSING and one.default_factory is MISSING]


def _kinds() -> Iterator[tuple[Schema, frozenset[str]]]:
    """What tells each kind, and the settings that it may have."""
    for kind in KINDS:
        for files in FILES if kind == "folder" else ("",):
            told = {"kind": kind, **({"files": files} if files else {})}
            yield {name: {"const": value} for name, value in told.items()}, known(kind, files)


def _of_kind(names: frozenset[str], needed: Iterable[str], settings: Schema, ours: Schema) -> Schema:
    own = {name: settings[name] for name in sorted(names.difference(ours))}
    return {**_table(own | dict.fromkeys(ours, True)), "required": [name for name in needed if name in own]}


def _table(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}
