"""Workers whose store, intake and vault are on PostgreSQL, and the server ends: they wait or end, and go on."""

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.rig import Model
from tests.kafka.broker import Broker
from tests.postgres.rig import to_postgresql
from tests.postgres.server import Server
from tests.worker.rig import BEFORE_ALL, Workers, twin_fed
from tests.worker.test_demo import finished

pytestmark = pytest.mark.slow


def written(server: Server, times: int, seconds: float = 60) -> bool:
    """Wait until the server wrote so often, whatever it was; returns whether it did."""
    until, before, seen = time.monotonic() + seconds, None, -1
    with server.admin() as connection:
        while seen < times and time.monotonic() < until:
            now = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
            seen, before = seen + (now != before), now
            time.sleep(0.002)
    return seen >= times


def refused(workers: Workers, told: int) -> None:
    """Wait until somebody says, not only so often, that the database does not answer."""
    until = time.monotonic() + 60
    while workers.codes().count("HUB-P501") <= told:
        assert time.monotonic() < until, "nobody noticed"
        time.sleep(0.1)


@pytest.fixture
def mortal() -> Iterator[Server]:
    """A server of its own, which may be killed."""
    one = Server()
    try:
        yield one.start()
    finally:
        one.stop()


def test_a_postgresql_that_is_killed_at_work_costs_nothing(
    model: Model, broker: Broker, mortal: Server, names: Iterator[str], tmp_path: Path
) -> None:
    """SIGKILL of PostgreSQL while two workers take in, fold and decide, and once before they start: they wait or end
    with 5 and are started again; rows = fold(log), nothing lost or twice, and the decisions of an undisturbed hub."""
    home = twin_fed(model, tmp_path / "home", f"{broker.url}/{next(names)}", partial(to_postgresql, mortal))
    chance = random.Random(7)
    for day, fetch, most in ((BEFORE_ALL, 60, 200), (home.day, 7, 60)):
        with Workers(home, day, f"flow.fetch={fetch}", "worker.processes=2") as workers:
            if day == home.day:
                mortal.kill()
            workers.start(0, supervised=True)
            if day == home.day:
                refused(workers, 0)
                mortal.start()
            assert written(mortal, chance.randint(5, most)), "the server was not killed while they were at work"
            told = workers.codes().count("HUB-P501")
            mortal.kill()
            refused(workers, told)
            mortal.start()
            workers.settle()
            assert workers.stop(0) == 0
        assert set(workers.codes()) <= {"HUB-P501", "HUB-P410", "HUB-I440"}
    finished(model, home)


@contextmanager
def locked(server: Server, database: str) -> Iterator[None]:
    """Somebody has locked the table in which the workers keep how far they are."""
    with server.admin(database) as connection, connection.transaction():
        connection.execute("LOCK TABLE store.persons_position IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def standing_still(server: Server, database: str) -> Iterator[None]:
    """Every process of the server stands still, and connections stay open."""
    assert server.process is not None
    with server.admin(database) as connection:
        started = connection.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()").fetchall()
    pids = [server.process.pid, *(int(str(pid)) for (pid,) in started)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("hang", [locked, standing_still])
def test_a_worker_whose_store_hangs_is_not_ready_long_before_its_patience_is_over(
    model: Model, broker: Broker, mortal: Server, names: Iterator[str], tmp_path: Path,
    hang: Callable[[Server, str], "contextmanager[None]"],
) -> None:  # fmt: skip
    """A locked table, a server that stands still: within seconds readiness says which database does not answer, stays
    so, and is back when it answers; the worker is the same one all the time."""
    home = twin_fed(model, tmp_path / "home", f"{broker.url}/{next(names)}", partial(to_postgresql, mortal))
    database = home.settings.store_url.rpartition("/")[2]

    def told(workers: Workers) -> set[tuple[str, str]]:
        reasons = json.loads(workers.get("/health/ready")[1])["reasons"]
        return {(each["code"], each["where"].get("what", "")) for each in reasons}

    def until(workers: Workers, ready: bool, seconds: float) -> None:
        end = time.monotonic() + seconds
        while bool(told(workers)) == ready:
            assert time.monotonic() < end, (ready, told(workers))
            time.sleep(0.1)

    with Workers(home, BEFORE_ALL) as workers:
        workers.start(0)
        workers.settle()
        until(workers, True, 20)
        with hang(mortal, database):
            until(workers, False, 14)
            end = time.monotonic() + 6
            while time.monotonic() < end:
                assert told(workers) & {("HUB-G716", "views"), ("HUB-G716", "intake")}
                time.sleep(0.1)
        until(workers, True, 20)
        assert workers.stop(0) == 0
