"""The `[source]` section of a connector's edge.toml, parsed and judged before anything is opened."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, cast

from connectors.sources import outside
from connectors.sources.hours import check_hours
from hub.core.errors import DataError

KINDS: Final = ("sql", "csv", "excel", "jsonl", "folder", "http")
TYPES: Final = ("text", "number", "date", "time", "boolean", "any")

_SPARE_S: Final = 600
"""How long a server may wait for us between two lots of rows, beyond the pause."""

_ALIAS: Final = re.compile(r"[a-z][a-z0-9-]{0,23}")
_FILES: Final = frozenset({"path"})
_ALLOWED: Final = {
    "sql": frozenset(
        {"url", "table", "schema", "query", "cursor", "lag_days", "lag", "key", "password_env", "password_file"}
        | {"timeout_seconds", "pause_ms", "hours", "encoding", "encoded"}
    ),
    "csv": _FILES | {"encoding", "delimiter", "header_row", "final_newline"},
    "excel": _FILES | {"sheet", "sheets", "header_row", "header_rows"},
    "jsonl": _FILES | {"encoding", "optional"},
}
_ALLOWED["http"] = frozenset(
    {"url", "password_env", "password_file", "header", "ca_file", "rows", "next", "next_parameter", "page_parameter"}
    | {"total", "optional", "timeout_seconds", "pause_ms", "hours"}
)
_ALLOWED["folder"] = _ALLOWED["csv"] | _ALLOWED["excel"] | _ALLOWED["jsonl"] | {"files", "pattern", "quiet_seconds"}


@dataclass(frozen=True)
class SourceSpec:
    """A source as its connector declares it. Fields that its kind does not know are at their defaults.

    `columns` maps names to declared types; `sheets` holds names or patterns (`*月`), tried in the workbook's order;
    `header_row` is the row with the names, 0 = find it; `lag_days` and `lag` (units of a numeric cursor) say how far
    behind the newest row an older one may still appear; `key` makes the order of rows with one cursor value definite;
    `optional` names members of JSON objects that a sound file may lack altogether. `timeout_seconds` is how long one
    answer may take, `pause_ms` how long a database is left alone after it, `hours` when it may be read at all; of
    columns `encoded` the bytes are text in `encoding`, whatever the database takes them for. Of a folder `files` is the
    kind of its files, `pattern` their names, `quiet_seconds` how long nobody may have written to one that is taken.
    `options` are the settings of a kind that another package brings.
    """

    kind: str
    alias: str
    columns: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    url: str = ""
    table: str = ""
    schema: str = ""
    query: str = ""
    cursor: str = ""
    lag_days: int = 0
    lag: int = 0
    key: tuple[str, ...] = ()
    password_env: str = ""
    password_file: str = ""
    encoding: str = "auto"
    delimiter: str = "auto"
    final_newline: str = "optional"
    sheets: tuple[str, ...] = ()
    header_row: int = 0
    header_rows: int = 0
    optional: tuple[str, ...] = ()
    timeout_seconds: int = 120
    pause_ms: int = 0
    hours: tuple[str, ...] = ()
    encoded: tuple[str, ...] = ()
    files: str = ""
    pattern: str = "*"
    quiet_seconds: int = 60
    header: str = ""
    ca_file: str = ""
    rows: str = ""
    next: str = ""
    next_parameter: str = ""
    page_parameter: str = ""
    total: str = ""
    options: Mapping[str, object] = field(default_factory=dict)

    def session(self, statement: str) -> str:
        """A setting of a database session with our limits: `{s}` or `{ms}` for an answer, `{w}` to wait for us."""
        seconds = self.timeout_seconds
        return statement.format(s=seconds, ms=seconds * 1000, w=_SPARE_S + self.pause_ms // 1000)


def parse_source(section: Mapping[str, object]) -> SourceSpec:
    """The spec that a `[source]` table describes. Raises DataError HUB-C230 to C235, which name the setting."""
    kind = _text(section, "kind")
    foreign = kind not in KINDS
    if foreign and kind not in outside.kinds():
        raise DataError("HUB-C230", setting="kind", allowed=", ".join([*KINDS, *outside.kinds()]))
    known = _ALLOWED.get(kind, frozenset()) | {"kind", "alias", "columns"}
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
    elif spec.kind == "folder" and spec.files not in ("csv", "excel", "jsonl"):
        raise DataError("HUB-C230", setting="files", allowed="csv, excel, jsonl")
    if spec.encoding not in ("auto", "utf-8", "gb18030", "utf-16"):
        raise DataError("HUB-C230", setting="encoding", allowed="auto, utf-8, gb18030, utf-16")
    if spec.delimiter != "auto" and len(spec.delimiter) != 1:
        raise DataError("HUB-C230", setting="delimiter", allowed="auto, or one character")
    if spec.final_newline not in ("optional", "required"):
        raise DataError("HUB-C230", setting="final_newline", allowed="optional, required")
    if spec.header_rows > 2:
        raise DataError("HUB-C230", setting="header_rows", allowed="1, 2")


def _columns(section: Mapping[str, object]) -> dict[str, str]:
    declared = section.get("columns", {})
    if not isinstance(declared, Mapping):
        raise DataError("HUB-C235", setting="columns", wanted="table")
    for name, kind in declared.items():
        if kind not in TYPES:
            raise DataError("HUB-C230", setting=f"columns.{name}", allowed=", ".join(TYPES))
    return dict(cast(Mapping[str, str], declared))


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
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1_000_000:
        raise DataError("HUB-C235", setting=name, wanted="whole number from 0")
    return value
