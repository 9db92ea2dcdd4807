"""Which tables or sheets stand at an address, for somebody who is to choose one."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.sources.database import engine_for, mapped
from connectors.sources.declared import parse_source
from connectors.sources.spec import ExcelSpec, SqlSpec


def tables_of(section: dict[str, Any], folder: Path) -> list[str]:
    """Tables and views of a database, sheets of a workbook in its order, nothing of what has no such parts.

    Raises DataError HUB-C2xx, Unreachable HUB-C220.
    """
    chosen = {"table": "-"} if section["kind"] == "sql" and not section.get("table") else {}
    spec = parse_source({**section, **chosen})
    if isinstance(spec, ExcelSpec):
        from connectors.sources.excel import sheets_of  # so that an edge without workbooks needs no reader for them

        return sheets_of(spec, folder)
    return _tables(spec, folder) if isinstance(spec, SqlSpec) and not spec.query else []


def _tables(spec: SqlSpec, folder: Path) -> list[str]:
    engine = engine_for(spec, folder)
    try:
        with mapped(spec), engine.connect() as connection:
            inspector = sa.inspect(connection)
            schema = spec.schema or None
            return sorted([*inspector.get_table_names(schema), *inspector.get_view_names(schema)])
    finally:
        engine.dispose()
