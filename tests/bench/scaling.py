"""One worker beside two on the same backlog, with SQLite and with PostgreSQL: python -m tests.bench.scaling

Two workers are two processes of one consumer group over one store; the clock runs from the first partition that one of
them has to the last record that one of them commits, so that sharing out the partitions is in it.
"""

import argparse
import multiprocessing
import platform
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from hub import founding, wiring
from hub.cli.main import collect_seldom
from hub.config import Settings, load
from hub.core.record import Record
from hub.share import Share
from tests.bench.publishing import TOPIC, on, persons
from tests.bench.worker import SESSION, fill, load_embedded
from tests.foundations.silent import Silent
from tests.kafka.broker import Broker
from tests.postgres.server import Server

COUNTS: Final = (1, 2)
STORES: Final = ("sqlite", "postgresql")
JOIN_SECONDS: Final = 60


class Common(NamedTuple):
    """What processes at one backlog have in common: how far each partition is, when it began, who is ready."""

    reached: Any
    began: Any
    ready: Any


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="tests.bench.scaling")
    parser.add_argument("--events", type=int, default=100_000, help="events that wait")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        broker = Broker(Path(folder) / "broker").start()
        server = Server(durable=True).start()
        try:
            total, wall = measure(Path(folder), f"{broker.url}/log", server, args.events, args.rounds)
        finally:
            server.stop()
            broker.stop()
    machine = f"{platform.machine()}, {multiprocessing.cpu_count()} cores"
    print(f"{total:,} events of persons, median of {args.rounds}; {machine}")
    for store in STORES:
        one, two = (statistics.median(wall[store, count]) for count in COUNTS)
        print(f"  {store:<12}{total / one:10,.0f} events/s by one, {total / two:10,.0f} by two: {one / two:.2f} x")


def measure(
    folder: Path, url: str, server: Server, events: int, rounds: int, stores: Sequence[str] = STORES
) -> tuple[int, dict[tuple[str, int], list[float]]]:
    """How many events there are, and the seconds of each round by store and number of workers."""
    home, log = folder / "home", f"{url}-scaling"
    total = load_embedded(home, events)
    fill(home, log)
    with closing(wiring.open_log(load(home).database("log"))) as embedded:
        sizes = [len(records) for records in persons(embedded)]
    wall: dict[tuple[str, int], list[float]] = {}
    for number in range(rounds):
        for count in COUNTS:
            for store in stores:
                other = server.database() if store == "postgresql" else ""
                seconds = together(home, log, other, sizes, count)
                print(number, store, count, f"{seconds:.1f} s", file=sys.stderr)
                wall.setdefault((store, count), []).append(seconds)
    return total, wall


def together(home: Path, log: str, store: str, sizes: list[int], count: int) -> float:
    """Seconds that so many workers take over a new store."""
    twin = Path(tempfile.mkdtemp(prefix="twin-", dir=home.parent)) / "home"
    shutil.copytree(home, twin)
    settings = on(twin, log)
    settings = replace(settings, store_url=store) if store else settings
    for make in founding.STEPS:
        make(settings)
    context = multiprocessing.get_context("spawn")
    common = Common(context.Array("q", len(sizes)), context.Value("d", 0.0), context.Barrier(count))
    workers = [context.Process(target=one, args=(settings, sizes, common)) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ended = time.monotonic()
    shutil.rmtree(twin.parent)
    assert [worker.exitcode for worker in workers] == [0] * count
    assert taken(common, sizes)
    return ended - common.began.value


def one(settings: Settings, sizes: list[int], common: Common) -> None:
    """A worker, until all is taken."""
    collect_seldom()

    def opened() -> "_Counted":
        share = _Counted(settings, common)
        common.ready.wait(JOIN_SECONDS)
        return share

    fetches = wiring.fetches(settings.database("log"), settings.fetch, SESSION)
    fetches.run(opened, lambda: taken(common, sizes))


def taken(common: Common, sizes: Sequence[int]) -> bool:
    """Whether all that waited was taken; what a worker itself appends comes after it."""
    return all(reached >= size for reached, size in zip(common.reached, sizes, strict=True))


class _Counted(Share):
    """A share that tells the others when it began, and how far its partitions are."""

    def __init__(self, settings: Settings, common: Common) -> None:
        super().__init__(settings, Silent(), threading.Event())
        self._common = common

    def begin(self, topic: str, partition: int) -> int:
        """The first partition of all starts the clock."""
        with self._common.began.get_lock():
            self._common.began.value = self._common.began.value or time.monotonic()
        return super().begin(topic, partition)

    def take(self, topic: str, partition: int, first: int, records: Sequence[Record], end: int) -> None:
        """What was committed counts; what a rebalance took does not."""
        super().take(topic, partition, first, records, end)
        if topic == TOPIC and (topic, partition) in self._ours:
            reached = self._common.reached
            reached[partition] = max(reached[partition], first + len(records))


if __name__ == "__main__":
    main()
