"""Child processes that are kept running, and the signal that ends them all in order."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Self

RESTART_AFTER = (1.0, 5.0, 30.0, 300.0)  # seconds; a child that lived for the last of them starts from the first again
PARENT = "HUB_PARENT"  # variable by which a child knows whose death it must not outlive
FINAL = frozenset({2, 3, 4, 6})  # exit codes that a restart does not mend: a person has to


@dataclass
class _Child:
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0
    exit_code: int | None = None


@dataclass
class Children:
    """Named commands, each in a process of its own, restarted with growing pauses until `stop`.

    A child that ends with 0 is started again at the shortest pause; one that says that a person must act (exit 2, 3, 4
    or 6) is not. They get no standard input; what they print goes where ours goes.
    """

    commands: Mapping[str, Sequence[str]]
    patience: float = 20.0
    pauses: Sequence[float] = RESTART_AFTER
    _children: dict[str, _Child] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._children = {name: _Child(command) for name, command in self.commands.items()}
        self.look()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def look(self) -> None:
        """Note who has ended, start who is due. Called now and then by whoever holds them; never waits."""
        now = time.monotonic()
        for child in self._children.values():
            if child.process and child.process.poll() is not None:
                self._ended(child, now)
            if child.process is None and child.exit_code not in FINAL and now >= child.due:
                environment = os.environ | {PARENT: str(os.getpid())}
                child.process = subprocess.Popen(child.command, stdin=subprocess.DEVNULL, env=environment)
                child.started = now

    def waiting(self) -> dict[str, int]:
        """Children that do not run because they failed, with their last exit code."""
        return {
            name: child.exit_code for name, child in self._children.items() if child.process is None and child.exit_code
        }

    def final(self) -> dict[str, int]:
        """Children that are not started again because a person has to act, with their exit code."""
        return {
            name: child.exit_code
            for name, child in self._children.items()
            if child.process is None and child.exit_code in FINAL
        }

    def running(self) -> dict[str, int]:
        """Process ids of those that run."""
        return {name: child.process.pid for name, child in self._children.items() if child.process}

    def stop(self) -> None:
        """Ask all to end, give them `patience` seconds together, then kill; a kill loses nothing (law 12)."""
        alive = [child.process for child in self._children.values() if child.process]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + self.patience
        for process in alive:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._children.clear()

    def _ended(self, child: _Child, now: float) -> None:
        assert child.process is not None
        child.exit_code = child.process.returncode
        child.process = None
        long_lived = now - child.started >= self.pauses[-1]
        child.failures = 0 if child.exit_code == 0 or long_lived else child.failures + 1
        child.due = now + self.pauses[min(max(child.failures - 1, 0), len(self.pauses) - 1)]


@contextmanager
def stop_signal(look_every: float = 0.5) -> Iterator[threading.Event]:
    """An event that SIGTERM and Ctrl-C set, so that a loop ends between two fetches; a second one ends at once.

    In a child of `Children` the death of the parent sets it, too: whoever was killed leaves nobody behind who would
    hold a folder against the next start.
    """
    event, over = threading.Event(), threading.Event()

    def asked(number: int, _: FrameType | None) -> None:
        if event.is_set():
            raise KeyboardInterrupt
        event.set()

    def watch(parent: int) -> None:
        while not over.wait(look_every):
            if os.getppid() != parent:
                event.set()
                return

    before = {number: signal.signal(number, asked) for number in (signal.SIGTERM, signal.SIGINT)}
    if os.environ.get(PARENT, "").isdecimal():
        threading.Thread(target=watch, args=(int(os.environ[PARENT]),), daemon=True).start()
    try:
        yield event
    finally:
        over.set()
        for number, handler in before.items():
            signal.signal(number, handler)
