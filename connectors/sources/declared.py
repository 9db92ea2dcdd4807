"""The `[source]` section of a mapping, parsed and judged before anything is opened."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final, cast

from connectors.sources import outside
from connectors.sources.hours import check_hours
from connectors.sources.spec import KINDS, LARGEST, TYPES, SourceSpec, Unpivot
from hub.core.errors import DataError

_ALIAS: Final = re.compile(r"[a-z][a-z0-9-]{0,23}")
ALIAS: Final = _ALIAS.pattern
_FILES: Final = frozenset({"path"})
ALLOWED: Final = {
    "sql": frozenset(
        {"url", "table", "schema", "query", "cursor", "lag_days", "lag", "key", "password_env", "password_file"}
        | {"timeout_seconds", "pause_ms", "hours", "encoding", "encoded"}
    ),
    "csv": _FILES | {"encoding", "delimiter", "header_row", "final_newline", "unpivot"},
    "excel": _FILES
    | {"sheet", "sheets", "header_row", "header_rows", "hidden", "sheet_column", "title_column", "month_column"}
    | {"unpivot", "password_env", "password_file"},
    "jsonl": _FILES | {"encoding", "optional"},
}
ALLOWED["http"] = frozenset(
    {"url", "password_env", "password_file", "header", "ca_file", "rows", "next", "next_parameter", "page_parameter"}
    | {"total", "optional", "timeout_seconds", "pause_ms", "hours"}
)
ALLOWED["folder"] = ALLOWED["csv"] | ALLOWED["excel"] | ALLOWED["jsonl"] | {"files", "pattern", "quiet_seconds"}
"""The settings of each kind, beside `kind`, `alias` and `columns`."""

CHOICES: Final = {
    "files": ("csv", "excel", "jsonl"),
    "encoding": ("auto", "utf-8", "gb18030", "utf-16"),
    "final_newline": ("optional", "required"),
    "hidden": ("read", "leave"),
}
"""All that may stand in these settings."""

UNPIVOT: Final = ("columns", "name", "value", "year")
HEADER_ROWS: Final = 4


def parse_source(section: Mapping[str, object]) -> SourceSpec:
    """The spec that a `[source]` table describes. Raises DataError HUB-C230 to C235, which name the setting."""
    kind = _text(section, "kind")
    foreign = kind not in KINDS
    if foreign and kind not in outside.kinds():
        raise DataError("HUB-C230", setting="kind", allowed=", ".join([*KINDS, *outside.kinds()]))
    known = ALLOWED.get(kind, frozenset()) | {"kind", "alias", "columns"}
    for name in () if foreign else section:
        if name not in known:
            nearest = get_close_matches(name, sorted(known), 1, 0.5)
            raise DataError("HUB-C231", setting=name, nearest=nearest[0] if nearest else ", ".join(sorted(known)))
    alias = _text(section, "alias")
    if not _ALIAS.fullmatch(alias):
        raise DataError("HUB-C232", setting="alias")
    if foreign:
        options = {name: value for name, value in section.items() if name not in known}
        return SourceSpec(kind=kind, alias=alias, columns=_columns(section), options=options)
    spec = SourceSpec(
        kind=kind,
        alias=alias,
        columns=_columns(section),
        path=_text(section, "path"),
        url=_text(section, "url"),
        table=_text(section, "table"),
        schema=_text(section, "schema"),
        query=_text(section, "query"),
        cursor=_text(section, "cursor"),
        lag_days=_count(section, "lag_days"),
        lag=_count(section, "lag"),
        key=_texts(section, "key"),
        password_env=_text(section, "password_env"),
        password_file=_text(section, "password_file"),
        encoding=_text(section, "encoding", "auto").lower(),
        delimiter=_text(section, "delimiter", "auto"),
        final_newline=_text(section, "final_newline", "optional"),
        sheets=_texts(section, "sheets") + _texts(section, "sheet"),
        header_row=_count(section, "header_row"),
        header_rows=_count(section, "header_rows"),
        optional=_texts(section, "optional"),
        hidden=_text(section, "hidden", "read"),
        sheet_column=_text(section, "sheet_column"),
        title_column=_text(section, "title_column"),
        month_column=_text(section, "month_column"),
        unpivot=_unpivot(section),
        timeout_seconds=_count(section, "timeout_seconds", 120),
        pause_ms=_count(section, "pause_ms"),
        hours=_texts(section, "hours"),
        encoded=_texts(section, "encoded"),
        files=_text(section, "files"),
        pattern=_text(section, "pattern", "*"),
        quiet_seconds=_count(section, "quiet_seconds", 60),
        header=_text(section, "header"),
        ca_file=_text(section, "ca_file"),
        rows=_text(section, "rows"),
        next=_text(section, "next"),
        next_parameter=_text(section, "next_parameter"),
        page_parameter=_text(section, "page_parameter"),
        total=_text(section, "total"),
    )
    _judge(spec)
    return spec


def _judge(spec: SourceSpec) -> None:
    """What no single setting shows. Raises DataError."""
    if spec.kind in ("sql", "http"):
        if not spec.url:
            raise DataError("HUB-C233", setting="url")
        if not spec.timeout_seconds:
            raise DataError("HUB-C230", setting="timeout_seconds", allowed="1 - 1000000")
        check_hours(spec.hours)
    if spec.kind == "http":
        if spec.next and spec.page_parameter:
            raise DataError("HUB-C234", setting="next", other="page_parameter")
        if spec.next_parameter and not spec.next:
            raise DataError("HUB-C233", setting="next")
    elif spec.kind == "sql":
        if bool(spec.table) == bool(spec.query):
            raise DataError("HUB-C234", setting="table", other="query")
        if (spec.lag_days or spec.lag) and not spec.cursor:
            raise DataError("HUB-C233", setting="cursor")
        if bool(spec.encoded) != (spec.encoding != "auto"):
            raise DataError("HUB-C233", setting="encoding" if spec.encoded else "encoded")
        if spec.lag_days and spec.lag:
            raise DataError("HUB-C234", setting="lag_days", other="lag")
    elif not spec.path:
        raise DataError("HUB-C233", setting="path")
    for name, allowed in CHOICES.items():
        if getattr(spec, name) not in allowed and (name != "files" or spec.kind == "folder"):
            raise DataError("HUB-C230", setting=name, allowed=", ".join(allowed))
    if spec.delimiter != "auto" and len(spec.delimiter) != 1:
        raise DataError("HUB-C230", setting="delimiter", allowed="auto, or one character")
    if spec.header_rows > HEADER_ROWS:
        raise DataError("HUB-C230", setting="header_rows", allowed=f"1-{HEADER_ROWS}")


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


def _texts(section: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = section.get(name, ())
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, (list, tuple)) or not all(isinstance(one, str) for one in found):
        raise DataError("HUB-C235", setting=name, wanted="text or a list of texts")
    return tuple(found)


def _count(section: Mapping[str, object], name: str, default: int = 0) -> int:
    value = section.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise DataError("HUB-C235", setting=name, wanted="whole number from 0")
    return value
