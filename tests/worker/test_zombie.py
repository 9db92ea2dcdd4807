"""A relay that sleeps while others do its work, and sends what it had at hand when it wakes: repeats, and no more."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import Model
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, twin_fed, worked
from tests.worker.test_demo import finished
from tests.worker.test_switch import sent

pytestmark = pytest.mark.slow


def sleeps(process: int) -> bool:
    """Whether a process was stopped, and is not at work."""
    state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    return state == "T"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_relay_that_wakes_up_late_changes_nothing(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """Stopped with decisions in its hands, a worker is thrown out of the group, another one takes over and sends them;
    woken, the first sends them again: accepted once, and the decisions are those of an undisturbed hub."""
    home = twin_fed(model, tmp_path / "home", f"{broker.url}/{next(names)}")
    worked(home, BEFORE_ALL)
    with Workers(home, home.day) as workers:
        workers.start(0, fault="asleep")
        zombie, until = workers.processes[0], time.monotonic() + 90
        while not sleeps(zombie.pid):
            assert time.monotonic() < until, "nothing was decided"
            time.sleep(0.1)
        workers.start(1)
        workers.settle()
        once = sent(home)
        assert set(once.values()) == {1}
        zombie.send_signal(signal.SIGCONT)
        while sent(home) == once:
            assert time.monotonic() < until + 90, "it sent nothing again"
            time.sleep(0.2)
        workers.settle()
        twice = sent(home)
        assert twice.keys() == once.keys()
        assert set(twice.values()) == {1, 2}
        assert workers.stop(1) == 0
    finished(model, home)
