"""The loop of `hub serve`: rounds until asked to stop, and what is told to those who ask how it goes."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from hub.core.errors import HubError, Unreachable
from hub.ports.telemetry import Telemetry

PAUSES: Final = (0.2, 1.0, 5.0, 30.0)  # seconds between two tries at something that does not answer


class Kept(Protocol):
    """Child processes that are kept running; see `hub.adapters.processes.Children`."""

    def look(self) -> None:
        """Note who has ended, start who is due."""
        ...

    def waiting(self) -> Mapping[str, int]:
        """Children that do not run because they failed, with their last exit code."""
        ...


class Service:
    """Rounds of intake and projections, with the state that readiness is told from.

    `round()` does one turn of everything and returns how much that was; `lag()` says per topic how many records are
    still to be read. Unreachable is waited out, with growing pauses; every other error ends the service (law 12: the
    next start is the recovery). `alive()` is called at least once a second but for the rounds themselves.
    """

    def __init__(
        self,
        round: Callable[[], int],
        lag: Callable[[], Mapping[str, int]],
        children: Kept,
        telemetry: Telemetry,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._round, self._lag, self._children, self._telemetry, self._alive = round, lag, children, telemetry, alive
        self._reasons: tuple[HubError, ...] = (Unreachable("HUB-G540"),)
        self._failures = 0

    def reasons(self) -> Sequence[HubError]:
        """Why the hub is not doing all of its work: it has only just started, something does not answer, a connector
        waits for a person. Safe to call from another thread."""
        return self._reasons

    @property
    def waits(self) -> bool:
        """Whether something does not answer, and that is waited out. Safe to call from another thread."""
        return self._failures > 0

    def run(self, stop: threading.Event, pause: float) -> None:
        """Go round until `stop` is set, resting `pause` seconds whenever there was nothing to do."""
        self._telemetry.log("started")
        try:
            while not stop.is_set():
                self._rest(stop, self.turn(pause))
        except HubError as error:
            self._telemetry.failed("stopped", error)
            raise
        self._telemetry.log("stopped")

    def turn(self, pause: float) -> float:
        """One round; returns how long to rest after it, in seconds."""
        self._children.look()
        began = time.monotonic()
        try:
            done = self._round()
            for group, records in self._lag().items():
                self._telemetry.level("lag", records, type=group)
        except Unreachable as error:
            self._telemetry.failed("unreachable", error)
            rest = PAUSES[min(self._failures, len(PAUSES) - 1)]
            self._failures += 1
            self._reasons = (error, *self._idle())
            return rest
        self._failures = 0
        if done:
            self._telemetry.took("fetch", time.monotonic() - began, type="round")
        self._reasons = self._idle()
        return 0.0 if done else pause

    def _rest(self, stop: threading.Event, seconds: float) -> None:
        while seconds > 0 and not stop.wait(min(seconds, 1.0)):
            self._alive()
            seconds -= 1.0
        self._alive()

    def _idle(self) -> tuple[HubError, ...]:
        waiting = self._children.waiting().items()
        return tuple(Unreachable("HUB-G541", connector=name, exit=code) for name, code in waiting)
