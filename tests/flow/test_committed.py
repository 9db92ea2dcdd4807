"""Reading what is committed."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hub.adapters.memory.store import MemoryStore
from hub.adapters.sql.store import SqliteStore
from hub.ports.store import NOTHING, Committed, Position, Store
from tests.flow.toy import MARKETS, PERSONS

TOYS = (PERSONS, MARKETS)
MADE: dict[str, Callable[[Path], Store]] = {
    "memory": lambda folder: MemoryStore(TOYS),
    "sqlite": lambda folder: SqliteStore(folder / "views.db", TOYS),
    "shadow": lambda folder: SqliteStore(folder / "views.db", TOYS, "shadow_"),
}


def law_committed(store: Store) -> None:
    """What is committed is told, of that partition alone; what is under way or was given up never."""
    assert store.committed("persons", 1) == Committed(NOTHING, {}, {}, {})
    at = Position("log", 7, b"hash")
    unit = store.begin("persons", 1)
    unit.accepted["intake/a"], unit.counters["t/0"], unit.facts["day"] = 3, 5, "20000"
    unit.commit(at)
    given_up = store.begin("persons", 1)
    given_up.accepted["intake/a"], given_up.counters["t/0"], given_up.facts["day"] = 4, 6, "20001"
    given_up.abandon()
    assert store.committed("persons", 1) == Committed(at, {"intake/a": 3}, {"t/0": 5}, {"day": "20000"})
    assert store.committed("persons", 0) == Committed(NOTHING, {}, {}, {})


@pytest.mark.parametrize("name", MADE)
def test_what_is_committed_is_told(name: str, tmp_path: Path) -> None:
    """The same answer from every store, and from a shadow."""
    with closing(MADE[name](tmp_path)) as store:
        law_committed(store)


def test_reading_a_position_waits_for_no_writer(tmp_path: Path) -> None:
    """While another process holds the write lock, what it has not committed is not waited for."""
    with closing(SqliteStore(tmp_path / "views.db", TOYS)) as store:
        unit = store.begin("persons", 1)
        unit.commit(Position("log", 7, b"hash"))
        with closing(sqlite3.connect(tmp_path / "views.db", isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            store.connection.execute("PRAGMA busy_timeout=1")
            writer.execute('UPDATE persons_position SET "offset" = 9')
            assert store.committed("persons", 1).position.offset == 7
            writer.execute("ROLLBACK")
