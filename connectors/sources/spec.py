"""What a source is, as its connector declares it: one spec a kind, whose fields are the settings that the kind knows.

`connectors.sources.declared` reads and judges a declaration by these fields; one without a default must be there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

TYPES: Final = ("text", "number", "date", "time", "boolean", "any")
LARGEST: Final = 1_000_000
"""Of the whole numbers that a mapping sets."""

_SERVER: Final = "[A-Za-z0-9._-]+(?::[0-9]{1,5})?"
TOPIC: Final = re.compile(
    rf"kafka(?P<tls>\+tls)?://(?:(?P<user>[A-Za-z0-9._-]{{1,100}})@)?(?P<servers>{_SERVER}(?:,{_SERVER})*)"
    r"/(?P<topic>[A-Za-z0-9._-]{1,249})"
)
"""The address of a topic; who has a name has a password, and both go over TLS alone."""

LOCAL: Final = ("127.0.0.1", "localhost", "::1")
"""Hosts that may be asked in clear."""

ASKED: Final = "HUB_SOURCE_PASSWORD"
"""Environment variable for the password of a workbook that declares none; the command line asks for it into here."""

_SPARE_S: Final = 600
"""How long a server may wait for us between two lots of rows, beyond the pause."""


@dataclass(frozen=True, kw_only=True)
class SourceSpec:
    """What every source has; `columns` maps names to declared types."""

    kind: str
    alias: str
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def beside(self) -> tuple[str, ...]:
        """The files that the declaration names beside the data: without them the source cannot be read."""
        return ()


@dataclass(frozen=True, kw_only=True)
class OutsideSpec(SourceSpec):
    """A kind that another package brings. `options` are its settings, unread: judging them is that package's affair."""

    options: Mapping[str, object]


@dataclass(frozen=True)
class Unpivot:
    """Columns that become rows: those whose names match `columns`; `name` and `value` are the two columns they make.

    With `year`, a column that holds the year (2025, 2025年, a title), a name such as 3月 becomes a date.
    """

    columns: tuple[str, ...]
    name: str
    value: str
    year: str = ""


@dataclass(frozen=True, kw_only=True)
class FileSpec(SourceSpec):
    """A file, read whole."""

    path: str


@dataclass(frozen=True, kw_only=True)
class CsvSpec(FileSpec):
    """`header_row` is the row with the names, 0 = find it."""

    encoding: str = "auto"
    delimiter: str = "auto"
    header_row: int = 0
    final_newline: str = "optional"
    unpivot: Unpivot | None = None


@dataclass(frozen=True, kw_only=True)
class ExcelSpec(FileSpec):
    """`sheets` holds names or patterns (`*月`), tried in the workbook's order.

    `header_row` is the first row with the names, `header_rows` how many there are, 0 = find them. `hidden` says what
    becomes of hidden rows and sheets; `sheet_column`, `title_column` and `month_column` name columns to be made of a
    sheet's own texts.
    """

    sheets: tuple[str, ...] = ()
    header_row: int = 0
    header_rows: int = 0
    hidden: str = "read"
    sheet_column: str = ""
    title_column: str = ""
    month_column: str = ""
    unpivot: Unpivot | None = None
    password_env: str = ""
    password_file: str = ""

    @property
    def beside(self) -> tuple[str, ...]:
        """The file with the password."""
        return (self.password_file,) if self.password_file else ()


@dataclass(frozen=True, kw_only=True)
class JsonlSpec(FileSpec):
    """`optional` names members of objects that a sound file may lack altogether."""

    encoding: str = "auto"
    optional: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FolderSpec(SourceSpec):
    """A drop folder. `files` is what each of its files is, but for the path; `pattern` is what their names match.

    `quiet_seconds` is how long nobody may have written to a file that is taken.
    """

    path: str
    files: FileSpec
    pattern: str = "*"
    quiet_seconds: int = 60

    @property
    def beside(self) -> tuple[str, ...]:
        """Those of its files."""
        return self.files.beside


