"""The demo's steps done by `hub worker`: the facts, decisions and laws of the embedded run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.laws import law_at_rest
from tests.e2e.rig import Home, Model, anonymous, decided, facts
from tests.kafka.broker import Broker
from tests.worker.rig import step, twin_on

pytestmark = pytest.mark.slow


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
