"""A copy of one schema as of one moment, while others write to it, and back into an empty one (decision 016).

PostgreSQL's own COPY writes and reads the rows: it takes no program beside ours, whatever version the server has.
"""

from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final

from hub.adapters.postgres.connection import Connection, ask, connect, mapped, transaction
from hub.adapters.postgres.migrate import TABLE, migrate, revision_of
from hub.adapters.postgres.store import present
from hub.adapters.sql.table_copies import Copied, Head, Reading, Writing
from hub.core.errors import DataError, IntegrityError

_MADE_WITH_TABLES: Final = ("revision", "key_check")
"""They have a row as soon as they are opened, which says nothing of anybody."""
_SHADOW: Final = "shadow_"


def copy_out(url: str, schema: str, file: Path) -> None:
    """Write all tables of a schema, in one snapshot that keeps no writer waiting."""
    with (
        closing(connect(url, schema)) as connection,
        transaction(connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        Writing(file, Head(schema, revision_of(connection, schema))) as writing,
    ):
        for table in _tables(connection, schema):
            columns = _columns(connection, schema, table)
            writing.table(table, columns, _rows(connection, schema, table, columns))


def make_tables(url: str, schema: str, revision: str) -> None:
    """The tables of a schema as they were at a revision. Raises as `migrate` for one that a newer program made."""
    migrate(url, schema, revision)


def is_empty(url: str, schema: str) -> bool:
    """Whether a schema holds nothing yet, or is not there."""
    with closing(connect(url, schema)) as connection:
        tables = [table for table in _tables(connection, schema) if table not in _MADE_WITH_TABLES]
        return not any(ask(connection, f'SELECT 1 FROM {schema}."{table}" LIMIT 1') for table in tables)


def copy_in(url: str, schema: str, file: Path, path: str) -> None:
    """Put a copy into an empty schema whose tables are made: all of it, as it was, or nothing. Twice is harmless.

    Raises DataError HUB-B303 for a schema that holds something, HUB-B309 where it has not the tables of the copy,
    IntegrityError HUB-B401 where the server does not give back what it was given.
    """
    if not is_empty(url, schema):
        if holds(url, schema, file, path):
            return
        raise DataError("HUB-B303", folder=schema)
    with closing(connect(url, schema)) as connection, transaction(connection, ""), Reading(file, path) as reading:
        known = set(_tables(connection, schema))
        for copied in reading.tables():
            if copied.table not in known or _columns(connection, schema, copied.table) != copied.columns:
                raise DataError("HUB-B309", table=copied.table, schema=schema)
            _put(connection, schema, copied, path)


def holds(url: str, schema: str, file: Path, path: str) -> bool:
    """Whether a schema holds just what a copy has: it was put back, and nobody used it since."""
    with closing(connect(url, schema)) as connection, Reading(file, path) as reading:
        if revision_of(connection, schema) != reading.head.revision:
            return False
        found = []
        for copied in reading.tables():
            given, held = sha256(), sha256()
            for row in copied.rows:
                given.update(row)
            found.append(copied.table)
            if _columns(connection, schema, copied.table) != copied.columns:
                return False
            for block in _rows(connection, schema, copied.table, copied.columns):
                held.update(block)
            if given.digest() != held.digest():
                return False
        return found == _tables(connection, schema)


def _put(connection: Connection, schema: str, copied: Copied, path: str) -> None:
    table, names = f'{schema}."{copied.table}"', ", ".join(f'"{name}"' for name in copied.columns)
    given = sha256()
    # Triggers guard what programs write; here the whole is put back that they guarded.
    for statement in (f"ALTER TABLE {table} DISABLE TRIGGER USER", f"DELETE FROM {table}"):
        ask(connection, statement)
    with mapped(connection.schema), connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN".encode()) as copy:
        for row in copied.rows:
            given.update(row)
            copy.write(row)
    ask(connection, f"ALTER TABLE {table} ENABLE TRIGGER USER")
    found = sha256()
    for block in _rows(connection, schema, copied.table, copied.columns):
        found.update(block)
    if given.digest() != found.digest():
        raise IntegrityError("HUB-B401", path=path)


def _rows(connection: Connection, schema: str, table: str, columns: tuple[str, ...]) -> Iterator[bytes]:
    """The rows in order of their key."""
    names = ", ".join(f'"{name}"' for name in columns)
    order = ", ".join(f'"{name}"' for name in _key(connection, schema, table)) or names
    statement = f'COPY (SELECT {names} FROM {schema}."{table}" ORDER BY {order}) TO STDOUT'
    with mapped(connection.schema), connection.cursor().copy(statement.encode()) as copy:
        for block in copy:
            yield bytes(block)


def _tables(connection: Connection, schema: str) -> list[str]:
    """The tables that are copied: Alembic's own is in the head, a shadow is nothing to keep."""
    return sorted(name for name in present(connection, schema) if name != TABLE and not name.startswith(_SHADOW))


def _columns(connection: Connection, schema: str, table: str) -> tuple[str, ...]:
    rows = ask(
        connection,
        "SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum",
        (f'{schema}."{table}"',),
    )
    return tuple(name for (name,) in rows)


def _key(connection: Connection, schema: str, table: str) -> tuple[str, ...]:
    rows = ask(
        connection,
        "SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(n, at)"
        " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n"
        " WHERE i.indrelid = ?::regclass AND i.indisprimary ORDER BY k.at",
        (f'{schema}."{table}"',),
    )
    return tuple(name for (name,) in rows)
