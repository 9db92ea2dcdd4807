"""A backlog in one partition is taken at the pace of its taker, however silent the other partitions are."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Final

import pytest
from aiokafka.consumer import fetcher
from faust.transport.drivers import aiokafka as driver

from hub import wiring
from hub.adapters.faust import consumer
from hub.adapters.kafka.log import KafkaLog
from hub.core.record import Record
from tests.kafka.broker import Broker
from tests.worker.backlog import FETCH, SESSION, TOPIC, Slow

pytestmark = pytest.mark.slow

PARTITIONS, FETCHES, RECORDS = 8, 12, 5000
LARGE: Final = Record(b"key", b"", bytes(400))
WORK_SECONDS: Final = 0.1
RULE: Final = 1.5
"""So much more of its time it works than as the library asks, which is a third of it: half of it, then, on a machine
of any speed."""


class Working(Slow):
    """A taker that works for a while at each fetch, and knows when it did."""

    def __init__(self) -> None:
        super().__init__()
        self.began: list[float] = []

    def take(self, topic: str, partition: int, first: int, records: Sequence[Record], end: int) -> None:
        """Work."""
        self.began.append(time.monotonic())
        time.sleep(WORK_SECONDS)
        self.taken[partition] = first + len(records)


def share(url: str) -> float:
    """How much of its time a taker works between its first fetch and its last."""
    with closing(KafkaLog(url)) as log:
        log.create(TOPIC, PARTITIONS)
        for _ in range(FETCHES):
            log.append(TOPIC, 3, [LARGE] * RECORDS)
    working = Working()
    wiring.fetches(url, FETCH, SESSION).run(lambda: working, lambda: sum(working.taken.values()) >= FETCHES * RECORDS)
    assert len(working.began) >= FETCHES, "a fetch was larger than it may be"
    return WORK_SECONDS * (len(working.began) - 1) / (working.began[-1] - working.began[0])


def test_one_partitions_backlog_does_not_wait_for_silent_ones(
    broker: Broker, names: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one of eight partitions has a backlog, a worker works for more of its time than where it asks as the
    library does: for no more until a stream is empty, looking each second whether it is."""
    ours = share(f"{broker.url}/{next(names)}")
    monkeypatch.setattr(consumer.FetchConsumer, "on_buffer_full", driver.Consumer.on_buffer_full)
    assert ours > RULE * share(f"{broker.url}/{next(names)}")


def test_no_broker_is_asked_to_wait_for_long(
    broker: Broker, names: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request for records may wait longer at the broker than is said, since whoever has some waits behind it."""
    waits: list[int] = []

    def spied(wait: int, *rest: Any, **named: Any) -> Any:
        waits.append(wait)
        return request(wait, *rest, **named)

    request = fetcher.FetchRequest
    monkeypatch.setattr(fetcher, "FetchRequest", spied)
    share(f"{broker.url}/{next(names)}")
    assert set(waits) == {int(1000 * consumer.SILENT_SECONDS)}
