"""A database of an agency, whatever its product: its owner's hand, the reader's account, what the server was told."""

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from connectors.sources import Source, explain_sql, open_source, parse_source
from connectors.sources.explained import Explained
from tests.databases.mariadb import MariaDb
from tests.postgres.server import PASSWORD, Server

TESTED = ("sqlite", "postgresql", "mariadb")
"""Products of which there is a real one here."""

_READERS = (f"reader{number}" for number in count())
_CAST = re.compile(r"::[A-Z]+( WITH(OUT)? TIME ZONE)?")
_NUMBER = re.compile(r"%\(\w+\)s|:\w+|\?|'[^']*'|\b\d+\b")


def shape(statement: str) -> str:
    """A statement without its values, its parameters and the spelling of its blanks."""
    plain = _NUMBER.sub("?", " ".join(_CAST.sub("", statement).split())).rstrip(" ;")
    return re.sub('^DECLARE "[^"]*" CURSOR FOR ', "", plain)


class Base:
    """What a test asks of a database. `table` has the columns 编号, 姓名, 备注, 更新时间."""

    name = ""
    product = ""
    table = "患者"
    reader = ""

    def section(self, **settings: object) -> dict[str, object]:
        """A `[source]` of this database."""
        raise AssertionError

    def do(self, *statements: str) -> None:
        """Statements of the database's owner."""
        raise AssertionError

    def fill(self, rows: Sequence[tuple[object, ...]]) -> None:
        """The table with these rows."""
        raise AssertionError

    def listen(self) -> None:
        """From now on what the reader says is written down."""

    def told(self) -> set[str]:
        """The shapes of all statements that the reader sent."""
        raise AssertionError

    def plan(self, statement: str, first: object, second: object) -> str:
        """How the database would go about a printed page that begins at two values."""
        raise AssertionError

    def moment(self, text: str) -> object:
        """A moment as the database's driver has it."""
        return datetime.fromisoformat(text)

    def opened(self, folder: Path, *names: str, now_ms: Any = None, **settings: object) -> Source:
        """The source, as a run opens it."""
        return open_source(parse_source(self.section(**settings)), folder, names=names, now_ms=now_ms)

    def explained(self, *names: str, **settings: object) -> Explained:
        """What `hub connector sql` says of it."""
        return explain_sql(parse_source(self.section(**settings)), names)

    def create(self) -> str:
        """The statement that makes the table."""
        return (
            f"CREATE TABLE {self.table} (编号 VARCHAR(40), 姓名 VARCHAR(40), 备注 VARCHAR(40), 更新时间 TIMESTAMP NULL)"
        )


