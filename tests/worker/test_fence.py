"""A fetch that waits in a process when its partition goes to another one: the store's position is the fence (law 6)."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hub import wiring
from hub.adapters.postgres.connection import on_postgresql
from hub.flow.rebuild import position
from hub.share import INGRESS, Place, Share
from hub.telemetry.metrics import Observer
from tests.e2e.rig import Home, Model
from tests.kafka.broker import Broker
from tests.postgres.rig import to_postgresql
from tests.worker.rig import BEFORE_ALL, twin_fed
from tests.worker.test_demo import finished

pytestmark = pytest.mark.slow


class Two:
    """Two processes' shares of one installation, each of which believes that every partition is its own."""

    def __init__(self, home: Home) -> None:
        self._settings = replace(home.settings, clock_day=BEFORE_ALL)
        self.said = io.StringIO()
        self.first, self.second = (self._share() for _ in range(2))
        self.stale = 0

    def _share(self) -> Share:
        return Share(self._settings, Observer(self.said), threading.Event())

    def places(self, ingress: bool) -> list[Place]:
        """All partitions of agencies, or all others."""
        sizes = wiring.canonical_topics(self._settings)
        return [
            (topic, partition)
            for topic in self.first.topics()
            for partition in range(sizes.get(topic, 1))
            if topic.startswith(INGRESS) == ingress
        ]

    def at(self, place: Place) -> int:
        """What the store has committed of a partition."""
        topic, partition = place
        if topic.startswith(INGRESS):
            with closing(wiring.open_intake_store(self._settings)) as store:
                return store.state(topic.removeprefix(INGRESS)).offset
        group = next(group for group in self.first._hub.groups if group.topic == topic)
        return position(self.second._hub.store, group, partition)  # not over what is in the middle of a transaction

    def take(self, share: Share, place: Place, first: int, count: int) -> None:
        """Hand a share so many records of a partition as a fetch, as they were when it fetched them."""
        log = self.first._hub.log
        end = log.bounds(*place).end
        records = [one for at in range(first, min(first + count, end), 500) for one in log.read(*place, at, 500)]
        share.take(*place, first, records[:count], end)

    def close(self) -> None:
        """Give everything back."""
        self.first.close()
        self.second.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, model: Model, broker: Broker, names: Iterator[str], tmp_path: Path) -> Home:
    """An installation into which two steps were fed, and nothing of them was taken."""
    url, folder = f"{broker.url}/{next(names)}", tmp_path / "home"
    if request.param == "sqlite":
        return twin_fed(model, folder, url)
    return twin_fed(model, folder, url, partial(to_postgresql, request.getfixturevalue("server")))


def before(patch: pytest.MonkeyPatch, of: Any, name: str, happens: Callable[[], None]) -> None:
    """Let something happen once, just before the next call of a method."""
    original = getattr(of, name)

    def calling(*values: Any, **more: Any) -> Any:
        patch.setattr(of, name, original)
        happens()
        return original(*values, **more)

    patch.setattr(of, name, calling)


def after(patch: pytest.MonkeyPatch, of: Any, name: str, happens: Callable[[], None]) -> None:
    """The same, just after it."""
    original = getattr(of, name)

    def calling(*values: Any, **more: Any) -> Any:
        patch.setattr(of, name, original)
        found = original(*values, **more)
        happens()
        return found

    patch.setattr(of, name, calling)


def test_a_fetch_that_was_at_hand_when_its_partition_went_is_not_applied_twice(
    model: Model, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has the partition now takes those records, or half of them, between the old owner's fetch and its
    transaction, in intake between its reading and its sending: each record counts once, and no decision is lost.

    In PostgreSQL, where others may begin while a transaction is open, between its reading and its commit.
    """
    meet = after if on_postgresql(home.settings.store_url) else before
    with ExitStack() as stack:
        two = Two(home)
        stack.callback(two.close)
        for ingress in (True, False):
            for number, place in enumerate(two.places(ingress)):
                two.first._ours.add(place)
                two.second._ours.add(place)
                if not ingress:
                    two.first.begin(*place)
                    two.second.begin(*place)
                at = two.at(place)

                def elsewhere(place: Place = place, at: int = at, count: int = 5 + number % 2 * 5) -> None:
                    two.take(two.second, place, at, count)
                    two.stale += two.at(place) > at

                if ingress:
                    before(monkeypatch, two.first._intake._intake, "_send", elsewhere)
                else:
                    meet(monkeypatch, two.first._hub.store, "begin", elsewhere)
                two.take(two.first, place, at, 10)
                two.take(two.second, place, at, 10_000)
                two.take(two.first, place, at, 10_000)
        assert two.stale > 12, "nobody took what another one had at hand"
        assert "HUB-I440" in two.said.getvalue(), "intake did not refuse the second commit"
        assert ("HUB-P410" in two.said.getvalue()) == (meet is after), "the store did not refuse the second commit"
    home.drain()
    home.tick()
    finished(model, home)
