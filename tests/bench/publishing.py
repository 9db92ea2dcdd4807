"""Publishing to Kafka: a connector beside a bare kafka-python loop; and what the benches on a broker have in common."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from kafka import KafkaProducer

from connectors.run.run import run as run_connector
from hub import wiring
from hub.adapters.kafka.address import parse
from hub.cli.main import collect_seldom
from hub.config import Settings, load
from hub.core.record import Record
from hub.installation import Installation
from hub.ports.log import Log
from tests.bench import path, source

TOPIC: Final = "persons"
PUBLISHERS: Final = ("connector", "whole run", "bare")
Spent = tuple[float, ...]  # CPU and wall seconds; of a worker also the CPU seconds within the engine


def publish(name: str, folder: Path, home: Path, url: str, events: int) -> Spent:
    """Send one load to Kafka: a connector's finished frames, or each event as a record by a bare loop."""
    collect_seldom()
    if name == "bare":
        with closing(wiring.open_log(load(home).database("log"))) as log:
            records = [record for each in persons(log) for record in each][:events]
        address = parse(url)
        with closing(wiring.open_log(url)) as log:
            log.create("bare", 1)
        producer: Any = KafkaProducer(bootstrap_servers=address.servers, acks="all", enable_idempotence=True)

        def bare() -> None:
            for record in records:
                producer.send(address.native("bare"), record.value, record.key)
            producer.flush()

        spent = timed(bare)
        producer.close()
        return spent
    people = max(1, events // path.PER_PERSON)
    folder.mkdir()
    source.write(folder / "source.csv", events, people, "person", path.FIRST_DAY)
    path.prepare(folder, source.last_day(events, people, path.FIRST_DAY))
    committed: list[float] = []

    def hop(what: str) -> None:
        if what == "committed" and name == "connector":
            committed.extend((time.process_time(), time.monotonic()))

    with Installation(on(folder, url)) as hub:
        for topic in ("ingress", "outcomes"):
            hub.log.create(f"{topic}.{path.AGENCY}", 1)
        if name == "whole run":
            committed.extend((time.process_time(), time.monotonic()))
        run_connector(wiring.open_edge(load(folder), path.CONNECTOR), hub.log, hub.system, hop=hop)
    return time.process_time() - committed[0], time.monotonic() - committed[1]


def on(home: Path, log: str) -> Settings:
    """Without a go-live day nothing ticks: all modes do the same."""
    return replace(load(home), log_url=log, go_live=None)


def persons(log: Log) -> list[list[Record]]:
    """Every record of persons, by partition. A read may give fewer than it was asked for: Kafka gives an answer's."""
    found: list[list[Record]] = []
    for partition in range(log.topics()[TOPIC]):
        each: list[Record] = []
        end = log.bounds(TOPIC, partition).end
        while len(each) < end:
            each += log.read(TOPIC, partition, len(each), end - len(each))
        found.append(each)
    return found


def timed(work: Callable[[], object]) -> Spent:
    """What a piece of work takes."""
    cpu, wall = time.process_time(), time.monotonic()
    work()
    return time.process_time() - cpu, time.monotonic() - wall
