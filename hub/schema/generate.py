"""Python types from the schemas, so that mypy knows every field: `hub/events/*.py`, checked in and compared by a test.

The types never read a schema at run time; what the codec needs of Avro stands in `hub/events/avro.py`, without docs, labels
and logical types, so that dates and times stay integers.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HEAD = '"""Generated from `schemas/avro/{what}`. Do not edit: run `hub schema generate`."""\n'
_TYPES = {"int": "int", "long": "int", "string": "str", "boolean": "bool", "fixed": "bytes"}

Schema = Mapping[str, Any]


def sources(schemas: Iterable[Schema], ids: Mapping[str, int]) -> dict[str, str]:
    """The text of every generated module by file name. `ids` are those of released schemas, by full name."""
    released = [each for each in schemas if each["status"] == "released"]
    publishers = sorted({each["namespace"] for each in released})
    found = {f"{name}.py": _publisher(name, [s for s in released if s["namespace"] == name]) for name in publishers}
    found["avro.py"] = _avro(released)
    found["__init__.py"] = _registry(released, ids, publishers)
    return found


def write(folder: Path, modules: Mapping[str, str]) -> None:
    """Put the modules in place."""
    for name, text in modules.items():
        (folder / name).write_text(text, encoding="utf-8")


def full_name(schema: Schema) -> str:
    """The event type that a schema describes."""
    return f"{schema['namespace']}.{schema['name']}"


def bare(type: Any) -> Any:
    """A field's Avro type without logical types."""
    if isinstance(type, list):
        return [bare(each) for each in type]
    if isinstance(type, dict) and "logicalType" in type:
        return type["type"]
    return type


def _hint(type: Any) -> str:
    type = bare(type)
    if isinstance(type, list):
        return " | ".join([*(_hint(each) for each in type if each != "null"), "None"])
    return _TYPES[type["type"] if isinstance(type, dict) else type]


def _publisher(name: str, schemas: list[Schema]) -> str:
    parts = [HEAD.format(what=name + "/"), "\nfrom typing import NamedTuple\n"]
    for schema in sorted(schemas, key=lambda each: str(each["name"])):
        parts.append(f'\n\nclass {schema["name"]}(NamedTuple):\n    """{_sentence(schema["doc"])}"""\n\n')
        for field in schema["fields"]:
            parts.append(f'    {field["name"]}: {_hint(field["type"])}\n    """{_sentence(_meaning(field))}"""\n')
    return "".join(parts)


def _meaning(field: Schema) -> str:
    extra = field.get("unit") or (field.get("codes") and f"codes of {field['codes']}")
    return f"{field['doc'].rstrip('.')} ({extra})" if extra else str(field["doc"])


def _sentence(text: str) -> str:
    return text.rstrip(".").replace('"', "'") + "."


def _avro(schemas: list[Schema]) -> str:
    lines = [HEAD.format(what=""), "\nfrom typing import Any\n\nAVRO: dict[str, dict[str, Any]] = {\n"]
    for schema in sorted(schemas, key=full_name):
        fields = [{"name": f["name"], "type": bare(f["type"])} for f in schema["fields"]]
        plain = {"type": "record", "name": full_name(schema), "fields": fields}
        lines.append(f"    {json.dumps(full_name(schema))}: {plain!r},\n")
    return "".join([*lines, "}\n"])


def _registry(schemas: list[Schema], ids: Mapping[str, int], publishers: list[str]) -> str:
    lines = [HEAD.format(what="")]
    lines.append("\nfrom typing import Any, NamedTuple\n\n")
    lines.append(f"from hub.events import {', '.join(publishers)}\nfrom hub.events.avro import AVRO\n")
    lines.append('''

class Kind(NamedTuple):
    """A released event type: its schema id, rank in a fold, route (subject, market, every), Python type, Avro schema."""

    type: str
    id: int
    rank: int
    route: str
    cls: type[Any]
    avro: dict[str, Any]


KINDS: dict[str, Kind] = {
    kind.type: kind
    for kind in (
''')
    for schema in sorted(schemas, key=lambda each: ids[full_name(each)]):
        name = full_name(schema)
        own = f"{ids[name]}, {schema['rank']}, {json.dumps(schema['route'])}, {name}"
        lines.append(f"        Kind({json.dumps(name)}, {own}, AVRO[{json.dumps(name)}]),\n")
    lines.append("    )\n}\n\nKINDS_BY_ID: dict[int, Kind] = {kind.id: kind for kind in KINDS.values()}\n")
    return "".join(lines)
