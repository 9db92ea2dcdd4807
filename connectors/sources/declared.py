"""The `[source]` section of a mapping, parsed and judged before anything is opened."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from typing import Any, Final, TypeVar, cast

from connectors.sources import outside
from connectors.sources.hours import check_hours
from connectors.sources.spec import (
    FILES,
    KINDS,
    LARGEST,
    SPECS,
    TOPIC,
    TYPES,
    CsvSpec,
    DebeziumSpec,
    ExcelSpec,
    HttpSpec,
    OutsideSpec,
    ServerSpec,
    SingerSpec,
    SourceSpec,
    SqlSpec,
    Unpivot,
)
from hub.core.errors import DataError

Spec = TypeVar("Spec", bound=SourceSpec)
ALIAS: Final = "[a-z][a-z0-9-]{0,23}"
_COMMON: Final = frozenset(field.name for field in fields(SourceSpec))
UNPIVOT: Final = ("columns", "name", "value", "year")
HEADER_ROWS: Final = 4
CHOICES: Final = {
    "encoding": ("auto", "utf-8", "gb18030", "utf-16"),
    "final_newline": ("optional", "required"),
    "hidden": ("read", "leave"),
}
"""All that may stand in these settings."""


def parse_source(section: Mapping[str, object]) -> SourceSpec:
    """The spec that a `[source]` table describes. Raises DataError HUB-C230 to C235, which name the setting."""
    kind = _text(section, "kind")
    if kind not in SPECS and kind not in outside.kinds():
        raise DataError("HUB-C230", setting="kind", allowed=", ".join([*KINDS, *outside.kinds()]))
    if kind in SPECS:
        _check_names(section, kind)
    alias = _text(section, "alias")
    if not re.fullmatch(ALIAS, alias):
        raise DataError("HUB-C232", setting="alias")
    common: dict[str, Any] = {"kind": kind, "alias": alias, "columns": _columns(section)}
    if kind not in SPECS:
        return OutsideSpec(**common, options={name: one for name, one in section.items() if name not in _COMMON})
    if kind == "folder":
        each = _text(section, "files")
        common["files"] = _judged(_read(FILES[each], section, {**common, "kind": each}))
    return _judged(_read(SPECS[kind], section, common))


def settings_of(kind: str) -> frozenset[str]:
    """The settings that a kind of ours knows, in a `[source]` table."""
    names = frozenset(field.name for field in fields(SPECS[kind]))
    return names | {"sheet"} if "sheets" in names else names


def _check_names(section: Mapping[str, object], kind: str) -> None:
    """Raises DataError C231 for a setting that the kind does not know; C230 for a folder of no files that we read."""
    known = settings_of(kind)
    if kind == "folder":
        each = _text(section, "files")
        if each not in FILES:
            raise DataError("HUB-C230", setting="files", allowed=", ".join(FILES))
        known |= settings_of(each)
    for name in section:
        if name not in known:
            nearest = get_close_matches(name, sorted(known), 1, 0.5)
            raise DataError("HUB-C231", setting=name, nearest=nearest[0] if nearest else ", ".join(sorted(known)))


def _read(spec: type[Spec], section: Mapping[str, object], given: Mapping[str, Any]) -> Spec:
    """The spec with each of its fields that is not `given` read from the section. Raises DataError C233, C235."""
    found = dict(given)
    for setting in fields(spec):
        if setting.name not in given:
            found[setting.name] = _value(section, setting)
    return spec(**found)


def _value(section: Mapping[str, object], setting: "Field[Any]") -> object:
    name, default = setting.name, setting.default
    if name == "unpivot":
        return _unpivot(section)
    if name == "sheets":
        return _texts(section, "sheets") + _texts(section, "sheet")
    if default is MISSING:
        if not (value := _text(section, name)):
            raise DataError("HUB-C233", setting=name)
        return value
    value = _READ[setting.type](section, name, default)
    return value.lower() if name == "encoding" else value


def _judged(spec: Spec) -> Spec:
    """The spec, if its settings go together: what no single one shows. Raises DataError."""
    for name, allowed in CHOICES.items():
        if getattr(spec, name, allowed[0]) not in allowed:
            raise DataError("HUB-C230", setting=name, allowed=", ".join(allowed))
    if isinstance(spec, ServerSpec | SingerSpec | DebeziumSpec) and not spec.timeout_seconds:
        raise DataError("HUB-C230", setting="timeout_seconds", allowed="1 - 1000000")
    if isinstance(spec, ServerSpec):
        check_hours(spec.hours)
    if isinstance(spec, SingerSpec):
        _judge_tap(spec)
    if isinstance(spec, DebeziumSpec):
        _judge_topic(spec)
    if isinstance(spec, HttpSpec):
        _judge_pages(spec)
    if isinstance(spec, SqlSpec):
        _judge_select(spec)
    if isinstance(spec, CsvSpec) and spec.delimiter != "auto" and len(spec.delimiter) != 1:
        raise DataError("HUB-C230", setting="delimiter", allowed="auto, or one character")
    if isinstance(spec, ExcelSpec) and spec.header_rows > HEADER_ROWS:
        raise DataError("HUB-C230", setting="header_rows", allowed=f"1-{HEADER_ROWS}")
    return spec


def _judge_pages(spec: HttpSpec) -> None:
    if spec.next and spec.page_parameter:
        raise DataError("HUB-C234", setting="next", other="page_parameter")
    if spec.next_parameter and not spec.next:
        raise DataError("HUB-C233", setting="next")


def _judge_tap(spec: SingerSpec) -> None:
    if bool(spec.command) == bool(spec.path):
        raise DataError("HUB-C234", setting="command", other="path")
    for name in ("folder", "config", "catalog", "environment", "password_env", "password_file"):
        if spec.path and getattr(spec, name):
            raise DataError("HUB-C234", setting=name, other="path")


def _judge_topic(spec: DebeziumSpec) -> None:
    if bool(spec.url) == bool(spec.path):
        raise DataError("HUB-C234", setting="url", other="path")
    found = TOPIC.fullmatch(spec.url)
    if spec.url and (found is None or (found["user"] and not found["tls"])):
        raise DataError("HUB-C230", setting="url", allowed="kafka://HOST:9092/TOPIC, kafka+tls://USER@HOST:9093/TOPIC")
    for name in ("registry", "ca_file", "password_env", "password_file"):
        if spec.path and getattr(spec, name):
            raise DataError("HUB-C234", setting=name, other="path")


def _judge_select(spec: SqlSpec) -> None:
    if bool(spec.table) == bool(spec.query):
        raise DataError("HUB-C234", setting="table", other="query")
    if (spec.lag_days or spec.lag) and not spec.cursor:
        raise DataError("HUB-C233", setting="cursor")
    if bool(spec.encoded) != (spec.encoding != "auto"):
        raise DataError("HUB-C233", setting="encoding" if spec.encoded else "encoded")
    if spec.lag_days and spec.lag:
        raise DataError("HUB-C234", setting="lag_days", other="lag")


def _columns(section: Mapping[str, object]) -> dict[str, str]:
    declared = section.get("columns", {})
    if not isinstance(declared, Mapping):
        raise DataError("HUB-C235", setting="columns", wanted="table")
    for name, kind in declared.items():
        if kind not in TYPES:
            raise DataError("HUB-C230", setting=f"columns.{name}", allowed=", ".join(TYPES))
    return dict(cast(Mapping[str, str], declared))


def _unpivot(section: Mapping[str, object]) -> Unpivot | None:
    found = section.get("unpivot")
    if found is None:
        return None
    if not isinstance(found, Mapping):
        raise DataError("HUB-C235", setting="unpivot", wanted="table")
    for name in found:
        if name not in UNPIVOT:
            raise DataError("HUB-C231", setting=f"unpivot.{name}", nearest=", ".join(UNPIVOT))
    made = Unpivot(_texts(found, "columns"), _text(found, "name"), _text(found, "value"), _text(found, "year"))
    for name in UNPIVOT[:3]:
        if not getattr(made, name):
            raise DataError("HUB-C233", setting=f"unpivot.{name}")
    return made


def _text(section: Mapping[str, object], name: str, default: str = "") -> str:
    value = section.get(name, default)
    if not isinstance(value, str):
        raise DataError("HUB-C235", setting=name, wanted="text")
    return value


def _texts(section: Mapping[str, object], name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    value = section.get(name, default)
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, (list, tuple)) or not all(isinstance(one, str) for one in found):
        raise DataError("HUB-C235", setting=name, wanted="text or a list of texts")
    return tuple(found)


def _count(section: Mapping[str, object], name: str, default: int = 0) -> int:
    value = section.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise DataError("HUB-C235", setting=name, wanted="whole number from 0")
    return value


_READ: Final[Mapping[object, Callable[..., Any]]] = {str: _text, int: _count, tuple[str, ...]: _texts}
"""How a field of a spec is read, by its type."""
