"""Is this mapping one that the schemas take? Judged whole, before the first row (issue 3, part 4)."""

import json
from collections.abc import Mapping as Map
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import hub
from connectors.forms.canonical import KINDS, canonical
from connectors.mapping.language import REFUSE, ROLES, TOKENS, Cell, Mapping, Section
from connectors.rows.cells import Target, fitting
from connectors.rows.replies import AS, REPLY
from hub.core.errors import Coded, DataError
from hub.core.frame import CASE, OFFER
from hub.core.reply import ANSWER_TYPES
from hub.data import codes
from hub.events import KINDS as TYPES
from hub.events import Kind

OURS: Final = ("salt", "mode")
"""Fields that the engine fills."""

REFS: Final[Map[str, tuple[int, int]]] = {"offer": (OFFER, 3), "case": (CASE, 2), REPLY: AS}
RETRACTED: Final = "agency.Retracted"
SITE: Final = "site"
"""The field that names the site of a fact that is kept by its market."""

ENDS: Final[Map[str, str]] = {"agency.ConsentGranted": "until"}
"""By type: the field with the last day of what happened, which is no day before it."""

_KEPT: Final = frozenset(("occurred_on", "recorded_at", "area", "legal_basis"))
"""What an event that says that a row is gone takes from the day and from what the row said."""

_NUMBERS: Final = frozenset(
    (
        *("id_birth_year", "integer", "fen", "minute", "timestamp"),
        *("date", "date_1900", "date_1904", "until", "until_1900", "until_1904"),
    )
)


class Contract(NamedTuple):
    """A section's event type, and the target of each of its fields in the schema's order, the engine's left out."""

    kind: Kind
    targets: Map[str, Target]
    route: str


def check_mapping(mapping: Mapping) -> dict[str, Contract]:
    """The contract of each section by name. Raises DataError HUB-C254 to C267, which name what is wrong and the nearest
    right thing."""
    if not mapping.key:
        raise DataError("HUB-C243", setting="key")
    for rule in (*mapping.select, *(name for section in mapping.sections for name in section.when)):
        if rule not in mapping.rules:
            raise DataError("HUB-C254", rule=rule, nearest=_near(rule, mapping.rules))
    found = {section.name: _section(mapping, section) for section in mapping.sections}
    for person in mapping.persons.values():
        for name, cell in (*person.tokens, *person.identity):
            _kind(f"person.{person.role}.{name}", cell, Target(name, "string", True, kind="text"))
    for person in mapping.persons.values():
        if person.document:
            for line in mapping.tables[person.document.codes].values():
                if line not in TOKENS:
                    place = {"file": person.document.codes, "value": line, "setting": f"person.{person.role}"}
                    raise DataError("HUB-C261", **place, nearest=_near(line, TOKENS))
    return found


def contract_of(type: str) -> Contract:
    """The contract of an event type. Raises DataError HUB-C255 for one that is not released."""
    kind = TYPES.get(type)
    if kind is None:
        raise DataError("HUB-C255", type=type, nearest=_near(type, TYPES))
    targets = {field["name"]: target_of(field) for field in released(kind)["fields"] if field["name"] not in OURS}
    return Contract(kind, targets, kind.route)


def released(kind: Kind) -> Any:
    """The released text of a type, with its limits and code lists, which the generated types do not carry."""
    publisher, _, name = kind.type.partition(".")
    path = Path(hub.__file__).parents[1] / "schemas" / "avro" / "released" / publisher / f"{name}.{kind.version}.avsc"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise DataError("HUB-C265", type=kind.type) from None


@cache
def _code_set(name: str) -> frozenset[str]:
    return frozenset(codes(name))


def target_of(field: Map[str, Any]) -> Target:
    """What a field of an Avro schema takes."""
    kind = field["type"]
    nullable = isinstance(kind, list)
    if isinstance(kind, list):
        kind = next(one for one in kind if one != "null")
    logical = kind.get("logicalType", "") if isinstance(kind, dict) else ""
    base = kind["type"] if isinstance(kind, dict) else kind
    name, many, listed = field["name"], bool(field.get("set")), field.get("codes")
    form = {"date": "date", "timestamp-millis": "timestamp"}.get(logical, "")
    if not form:
        form = {"boolean": "boolean", "int": "integer", "long": "integer", "string": "text"}[base]
        form = "code" if listed else "minute" if name == "occurred_minute" else "county" if name == "area" else form
        form = "fen" if field.get("unit") == "fen" else form
    allowed = _code_set(listed) if listed else None
    return Target(
        name, base, nullable, field.get("min"), field.get("max") if base != "string" else None,
        field.get("max") if base == "string" else None, allowed, many, form, listed or "",
    )  # fmt: skip


