"""Reading a mapping from its TOML file and its code tables. Every error names the setting and what was meant."""

import hashlib
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Map
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from connectors.mapping.code_table import parse_codes, read_table
from connectors.mapping.language import (
    COMMON,
    OPS,
    REFUSE,
    ROLES,
    TOKENS,
    Cell,
    Document,
    GuardLimits,
    Mapping,
    Person,
    Rule,
    Section,
)
from connectors.sources import parse_source
from connectors.sources.spec import LARGEST
from hub.core.errors import DataError
from hub.core.rhythm import WANTED, rhythm_of

TOP: Final = (
    *("id", "version", "source", "key", "select", "rule", "person", "common", "event", "guard", "full_every_days"),
    *("on_change", "on_vanish", "rhythm"),
)
SECTION: Final = ("name", "type", "when", "fields", "persons", "refs", "on_change", "on_vanish", "vanish")
_CELL: Final = Cell._fields
CHANGES: Final = ("event", "correct", REFUSE)


def load_mapping(folder: Path, name: str = "mapping.toml", *others: Path) -> Mapping:
    """The mapping of a connector's folder; a code table that is not there is looked for in `others`.

    Raises DataError HUB-C240 to C253 and, for `[source]`, C230 to C235.
    """
    try:
        raw = (folder / name).read_bytes()
        found = tomllib.loads(raw.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        raise DataError("HUB-C240", file=name) from None
    return parse_mapping(found, raw, lambda path: read_table((folder, *others), path))


def parse_mapping(found: Map[str, Any], raw: bytes, read: Any) -> Mapping:
    """A mapping from its parsed TOML; `read(path)` gives the bytes of a code table. Raises as `load_mapping`."""
    _known(found, TOP, "")
    rules = {name: _rule(name, table) for name, table in _table(found, "rule", "").items()}
    persons = {role: _person(role, table) for role, table in _table(found, "person", "").items()}
    common = {name: _cell(f"common.{name}", cell) for name, cell in _table(found, "common", "").items()}
    _known(common, COMMON, "common")
    sections = _sections(found)
    files = sorted({cell.codes for section in sections for cell in (*section.fields.values(), *section.refs.values())})
    files += [cell.codes for cell in common.values()]
    files += [person.document.codes for person in persons.values() if person.document]
    contents = {path: read(path) for path in dict.fromkeys(files) if path}
    digest = hashlib.sha256(raw)
    for path in sorted(contents):
        digest.update(len(contents[path]).to_bytes(8, "big") + contents[path])
    guard = _table(found, "guard", "")
    _known(guard, GuardLimits._fields, "guard")
    return Mapping(
        id=_text(found, "id", ""),
        version=_count(found, "version", "", 1),
        source=parse_source(_table(found, "source", "")),
        key=_texts(found, "key", ""),
        select=_texts(found, "select", ""),
        rules=rules,
        persons=persons,
        common=common,
        sections=sections,
        tables={path: parse_codes(path, content) for path, content in contents.items()},
        guard=GuardLimits(_count(guard, "rows", "guard", 3), _count(guard, "percent", "guard", 5)),
        full_every_days=_count(found, "full_every_days", "", 0),
        hash=digest.hexdigest(),
        rhythm=_rhythm(found),
    )


def _sections(found: Map[str, Any]) -> tuple[Section, ...]:
    listed = found.get("event", [])
    if not isinstance(listed, list) or not listed:
        raise DataError("HUB-C243", setting="[[event]]")
    sections = [_section(number, table, found) for number, table in enumerate(listed, 1)]
    names = [section.name for section in sections]
    for name in names:
        if names.count(name) > 1:
            raise DataError("HUB-C251", name=name)
    return tuple(sections)


def _section(number: int, table: Any, top: Map[str, Any]) -> Section:
    where = f"event {number}"
    if not isinstance(table, dict):
        raise DataError("HUB-C242", setting=where, wanted="table")
    _known(table, SECTION, where)
    type = _text(table, "type", where)
    cells = {
        part: {name: _cell(f"{where}.{part}.{name}", cell) for name, cell in _table(table, part, where).items()}
        for part in ("fields", "refs", "vanish")
    }
    on_change = _text({"on_change": "event", **top, **table}, "on_change", where)
    if on_change not in CHANGES:
        raise _unknown(on_change, CHANGES, f"{where}.on_change")
    return Section(
        name=_text({"name": type, **table}, "name", where),
        type=type,
        when=_texts(table, "when", where),
        fields=cells["fields"],
        persons=_texts(table, "persons", where) if "persons" in table else None,
        refs=cells["refs"],
        on_change=on_change,
        on_vanish=_text({"on_vanish": "nothing", **top, **table}, "on_vanish", where),
        vanish=cells["vanish"],
    )


def _rule(name: str, table: Any) -> Rule:
    where = f"rule.{name}"
    if not isinstance(table, dict):
        raise DataError("HUB-C242", setting=where, wanted="table")
    _known(table, ("column", "op", "value", "values"), where)
    op = _text(table, "op", where)
    if op not in OPS:
        raise _unknown(op, OPS, f"{where}.op")
    single = table.get("value")
    values = _texts(table, "values", where) or (() if single is None else (str(single),))
    if bool(values) == (op in ("empty", "not_empty")) or (len(values) > 1 and op in ("before", "after")):
        raise DataError("HUB-C243", setting=f"{where}.value")
    return Rule(name, _text(table, "column", where), op, values)


def _person(role: str, table: Any) -> Person:
    where = f"person.{role}"
    if role not in ROLES:
        raise _unknown(role, ROLES, "person")
    if not isinstance(table, dict):
        raise DataError("HUB-C242", setting=where, wanted="table")
    _known(table, ("tokens", "identity", "required", "document"), where)
    tokens = _table(table, "tokens", where)
    for name in tokens:
        if name not in TOKENS:
            raise _unknown(name, TOKENS, f"{where}.tokens")
    document = _table(table, "document", where)
    _known(document, Document._fields, f"{where}.document")
    required = table.get("required", True)
    if not isinstance(required, bool):
        raise DataError("HUB-C242", setting=f"{where}.required", wanted="true or false")
    if not tokens and not document:
        raise DataError("HUB-C243", setting=f"{where}.tokens")
    return Person(
        role,
        tuple((name, _token_cell(f"{where}.tokens.{name}", name, cell)) for name, cell in tokens.items()),
        Document(*(_text(document, name, f"{where}.document") for name in Document._fields)) if document else None,
        tuple(
            (name, _cell(f"{where}.identity.{name}", cell)) for name, cell in _table(table, "identity", where).items()
        ),
        required,
    )


def _token_cell(where: str, name: str, raw: Any) -> Cell:
    cell = _cell(where, raw)
    if not cell.column or cell.default is not None:  # one number for many rows would make one person of them
        raise DataError("HUB-C243", setting=f"{where}.{'default' if cell.column else 'column'}")
    return cell._replace(kind=cell.kind or TOKENS[name][1])


def _cell(where: str, raw: Any) -> Cell:
    """A column's name alone, or a table. Raises DataError C241 to C243."""
    if isinstance(raw, str):
        return Cell(column=raw)
    if not isinstance(raw, dict):
        raise DataError("HUB-C242", setting=where, wanted="column name or table")
    _known(raw, _CELL, where)
    texts = {name: _text({name: "", **raw}, name, where) for name in ("column", "kind", "codes", "split")}
    for name in ("constant", "default"):
        if not isinstance(raw.get(name, ""), (str, int, bool)):
            raise DataError("HUB-C242", setting=f"{where}.{name}", wanted="text, number or true/false")
    if bool(texts["column"]) == ("constant" in raw):
        raise DataError("HUB-C243", setting=f"{where}.column")
    return Cell(
        **texts,
        constant=raw.get("constant"),
        default=raw.get("default"),
        other=_text(raw, "other", where) if "other" in raw else None,
        per=_count(raw, "per", where, 0),
        age=bool(raw.get("age", False)),
    )


def _known(found: Iterable[str], known: Iterable[str], where: str) -> None:
    for name in found:
        if name not in known:
            raise _unknown(name, known, where)


def _unknown(name: str, known: Iterable[str], where: str) -> DataError:
    """C241: what was written, and the nearest of what may stand there."""
    names = list(known)
    nearest = (get_close_matches(name, names, 1, 0.4) or [", ".join(names)])[0]
    return DataError("HUB-C241", setting=where or "-", name=name, nearest=nearest)


def _table(found: Map[str, Any], name: str, where: str) -> dict[str, Any]:
    value = found.get(name, {})
    if not isinstance(value, dict):
        raise DataError("HUB-C242", setting=_at(where, name), wanted="table")
    return value


def _text(found: Map[str, Any], name: str, where: str) -> str:
    value = found.get(name)
    if value is None:
        raise DataError("HUB-C243", setting=_at(where, name))
    if not isinstance(value, str):
        raise DataError("HUB-C242", setting=_at(where, name), wanted="text")
    return value


def _texts(found: Map[str, Any], name: str, where: str) -> tuple[str, ...]:
    value = found.get(name, [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, (str, int)) for one in listed):
        raise DataError("HUB-C242", setting=_at(where, name), wanted="text or a list of texts")
    return tuple(str(one) for one in listed)


def _count(found: Map[str, Any], name: str, where: str, default: int) -> int:
    value = found.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise DataError("HUB-C242", setting=_at(where, name), wanted="whole number from 0")
    return value


def _rhythm(found: Map[str, Any]) -> str:
    kept = rhythm_of(found["rhythm"]) if "rhythm" in found else ""
    if kept is None:
        raise DataError("HUB-C242", setting="rhythm", wanted=WANTED)
    return kept


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
