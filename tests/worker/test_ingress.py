"""Frames that come to ingress in a wrong order: workers take exactly the next one (law 3)."""

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from connectors.run.run import run
from hub import wiring
from hub.core.errors import AppendUncertain
from hub.core.record import Record
from hub.ports.log import Log
from tests.e2e.rig import NAMES, Home, Model
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, announce, twin_on
from tests.worker.test_demo import finished

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """Frames of few events: there is an order to be lost. Salts follow frames, so the model has them, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.frames.seal.EVENTS", 10)
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, small: None) -> Model:
    """Twenty persons: history and two live steps."""
    return Model(tmp_path_factory.mktemp("model"), 20, 3)


class Later:
    """A log into which, of what is appended first, one record does not land and those after it do."""

    def __init__(self, log: Log) -> None:
        self._log, self.lost = log, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        if self.lost or len(records) < 2:
            return self._log.append(topic, partition, records)
        self.lost += 1
        gone = min(1, len(records) - 2)
        self._log.append(topic, partition, [*records[:gone], *records[gone + 1 :]])
        raise AppendUncertain("HUB-L501", topic=topic, partition=partition)


def feed_later(home: Home) -> int:
    """Every connector publishes; where it sends several frames, one is lost. Returns how many were."""
    settings, lost = home.settings, 0
    with closing(wiring.open_log(settings.database("log"))) as log:
        for name in NAMES:
            later: Any = Later(log)
            with suppress(AppendUncertain):
                run(wiring.open_edge(settings, name), later, wiring.system_of(settings))
            lost += later.lost
    return lost


def ahead(home: Home) -> int:
    """Events of frames that came before their turn."""
    with closing(wiring.open_intake_store(home.settings)) as store:
        return sum(store.state(agency).counts.get("ahead", 0) for agency in store.agencies())


def test_a_frame_that_is_lost_while_the_next_one_lands_is_waited_for(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """A producer loses N and lands N + 1, then sends both: the worker leaves N + 1 alone until N was there."""
    home = twin_on(model, tmp_path / "home", f"{broker.url}/{next(names)}")
    home.grow()
    announce(home)
    with Workers(home, BEFORE_ALL, "flow.fetch=20") as workers:
        workers.start(0)
        assert feed_later(home) > 0, "no frame was lost"
        workers.settle()
        assert ahead(home) > 0, "no frame was read before its turn"
        home.feed()
        workers.settle()
        assert workers.stop(0) == 0
    finished(model, home)
