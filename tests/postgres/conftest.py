"""The server that all tests of PostgreSQL share; each test makes databases of its own on it."""

from collections.abc import Iterator

import pytest

from tests.postgres.server import Server
from tests.typed import typed

__all__ = ["server", "typed", "url"]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server."""
    one = Server()
    try:
        yield one.start()
    finally:
        one.stop()


@pytest.fixture
def url(server: Server) -> str:
    """A new database."""
    return server.database()
