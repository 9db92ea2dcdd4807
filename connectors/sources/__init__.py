"""Places that hold rows: databases, files, workbooks, web services, changes. `open_source` is the door.

source  spec  declared  editor_schema       what every source promises, and what a mapping may say of one
csv  jsonl  excel  folder                   files
  whole  files  grid  unpivot               what they share; columns that are turned into rows
  parts  opening  ole  sheet  months        workbooks: looked at, opened, a sheet's rows and its month
sql                                         databases
  database  products  odbc  session         reached, each in its own words
  statements  pages  watermark  hours       what is asked, how far it was read, when it may be
  families  structure  tables  explained    its columns and tables; what its keeper wants to know
http  web  objects                          web services
singer  tap  debezium                       changes, told by a tap or by Debezium
  feed  topic  registry  envelope           where they lie, and what one says
  turns  snapshots  read_so_far             in which order, from where on
walk  walk_sql  walk_whole                  the whole of a source, piece by piece, for a backfill
outside                                     kinds that other packages bring
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connectors.sources.declared import parse_source
from connectors.sources.outside import opener
from connectors.sources.source import CHUNK, Broken, Chunk, Column, Cursor, Row, Source
from connectors.sources.spec import (
    CsvSpec,
    DebeziumSpec,
    ExcelSpec,
    FileSpec,
    FolderSpec,
    HttpSpec,
    JsonlSpec,
    SingerSpec,
    SourceSpec,
    SqlSpec,
)
from connectors.sources.structure import check_columns
from connectors.sources.walk import After, Bounds, Piece, Walk
from connectors.sources.whole import WholeRead
from hub.core.errors import DataError

if TYPE_CHECKING:
    from connectors.sources.explained import Explained

__all__ = [
    "CHUNK",
    "After",
    "Bounds",
    "Broken",
    "Chunk",
    "Column",
    "Cursor",
    "Piece",
    "Row",
    "Source",
    "SourceSpec",
    "Walk",
    "WholeRead",
    "check_columns",
    "open_source",
    "open_walk",
    "parse_source",
]

_ALL: Final = Bounds()


def explain_sql(spec: SqlSpec, names: Sequence[str], product: str = "", key: Sequence[str] = ()) -> "Explained":
    """What is sent for a database source whose mapping reads `names` and tells rows apart by `key`, as its product or
    another has it. DataError."""
    from connectors.sources.explained import explain
    from connectors.sources.products import product_named

    return explain(spec, names, product_named(product) if product else None, key)


def open_source(
    spec: SourceSpec, folder: Path, *, names: Iterable[str] = (), today: int | None = None,
    now_ms: Callable[[], int] | None = None, after: Cursor | None = None,
) -> Source:  # fmt: skip
    """Opens what `spec` describes, for one run; relative paths begin at `folder`.

    `names` are the columns that a mapping reads, in addition to the spec's: they find a workbook's header and must be
    there. `today` (days since 1970-01-01) keeps a cursor from running ahead to a mistyped date; `now_ms` tells whether
    the source may be read at this hour, and how its clock differs from ours. `after` is what `rows` will be asked for:
    a tap is told it before it names its columns. The library of a kind is imported here, so that an edge without
    spreadsheets needs no reader for them. Raises DataError HUB-C2xx.
    """
    wanted = {**dict.fromkeys(names, "any"), **spec.columns}
    if isinstance(spec, CsvSpec | ExcelSpec) and spec.unpivot is not None:
        from connectors.sources.unpivot import Unpivoted

        made = (spec.unpivot.name, spec.unpivot.value)
        under = {name: kind for name, kind in wanted.items() if name not in made}
        if spec.unpivot.year:
            under.setdefault(spec.unpivot.year, "any")
        return Unpivoted(_opened(spec, folder, under, today, now_ms, None), spec.unpivot, wanted)
    return _opened(spec, folder, wanted, today, now_ms, after)


def open_walk(
    spec: SourceSpec, folder: Path, *, names: Iterable[str], key: Sequence[str], today: int | None,
    now_ms: Callable[[], int] | None, bounds: Bounds = _ALL,
) -> Walk:  # fmt: skip
    """A walk through what `spec` describes; `key` are the columns by which a mapping tells rows apart.

    Raises DataError as `open_source` does, HUB-C422 for bounds of what is no database, HUB-C419 for a source that tells
    of changes, which runs read from its beginning on, HUB-C429 for a kind of another package, which may do so, too.
    """
    if isinstance(spec, SingerSpec | DebeziumSpec):
        raise DataError("HUB-C419", alias=spec.alias)
    if isinstance(spec, SqlSpec):
        from connectors.sources.walk_sql import SqlWalk

        return SqlWalk(spec, folder, {**dict.fromkeys(names, "any"), **spec.columns}, today, now_ms, key, bounds)
    if not isinstance(spec, FileSpec | FolderSpec | HttpSpec):
        raise DataError("HUB-C429", alias=spec.alias, kind=spec.kind)
    if bounds:
        raise DataError("HUB-C422", alias=spec.alias)
    from connectors.sources.walk_whole import WholeWalk

    return WholeWalk(spec, folder, lambda: open_source(spec, folder, names=names, today=today, now_ms=now_ms))


def _opened(
    spec: SourceSpec, folder: Path, wanted: Mapping[str, str], today: int | None, now_ms: Callable[[], int] | None,
    after: Cursor | None,
) -> Source:  # fmt: skip
    match spec:
        case SqlSpec():
            from connectors.sources.sql import SqlSource

            return SqlSource(spec, folder, wanted, today, now_ms)
        case HttpSpec():
            from connectors.sources.http import HttpSource

            return HttpSource(spec, folder, wanted, now_ms)
        case SingerSpec():
            from connectors.sources.singer import SingerSource

            return SingerSource(spec, folder, wanted, after)
        case DebeziumSpec():
            from connectors.sources.debezium import DebeziumSource

            return DebeziumSource(spec, folder, wanted, now_ms, after)
        case FolderSpec():
            from connectors.sources.folder import FolderSource

            return FolderSource(spec, folder, wanted, lambda one: open_source(one, folder, names=wanted), now_ms)
        case CsvSpec():
            from connectors.sources.csv import CsvSource

            return CsvSource(spec, folder, wanted)
        case ExcelSpec():
            from connectors.sources.excel import ExcelSource

            return ExcelSource(spec, folder, wanted)
        case JsonlSpec():
            from connectors.sources.jsonl import JsonlSource

            return JsonlSource(spec, folder, wanted)
    opened: Source = opener(spec.kind, spec.alias)(spec, folder, wanted, now_ms)
    return opened
