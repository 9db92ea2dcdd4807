"""Real projections over a filled SQLite store, and everything that a rebuild needs."""

from pathlib import Path
from typing import Any

from hub.adapters.memory.store import MemoryStore
from hub.adapters.sql.store import SqliteStore
from hub.adapters.sql.switch import SqliteShadows
from hub.adapters.sql.views import SqliteViews, install
from hub.deliver.rebuild import Rebuilding
from projections.dictionary import VIEWS
from projections.profiles import load
from tests.projections.engine import Engine
from tests.projections.test_engine import lived
from tests.projections.test_simulation import START

GROUPS = ("persons", "markets")


class Filled:
    """An engine that lived a random history on SQLite, with its public views."""

    def __init__(self, folder: Path, seed: int = 1, length: int = 120) -> None:
        self.folder = folder
        self.engine = Engine(load(), START, folder)
        lived(self.engine, seed, length)
        store = self.engine.store
        assert isinstance(store, SqliteStore)
        self.store = store
        install(store, {view.name: view.select() for view in VIEWS})
        self.views = SqliteViews(folder / "views.db")

    def open(self, prefix: str) -> SqliteStore:
        """A store under a prefix in the same file."""
        return SqliteStore(self.folder / "views.db", self.engine.projections, prefix)

    def rebuilding(self, shadows: Any = None, progress: Any = None) -> Rebuilding:
        """A rebuild of this store."""
        engine, shadows = self.engine, shadows or SqliteShadows(self.store, self.open)
        return Rebuilding(engine.groups, engine.log, self.store, shadows, engine.system, progress)

    def dump(self, *kinds: str) -> dict[str, list[Any]]:
        """Every row of the tables of these kinds, of every group."""
        run = self.store.connection.execute
        return {
            f"{g}_{kind}": run(f"SELECT * FROM {g}_{kind} ORDER BY 1, 2, 3").fetchall()
            for g in GROUPS
            for kind in kinds
        }

    def tables(self) -> set[str]:
        """Names of all tables and views in the file."""
        return {name for (name,) in self.store.connection.execute("SELECT name FROM sqlite_master")}

    def damage(self) -> None:
        """Somebody changed a row by hand."""
        self.store.connection.execute(
            "UPDATE persons_case SET holder = 'FORGED' WHERE id = (SELECT max(id) FROM persons_case)"
        )


def law_views_follow_from_the_log(filled: Filled) -> None:
    """Rows = fold(log), bit by bit: what is in use is what memory makes of the log; no shadow is left."""
    assert filled.engine.contents() == filled.engine.rebuilt(MemoryStore(filled.engine.projections))
    assert not [name for name in filled.tables() if name.startswith("shadow_")]
