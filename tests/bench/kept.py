"""Where the bench's rows are kept: a workbook, a CSV file, a database. Each is read by its bare reader and described
as a mapping's source. What goes to a process of its own is small enough to be sent there.
"""

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import openpyxl
import psycopg
import python_calamine

from connectors.sources import CHUNK
from tests.bench import source
from tests.postgres.server import PASSWORD, Server

TABLE, KEY, FILE = "rows", source.COLUMNS[0], "source.csv"
_SELECT: Final = "SELECT {} FROM {} ORDER BY {}".format(", ".join(f'"{each}"' for each in source.COLUMNS), TABLE, KEY)
_CREATE: Final = "CREATE TABLE {} ({}, PRIMARY KEY ({}))".format(
    TABLE, ", ".join(f'"{each}" VARCHAR(40)' for each in source.COLUMNS), KEY
)


class Csv:
    """The rows as they were written, and the module csv of the standard library."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.section: dict[str, str] = {"kind": "csv", "alias": "bench", "path": FILE, "encoding": "utf-8"}

    def bare(self) -> int:
        """How many rows the bare reader gave."""
        with (self.folder / FILE).open(encoding="utf-8", newline="") as file:
            return sum(1 for _ in csv.reader(file)) - 1


class Excel:
    """A workbook of one sheet, and python-calamine."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "source.xlsx"
        self.section: dict[str, str] = {"kind": "excel", "alias": "bench", "path": self._path.name}
        made = openpyxl.Workbook(write_only=True)
        sheet = made.create_sheet("1月")
        sheet.append(source.COLUMNS)
        for row in _rows(folder):
            sheet.append(row)
        made.save(self._path)

    def bare(self) -> int:
        """How many rows the bare reader gave."""
        with python_calamine.CalamineWorkbook.from_path(self._path) as book:
            return sum(1 for _ in book.get_sheet_by_index(0).iter_rows()) - 1


class Sqlite:
    """A database in a file, and the module sqlite3 of the standard library."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "source.db"
        self.section: dict[str, str] = {"kind": "sql", "alias": "bench", "url": f"sqlite:///{self._path}"}
        self.section |= {"table": TABLE, "key": KEY}
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.execute(_CREATE)
            marks = ", ".join("?" * len(source.COLUMNS))
            connection.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", _rows(folder))

    def bare(self) -> int:
        """How many rows the bare driver gave."""
        with closing(sqlite3.connect(self._path)) as connection:
            return _fetched(connection.execute(_SELECT))


class Postgres:
    """A table of a server that others keep running, and psycopg with a cursor on the server."""

    def __init__(self, folder: Path, server: Server) -> None:
        self._url = server.database()
        name = self._url.rpartition("/")[2]
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        self.section: dict[str, str] = {"kind": "sql", "alias": "bench", "url": server.url(name, False)}
        self.section |= {"table": TABLE, "key": KEY, "password_file": str(secret)}
        with server.admin(name) as connection:
            connection.execute(_CREATE.encode())
            with connection.cursor().copy(f"COPY {TABLE} FROM STDIN".encode()) as copy:
                for row in _rows(folder):
                    copy.write_row(row)

    def bare(self) -> int:
        """How many rows the bare driver gave."""
        with psycopg.connect(self._url.replace("+psycopg", "")) as connection, connection.cursor("bare") as cursor:
            cursor.execute(_SELECT.encode())
            return _fetched(cursor)


Kept = Csv | Excel | Sqlite | Postgres


def keep(kind: str, folder: Path, server: Server | None = None) -> Kept:
    """The rows of the folder's CSV file, kept as a source of that kind."""
    if kind == "postgresql":
        assert server is not None, "rows in PostgreSQL are kept by a server"
        return Postgres(folder, server)
    return {"excel": Excel, "csv": Csv, "sqlite": Sqlite}[kind](folder)


def _rows(folder: Path) -> Iterator[list[str]]:
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows


def _fetched(cursor: Any) -> int:
    count = 0
    while found := cursor.fetchmany(CHUNK):
        count += len(found)
    return count
