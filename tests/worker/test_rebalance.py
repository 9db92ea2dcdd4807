"""Workers that come and go: a rebalance in the middle of another one takes partitions away and ends nobody."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.laws import law_at_rest
from tests.e2e.rig import Model, anonymous, facts
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, announce, twin_on

pytestmark = pytest.mark.slow


def test_a_storm_of_rebalances_ends_no_worker_and_loses_nothing(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """Others join and leave again and again while one works: each ends with 0, the same facts, every law held.

    Intake works while persons decide, so decisions may differ from those of a run that separates the two (iii).
    """
    home, chance = twin_on(model, tmp_path / "home", f"{broker.url}/{next(names)}"), random.Random(11)
    for storm in (False, True):
        before = home.day if home.done > 1 else BEFORE_ALL
        home.grow()
        announce(home)
        home.feed()
        for day in (before, home.day):
            with Workers(home, day, "flow.fetch=20") as workers:
                workers.start(0)
                for _ in range(3 if storm else 0):
                    workers.start(1, 2)
                    time.sleep(chance.uniform(1.0, 2.5))
                    assert [workers.stop(1), workers.stop(2)] == [0, 0]
                workers.settle()
                assert workers.stop(0) == 0
    home.step()
    assert anonymous(home.facts()) == anonymous(facts(model.home))
    law_at_rest(home)
