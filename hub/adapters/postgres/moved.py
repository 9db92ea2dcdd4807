"""The tables of a file put into an empty schema, row by row as they are, and compared (decision 035)."""

from contextlib import closing
from itertools import islice, zip_longest
from pathlib import Path
from typing import Final

from hub.adapters.postgres.connection import Connection, ask, connect, stream, transaction
from hub.adapters.postgres.copies import is_empty
from hub.adapters.postgres.migrate import ready
from hub.adapters.postgres.schema import Statements, statements
from hub.adapters.sql.faults import INTAKE, VAULT
from hub.adapters.sql.kept_rows import KeptRows, kept_rows
from hub.adapters.sql.tables import INTAKE as INTAKE_TABLES
from hub.adapters.sql.tables import VAULT as VAULT_TABLES
from hub.core.errors import DataError, IntegrityError

_MANY: Final = 5000
_TABLES: Final = {INTAKE: INTAKE_TABLES, VAULT: VAULT_TABLES}


def move_in(source: Path, url: str, schema: str) -> int:
    """Put every row of the file into the schema, all in one transaction; how many there are. Twice is harmless.

    Raises DataError HUB-G704 for a schema that holds something else, IntegrityError HUB-G706 where the server does not
    give back what it was given.
    """
    tables = statements("", _TABLES[schema])
    ready(url, schema)
    filled = not is_empty(url, schema)
    with (
        kept_rows(source, schema) as file,
        closing(connect(url, schema)) as connection,
        transaction(connection, ""),
    ):
        if not filled:
            ask(connection, "DELETE FROM key_check")  # every schema gets one when it is opened
            for table in tables.values():
                _put(file, connection, table)
        counts = [_same(file, connection, table) for table in tables.values()]
        if None in counts:
            raise DataError("HUB-G704", schema=schema) if filled else IntegrityError("HUB-G706", schema=schema)
    return sum(count or 0 for count in counts)


def _put(file: KeptRows, connection: Connection, table: Statements) -> None:
    rows = file.rows(_select(table))
    while some := list(islice(rows, _MANY)):
        ask(connection, table.insert, [list(column) for column in zip(*some, strict=True)])


def _same(file: KeptRows, connection: Connection, table: Statements) -> int | None:
    """How many rows both have; None where they differ."""
    count = 0
    for ours, theirs in zip_longest(file.rows(_select(table)), stream(connection, _select(table))):
        if ours != theirs:
            return None
        count += 1
    return count


def _select(table: Statements) -> str:
    """All rows in order of their key: both databases compare text by its bytes."""
    columns, key = (", ".join(f'"{name}"' for name in names) for names in (table.columns, table.key))
    return f'SELECT {columns} FROM "{table.name}" ORDER BY {key}'
