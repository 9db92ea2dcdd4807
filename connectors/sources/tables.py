"""Which tables or sheets stand at an address, for somebody who is to choose one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from connectors.sources.database import connected, engine_for, mapped
from connectors.sources.declared import parse_source
from connectors.sources.spec import ExcelSpec, SqlSpec


def tables_of(section: dict[str, Any], folder: Path) -> list[str]:
    """Tables and views of a database, sheets of a workbook in its order, nothing of what has no such parts.

    What is not in the account's own schema is named `SCHEMA.TABLE`; `in_schema` takes it apart.

    Raises DataError HUB-C2xx, Unreachable HUB-C220.
    """
    chosen = {"table": "-"} if section["kind"] == "sql" and not section.get("table") else {}
    spec = parse_source({**section, **chosen})
    if isinstance(spec, ExcelSpec):
        from connectors.sources.excel import sheets_of  # so that an edge without workbooks needs no reader for them

        return sheets_of(spec, folder)
    return _tables(spec, folder) if isinstance(spec, SqlSpec) and not spec.query else []


def in_schema(section: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The section with a table of another schema taken apart, where it is named as `tables_of` names it.

    A table whose own name has the dot comes first. Raises as `tables_of` does.
    """
    table = str(section.get("table", ""))
    if section["kind"] != "sql" or "." not in table or section.get("schema"):
        return section
    spec = parse_source(section)
    assert isinstance(spec, SqlSpec)
    schema, _, name = table.partition(".")
    with _inspected(spec, folder) as inspector:
        if inspector.has_table(table) or schema not in inspector.get_schema_names():
            return section
    return {**section, "schema": schema, "table": name}


def listed(inspector: sa.Inspector, schema: str) -> list[str]:
    """Tables and views of a schema; without one, those of the account's own, and of others with the schema's name.

    An account that only reads has seldom tables of its own: they are another schema's.
    """
    if schema or inspector.dialect.name == "sqlite":
        return _named(inspector, schema or None)
    own = inspector.default_schema_name
    others = [name for name in inspector.get_schema_names() if name != own and name.lower() not in _SYSTEM]
    return _named(inspector, None) + [f"{other}.{name}" for other in others for name in _named(inspector, other)]


_SYSTEM: Final = frozenset(
    (
        *("information_schema", "pg_catalog", "sys_catalog", "mysql", "performance_schema", "sys", "system", "guest"),
        *("xdb", "mdsys", "ctxsys", "wmsys", "dbsnmp", "outln", "ordsys", "olapsys", "sysauditor", "syssso", "sysdba"),
    )
)
"""Schemas of the products themselves."""


def _named(inspector: sa.Inspector, schema: str | None) -> list[str]:
    return sorted([*inspector.get_table_names(schema), *inspector.get_view_names(schema)])


def _tables(spec: SqlSpec, folder: Path) -> list[str]:
    with _inspected(spec, folder) as inspector:
        return listed(inspector, spec.schema)


@contextmanager
def _inspected(spec: SqlSpec, folder: Path) -> Iterator[sa.Inspector]:
    engine = engine_for(spec, folder)
    try:
        with mapped(spec), connected(engine) as connection:
            yield sa.inspect(connection)
    finally:
        engine.dispose()
