"""The servers that these tests share, each started when the first test asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases.bases import TESTED, Base, Maria, Postgres, Sqlite
from tests.databases.mariadb import MariaDb
from tests.databases.odbc import Odbc, driver
from tests.postgres.server import Server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A running PostgreSQL."""
    one = Server()
    try:
        yield one.start()
    finally:
        one.stop()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDb]:
    """A running MariaDB."""
    one = MariaDb()
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture(params=(*TESTED, "odbc"))
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Base]:
    """A new database of each product that can be had here."""
    if request.param == "sqlite":
        yield Sqlite(tmp_path)
    elif request.param == "odbc":
        Odbc.driver = driver()
        yield Odbc(request.getfixturevalue("postgresql"), tmp_path)
    elif request.param == "postgresql":
        yield Postgres(request.getfixturevalue("postgresql"), tmp_path)
    else:
        yield Maria(request.getfixturevalue("mariadb"), tmp_path)
