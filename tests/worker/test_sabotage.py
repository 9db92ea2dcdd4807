"""Bugs and stuck libraries in a worker: it holds the key or ends with a code; once mended, the facts are the same."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from hub import wiring
from tests.e2e.rig import Home, Model
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, announce, twin_fed, worked
from tests.worker.sabotage import SECRET
from tests.worker.test_demo import finished, same_as

pytestmark = pytest.mark.slow


@pytest.fixture
def home(model: Model, broker: Broker, names: Iterator[str], tmp_path: Path) -> Home:
    """An installation into which two steps were fed, and nothing of them was taken."""
    return twin_fed(model, tmp_path / "home", f"{broker.url}/{next(names)}")


def held(home: Home) -> int:
    """Events that a fold could not take."""
    settings = home.settings
    with closing(wiring.open_store(settings, wiring.projected(settings))) as store:
        return wiring.tally(store, "persons").held


def test_what_a_fold_cannot_take_is_held_and_the_others_go_on(model: Model, home: Home) -> None:
    """A fold that raises holds its keys, and the worker takes everything else; made again by a mended one: the same."""
    with Workers(home, BEFORE_ALL) as workers:
        workers.start(0, fault="fold")
        workers.settle()
        assert workers.stop(0) == 0
    assert held(home) > 0
    home.call("projection", "rebuild", "--accept-difference")
    assert held(home) == 0
    home.tick()
    finished(model, home)


def test_a_bug_ends_the_worker_and_nothing_of_its_fetch_stays(model: Model, home: Home) -> None:
    """An exception in a transaction, and one in a decider: exit 1, and a mended worker goes on where that one was."""
    for day, fault in ((BEFORE_ALL, "apply"), (home.day, "decide")):
        with Workers(home, day) as workers:
            workers.start(0, fault=fault)
            assert workers.ended(0) == 1
        worked(home, day)
    assert held(home) == 0
    finished(model, home)


def test_a_worker_that_gets_nowhere_ends_itself(model: Model, home: Home) -> None:
    """Stuck in opening a database, in joining, in beginning a partition, in a fetch, in asking how long the log is, in
    the loop that drives all that, or in closing: the watchdog ends the process with 5, and the next start goes on."""
    faults = ("opened", "joined", "begun", "stuck", "looked", "looping", "closed")
    with Workers(home, BEFORE_ALL, "worker.patience_seconds=10", "flow.fetch=7") as workers:
        for number, fault in enumerate(faults):
            workers.start(number, fault=fault)
        assert workers.stop(faults.index("closed")) == 5
        for number in range(len(faults) - 1):
            assert workers.ended(number) == 5
        assert workers.codes().count("HUB-G542") == len(faults)
    home.drain()
    home.tick()
    finished(model, home)


def test_a_worker_that_nobody_hears_ends_itself(home: Home) -> None:
    """Its standard error is a pipe that is full and that nobody reads, so that the first word stops it: it ends with 5
    all the same, and does not wait until it was heard."""
    heard, full = os.pipe()
    os.set_blocking(full, False)
    with suppress(BlockingIOError):
        while True:
            os.write(full, bytes(4096))
    os.set_blocking(full, True)
    flags = ("--alone", "0", "--set", "worker.port=0", "--set", "worker.patience_seconds=5")
    with subprocess.Popen(home.command("worker", *flags), env=home.environment, stderr=full) as process:
        try:
            assert process.wait(90) == 5
        finally:
            process.kill()
            os.close(full)
            os.close(heard)


def test_partitions_are_shared_out_again_once_the_brokers_tell_of_them(home: Home) -> None:
    """A broker that has just started may tell of no topic: whoever was given nothing because of that gets it later."""
    with Workers(home, BEFORE_ALL) as workers:
        workers.start(0, fault="blind")
        workers.settle()
        assert workers.stop(0) == 0


def test_a_worker_that_is_given_nothing_more_ends_itself(model: Model, home: Home) -> None:
    """A consumer that falls silent when everything was read: the log's ends say that there is more; exit 5."""
    home.drain()
    home.tick()
    with Workers(home, home.day, "worker.patience_seconds=5") as workers:
        workers.start(0, fault="deaf")
        workers.up(0)
        while workers.get("/health/ready")[0] != 200:
            time.sleep(0.2)
        home.grow()
        announce(home)
        home.feed()
        assert workers.ended(0) == 5
        assert "HUB-G542" in workers.codes()
    home.drain()
    home.tick()
    same_as(model, home)


def test_what_a_library_says_when_it_dies_is_not_shown(home: Home) -> None:
    """The consumer's thread ends with an error: exit 5; the log has its class and nothing of its text (law 9)."""
    with Workers(home, BEFORE_ALL) as workers:
        workers.start(0, fault="refused")
        assert workers.ended(0) == 5
        said = workers.said.read_text(encoding="utf-8")
    assert "KafkaConnectionError" in said
    assert SECRET not in said
    assert "Traceback" not in said
