import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from hub.adapters import processes
from hub.adapters.processes import Children, stop_signal

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'w'); time.sleep(60)",
]


def ends(code: int) -> list[str]:
    """A command that ends at once."""
    return [sys.executable, "-c", f"raise SystemExit({code})"]


def until(children: Children, true: Callable[[], object]) -> None:
    """Look again and again until something is so."""
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "never so"
        children.look()
        time.sleep(0.01)


def test_a_killed_child_is_started_again() -> None:
    """A child that was killed comes back as another process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "RESTART_AFTER", (0.0, 1000.0))
        with Children({"hospital": SLEEP}) as children:
            first = children.running()["hospital"]
            os.kill(first, signal.SIGKILL)
            until(children, lambda: children.running().get("hospital", first) != first)
            assert children.waiting() == {}
        assert children.running() == {}


@pytest.mark.parametrize("code", sorted(processes.FINAL))
def test_a_child_that_needs_a_person_is_not_started_again(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, 3, 4 and 6 mean that a person must act first; until then the child is named as waiting."""
    monkeypatch.setattr(processes, "RESTART_AFTER", (0.0,))
    with Children({"hospital": ends(code)}) as children:
        until(children, lambda: children.waiting() == {"hospital": code})
        children.look()
        assert children.running() == {}


def test_pauses_grow_while_a_child_keeps_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first restart comes at once, the second only after its pause, so that a broken child does not spin."""
    monkeypatch.setattr(processes, "RESTART_AFTER", (0.0, 1000.0))
    starts = 0
    honest = subprocess.Popen

    def counted(*arguments: object, **options: object) -> object:
        nonlocal starts
        starts += 1
        return honest(*arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("subprocess.Popen", counted)
    with Children({"hospital": ends(1)}) as children:
        until(children, lambda: starts == 2 and children.waiting() == {"hospital": 1})
        for _ in range(20):
            children.look()
    assert starts == 2


def test_stopping_leaves_no_child_behind(tmp_path: os.PathLike[str]) -> None:
    """Those that do not end when asked are killed when patience ends."""
    mark = os.path.join(tmp_path, "deaf")
    with Children({"kind": SLEEP, "deaf": [*STUBBORN, mark]}, patience=0.2) as children:
        until(children, lambda: os.path.exists(mark))
        pids = list(children.running().values())
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_sigterm_ends_a_loop_between_two_fetches_and_a_second_one_at_once() -> None:
    """The first signal sets the event, the second interrupts; afterwards the old handlers are back."""
    before = signal.getsignal(signal.SIGTERM)
    with stop_signal() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
