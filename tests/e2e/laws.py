"""What must hold of an installation at rest, whatever happened to it; each raises AssertionError where it does not."""

import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from connectors.spool import Spool
from hub import wiring
from hub.adapters.memory.store import MemoryStore
from hub.config import Settings
from hub.flow.rebuild import digest, rebuild
from hub.installation import Installation
from hub.ports.store import Store
from tests.e2e.rig import NAMES, Home
from tests.projections.laws import agreed, one_custodian


def law_rows_are_the_fold(home: Home) -> None:
    """Rows = fold(log): a rebuild in memory and one in a new SQLite file are bit-equal to what stands (promise i)."""
    with Installation(home.settings) as hub:
        live = digests(hub, hub.store)
        assert digests(hub, rebuilt(hub, MemoryStore(hub.projections))) == live
        folder = home.folder / "again"
        with closing(wiring.open_store(_elsewhere(home, folder), hub.projections)) as store:
            assert digests(hub, rebuilt(hub, store)) == live
        shutil.rmtree(folder)


def rebuilt(hub: Installation, store: Store, fetch: int = 5000) -> Store:
    """The store after a rebuild of every group."""
    rebuild(hub.groups, hub.log, store, hub.system, fetch=fetch)
    return store


def digests(hub: Installation, store: Store) -> dict[str, str]:
    """One hash over all rows of each group."""
    return {group.name: digest(store, group.name).hex() for group in hub.groups}


def _elsewhere(home: Home, folder: Path) -> Settings:
    folder.mkdir()
    return replace(home.settings, store_url=f"sqlite:///{folder}/views.db")


def law_sums(home: Home) -> None:
    """Made at the edges = sent to intake but repeats; sent = appended + repeat + refused; appended = visible + parked +
    held, and nothing waits anywhere (law 8)."""
    made = appended = 0
    for name in NAMES:
        with Spool(home.folder / "edges" / name / "spool.db", name, write=False) as spool:
            state = spool.state
            assert spool.waiting() == (0, 0), f"{name}: events wait"
            assert state.event == state.appended + state.refused, f"{name}: made is not appended and refused"
            made, appended = made + state.event, appended + state.appended
    with Installation(home.settings) as hub:
        intake = wiring.open_intake(home.settings, hub.log)
        totals = [intake.totals(agency) for agency in intake.agencies()]
        for one in totals:
            assert one["sent"] == one["appended"] + one.get("repeat", 0) + one["refused"], one
        assert sum(one["sent"] - one.get("repeat", 0) for one in totals) == made
        assert sum(one["appended"] for one in totals) == appended
        shown = [wiring.tally(hub.store, group.name) for group in hub.groups]
        assert sum(sum(one) for one in shown) == appended, (shown, appended)
        assert not any(hub.lag().values())


def law_invariants(home: Home) -> None:
    """One custodian or a named waiting state; cases and markets know the same, and no place is given twice (iii)."""
    with Installation(home.settings) as hub:
        world: Any = SimpleNamespace()
        for projection in hub.projections:
            tables: dict[str, dict[tuple[int, int], Any]] = {}
            for fold in projection.folds:
                rows = (fold.table.row(*values) for values in hub.store.scan(projection.group, fold.table.name))
                tables[fold.table.name] = {(row.id, row.n): row for row in rows}
            setattr(world, projection.group, SimpleNamespace(rows=SimpleNamespace(tables=tables)))
        for case in world.persons.rows.tables["case"].values():
            one_custodian(case)
        agreed(world)
        assert all(wiring.disjoint(hub.store, group.name) for group in hub.groups)


def law_at_rest(home: Home) -> None:
    """All of it, after connectors that found nothing new and read what was answered."""
    assert sum(report.events for report in home.feed()) == 0, "the same sources gave another event"
    home.drain()
    law_rows_are_the_fold(home)
    law_sums(home)
    law_invariants(home)