@dataclass(frozen=True, kw_only=True)
class ServerSpec(SourceSpec):
    """A machine that answers. It may have a key, and an owner who says how hard and when it may be asked.

    `timeout_seconds` is how long one answer may take, `pause_ms` how long it is left alone after it, `hours` when it
    may be read at all.
    """

    url: str
    password_env: str = ""
    password_file: str = ""
    timeout_seconds: int = 120
    pause_ms: int = 0
    hours: tuple[str, ...] = ()

    @property
    def beside(self) -> tuple[str, ...]:
        """The file with the password or key."""
        return (self.password_file,) if self.password_file else ()


@dataclass(frozen=True, kw_only=True)
class SqlSpec(ServerSpec):
    """`lag_days` and `lag` (units of a numeric cursor) say how far behind the newest row an older one may still appear.

    `key` makes the order of rows with one cursor value definite. Of columns `encoded` the bytes are text in `encoding`,
    whatever the database takes them for.
    """

    table: str = ""
    schema: str = ""
    query: str = ""
    cursor: str = ""
    lag_days: int = 0
    lag: int = 0
    key: tuple[str, ...] = ()
    encoding: str = "auto"
    encoded: tuple[str, ...] = ()

    def session(self, statement: str) -> str:
        """A setting of a database session with our limits: `{s}` or `{ms}` for an answer, `{w}` to wait for us."""
        seconds = self.timeout_seconds
        return statement.format(s=seconds, ms=seconds * 1000, w=_SPARE_S + self.pause_ms // 1000)


@dataclass(frozen=True, kw_only=True)
class HttpSpec(ServerSpec):
    """`rows`, `next` and `total` are members of an answer, with dots; `optional` are members that rows may lack."""

    header: str = ""
    ca_file: str = ""
    rows: str = ""
    next: str = ""
    next_parameter: str = ""
    page_parameter: str = ""
    total: str = ""
    optional: tuple[str, ...] = ()

    @property
    def beside(self) -> tuple[str, ...]:
        """The file with the key, and who is trusted."""
        return (*super().beside, *([self.ca_file] if self.ca_file else []))


@dataclass(frozen=True, kw_only=True)
class SingerSpec(SourceSpec):
    """A Singer tap: `command` starts it, or `path` is a file of what one said (`-`: our input); one `stream` is read.

    It is started in `folder`, else the connector's own, where its words, `config` and `catalog` are seen from. A secret
    goes into its settings as `password_member`. Of our environment it has `environment` and what every program needs.
    """

    stream: str
    command: tuple[str, ...] = ()
    path: str = ""
    folder: str = ""
    config: str = ""
    catalog: str = ""
    environment: tuple[str, ...] = ()
    password_env: str = ""
    password_file: str = ""
    password_member: str = "password"
    timeout_seconds: int = 600

    @property
    def beside(self) -> tuple[str, ...]:
        """The files that the tap is told its settings in."""
        told = (Path(self.folder, one).as_posix() for one in (self.config, self.catalog) if one)
        return (*told, *([self.password_file] if self.password_file else []))


@dataclass(frozen=True, kw_only=True)
class DebeziumSpec(SourceSpec):
    """Change events of Debezium: `url` is a topic (`kafka://broker:9092/topic`), or `path` a file of JSON lines.

    `key` names the columns of the row's key where messages have none of their own. `registry` is where schemas of Avro
    are. Where no schema comes along, `days`, `milliseconds` and `microseconds` are columns that count from 1970 on;
    `optional` ones may lack altogether.
    """

    url: str = ""
    path: str = ""
    key: tuple[str, ...] = ()
    registry: str = ""
    ca_file: str = ""
    password_env: str = ""
    password_file: str = ""
    optional: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    milliseconds: tuple[str, ...] = ()
    microseconds: tuple[str, ...] = ()
    timeout_seconds: int = 120

    @property
    def beside(self) -> tuple[str, ...]:
        """The file with the password, and who is trusted."""
        return tuple(one for one in (self.password_file, self.ca_file) if one)


FILES: Final[Mapping[str, type[FileSpec]]] = {"csv": CsvSpec, "excel": ExcelSpec, "jsonl": JsonlSpec}
SPECS: Final[Mapping[str, type[SourceSpec]]] = {
    "sql": SqlSpec, **FILES, "folder": FolderSpec, "http": HttpSpec, "singer": SingerSpec, "debezium": DebeziumSpec,
}  # fmt: skip
KINDS: Final = tuple(SPECS)
