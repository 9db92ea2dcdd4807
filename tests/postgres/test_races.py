"""Workers at once on one PostgreSQL, with a barrier between what they read and what they commit."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest

from hub.adapters.memory.store import MemoryStore
from hub.adapters.postgres.store import PostgresStore
from hub.adapters.postgres.switch import PostgresShadows
from hub.core.errors import IntegrityError
from hub.flow.advance import Worker
from hub.flow.clock import heard, tick
from hub.flow.relay import relay
from hub.ports.store import Position, Unit
from projections.profiles import load
from tests.postgres.server import Server
from tests.projections.engine import CODEC, SIZES, Engine
from tests.projections.laws import agreed, one_custodian
from tests.projections.test_engine import lived
from tests.projections.test_simulation import START

pytestmark = pytest.mark.slow
SECONDS = 30


class Racing:
    """A worker's own store: what `begin` gives has been read by every worker of the barrier before anybody goes on."""

    def __init__(self, store: PostgresStore, barrier: threading.Barrier) -> None:
        self._store, self._barrier = store, barrier

    def begin(self, group: str, partition: int) -> Unit:
        unit = self._store.begin(group, partition)
        self._barrier.wait(SECONDS)
        return unit


def together(some: list[Callable[[], int]]) -> list[Any]:
    """What each call returned, or the error that it raised, when all run at once."""
    ends: list[Any] = [None] * len(some)

    def run(at: int) -> None:
        try:
            ends[at] = some[at]()
        except Exception as error:  # noqa: BLE001
            ends[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(some))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * SECONDS)
    return ends


class Crowd(Engine):
    """A worker a partition, `twice` two of them; in every round all have read before one commits."""

    def __init__(self, url: str, twice: bool = False) -> None:
        super().__init__(load(), START)
        self.store = PostgresStore(url, self.projections)
        places = [(group, n) for group in self.groups for n in range(SIZES[group.topic])] * (2 if twice else 1)
        barrier = threading.Barrier(len(places))
        self.stores = [PostgresStore(url, self.projections) for _ in places]
        self.crowd = [
            (Worker(group, self.log, Racing(store, barrier), self.system), partition)  # type: ignore[arg-type]
            for (group, partition), store in zip(places, self.stores, strict=True)
        ]
        self.ends: Counter[str] = Counter()

    def run(self, day: int, fetch: int = 5000) -> None:
        """As an engine's, but by all workers at once."""
        self.system.day = day
        tick(self.log, CODEC, self.system, self.start, list(heard(self.groups, self.log, self.store)))
        for _ in range(500):
            ends = together([lambda w=w, n=n: w.advance(n, fetch) for w, n in self.crowd])  # type: ignore[misc]
            for end in ends:
                if isinstance(end, Exception) and not isinstance(end, IntegrityError):
                    raise end
            self.ends.update("won" if isinstance(end, int) and end else str(end)[:8] for end in ends if end)
            done = sum(1 for end in ends if end)
            for group in self.groups:
                done += sum(relay(group, n, self.log, self.store) for n in range(SIZES[group.topic]))
            if not done:
                return
        raise AssertionError("the dialogue does not end")

    def close(self) -> None:
        """Give the connections back."""
        for store in (self.store, *self.stores):
            store.close()


