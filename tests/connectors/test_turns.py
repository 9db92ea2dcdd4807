"""Turns at an edge: a backfill and runs have it one after another, and two runs never at once."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors import edge as edges
from connectors.backfill import lots
from connectors.backfill.backfill import backfill
from connectors.backfill.pace import Pace
from connectors.run.run import run
from connectors.turns import held, in_turn
from hub.adapters.system import FolderLock
from hub.core.errors import AlreadyRunning
from tests.connectors.rig import row
from tests.connectors.test_backfill import ROWS, Table

pytestmark = pytest.mark.usefixtures("small")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lots of six rows, in pages of three."""
    monkeypatch.setattr(lots, "LOT", 6)
    monkeypatch.setattr(Pace, "at_once", 3)


def edge(rig: Table) -> edges.Edge:
    """The edge with locks of its own, as another process opens it."""
    locks = [FolderLock(rig.folder, name) for name in ("connector", "turn", "backfill")]
    return edges.Edge(rig.folder, edges.load_spec(rig.folder), rig.keys, *locks)


def together(*works: Callable[[], Any]) -> None:
    """Do all at once; what one raises is raised."""
    raised: list[BaseException] = []

    def one(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  it is raised where the threads are joined
            raised.append(error)

    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if raised:
        raise raised[0]
    assert not any(thread.is_alive() for thread in threads)


def test_runs_have_their_turn_between_lots(tmp_path: Path) -> None:
    """Rows that come while a backfill goes on are published before it is over, by runs that wait for a lot at most."""
    rig = Table(tmp_path)
    rig.put(*(row(n) for n in range(ROWS - 1)), changed="2026-04-01")
    rig.put(row(ROWS - 1), changed="2026-05-01")
    said: list[str] = []
    begun = threading.Event()

    def fill() -> None:
        def hop(step: str) -> None:
            if step == "before commit":
                said.append("lot")
                begun.set()
                time.sleep(0.2)  # a run that comes now has to wait

        backfill(edge(rig), rig.log, rig.system, Pace(lambda _: False), hop=hop)

    def live() -> None:
        for n in range(2):
            begun.wait(60)
            begun.clear()
            rig.put(row(500 + n), changed="2026-05-20")
            report = run(edge(rig), rig.log, rig.system)
            said.append(f"run {report.rows.published}")

    together(fill, live)
    runs = [at for at, what in enumerate(said) if what.startswith("run")]
    assert len(runs) == 2
    assert said[-1] == "lot"
    assert all(said[at - 1] == "lot" for at in runs), "a run waited for more than one lot"
    assert (sum(rig.facts().values()), max(rig.facts().values())) == (ROWS + 2, 1)


def test_whoever_waits_has_the_edge_next(tmp_path: Path) -> None:
    """While somebody has the turn a lot does not begin, though the edge itself is free; a run that meets none does."""
    rig = Table(tmp_path)
    with edge(rig).turn:
        with pytest.raises(AlreadyRunning, match="lock=turn"), in_turn(edge(rig), 0.1):
            raise AssertionError("it was not its turn")
        with held(edge(rig)):
            pass
    with in_turn(edge(rig), 0.1):
        pass


def test_a_second_run_and_a_second_backfill_end_at_once(tmp_path: Path) -> None:
    """Without a backfill, a run that meets another ends with exit 7, as ever; a backfill that meets another, too."""
    rig = Table(tmp_path)
    rig.put(row(1))
    with edge(rig).lock, pytest.raises(AlreadyRunning, match="HUB-G701"):
        run(edge(rig), rig.log, rig.system)
    with edge(rig).filling, pytest.raises(AlreadyRunning, match="lock=backfill"):
        backfill(edge(rig), rig.log, rig.system, Pace(lambda _: False))
    with edge(rig).filling, edge(rig).lock, pytest.raises(AlreadyRunning), held(edge(rig), 0.1):
        raise AssertionError("nobody let go")


def test_a_backfill_waits_for_a_run_however_long_it_takes(tmp_path: Path) -> None:
    """A run is not disturbed: the lot after it begins when it has ended."""
    rig = Table(tmp_path)
    rig.put(*(row(n) for n in range(4)))
    order: list[str] = []
    lock = edge(rig).lock
    lock.__enter__()

    def release() -> None:
        time.sleep(0.3)
        order.append("run ended")
        lock.__exit__(None, None, None)

    def fill() -> None:
        backfill(edge(rig), rig.log, rig.system, Pace(lambda _: False), tell=lambda _: order.append("lot"))

    together(release, fill)
    assert order == ["run ended", "lot"]
