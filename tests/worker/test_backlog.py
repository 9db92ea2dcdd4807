"""How much waits in the log does not change how much memory a worker needs."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Final

import pytest
from confluent_kafka import Producer

from hub.adapters.kafka.log import KafkaLog
from tests.kafka.broker import Broker
from tests.worker.backlog import TOPIC

pytestmark = pytest.mark.slow

FEW: Final = 60_000  # more than fits in all that may be read ahead
VALUE: Final = bytes(400)
PARTITIONS: Final = 2


def filled(broker: Broker, name: str, records: int) -> str:
    """The URL of a log in which so many wait."""
    url = f"{broker.url}/{name}"
    log = KafkaLog(url)
    log.create(TOPIC, PARTITIONS)
    log.close()
    producer: Any = Producer({"bootstrap.servers": f"127.0.0.1:{broker.port}", "linger.ms": 20})
    for number in range(records):
        producer.produce(f"{name}.{TOPIC}", VALUE, b"%d" % number, number % PARTITIONS)
        if number % 10_000 == 0:
            producer.flush()
    producer.flush()
    return url


def needed(url: str, records: int) -> int:
    """What a worker needed at most, in kB."""
    command = [sys.executable, "-m", "tests.worker.backlog", url, str(records)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    return int(done.stdout)


@pytest.mark.parametrize("many", [200_000, pytest.param(1_000_000, marks=pytest.mark.storm)])
def test_a_backlog_is_not_read_into_memory(many: int, broker: Broker, names: Iterator[str]) -> None:
    """With 2 x 10^5 records waiting, or 10^6, a worker that is stuck needs no more memory than with 6 x 10^4."""
    few, more = (needed(filled(broker, next(names), each), each) for each in (FEW, many))
    assert more - few < (many - FEW) * len(VALUE) // 1024 // 3, "not even a third of what waits more"
