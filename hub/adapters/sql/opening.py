"""How the hub's own databases are made ready: durable, the format looked at first, given back when that fails."""

import sqlite3
from collections.abc import Callable
from typing import Any

Run = Callable[[str], Any]


# The driver asks every blob and every NULL how it wants to be written, which costs half of writing it; told once, it
# knows. Numbers and texts it does not ask.
sqlite3.register_adapter(bytes, bytes.__bytes__)
sqlite3.register_adapter(type(None), lambda null: null)


def prepared(connection: sqlite3.Connection, prepare: Callable[[Run], None]) -> sqlite3.Connection:
    """The connection after `prepare` has looked at its database and made what lacks.

    Nobody keeps the file open when that raises: whoever is told to move it away can do so, on Windows, too.
    """
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        prepare(connection.execute)
    except BaseException:
        connection.close()
        raise
    return connection
