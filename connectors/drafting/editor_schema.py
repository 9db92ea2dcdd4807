"""A mapping as JSON Schema (2020-12), so that an editor completes and underlines while one writes.

It is made of the tables that the program itself judges by, so that it never says otherwise than `hub connector check`.
What only the source, the code tables or another setting can tell is left to that command.
"""

import json
from typing import Any, Final

from connectors.forms.canonical import KINDS
from connectors.mapping.file import CHANGES
from connectors.mapping.language import COMMON, OPS, ROLES, TOKENS, Cell, Document, GuardLimits
from connectors.rows.cells import Target
from connectors.rows.contract import OURS, REFS, contract_of, released
from connectors.sources.editor_schema import COUNT, TEXT, Schema, source_schema
from hub.core.rhythm import LONGEST, NAMED
from hub.events import KINDS as TYPES

FILE: Final = "mapping.schema.json"
LINE: Final = f"#:schema ./{FILE}"
"""The first line of a mapping; editors of TOML look for it."""

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXTS: Final[Schema] = {"type": ["string", "array"], "items": {"type": ["string", "integer"]}}
_NAMES: Final[Schema] = {"type": ["string", "array"], "items": TEXT}
_VALUE: Final[Schema] = {"type": ["string", "integer", "boolean"]}
_CELL: Final[Schema] = {"$ref": "#/$defs/cell"}
_ENDINGS: Final = ("nothing", "retract")
_ENGINES: Final = ("agency.RunFinished", "agency.SourceStarted")


def mapping_schema() -> Schema:
    """The schema of a mapping, whole."""
    types = [type for type in TYPES if not type.startswith("hub.") and type not in _ENGINES]
    vanish: Schema = {"enum": [*_ENDINGS, *types]}
    change: Schema = {"enum": list(CHANGES)}
    top: Schema = {
        "id": TEXT,
        "version": COUNT,
        "source": source_schema(),
        "key": _TEXTS,
        "select": _TEXTS,
        "rule": {"type": "object", "additionalProperties": {"$ref": "#/$defs/rule"}},
        "person": _table({role: {"$ref": "#/$defs/person"} for role in ROLES}),
        "common": _table(_cells(contract_of(types[0]).targets, types[0], COMMON)),
        "event": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/event"}},
        "guard": _table(dict.fromkeys(GuardLimits._fields, COUNT)),
        "full_every_days": COUNT,
        "rhythm": {"anyOf": [{"enum": list(NAMED)}, {"type": "integer", "minimum": 1, "maximum": LONGEST}]},
        "on_change": change,
        "on_vanish": vanish,
    }
    return {
        "$schema": _DIALECT,
        "title": "Mapping of a connector",
        **_table(top),
        "required": ["id", "source", "key", "event"],
        "$defs": {
            "cell": _cell(),
            "rule": _rule(),
            "person": _person(),
            "event": _event(types, change, vanish),
            **{type: _table(_cells(contract_of(type).targets, type)) for type in types},
        },
    }


def schema_text() -> str:
    """The same as the text of a file."""
    return json.dumps(mapping_schema(), ensure_ascii=False, indent=1) + "\n"


def _table(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _cell() -> Schema:
    kinds: dict[Any, Schema] = {str: TEXT, int: COUNT, bool: {"type": "boolean"}}
    settings = {name: kinds.get(Cell.__annotations__[name], _VALUE) for name in Cell._fields}
    settings |= {"kind": {"enum": list(KINDS)}, "other": TEXT}
    column: Schema = {"required": ["column"], "properties": {"column": {"minLength": 1}}, "not": _has("constant")}
    constant: Schema = {"required": ["constant"], "properties": {"column": {"maxLength": 0}}}
    one_of = {"if": {"type": "object"}, "then": {**_table(settings), "anyOf": [column, constant]}}
    return {"description": "列名,或一张表 · a column's name, or a table", "type": ["string", "object"], **one_of}


def _cells(targets: Any, type: str, names: tuple[str, ...] = ()) -> Schema:
    """A cell for each field: what it means, and what a constant may be."""
    told = {field["name"]: field for field in released(TYPES[type])["fields"] if field["name"] not in OURS}
    found = {}
    for name in names or targets:
        limits = _constant(targets[name])
        more = {"if": {"type": "object"}, "then": {"properties": limits}} if limits else {}
        found[name] = {**_CELL, "description": f"{told[name]['doc_zh']} · {told[name]['doc']}", **more}
    return found


def _constant(target: Target) -> Schema:
    """What the settings that hold a value may hold, of a cell for this field."""
    if target.type == "boolean":
        value: Schema = {"enum": [True, False, "true", "false"]}
    elif target.codes is not None and not target.many:
        value = {"enum": sorted(target.codes)}
    elif target.type in ("int", "long"):
        limits = {name: v for name, v in (("minimum", target.low), ("maximum", target.high)) if v is not None}
        value = {"type": ["integer", "string"], **limits}
    else:
        return {}
    return {"constant": value, "default": value}


def _rule() -> Schema:
    op: Schema = {"properties": {"op": {"enum": ["empty", "not_empty"]}}}
    day: Schema = {"properties": {"op": {"enum": ["before", "after"]}}}
    given: Schema = {"anyOf": [_has("value"), {**_has("values"), "properties": {"values": {"minItems": 1}}}]}
    return {
        **_table({"column": TEXT, "op": {"enum": list(OPS)}, "value": _VALUE, "values": _TEXTS}),
        "required": ["column", "op"],
        "if": op,
        "then": {"not": given},
        "else": given,
        "allOf": [{"if": day, "then": {"properties": {"values": {"maxItems": 1}}}}],
    }


def _person() -> Schema:
    token: Schema = {
        **_CELL,
        "if": {"type": "object"},
        "then": {"required": ["column"], "properties": {"default": False}},
    }
    document: Schema = _table(dict.fromkeys(Document._fields, TEXT))
    parts: Schema = {
        "tokens": _table(dict.fromkeys(TOKENS, token)),
        "document": {**document, "required": list(Document._fields)},
        "identity": {"type": "object", "additionalProperties": _CELL},
        "required": {"type": "boolean"},
    }
    numbered: Schema = {**_has("tokens"), "properties": {"tokens": {"minProperties": 1}}}
    return {**_table(parts), "anyOf": [numbered, _has("document")]}


def _event(types: list[str], change: Schema, vanish: Schema) -> Schema:
    roles: Schema = {"enum": list(ROLES)}
    parts: Schema = {
        "name": TEXT,
        "type": {"enum": types},
        "when": _NAMES,
        "fields": {"type": "object", "additionalProperties": _CELL},
        "persons": {"anyOf": [roles, {"type": "array", "items": roles}]},
        "refs": _table(dict.fromkeys(REFS, _CELL)),
        "on_change": change,
        "on_vanish": vanish,
        "vanish": {"type": "object", "additionalProperties": _CELL},
    }
    of_types = [_where(setting, type, part) for type in types for setting, part in _FIELDS_OF]
    return {**_table(parts), "required": ["type"], "allOf": of_types}


_FIELDS_OF: Final = (("type", "fields"), ("on_vanish", "vanish"))


def _where(setting: str, type: str, part: str) -> Schema:
    """The fields of an event type, where a setting of the section names it."""
    test = {"properties": {setting: {"const": type}}, **_has(setting)}
    return {"if": test, "then": {"properties": {part: {"$ref": f"#/$defs/{type}"}}}}


def _has(name: str) -> Schema:
    return {"required": [name]}
