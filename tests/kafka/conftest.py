"""Brokers that all tests of Kafka share; each test has a log of its own on them, under a prefix of its own."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.kafka.broker import VERSIONS, Broker


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Broker]]:
    """Gives the running broker of a version, started when it is first asked for."""
    running: dict[str, Broker] = {}

    def running_broker(version: str) -> Broker:
        if version not in running:
            broker = Broker(tmp_path_factory.mktemp(f"kafka-{version}"), version)
            running[version] = broker
            broker.start()
        return running[version]

    yield running_broker
    for broker in running.values():
        broker.stop()


@pytest.fixture(scope="session")
def broker(brokers: Callable[[str], Broker]) -> Broker:
    """The newest broker, for tests that one version is enough for."""
    return brokers(VERSIONS[-1])


@pytest.fixture(scope="session")
def names() -> Iterator[str]:
    """Prefixes that were not used before."""
    return (f"log{number}" for number in count())
