import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

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


def test_stopping_leaves_no_child_behind(tmp_path: Path) -> None:
    """Those that do not end when asked are killed when patience ends."""
    mark = tmp_path / "deaf"
    with Children({"kind": SLEEP, "deaf": [*STUBBORN, str(mark)]}, patience=0.2) as children:
        until(children, mark.exists)
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


def test_a_child_does_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    """After `kill -9` of the parent its children end by themselves, so that the next start finds their folders free."""
    child = "import sys; from hub.adapters.processes import stop_signal\n" + (
        "with stop_signal(0.02) as stop: open(sys.argv[1], 'w'); stop.wait(60); open(sys.argv[2], 'w')"
    )
    parent = "import sys, time; from hub.adapters.processes import Children\n" + (
        "with Children({'a': [sys.executable, '-c', *sys.argv[1:]]}): time.sleep(60)"
    )
    began, ended = tmp_path / "began", tmp_path / "ended"
    with subprocess.Popen([sys.executable, "-c", parent, child, str(began), str(ended)]) as killed:
        appears(began)
        assert not ended.exists()
        killed.kill()
    appears(ended)


def appears(path: Path) -> None:
    """Wait for a file."""
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, "never came"
        time.sleep(0.01)