def law_nothing_lost_or_twice(engine: Engine) -> None:
    """Rows = fold(log); every record of the log is counted once; both sides agree, one custodian, no place twice."""
    assert engine.contents() == engine.rebuilt(MemoryStore(engine.projections))
    for group in engine.groups:
        for partition in range(SIZES[group.topic]):
            unit = engine.store.begin(group.name, partition)
            counts, offset = dict(unit.counts), unit.position.offset
            unit.abandon()
            records = engine.log.bounds(group.topic, partition).end
            assert offset == records == sum(counts[name] for name in ("accepted", "repeated", "ahead"))
    world: Any = SimpleNamespace()
    for projection in engine.projections:
        tables = {
            fold.table.name: {(row.id, row.n): row for row in engine.rows(projection.group, fold.table.name)}
            for fold in projection.folds
        }
        setattr(world, projection.group, SimpleNamespace(rows=SimpleNamespace(tables=tables)))
    for case in world.persons.rows.tables["case"].values():
        one_custodian(case)
    agreed(world)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_workers_on_different_partitions_share_sites_and_subjects(server: Server, seed: int) -> None:
    """Four at once, events of one site, county and subject among them: no double offer, no lost count, one custody."""
    crowd = Crowd(server.database())
    lived(crowd, seed)
    assert set(crowd.ends) == {"won"}, "somebody lost although nobody else wrote the partition"
    assert {need.offer for need in crowd.rows("markets", "need")} - {b""}, "nothing was offered"
    law_nothing_lost_or_twice(crowd)
    if seed == 1:  # the law can fail
        crowd.store.ask("SELECT set_config('hub.partition', '0', false)")
        crowd.store.ask("UPDATE persons_count SET value = value - 1 WHERE partition = 0 AND name = 'accepted'")
        with pytest.raises(AssertionError):
            law_nothing_lost_or_twice(crowd)
    crowd.close()


def test_of_two_on_every_partition_one_wins_each_time(server: Server) -> None:
    """Two workers read the same fetch: one commits, the other is refused with HUB-P410, and nothing is there twice."""
    crowd = Crowd(server.database(), twice=True)
    lived(crowd, 4, 60)
    assert set(crowd.ends) == {"won", "HUB-P410"}
    law_nothing_lost_or_twice(crowd)
    crowd.close()


def test_a_switch_waits_for_who_is_at_work_and_nobody_loses_by_it(server: Server) -> None:
    """A rebuild's fence lets open units commit first, and who comes while it stands begins after it (law 5)."""
    url = server.database()
    projections = Engine(load(), START).projections
    live = PostgresStore(url, projections)
    other = PostgresStore(url, projections)
    shadows = PostgresShadows(live, lambda prefix: PostgresStore(url, projections, prefix))
    shadows.make()
    unit = other.begin("persons", 0)
    unit.keys([b"a" * 16])
    switched: list[bool] = []
    switching = threading.Thread(target=lambda: switched.append(shadows.switch(["persons", "markets"])))
    switching.start()
    name = url.rpartition("/")[2]
    waiting = "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE NOT granted AND datname = %s"
    until = time.monotonic() + SECONDS
    with server.admin() as admin:
        while not admin.execute(waiting, (name,)).fetchall():
            assert time.monotonic() < until, "the switch did not wait"
    unit.commit(Position("log", 1, b"hash"))
    switching.join(SECONDS)
    assert switched == [False], "the shadow was behind"
    assert len(list(live.scan("persons", "key"))) == 1
    shadows.drop()
    for store in (live, other):
        store.close()


@pytest.mark.parametrize(
    ("meddled", "made"),
    [
        ([], "SELECT 1"),
        (
            ["persons_case"],
            "CREATE TRIGGER x BEFORE INSERT ON store.persons_case EXECUTE FUNCTION public.refuse_change()",
        ),
        (["markets_site"], "CREATE RULE x AS ON UPDATE TO store.markets_site DO INSTEAD NOTHING"),
    ],
)
def test_a_trigger_of_somebody_else_is_found(server: Server, meddled: list[str], made: str) -> None:
    """What the program makes itself guards the tables; a rule, or a trigger of another function, changes rows."""
    url = server.database()
    projections = Engine(load(), START).projections
    with closing(PostgresStore(url, projections)) as live:
        with server.admin(url.rpartition("/")[2]) as admin:
            admin.execute(
                b"CREATE FUNCTION public.refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
            )
            admin.execute(made.encode())
        assert PostgresShadows(live, lambda prefix: PostgresStore(url, projections, prefix)).meddled() == meddled
