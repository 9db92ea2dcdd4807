"""The rules that a single schema must keep; each has a code, and a text that says what mends it."""

import keyword
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeGuard

from hub.schema.labels import label_fault
from hub.schema.shape import PUBLISHERS, ROUTES, SALT, STATUSES, Finding, finding, type_of

TOP: Final = ("type", "name", "namespace", "doc", "doc_zh", "route", "rank", "status", "fields")
FIELD: Final = frozenset(
    ("name", "type", "default", "doc", "doc_zh", "min", "max", "unit", "codes", "set", "privacy")
)  # one unknown attribute is a misspelt one
LONGEST: Final = 400  # characters; what needs more is no fact but a text
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TAKEN: Final = frozenset(("count", "index"))  # methods of every tuple

_DAY: Final = "days since 1970-01-01"
_DATE: Final = {"type": "int", "logicalType": "date"}
_TIME: Final = {"type": "long", "logicalType": "timestamp-millis"}
_MINUTE: Final = {"type": ["null", "int"], "default": None, "min": 0, "max": 1439}
_MS: Final = {"min": -3155760000000, "max": 6311520000000, "unit": "milliseconds since 1970-01-01T00:00Z"}
COMMON: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("salt", {"type": SALT}),
    ("occurred_on", {"type": _DATE, "min": -36525, "max": 73050, "unit": _DAY}),
    ("occurred_minute", {**_MINUTE, "unit": "minutes since midnight in Asia/Shanghai"}),
    ("recorded_at", {"type": _TIME, **_MS}),
    ("mode", {"type": "string", "max": 7, "codes": "mode"}),
    ("legal_basis", {"type": "string", "max": 16, "codes": "legal_basis"}),
    ("area", {"type": "string", "max": 6}),
)
"""The first fields of every event, for ever (architecture §7)."""

Codes = Mapping[str, int]
"""The code lists that exist, each with the length of its longest code."""


def faults(raw: Any, path: str, codes: Codes) -> list[Finding]:
    """Everything that is wrong with a schema, in the order of the file; empty when nothing is."""
    if not isinstance(raw, dict) or raw.get("type") != "record" or not isinstance(raw.get("fields"), list):
        return [finding("HUB-S101", path)]
    found = list(_top(raw, path))
    fields = raw["fields"]
    if any(not isinstance(field, dict) or not isinstance(field.get("name"), str) for field in fields):
        return [*found, finding("HUB-S101", path)]
    found += _common(fields, path)
    seen: set[str] = set()
    for field in fields:
        name = field["name"]
        if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in _TAKEN or name in seen:
            found.append(finding("HUB-S114", path, name))
        seen.add(name)
        found += _field(field, path, codes)
    return found


def _top(raw: dict[str, Any], path: str) -> Iterator[Finding]:
    for name in sorted(set(raw) - set(TOP)):
        yield finding("HUB-S115", path, attribute=name)
    wrong = {
        "name": not re.fullmatch(r"([A-Z][a-z]+)+", str(raw.get("name"))),
        "namespace": raw.get("namespace") not in PUBLISHERS,
        "doc": not _told(raw.get("doc")),
        "doc_zh": not _told(raw.get("doc_zh")),
        "route": raw.get("route") not in ROUTES,
        "rank": not _integer(raw.get("rank")) or not 0 <= raw["rank"] <= 255,
        "status": raw.get("status") not in STATUSES,
    }
    for name, bad in wrong.items():
        if bad:
            yield finding("HUB-S102", path, attribute=name)
    home = f"{raw.get('namespace')}/{raw.get('name')}.avsc"
    if not path.endswith(home) and not wrong["name"] and not wrong["namespace"] and "/released/" not in path:
        yield finding("HUB-S102", path, attribute="name")


def _common(fields: list[dict[str, Any]], path: str) -> Iterator[Finding]:
    for number, (name, wanted) in enumerate(COMMON):
        field = fields[number] if number < len(fields) else {}
        told = {key: field[key] for key in field if key not in ("name", "doc", "doc_zh", "privacy")}
        if field.get("name") != name or told != wanted:
            yield finding("HUB-S103", path, name, number=number + 1)


def _field(field: dict[str, Any], path: str, codes: Codes) -> Iterator[Finding]:
    name = field["name"]
    for attribute in sorted(set(field) - FIELD):
        yield finding("HUB-S115", path, name, attribute=attribute)
    if not _told(field.get("doc")) or not _told(field.get("doc_zh")):
        yield finding("HUB-S109", path, name)
    yield from _labelled(field, path)
    kind = type_of(field.get("type"))
    if kind is None or (kind[0] == "salt" and name != "salt"):
        yield finding("HUB-S104", path, name)
        return
    if kind[2] != ("default" in field) or field.get("default") is not None:
        yield finding("HUB-S105", path, name)
    yield from _bounded(field, kind[0], path, codes)


def _labelled(field: dict[str, Any], path: str) -> Iterator[Finding]:
    fault = label_fault(field.get("privacy"))
    if fault:
        yield finding("HUB-S110", path, field["name"], part=fault)
    elif field["privacy"]["class"] == "direct" and field["privacy"]["transform"] == "keep":
        yield finding("HUB-S111", path, field["name"])


def _bounded(field: dict[str, Any], kind: str, path: str, codes: Codes) -> Iterator[Finding]:
    name, low, high = field["name"], field.get("min"), field.get("max")
    if kind == "string":
        if not _integer(high) or not 0 < high <= LONGEST:
            yield finding("HUB-S106", path, name)
            return
        code_list = field.get("codes")
        if code_list is not None and code_list not in codes:
            yield finding("HUB-S108", path, name, list=str(code_list))
        elif code_list is not None and high < codes[code_list]:
            yield finding("HUB-S112", path, name, list=code_list)
        if field.get("set", True) is not True or ("set" in field and code_list is None):
            yield finding("HUB-S115", path, name, attribute="set")
    elif kind in ("int", "long"):
        size = 31 if kind == "int" else 63
        fits = _integer(low) and _integer(high) and -(1 << size) <= low <= high < 1 << size
        if not fits or not _told(field.get("unit")):
            yield finding("HUB-S107", path, name)


def _told(text: Any) -> TypeGuard[str]:
    return isinstance(text, str) and bool(text.strip())


def _integer(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
