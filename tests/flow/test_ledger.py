"""The ledger in SQLite, where many entries are written by one statement."""

from contextlib import closing
from pathlib import Path

import pytest

from hub.adapters.memory.store import MemoryStore
from hub.adapters.sql.store import SqliteStore
from hub.adapters.sql.unit import LEDGER
from hub.core.errors import IntegrityError
from hub.ports.store import Entry, Position
from tests.flow.toy import PERSONS


def entries(count: int) -> list[Entry]:
    """A chain of so many entries of one key, each with bytes of its own."""
    return [
        Entry(at, 1, at - 1, at, 7, 3, bytes((at % 256,)) * 16, 1, f"rows:{at}:", "consent", b"", at.to_bytes(8, "big"))
        for at in range(1, count + 1)
    ]


@pytest.mark.parametrize("count", [0, 1, LEDGER - 1, LEDGER, LEDGER + 1, 3 * LEDGER + 2])
def test_every_entry_is_written_once(tmp_path: Path, count: int) -> None:
    """Whole statements or single rows: the ledger has what it was given, as the memory store has it."""
    given = entries(count)
    found = []
    for store in (SqliteStore(tmp_path / "views.db", (PERSONS,)), MemoryStore((PERSONS,))):
        with closing(store):
            unit = store.begin("persons", 0)
            unit.add(given)
            assert not given or unit.chain([count]) == given
            unit.commit(Position("log", count, b"hash"))
            found.append(list(store.scan("persons", "event")))
    assert found[0] == found[1] == [tuple(entry) for entry in given]


@pytest.mark.parametrize("twice", [1, LEDGER + 1])
def test_an_entry_that_is_there_is_another_workers(tmp_path: Path, twice: int) -> None:
    """HUB-P410 for an entry that exists, among single rows and among many; nothing of it is kept."""
    with closing(SqliteStore(tmp_path / "views.db", (PERSONS,))) as store:
        unit = store.begin("persons", 0)
        unit.add(entries(LEDGER + 1)[twice - 1 : twice])
        unit.commit(Position("log", 1, b"hash"))
        unit = store.begin("persons", 0)
        with pytest.raises(IntegrityError) as error:
            unit.add(entries(LEDGER + 1))
        unit.abandon()
        assert error.value.code == "HUB-P410"
        assert len(list(store.scan("persons", "event"))) == 1