class Sqlite(Base):
    """A file. Nobody but its reader can say what was sent: SQLite's own trace does."""

    name = product = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "h.db"
        self.said: list[str] = []
        self.do(self.create())

    def section(self, **settings: object) -> dict[str, object]:
        return {"kind": "sql", "alias": "hospital", "url": f"sqlite:///{self.path}", **settings}

    def do(self, *statements: str) -> None:
        with sqlite3.connect(self.path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def fill(self, rows: Sequence[tuple[object, ...]]) -> None:
        with sqlite3.connect(self.path) as connection:
            connection.executemany(f"INSERT INTO {self.table} VALUES (?, ?, ?, ?)", rows)
        connection.close()

    def told(self) -> set[str]:
        return set(map(shape, self.said))

    def moment(self, text: str) -> object:
        return text

    def plan(self, statement: str, first: object, second: object) -> str:
        with sqlite3.connect(self.path) as connection:
            values = dict.fromkeys(re.findall(r":(\w+)", statement), 0) | {"last_1": first, "last_2": second}
            found = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        connection.close()
        return str(found)

    def opened(self, folder: Path, *names: str, now_ms: Any = None, **settings: object) -> Source:
        source = super().opened(folder, *names, now_ms=now_ms, **settings)
        trace = lambda raw, _: raw.set_trace_callback(self.said.append)  # noqa: E731
        sa.event.listen(source._engine, "connect", trace)  # type: ignore[attr-defined]
        return source


class Postgres(Base):
    """PostgreSQL writes down each statement of the reader's account."""

    name = product = "postgresql"

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self._log, self.heard = server, server.folder / "server.log", 0
        self.database = server.database().rpartition("/")[2]
        self.reader = next(_READERS)
        self.password = folder / "password"
        self.password.write_text("<password>", encoding="utf-8")
        self.do(self.create())

    def section(self, **settings: object) -> dict[str, object]:
        url = f"postgresql+psycopg://{self.reader}@127.0.0.1:{self.server.port}/{self.database}"
        return {
            "kind": "sql", "alias": "hospital", "url": url, "password_file": str(self.password), **settings
        }  # fmt: skip

    def do(self, *statements: str) -> None:
        with self.server.admin(self.database) as connection:
            for statement in statements:
                connection.execute(statement.encode())  # bytes are sent as they are

    def owner(self, folder: Path) -> dict[str, str]:
        """The address of the database for its owner, and where the password is."""
        secret = folder / "owner"
        secret.write_text(PASSWORD, encoding="utf-8")
        return {"url": self.server.url(self.database, False), "password_file": str(secret)}

    def listen(self) -> None:
        """From now on the server writes down what the reader says."""
        self.heard = self._log.stat().st_size
        self.do(
            f"ALTER ROLE {self.reader} SET log_statement = 'all'", f"ALTER ROLE {self.reader} SET log_duration = off"
        )

    def fill(self, rows: Sequence[tuple[object, ...]]) -> None:
        with self.server.admin(self.database) as connection, connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self.table} VALUES (%s, %s, %s, %s::timestamp)".encode(), rows)

    def told(self) -> set[str]:
        log = self._log.read_bytes()[self.heard :].decode()
        found = re.findall(r"LOG:  (?:statement|execute \S+): (.*?)(?=\n\S|\Z)", log, re.DOTALL)
        return {shape(re.sub(r"\$\d+", "?", one)) for one in found}

    def plan(self, statement: str, first: object, second: object) -> str:
        with self.server.admin(self.database) as connection:
            connection.execute(b"ANALYZE")
            placed = statement.replace(":last_1", f"'{first}'::timestamp").replace(":last_2", f"'{second}'")
            return str(connection.execute(f"EXPLAIN {placed}".encode()).fetchall())


class Maria(Base):
    """MariaDB writes down everything in a table of its own."""

    name, product = "mariadb", "mysql"

    def __init__(self, server: MariaDb, folder: Path) -> None:
        self.server, self.database = server, server.database()
        self.reader = next(_READERS)
        self.password = folder / "password"
        self.password.write_text("<password>", encoding="utf-8")
        self.do(self.create())

    def section(self, **settings: object) -> dict[str, object]:
        url = f"mysql+pymysql://{self.reader}@127.0.0.1:{self.server.port}/{self.database}?charset=utf8mb4"
        return {
            "kind": "sql", "alias": "hospital", "url": url, "password_file": str(self.password), **settings
        }  # fmt: skip

    def do(self, *statements: str) -> None:
        self.server.do(*statements, database=self.database)

    def owner(self, folder: Path) -> dict[str, str]:
        """The address of the database for its owner, who has no password."""
        secret = folder / "owner"
        secret.write_text("", encoding="utf-8")
        url = f"mysql+pymysql://root@127.0.0.1:{self.server.port}/{self.database}?charset=utf8mb4"
        return {"url": url, "password_file": str(secret)}

    def listen(self) -> None:
        """From now on the server writes down what anybody says."""
        self.do("SET GLOBAL general_log = 1")

    def fill(self, rows: Sequence[tuple[object, ...]]) -> None:
        connection = self.server.admin(self.database)
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self.table} VALUES (%s, %s, %s, %s)", rows)
        connection.close()

    def told(self) -> set[str]:
        found = self.server.do(
            "SET GLOBAL general_log = 0",
            "SELECT argument FROM mysql.general_log WHERE command_type IN ('Query', 'Execute', 'Prepare') "
            f"AND user_host LIKE '{self.reader}%'",
        )
        return {shape(row[0].decode() if isinstance(row[0], bytes) else row[0]) for row in found}

    def plan(self, statement: str, first: object, second: object) -> str:
        placed = statement.replace(":last_1", f"'{first}'").replace(":last_2", f"'{second}'")
        placed = placed.replace("LIMIT 5000", "LIMIT 100")  # of a large table
        return str(self.server.do("ANALYZE TABLE 患者", f"EXPLAIN {placed}", database=self.database))
