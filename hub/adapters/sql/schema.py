"""SQL tables derived from row types, and their statements, compiled once and executed by the driver.

Executemany through SQLAlchemy costs twice the driver's; describing and compiling with it costs nothing at run time.
"""

from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Text, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeEngine

from hub.core.fold import Table

_TYPES: dict[type, type[TypeEngine[Any]]] = {int: BigInteger, str: Text, bytes: LargeBinary}
_DIALECT = sqlite.dialect(paramstyle="qmark")


class Statements(NamedTuple):
    """What a table needs: its DDL, and statements over all fields in order."""

    name: str
    columns: tuple[str, ...]
    create: tuple[str, ...]
    insert: str
    keep: str
    """Insert, unless there is such a row."""
    replace: str


def fields_of(row: type) -> list[tuple[str, type, bool]]:
    """(name, int | str | bytes, nullable) of each field of a row type, in order."""
    found: list[tuple[str, type, bool]] = []
    for name, hint in row.__annotations__.items():
        options = getattr(hint, "__args__", (hint,))
        base = next(option for option in options if option is not type(None))
        found.append((name, base, type(None) in options))
    return found


def statements(name: str, table: Table, key: tuple[str, ...], unique: tuple[tuple[str, ...], ...] = ()) -> Statements:
    """Statements of `table` under the SQL name `name`. A single integer key is the rowid; others are clustered."""
    meta = MetaData()
    columns = [
        Column(field, _TYPES[kind](), primary_key=field in key, nullable=nullable, autoincrement=False)
        for field, kind, nullable in fields_of(table.row)
    ]
    sql = SqlTable(name, meta, *columns, sqlite_with_rowid=len(key) == 1)
    indexes = [Index(f"{name}_by_{'_'.join(fields)}", *(sql.c[field] for field in fields)) for fields in table.indexes]
    indexes += [Index(f"{name}_one_{'_'.join(f)}", *(sql.c[field] for field in f), unique=True) for f in unique]
    if table.due:
        indexes.append(Index(f"{name}_due", sql.c.due, sqlite_where=text("due IS NOT NULL")))
    create = [str(CreateTable(sql, if_not_exists=True).compile(dialect=_DIALECT))]
    create += [str(CreateIndex(index, if_not_exists=True).compile(dialect=_DIALECT)) for index in indexes]
    if len(key) == 1:
        create[0] = create[0].replace("BIGINT NOT NULL", "INTEGER NOT NULL", 1)
    names = tuple(column.name for column in columns)
    insert = str(sql.insert().compile(dialect=_DIALECT, column_keys=list(names)))
    keep, replace = (insert.replace("INSERT INTO", f"INSERT OR {what} INTO", 1) for what in ("IGNORE", "REPLACE"))
    return Statements(name, names, tuple(create), insert, keep, replace)
