"""`hub worker` beside an ordinary Faust agent, on one real broker: python -m tests.bench.worker [--events 100000]

    alone       advance() over records in memory: what the engine costs by itself
    worker      `hub worker`: broker -> Faust -> advance(); its plumbing is its CPU less that of `alone`
    ordinary    an ordinary agent with `take` doing the same advance(); its plumbing likewise
    rebuild     hub.flow.rebuild from Kafka, and from the embedded log
    publishing  a connector's finished frames, its whole run from the source on, and a bare kafka-python loop that
                sends each event as a record of its own, whose value are the same bytes

Every run is a process of its own over a new store and the same canonical records of persons. CPU is of the process,
system calls included, from the moment it has its partitions. On a busy machine the difference of two processes says
little: "within" is the same plumbing taken in the worker's own process, its CPU less what it spent in advance() by the
clock of that thread. It prints; nothing is asserted about time.
"""

import argparse
import json
import multiprocessing
import os
import platform
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from connectors.run.run import run as run_connector
from hub import founding, wiring
from hub.adapters.kafka.address import parse
from hub.adapters.memory.log import MemoryLog
from hub.cli.main import collect_seldom
from hub.config import Settings, load
from hub.core.record import Record
from hub.flow.advance import Worker
from hub.flow.group import Group
from hub.flow.handed import Handed
from hub.flow.rebuild import position, rebuild
from hub.installation import Installation
from hub.share import Share
from tests.bench import ordinary, path, source
from tests.bench.publishing import PUBLISHERS, TOPIC, Spent, on, persons, publish, timed
from tests.foundations.silent import Silent
from tests.kafka.broker import Broker

LOT: Final = 5000
SESSION: Final = 10
MODES: Final = ("alone", "worker", "ordinary", "rebuild", "embedded")


