"""`kill -9` of workers and connectors at random moments: facts and decisions of an undisturbed run (ii, iii)."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import NAMES, Home, Model, decided
from tests.e2e.test_kills import dies, written
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, announce, twin_fed, twin_on, worked
from tests.worker.test_demo import finished

pytestmark = pytest.mark.slow


def changed(home: Home, times: int, seconds: float) -> bool:
    """Wait until files of ours changed so often; returns whether they did."""
    until, before, seen = time.monotonic() + seconds, written(home), 0
    while seen < times:
        if time.monotonic() > until:
            return False
        time.sleep(0.002)
        now = written(home)
        seen, before = seen + (now != before), now
    return True


def test_workers_that_are_killed_end_with_the_same_facts_and_decisions(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """One worker, and then one of two, killed in intake, fold, decision and relay: an undisturbed hub's decisions.

    Feeding is separated from deciding: all is drained under a clock before go-live, then a day begins (iii).
    """
    home, chance = twin_fed(model, tmp_path / "home", f"{broker.url}/{next(names)}"), random.Random(7)
    for day, numbers, fetches in ((BEFORE_ALL, (0,), (7, 60, 5000)), (home.day, (0, 1), (2, 7))):
        killed = 0
        with Workers(home, day, f"flow.fetch={chance.choice(fetches)}") as workers:
            workers.start(*numbers)
            for _ in range(5):
                if changed(home, chance.randint(1, 25), 4):
                    victim = chance.choice(numbers)
                    workers.kill(victim)
                    workers.start(victim)
                    killed += 1
            workers.settle()
            assert [workers.stop(number) for number in numbers] == [0] * len(numbers)
        assert killed >= 2, "hardly a kill met a worker at work"
    assert decisions(home) > 10, "there was nothing to decide"
    finished(model, home)


def test_connectors_that_are_killed_publish_once(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """Connectors killed while they read, commit and send to Kafka: the facts and decisions of an undisturbed run."""
    home, chance, killed = twin_on(model, tmp_path / "home", f"{broker.url}/{next(names)}"), random.Random(5), 0
    home.grow()
    announce(home)
    for _ in range(4):
        some = home.command("connector", "run", *chance.sample(NAMES, len(NAMES)))
        killed += dies(home, some, chance.randint(1, 60), seconds=60)
    assert killed >= 2, "hardly a kill met a connector at work"
    home.feed()
    worked(home, BEFORE_ALL)
    worked(home, home.day)
    finished(model, home)


def decisions(home: Home) -> int:
    """How many facts the hub asserted of persons and markets, without those that are no decision."""
    return decided(home.facts()).total()
