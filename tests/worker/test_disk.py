"""A disk that is full, of the workers and of the broker: nothing lost or twice, and all goes on when there is room.

A limit on the size of files stands for the disk: the operating system refuses a write in the middle of a transaction.
"""

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import Model
from tests.e2e.test_full_disk import largest
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, twin_fed
from tests.worker.test_demo import finished
from tests.worker.test_kills import changed

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="RLIMIT_FSIZE")]

NO_LIMIT = resource.RLIM_INFINITY


def confine(process: int, size: int) -> None:
    """From now on no file of a process grows beyond so many bytes; it may be given more again."""
    resource.prlimit(process, resource.RLIMIT_FSIZE, (size, NO_LIMIT))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Broker]:
    """A broker of its own, whose indexes are no larger than what they hold."""
    one = Broker(tmp_path / "broker")
    with one.settings.open("a", encoding="utf-8") as file:
        file.write("log.index.size.max.bytes=4096\n")
    try:
        yield one.start()
    finally:
        one.kill()


def segments(broker: Broker) -> int:
    """The size of the largest partition on the broker's disk."""
    return max(path.stat().st_size for path in broker.folder.glob("data/*-*/*.log"))


def test_full_disks_of_workers_and_broker_lose_nothing(
    model: Model, small: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """Two workers whose databases cannot grow say so, and wait or end with 5; a broker that cannot write ends, and they
    wait for it: with room again, the facts and decisions of an undisturbed hub."""
    home = twin_fed(model, tmp_path / "home", f"{small.url}/{next(names)}")
    with Workers(home, BEFORE_ALL, "flow.fetch=40") as workers:
        workers.start(0, 1)
        assert changed(home, 10, 60), "nobody was at work"
        for process in workers.processes.values():
            confine(process.pid, largest(home) // 2)
        until = time.monotonic() + 90
        while not set(workers.codes()):
            assert time.monotonic() < until, "nobody noticed"
            time.sleep(0.1)
        for number, process in list(workers.processes.items()):
            if process.poll() is None:
                confine(process.pid, NO_LIMIT)
            else:
                assert workers.ended(number) == 5
                workers.start(number)
        workers.settle()
        assert [workers.stop(number) for number in (0, 1)] == [0, 0]
    with Workers(home, home.day, "flow.fetch=40") as workers:
        assert small.process is not None
        confine(small.process.pid, segments(small) + 100)
        workers.start(0, supervised=True)
        small.process.wait(90)
        small.kill()
        small.start()
        workers.settle()
        assert workers.stop(0) == 0
    finished(model, home)
