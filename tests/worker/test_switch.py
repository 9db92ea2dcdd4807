"""Views made again and switched to while decisions and their copies wait in the outbox, with the log on Kafka."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from hub import wiring
from hub.codec import Codec
from hub.flow.relay import relay
from hub.installation import Installation
from hub.ports.store import Outgoing
from tests.e2e.rig import Home, Model
from tests.kafka.broker import Broker
from tests.postgres.rig import to_postgresql
from tests.worker.rig import twin_fed, worked
from tests.worker.test_demo import finished

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, model: Model, broker: Broker, names: Iterator[str], tmp_path: Path) -> Home:
    """An installation into which two steps were fed, and nothing of them was taken."""
    url, folder = f"{broker.url}/{next(names)}", tmp_path / "home"
    if request.param == "sqlite":
        return twin_fed(model, folder, url)
    return twin_fed(model, folder, url, partial(to_postgresql, request.getfixturevalue("server")))


def read(hub: Installation) -> None:
    """Everything that there is, and what follows from it into the outboxes; nothing is sent."""
    while sum(w.advance(n) for w in hub.workers for n in range(hub.log.topics()[w.group.topic])):
        pass


def waiting(hub: Installation) -> list[Outgoing]:
    """What is in the outboxes."""
    places = [(group.name, n) for group in hub.groups for n in range(hub.log.topics()[group.topic])]
    return [one for place in places for one in hub.store.outgoing(*place, 100_000)]


def sent(home: Home) -> "Counter[tuple[str, int, str, int]]":
    """How often each number of each sender stands in each partition."""
    codec, found = Codec(), Counter[tuple[str, int, str, int]]()
    with closing(wiring.open_log(home.settings.database("log"), make=False)) as log:
        topics = log.topics()
        for topic in ("persons", "markets"):
            for partition in range(topics[topic]):
                for record in log.read(topic, partition, 0, 1_000_000):
                    envelope = codec.envelope(record.headers)
                    found[topic, partition, envelope.sender, envelope.number] += 1
    return found


def test_a_switch_leaves_what_waits_in_the_outbox(model: Model, home: Home) -> None:
    """Made again while decisions wait to be sent, and again while their copies do, what waits is sent afterwards, once:
    each number of each sender stands once in the log, and the decisions are those of an undisturbed hub."""
    home.drain()
    for topic in ("persons", "markets"):
        with Installation(home.settings) as hub:
            hub.tick()
            read(hub)
            before = waiting(hub)
            assert sum(one.topic == topic for one in before) > 10, "nothing waits to be sent"
        logged = sent(home)
        home.call("projection", "rebuild")
        with Installation(home.settings) as hub:
            assert waiting(hub) == before
            assert sent(home) == logged
            if topic == "persons":
                for n in range(hub.log.topics()[topic]):
                    relay(hub.group(topic), n, hub.log, hub.store)
    worked(home, home.day)
    assert set(sent(home).values()) == {1}, "a record was sent twice"
    finished(model, home)