def _section(mapping: Mapping, section: Section) -> Contract:
    contract = contract_of(section.type)
    for name in section.fields:
        if name not in contract.targets:
            raise DataError("HUB-C256", type=section.type, field=name, nearest=_near(name, contract.targets))
    for name, target in contract.targets.items():
        cell = section.fields.get(name) or mapping.common.get(name)
        if cell is not None:
            _cell(mapping, f"{section.name}.{name}", cell, target)
        elif not target.nullable and name != "recorded_at":
            raise DataError("HUB-C257", type=section.type, field=name)
    for role in section.persons or ():
        if role not in mapping.persons:
            raise DataError("HUB-C258", role=role, nearest=_near(role, mapping.persons or ROLES))
    if REPLY in section.refs:
        _replied(mapping, section)
    elif contract.route == "subject" and "patient" not in people_of(mapping, section, contract):
        raise DataError("HUB-C259", type=section.type)
    personal = {cell.column for person in mapping.persons.values() for _, cell in (*person.tokens, *person.identity)}
    personal |= {person.document.column for person in mapping.persons.values() if person.document}
    for name, cell in section.refs.items():
        if name not in REFS:
            raise DataError("HUB-C256", type="refs", field=name, nearest=_near(name, REFS))
        if cell.column in personal:  # a reference travels in clear
            raise DataError("HUB-C267", setting=f"{section.name}.refs.{name}", column=cell.column)
    if section.on_vanish not in ("nothing", "retract"):
        _vanish(mapping, section, contract)
    return contract


def _replied(mapping: Mapping, section: Section) -> None:
    """An answer that names its patient by a reply code: it names nothing else, and what it said stands."""
    alone = set(section.refs) == {REPLY} and not people_of(mapping, section, contract_of(section.type))
    alone = alone and len(mapping.key) == 1 and mapping.key[0] != section.refs[REPLY].column
    stands = (section.on_change, section.on_vanish) == (REFUSE, "nothing")
    if section.type not in ANSWER_TYPES or not alone or not stands or not section.refs[REPLY].column:
        raise DataError("HUB-C435", section=section.name)


def people_of(mapping: Mapping, section: Section, contract: Contract) -> tuple[str, ...]:
    """The roles that an event of this section names."""
    if section.persons is not None:
        return section.persons
    return ("patient",) if contract.route == "subject" and "patient" in mapping.persons else ()


def of_a_site(contract: Contract) -> bool:
    """Whether such an event is said of a site, not of a person."""
    return contract.route == "market" and SITE in contract.targets


def _vanish(mapping: Mapping, section: Section, gone: Contract) -> None:
    """The event that says that a row is gone: all its own fields are constants, but for the site that the row named."""
    contract = contract_of(section.on_vanish)
    kept = {*_KEPT, SITE} if of_a_site(gone) else _KEPT
    for name in section.vanish:
        if name not in contract.targets:
            raise DataError("HUB-C256", type=section.on_vanish, field=name, nearest=_near(name, contract.targets))
    for name, target in contract.targets.items():
        cell = section.vanish.get(name)
        if cell is not None:
            if cell.column:
                raise DataError("HUB-C260", type=section.on_vanish, field=name)
            _cell(mapping, f"{section.name}.vanish.{name}", cell, target)
        elif not target.nullable and name not in kept:
            raise DataError("HUB-C257", type=section.on_vanish, field=name)


def _cell(mapping: Mapping, where: str, cell: Cell, target: Target) -> None:
    """A cell and its target: constants fit, kinds exist and give the right type, every code of a table is allowed."""
    if cell.age and (target.codes is None or "young_adult" not in target.codes):
        raise DataError("HUB-C263", setting=where, kind="age", type=target.type)
    for value in (cell.constant, cell.default, cell.other):
        if value is not None:
            _fits(where, value, target)
    if not cell.column:
        return
    if cell.codes:
        for code in mapping.tables[cell.codes].values():
            try:
                fitting(code, target, cell.column)
            except Coded:
                known = target.codes or ("true", "false")
                raise DataError(
                    "HUB-C261", file=cell.codes, value=code, setting=where, nearest=_near(code, known)
                ) from None
        return
    _kind(where, cell, target)


def _fits(where: str, value: str | int | bool, target: Target) -> None:
    try:
        if target.kind == "county" and canonical("county", value, today=0, column=where) != value:
            raise Coded("HUB-C101", where, kind="county")
        fitting(value, target, where)
    except Coded:
        if value == "":
            raise DataError("HUB-C494", setting=where) from None
        if known := target.codes or (("false", "true") if target.type == "boolean" else ()):
            raise DataError("HUB-C262", setting=where, nearest=_near(str(value), known)) from None
        wanted = target.kind if target.kind in ("county", "area", "date") else target.type
        raise DataError("HUB-C493", setting=where, wanted=wanted) from None


def _kind(where: str, cell: Cell, target: Target) -> None:
    kind = cell.kind or target.kind
    if kind not in KINDS:
        raise DataError("HUB-C264", setting=where, kind=kind, nearest=_near(kind, KINDS))
    if cell.age:
        return
    wanted = "boolean" if target.type == "boolean" else "number" if target.type in ("int", "long") else "text"
    gives = "boolean" if kind == "boolean" else "number" if kind in _NUMBERS else "text"
    if wanted != gives:
        raise DataError("HUB-C263", setting=where, kind=kind, type=target.type)


def _near(name: str, known: Any) -> str:
    """The nearest of what is known, or all of it, up to forty."""
    names: list[str] = sorted(known)
    return (get_close_matches(name, names, 1, 0.4) or [", ".join(names[:40])])[0]
