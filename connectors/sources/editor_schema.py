"""The `[source]` of a mapping as JSON Schema, for editors: made of the tables that it is judged by."""

from dataclasses import fields
from typing import Any, Final

from connectors.sources import outside
from connectors.sources.declared import ALIAS, CHOICES, HEADER_ROWS, UNPIVOT, settings_of
from connectors.sources.hours import SPAN
from connectors.sources.spec import FILES, KINDS, LARGEST, SPECS, TYPES, ServerSpec

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
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": {
                    **_table({name: settings[name] for name in _known(kind)} | dict.fromkeys(ours, True)),
                    "required": [
                        "url" if issubclass(SPECS[kind], ServerSpec) else "path",
                        *(["files"] if kind == "folder" else []),
                    ],
                },
            }
            for kind in KINDS
        ],
    }


def _known(kind: str) -> list[str]:
    """The settings of a kind; in a folder also those of all kinds of files that may lie in it."""
    each = FILES if kind == "folder" else ()
    return sorted(settings_of(kind).union(*map(settings_of, each)).difference(("kind", "alias", "columns")))


def _table(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}
