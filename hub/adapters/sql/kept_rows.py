"""All rows of a file of tables as of one moment, in order of their keys, for whoever takes them elsewhere."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from hub.adapters.sql.faults import mapped

Rows = Iterator[Sequence[Any]]


class KeptRows:
    """Gives the rows of a SELECT that both kinds of database know."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, select: str) -> Rows:
        """Every row, as values."""
        return iter(self._connection.execute(select))


@contextmanager
def kept_rows(source: Path, what: str) -> Iterator[KeptRows]:
    """The file, not to be written to; its errors are those of the database `what`."""
    with (
        mapped(what),
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as file,
    ):
        file.execute("BEGIN")
        yield KeptRows(file)
