"""What a source is, as its connector declares it (`connectors.sources.declared` reads and judges the declaration)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

KINDS: Final = ("sql", "csv", "excel", "jsonl", "folder", "http")
TYPES: Final = ("text", "number", "date", "time", "boolean", "any")
LARGEST: Final = 1_000_000
"""Of the whole numbers that a mapping sets."""

ASKED: Final = "HUB_SOURCE_PASSWORD"
"""Environment variable for the password of a workbook that declares none; the command line asks for it into here."""

_SPARE_S: Final = 600
"""How long a server may wait for us between two lots of rows, beyond the pause."""


@dataclass(frozen=True)
class Unpivot:
    """Columns that become rows: those whose names match `columns`; `name` and `value` are the two columns they make.

    With `year`, a column that holds the year (2025, 2025年, a title), a name such as 3月 becomes a date.
    """

    columns: tuple[str, ...]
    name: str
    value: str
    year: str = ""


@dataclass(frozen=True)
class SourceSpec:
    """A source as its connector declares it. Fields that its kind does not know are at their defaults.

    `columns` maps names to declared types; `sheets` holds names or patterns (`*月`), tried in the workbook's order;
    `header_row` is the row with the names, 0 = find it; `lag_days` and `lag` (units of a numeric cursor) say how far
    behind the newest row an older one may still appear; `key` makes the order of rows with one cursor value definite;
    `optional` names members of JSON objects that a sound file may lack altogether. `hidden` says what becomes of hidden
    rows and sheets; `sheet_column`, `title_column` and `month_column` name columns to be made of a sheet's own texts.
    `timeout_seconds` is how long one answer may take, `pause_ms` how long a database is left alone after it, `hours`
    when it may be read at all; of columns `encoded` the bytes are text in `encoding`, whatever the database takes them
    for. Of a folder `files` is the kind of its files, `pattern` their names, `quiet_seconds` how long nobody may have
    written to one that is taken. `options` are the settings of a kind that another package brings.
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
    hidden: str = "read"
    sheet_column: str = ""
    title_column: str = ""
    month_column: str = ""
    unpivot: Unpivot | None = None
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
