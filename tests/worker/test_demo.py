"""The demo's steps done by `hub worker`: the facts, decisions and laws of the embedded run."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.adapters.system import FixedSystem
from hub.flow.clock import heard, tick
from hub.installation import Installation
from tests.e2e.laws import law_at_rest
from tests.e2e.rig import Home, Model, anonymous, decided, facts
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, step, twin_fed, twin_on, worked

pytestmark = pytest.mark.slow


MORE = 2_500


def same_as(model: Model, home: Home) -> None:
    """The same canonical facts, the same decisions, and every law of an installation at rest."""
    ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    law_at_rest(home)


def finished(model: Model, home: Home) -> None:
    """The steps that are left, done in this process, and then the same."""
    while home.done < len(model.steps):
        home.step()
    same_as(model, home)


def test_a_worker_does_what_the_embedded_hub_does(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """Two workers do the first step of the demo, `advance()` here the others: the embedded run's decisions."""
    home = twin_on(model, tmp_path / "home", f"{broker.url}/{next(names)}")
    step(home, (0, 1))
    home.step()
    home.step()
    same_as(model, home)


def begin_some(home: Home) -> None:
    """In every other partition some of the days begin that are to come, and whoever wanted that is killed.

    More than a fetch of other records follow there; all of them were there before.
    """
    with Installation(home.settings) as hub:
        go_live = hub.settings.go_live
        assert go_live is not None
        assert home.day > go_live + 1, "there are no days to be parted"
        hub.system = FixedSystem(go_live + 1, b"demo")
        partitions = list(heard(hub.groups, hub.log, hub.store))[::2]
        assert tick(hub.log, hub.codec, hub.system, go_live, partitions) == 2 * len(partitions)
        for topic, partition, *_ in partitions:
            hub.log.append(topic, partition, hub.log.read(topic, partition, 0, 1) * MORE)


def test_days_that_come_at_once_are_decided_at_their_end(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """A worker that begins several days at once decides on the last one, however few records a fetch holds, and where
    some of these days landed before another one was killed, whatever landed behind them (iii)."""
    home = twin_fed(model, tmp_path / "home", f"{broker.url}/{next(names)}")
    worked(home, BEFORE_ALL)
    begin_some(home)
    worked(home, home.day, "flow.fetch=2")
    finished(model, home)


def test_other_files_of_policy_are_named_at_a_start(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """Where all is read, and the policy is another one since, a worker names it before it decides, and goes on."""
    home = twin_on(model, tmp_path / "home", f"{broker.url}/{next(names)}")
    home.step()
    home.step()
    named = {place: number + 1 for place, number in announced(home).items()}
    with Workers(home, home.day, "hub.profile=jilin") as workers:
        workers.start(0)
        until = time.monotonic() + 60
        while announced(home) != named:
            assert time.monotonic() < until, "the files in force were not named once to each partition"
            time.sleep(0.5)
        assert workers.stop(0) == 0
    assert announced(home) == named


def announced(home: Home) -> dict[tuple[str, int], int]:
    """How often files in force were named to each partition."""
    with Installation(home.settings) as hub:
        return {(each.topic, each.partition): each.announcements for each in heard(hub.groups, hub.log, hub.store)}
