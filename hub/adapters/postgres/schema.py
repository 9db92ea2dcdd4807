"""PostgreSQL's tables from the same declarations as SQLite's, and their statements, compiled once.

Text is compared by its bytes (collation "C"), as SQLite and memory do. A statement that writes many rows takes an array
a column, so that it is one statement and one way there and back. The tables themselves refuse what no unit may do: a
row of another partition (law 4), a changed or removed row of a ledger.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Text, text
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeEngine

from hub.adapters.sql.schema import fields_of
from hub.adapters.sql.tables import Declared
from hub.core.fold import PARTITION_SHIFT

_TYPES: Final[dict[type, TypeEngine[Any]]] = {int: BigInteger(), str: Text(collation="C"), bytes: LargeBinary()}
_ARRAYS: Final = {int: "bigint", str: "text", bytes: "bytea"}
_DIALECT: Final = postgresql.dialect(paramstyle="format")  # type: ignore[no-untyped-call]
_PARTITION: Final = {"id": f'NEW."id" >> {PARTITION_SHIFT}', "at": f'NEW."at" >> {PARTITION_SHIFT}'}
INSERT_ONLY: Final = ("event", "disclosure")

REFUSED_PARTITION: Final = "HU301"
REFUSED_CHANGE: Final = "HU411"
GUARDS: Final = {"refuse_partition": REFUSED_PARTITION, "refuse_change": REFUSED_CHANGE}
FUNCTIONS: Final = tuple(
    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$"
    for name, code in GUARDS.items()
)


class Statements(NamedTuple):
    """What a table needs: its DDL, and statements over an array for each field in order."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    create: tuple[str, ...]
    insert: str
    keep: str
    """Insert, unless there is such a row."""
    replace: str


def statements(prefix: str, tables: Mapping[str, Declared], owned: bool = False) -> dict[str, Statements]:
    """Statements of the tables, whose SQL names begin with `prefix`; `owned`: a partition owns its rows."""
    return {name: _statements(f"{prefix}{name}", name, declared, owned) for name, declared in tables.items()}


def _statements(sql_name: str, name: str, declared: Declared, owned: bool) -> Statements:
    table, key, unique = declared
    fields = fields_of(table.row)
    columns = [Column(field, _TYPES[kind], nullable=nullable) for field, kind, nullable in fields]
    for column in columns:
        column.primary_key, column.autoincrement = column.name in key, False
    sql = SqlTable(sql_name, MetaData(), *columns)
    # Numbered, since names are cut at 63 bytes.
    indexes = [Index(f"{sql_name}_by_{n}", *(sql.c[f] for f in some)) for n, some in enumerate(table.indexes, 1)]
    indexes += [
        Index(f"{sql_name}_one_{n}", *(sql.c[f] for f in some), unique=True) for n, some in enumerate(unique, 1)
    ]
    if table.due:
        indexes.append(Index(f"{sql_name}_due", sql.c.due, postgresql_where=text("due IS NOT NULL")))
    create = [str(CreateTable(sql, if_not_exists=True).compile(dialect=_DIALECT)).strip()]
    create += [str(CreateIndex(index, if_not_exists=True).compile(dialect=_DIALECT)).strip() for index in indexes]
    create += _triggers(sql_name, name, fields[0][0], owned)
    insert = str(sql.insert().compile(dialect=_DIALECT, column_keys=[field for field, _, _ in fields]))
    head = insert[: insert.index(" VALUES ")]
    insert = f"{head} SELECT * FROM unnest({', '.join(f'%s::{_ARRAYS[kind]}[]' for _, kind, _ in fields)})"
    replace = _on_conflict(sql, key)
    return Statements(
        sql_name, tuple(f for f, _, _ in fields), key, tuple(create), insert, f"{insert} ON CONFLICT DO NOTHING",
        f"{insert} {replace}",
    )  # fmt: skip


def _on_conflict(sql: SqlTable, key: tuple[str, ...]) -> str:
    """The end of an upsert of all fields, as SQLAlchemy writes it for this dialect."""
    insert = postgresql.insert(sql)
    others = {column.name: insert.excluded[column.name] for column in sql.c if column.name not in key}
    whole = insert.on_conflict_do_update(index_elements=list(key), set_=others) if others else (
        insert.on_conflict_do_nothing(index_elements=list(key))
    )  # fmt: skip
    compiled = str(whole.compile(dialect=_DIALECT))
    return compiled[compiled.index("ON CONFLICT") :]


def _triggers(sql_name: str, name: str, first: str, owned: bool) -> list[str]:
    found = []
    if owned:
        partition = _PARTITION.get(first, 'NEW."partition"')
        found.append(
            f"CREATE OR REPLACE TRIGGER {sql_name}_owned BEFORE INSERT OR UPDATE ON {sql_name} FOR EACH ROW"
            f" WHEN (({partition})::text IS DISTINCT FROM current_setting('hub.partition', true))"
            " EXECUTE FUNCTION refuse_partition()"
        )
    if name in INSERT_ONLY:
        found.append(
            f"CREATE OR REPLACE TRIGGER {sql_name}_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON {sql_name}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    return found
