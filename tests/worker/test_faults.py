"""The broker ends in the middle of a fetch, or is not there at the start: workers wait, go on, and lose nothing."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import Home, Model
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, twin_fed, worked
from tests.worker.test_demo import finished
from tests.worker.test_kills import changed

pytestmark = pytest.mark.slow


@pytest.fixture
def mortal(broker: Broker) -> Iterator[Broker]:
    """The broker that all share, which is there again afterwards."""
    yield broker
    if broker.process is None:
        broker.start()


@pytest.fixture
def home(model: Model, mortal: Broker, names: Iterator[str], tmp_path: Path) -> Home:
    """An installation into which two steps were fed, and nothing of them was taken."""
    return twin_fed(model, tmp_path / "home", f"{mortal.url}/{next(names)}")


def test_a_broker_that_is_killed_in_the_middle_of_a_fetch_costs_nothing(
    model: Model, mortal: Broker, home: Home
) -> None:
    """SIGKILL of the broker while two workers read, fold and decide: they go on with the next, nothing lost or twice.

    A worker that was connecting just then ends with 5 and is started again; whoever was at work waits.
    """
    for day, moment in ((BEFORE_ALL, 15), (home.day, 3)):
        with Workers(home, day, "flow.fetch=7", "worker.processes=2") as workers:
            workers.start(0, supervised=True)
            assert changed(home, moment, 60), "the broker was not killed while they were at work"
            mortal.kill()
            time.sleep(1)
            mortal.start()
            workers.settle()
            assert workers.stop(0) == 0
    finished(model, home)


def test_workers_wait_for_a_broker_that_is_not_there_at_the_start(model: Model, mortal: Broker, home: Home) -> None:
    """A process ends with 5, its supervisor starts it again until the broker answers, and readiness says why not."""
    mortal.kill()
    with Workers(home, BEFORE_ALL) as workers:
        workers.start(0, supervised=True)
        workers.start(9)
        workers.up(9)
        status, why = workers.get("/health/ready")
        assert (status, "HUB-G540" in why) == (503, True)
        assert workers.ended(9) == 5
        while workers.codes().count("HUB-L502") < 2:
            time.sleep(0.2)
        assert workers.processes[0].poll() is None, "the supervisor gave up"
        mortal.start()
        workers.settle()
        assert workers.stop(0) == 0
    worked(home, home.day)
    finished(model, home)
