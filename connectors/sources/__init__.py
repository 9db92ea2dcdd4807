"""Places that hold rows: databases, CSV files, workbooks, JSON lines. `open_source` is the door."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from connectors.sources.source import CHUNK, Broken, Chunk, Column, Cursor, Row, Source
from connectors.sources.spec import SourceSpec, parse_source

__all__ = ["CHUNK", "Broken", "Chunk", "Column", "Cursor", "Row", "Source", "SourceSpec", "open_source", "parse_source"]


def open_source(spec: SourceSpec, folder: Path, *, names: Iterable[str] = (), today: int | None = None) -> Source:
    """Opens what `spec` describes, for one run; relative paths begin at `folder`.

    `names` are the columns that a mapping reads, in addition to the spec's: they find a workbook's header and must be
    there. `today` (days since 1970-01-01) keeps a cursor from running ahead to a mistyped date. The library of a kind
    is imported here, so that an edge without spreadsheets needs no reader for them. Raises DataError HUB-C2xx.
    """
    wanted = {**dict.fromkeys(names, "any"), **spec.columns}
    if spec.unpivot is not None:
        from connectors.sources.unpivot import Unpivoted

        made = (spec.unpivot.name, spec.unpivot.value)
        under = {name: kind for name, kind in wanted.items() if name not in made}
        if spec.unpivot.year:
            under.setdefault(spec.unpivot.year, "any")
        return Unpivoted(_opened(spec, folder, under, today), spec.unpivot, wanted)
    return _opened(spec, folder, wanted, today)


def _opened(spec: SourceSpec, folder: Path, wanted: Mapping[str, str], today: int | None) -> Source:
    if spec.kind == "sql":
        from connectors.sources.sql import SqlSource

        return SqlSource(spec, folder, wanted, today)
    if spec.kind == "csv":
        from connectors.sources.csv import CsvSource

        return CsvSource(spec, folder, wanted)
    if spec.kind == "excel":
        from connectors.sources.excel import ExcelSource

        return ExcelSource(spec, folder, wanted)
    from connectors.sources.jsonl import JsonlSource

    return JsonlSource(spec, folder, wanted)
