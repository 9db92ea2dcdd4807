"""Python types from the schemas, so that mypy knows every field: `hub/events/*.py`, checked in and compared by a test.

The types never read a schema at run time; what the codec needs of Avro stands in `hub/events/avro.py`, without docs,
labels and logical types, so that dates and times stay integers. Same schemas and register, same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import hub
from hub.schema.index import Released, frozen
from hub.schema.shape import Field, Schema

HEAD: Final = '"""Generated from `schemas/avro/{what}`. Do not edit: run `hub schema generate`."""\n'
_PYTHON: Final = {"int": "int", "long": "int", "boolean": "bool", "string": "str", "salt": "bytes"}
_KIND: Final = '''
Class = type[Any]


class Kind(NamedTuple):
    """A released version of an event type: its schema id, rank in a fold, route (subject, market, every), Python type,
    Avro schema, version."""

    type: str
    id: int
    rank: int
    route: str
    cls: Class
    avro: dict[str, Any]
    version: int


KINDS_BY_ID: dict[int, Kind] = {
    kind.id: kind
    for kind in (
'''


def events_folder() -> Path:
    """Where the generated modules are."""
    return Path(hub.__file__).parent / "events"


def sources(schemas: Mapping[str, Schema], entries: Sequence[Released], root: Path) -> dict[str, str]:
    """The text of every generated module by file name: from the released versions that `root` keeps, not from edits.

    A class has the fields of its newest version; a version before it is read with None for what it lacks.
    """
    texts = {entry: frozen(root, entry) or schemas[entry.type] for entry in entries}
    newest = {entry.type: texts[entry] for entry in entries}
    first = {entry.type: texts[entry] for entry in entries if entry.version == 1}
    publishers = sorted({type.partition(".")[0] for type in newest})
    found = {f"{name}.py": _publisher(name, newest, first) for name in publishers}
    return found | {"avro.py": _avro(texts), "__init__.py": _registry(texts, publishers)}


def stale(modules: Mapping[str, str], target: Path) -> list[str]:
    """The modules in a folder that are not what the schemas say, and those that the schemas do not know, by name."""
    wrong = [name for name, text in modules.items() if not _same(target / name, text)]
    return sorted([*wrong, *(path.name for path in target.glob("*.py") if path.name not in modules)])


def write(modules: Mapping[str, str], target: Path) -> None:
    """Put the modules in place."""
    for name, text in modules.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _publisher(name: str, newest: Mapping[str, Schema], first: Mapping[str, Schema]) -> str:
    parts = [HEAD.format(what=name + "/"), "\nfrom typing import NamedTuple\n"]
    for type, schema in sorted(newest.items()):
        if type.startswith(f"{name}."):
            parts.append(f'\n\nclass {type.partition(".")[2]}(NamedTuple):\n    """{_sentence(schema.doc)}"""\n\n')
            known = {field.name for field in first[type].fields}
            parts += [_attribute(field, field.name not in known) for field in schema.fields]
    return "".join(parts)


def _attribute(field: Field, later: bool) -> str:
    hint = _PYTHON[field.type] + (" | None" if field.nullable else "") + (" = None" if later else "")
    extra = field.unit or (field.codes and f"codes of {field.codes}")
    meaning = f"{field.doc.rstrip('.')} ({extra})" if extra else field.doc
    return f'    {field.name}: {hint}\n    """{_sentence(meaning)}"""\n'


def _sentence(text: str) -> str:
    return text.rstrip(".").replace('"', "'") + "."


def _wire(schema: Schema) -> dict[str, Any]:
    return {"type": "record", "name": schema.type, "fields": [_wire_field(field) for field in schema.fields]}


def _wire_field(field: Field) -> dict[str, Any]:
    if field.type == "salt":
        return {"name": field.name, "type": {"type": "fixed", "name": "Salt", "size": 16}}
    return {"name": field.name, "type": ["null", field.type] if field.nullable else field.type}


def _avro(texts: Mapping[Released, Schema]) -> str:
    lines = [HEAD.format(what=""), "\nfrom typing import Any\n\nAVRO: dict[int, dict[str, Any]] = {\n"]
    lines += [f"    {entry.id}: {_wire(schema)!r},\n" for entry, schema in texts.items()]
    return "".join([*lines, "}\n"])


def _registry(texts: Mapping[Released, Schema], publishers: Sequence[str]) -> str:
    lines = [HEAD.format(what=""), "\nfrom typing import Any, NamedTuple\n\n"]
    lines += [f"from hub.events import {', '.join(publishers)}\nfrom hub.events.avro import AVRO\n", _KIND]
    for entry, schema in texts.items():
        own = f"{json.dumps(entry.type)}, {entry.id}, {schema.rank}, {json.dumps(schema.route)}, {entry.type}"
        lines.append(f"        Kind({own}, AVRO[{entry.id}], {entry.version}),\n")
    lines.append("    )\n}\n\nKINDS: dict[str, Kind] = {kind.type: kind for kind in KINDS_BY_ID.values()}\n")
    lines.append('"""The newest version of each type; ids rise with versions."""\n')
    return "".join(lines)
