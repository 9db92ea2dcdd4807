"""A mapping as the text of its TOML file: what `connectors.mapping.file` reads, written again."""

import json
import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from dataclasses import MISSING, fields
from typing import Any, Final

from connectors.mapping.language import TOKENS, Cell, GuardLimits, Mapping, Person, Section
from connectors.sources import SourceSpec
from connectors.sources.spec import FileSpec, OutsideSpec, Unpivot

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_NOTHING: Final = Cell()


def mapping_text(mapping: Mapping) -> str:
    """The whole file but for remarks; reading it gives an equal mapping, save for its hash."""
    lines = [f"id = {_value(mapping.id)}", f"version = {mapping.version}", f"key = {_value(mapping.key)}"]
    lines += [f"select = {_value(mapping.select)}"] if mapping.select else []
    lines += [f"full_every_days = {mapping.full_every_days}"] if mapping.full_every_days else []
    rhythm = mapping.rhythm
    lines += [f"rhythm = {rhythm if rhythm.isdecimal() else _value(rhythm)}"] if rhythm else []
    lines += _table("source", source_settings(mapping.source))
    if mapping.guard != GuardLimits():
        lines += _table("guard", mapping.guard._asdict())
    for name, rule in mapping.rules.items():
        values = {"values": rule.values} if rule.values else {}
        lines += _table(f"rule.{_name(name)}", {"column": rule.column, "op": rule.op, **values})
    for role, person in mapping.persons.items():
        lines += _person(role, person)
    lines += _table("common", mapping.common) if mapping.common else []
    for section in mapping.sections:
        lines += _section(section)
    return "\n".join(lines) + "\n"


def source_settings(spec: SourceSpec) -> dict[str, Any]:
    """The settings of a source that are not as they are without being set."""
    found: dict[str, Any] = {"kind": spec.kind, "alias": spec.alias}
    for one in fields(spec):
        value = getattr(spec, one.name)
        unset = {} if one.default is MISSING else one.default  # what must be set is never an empty table
        if one.name in found or value == unset:
            continue
        if isinstance(value, FileSpec):  # what each file of a folder is, its settings beside those of the folder
            found |= {**source_settings(value), **found, one.name: value.kind}
        elif isinstance(value, Unpivot):
            found[one.name] = {name: set for name, set in vars(value).items() if set}
        elif isinstance(spec, OutsideSpec) and one.name == "options":
            found |= value
        else:
            found[one.name] = value
    return found


def _person(role: str, person: Person) -> Iterator[str]:
    yield from _table(f"person.{role}", {} if person.required else {"required": False})
    if person.tokens:
        yield from _table(f"person.{role}.tokens", {name: _token(name, cell) for name, cell in person.tokens})
    if person.document:
        yield from _table(f"person.{role}.document", person.document._asdict())
    if person.identity:
        yield from _table(f"person.{role}.identity", dict(person.identity))


def _token(name: str, cell: Cell) -> Cell:
    return cell._replace(kind="") if cell.kind == TOKENS[name][1] else cell


def _section(section: Section) -> Iterator[str]:
    yield from ("", "[[event]]")
    settings: dict[str, Any] = {"type": section.type}
    if section.name != section.type:
        settings = {"name": section.name, **settings}
    if section.when:
        settings["when"] = section.when
    if section.persons is not None:
        settings["persons"] = section.persons
    settings |= {"on_change": section.on_change, "on_vanish": section.on_vanish}
    yield from _settings(settings)
    for part, cells in (("fields", section.fields), ("refs", section.refs), ("vanish", section.vanish)):
        if cells:
            yield from _table(f"event.{part}", cells)


def _table(name: str, settings: Map[str, Any]) -> Iterable[str]:
    return ["", f"[{name}]", *_settings(settings)]


def _settings(settings: Map[str, Any]) -> list[str]:
    return [f"{_name(name)} = {_value(value)}" for name, value in settings.items()]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Cell):
        if value == Cell(column=value.column):
            return _value(value.column)
        pairs = zip(value._asdict().items(), _NOTHING, strict=True)
        return _value({name: set for (name, set), unset in pairs if not _same(set, unset)})
    if isinstance(value, Map):
        return "{ " + ", ".join(_settings(value)) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(value) if isinstance(value, str) else str(value)


def _same(one: Any, other: Any) -> bool:
    return bool(one == other and type(one) is type(other))


def _name(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
