"""Workers that come, go and die: a rebalance in the middle of another one takes partitions away and ends nobody."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.laws import law_at_rest
from tests.e2e.rig import NAMES, Home, Model, anonymous, facts
from tests.kafka.broker import Broker
from tests.worker.rig import Workers, announce, twin_on

pytestmark = pytest.mark.slow

OTHERS = (1, 2, 3)


PARTS = 3


def feeds(home: Home) -> Iterator[int]:
    """Some connectors of every step, and then others."""
    for _ in home.model.steps:
        home.grow()
        announce(home)
        for part in range(PARTS):
            home.feed(NAMES[part::PARTS])
            yield part


def blow(workers: Workers, chance: random.Random) -> None:
    """Somebody joins, leaves in order, or is killed."""
    number = chance.choice(OTHERS)
    if number not in workers.processes:
        workers.start(number)
        workers.up(number)
    elif chance.random() < 0.5:
        workers.kill(number)
    else:
        assert workers.stop(number) == 0, "a rebalance ended a worker"


@pytest.mark.parametrize(
    "seconds", [20, pytest.param(240, marks=(pytest.mark.storm, pytest.mark.timeout(900)))], ids=["short", "minutes"]
)
def test_a_storm_of_rebalances_ends_no_worker_and_loses_nothing(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path, seconds: int
) -> None:
    """Others join, leave and are killed while one works and connectors publish: the same facts, every law held.

    Intake works while persons decide, so decisions may differ from those of a run that separates the two (iii).
    """
    home, chance = twin_on(model, tmp_path / "home", f"{broker.url}/{next(names)}"), random.Random(11)
    fed, count = feeds(home), PARTS * len(model.steps)
    with Workers(home, model.steps[-1].day, "flow.fetch=20") as workers:
        workers.start(0)
        began = time.monotonic()
        for number in range(1, count + 1):
            next(fed)
            for _ in range(2):
                blow(workers, chance)
                time.sleep(chance.uniform(0.1, 1.0))
            while time.monotonic() < began + seconds * number / count:
                blow(workers, chance)
                time.sleep(chance.uniform(0.1, 1.0))
        workers.settle()
        for number in sorted(workers.processes):
            assert workers.stop(number) == 0, "a rebalance ended a worker"
    assert anonymous(home.facts()) == anonymous(facts(model.home))
    law_at_rest(home)