def main() -> None:
    """Print one table, or one JSON object."""
    parser = argparse.ArgumentParser(prog="tests.bench.worker")
    parser.add_argument("--events", type=int, default=100_000, help="events that the connector publishes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        broker = Broker(Path(folder) / "broker").start()
        try:
            result = measure(Path(folder), f"{broker.url}/log", args.events, args.rounds)
        finally:
            broker.stop()
    print(json.dumps(result) if args.json else table(result))


def measure(folder: Path, url: str, events: int, rounds: int) -> dict[str, Any]:
    """Medians of so many rounds on one broker: CPU and wall seconds of each mode, and the ratios of the issue."""
    home, log = folder / "home", f"{url}-bench"
    total = load_embedded(home, events)
    fill(home, log)
    found: dict[str, list[Spent]] = {}
    for number in range(rounds):
        for mode in MODES:
            found.setdefault(mode, []).append(_apart(one, (mode, home, log, total, f"{number}")))
            print(mode, found[mode][-1], file=sys.stderr)
        for name in PUBLISHERS:
            found.setdefault(name, []).append(
                _apart(publish, (name, folder / f"{name}-{number}", home, f"{url}-{name[0]}-{number}", events))
            )
    return told(found, total, rounds)


def told(found: dict[str, list[Spent]], total: int, rounds: int) -> dict[str, Any]:
    """What is printed."""
    cpu = {mode: statistics.median(spent[0] for spent in each) / total * 1e6 for mode, each in found.items()}
    wall = {mode: statistics.median(spent[1] for spent in each) for mode, each in found.items()}
    plumbing, theirs = cpu["worker"] - cpu["alone"], cpu["ordinary"] - cpu["alone"]
    return {
        "events": total,
        "rounds": rounds,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "cpu": cpu,
        "wall": wall,
        "plumbing": plumbing,
        "plumbing within": cpu["worker"] - statistics.median(spent[2] / total * 1e6 for spent in found["worker"]),
        "plumbing of the ordinary agent": theirs,
        "plumbing x ordinary": plumbing / theirs,
        "rebuild x embedded": wall["embedded"] / wall["rebuild"],
        "rebuild x ordinary": wall["ordinary"] / wall["rebuild"],
        "worker x ordinary": wall["ordinary"] / wall["worker"],
        "publishing x bare": wall["bare"] / wall["connector"],
        "whole run x bare": wall["bare"] / wall["whole run"],
    }


def fill(home: Path, log: str) -> None:
    """The embedded log's records of persons in a log on Kafka."""
    with Installation(on(home, log)) as hub, closing(wiring.open_log(load(home).database("log"))) as embedded:
        for partition, records in enumerate(persons(embedded)):
            for at in range(0, len(records), LOT):
                hub.log.append(TOPIC, partition, records[at : at + LOT])


def load_embedded(home: Path, events: int) -> int:
    """A new installation whose embedded log holds a load, and whose intake knows no agency; returns how many records
    of persons there are."""
    people = max(1, events // path.PER_PERSON)
    home.mkdir()
    source.write(home / "source.csv", events, people, "person", path.FIRST_DAY)
    path.prepare(home, source.last_day(events, people, path.FIRST_DAY))
    settings = load(home)
    with Installation(settings) as hub:
        intake = wiring.open_intake(settings, hub.log)
        run_connector(wiring.open_edge(settings, path.CONNECTOR), hub.log, hub.system)
        while intake.advance(path.AGENCY).frames:
            pass
        total = sum(len(records) for records in persons(hub.log))
    for name in ("intake.db", "views.db"):
        for file in (home / "hub").glob(f"{name}*"):
            file.unlink()
    return total


def one(mode: str, home: Path, log: str, total: int, mark: str) -> Spent:
    """One run over a new store."""
    collect_seldom()
    twin = home.parent / f"{mode}-{mark}"
    shutil.copytree(home, twin)
    for make in founding.STEPS:
        make(load(twin))
    try:
        return _run(mode, load(twin) if mode == "embedded" else on(twin, log), total, mark)
    finally:
        shutil.rmtree(twin)


def _run(mode: str, settings: Settings, total: int, mark: str) -> Spent:
    if mode == "worker":
        return _worker(settings, total)
    with Installation(settings) as hub:
        group = next(each for each in hub.groups if each.topic == TOPIC)
        if mode in ("rebuild", "embedded"):
            return timed(lambda: rebuild([group], hub.log, hub.store, hub.system))
        if mode == "alone":
            memory = MemoryLog(identity=hub.log.identity())
            memory.create(TOPIC, hub.log.topics()[TOPIC])
            for partition, records in enumerate(persons(hub.log)):
                memory.append(TOPIC, partition, records)
            alone = Worker(group, memory, hub.store, hub.system)
            spent = timed(lambda: _all(alone, range(memory.topics()[TOPIC])))
            taken = sum(position(hub.store, group, partition) for partition in range(memory.topics()[TOPIC]))
            assert taken == total, "what is compared must have taken the same records"
            return spent
        handed = Handed(hub.log)
        engine = Worker(group, handed, hub.store, hub.system)

        def take(partition: int, first: int, records: Sequence[Record]) -> None:
            handed.hand(TOPIC, partition, first, records)
            while engine.advance(partition):
                pass
            handed.taken(TOPIC, partition)

        address = parse(settings.log_url)
        folder = settings.home / f"faust-{mark}"
        return ordinary.run(address.servers[0], address.native(TOPIC), total, folder, take)


class _Timed(Share):
    """A share that knows when it began, and when everything was taken."""

    def __init__(self, settings: Settings, total: int) -> None:
        super().__init__(settings, Silent(), threading.Event())
        self.left, self.began, self.ended, self.engine = total, (0.0, 0.0), (0.0, 0.0), 0.0

    def begin(self, topic: str, partition: int) -> int:
        """The first partition starts the clock."""
        self.began = self.began if self.began[1] else (time.process_time(), time.monotonic())
        return super().begin(topic, partition)

    def _step(self, group: Group | None, topic: str, partition: int) -> int:
        at = time.thread_time()
        done = super()._step(group, topic, partition)
        self.engine += time.thread_time() - at
        return done

    def take(self, topic: str, partition: int, first: int, records: Sequence[Record], end: int) -> None:
        """The last fetch stops it."""
        super().take(topic, partition, first, records, end)
        self.left -= len(records) * (topic == TOPIC)
        if self.left <= 0 and not self.ended[1]:
            self.ended = time.process_time(), time.monotonic()


def _worker(settings: Settings, total: int) -> Spent:
    shares: list[_Timed] = []

    def opened() -> _Timed:
        shares.append(_Timed(settings, total))
        return shares[0]

    fetches = wiring.fetches(settings.database("log"), settings.fetch, SESSION)
    fetches.run(opened, lambda: bool(shares and shares[0].ended[1]))
    began, ended = shares[0].began, shares[0].ended
    return ended[0] - began[0], ended[1] - began[1], shares[0].engine


def _all(worker: Worker, partitions: Sequence[int]) -> None:
    for partition in partitions:
        while worker.advance(partition):
            pass


def _apart(work: Callable[..., Spent], values: tuple[Any, ...]) -> Spent:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, values)


def table(result: dict[str, Any]) -> str:
    """The result for people."""
    lines = [f"{result['events']:,} events of persons, median of {result['rounds']}; {result['machine']}"]
    for mode, cpu in result["cpu"].items():
        lines.append(
            f"  {mode:<12}{cpu:8.1f} us CPU an event {result['events'] / result['wall'][mode]:10,.0f} events/s"
        )
    for name in ("plumbing", "plumbing within", "plumbing of the ordinary agent"):
        lines.append(f"  {name:<32}{result[name]:8.1f} us an event")
    lines += [f"  {name:<32}{result[name]:8.2f} x" for name in result if " x " in name]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
