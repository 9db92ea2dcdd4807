"""Who was asked something and has not answered yet: told by whoever asks, and read by whoever tells how it goes.

A table that somebody has locked, a server or a disk that stands still: whoever asked waits there and can tell nobody.
What is late is told until the same one has answered in time for as long again, so that readiness does not go on and
off with every question.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

from hub.core.errors import Unreachable

LATE_SECONDS: Final = 5.0
"""An ordinary commit takes milliseconds, one on a busy machine a second or two."""

LOG: Final = "log"
"""What a log on brokers is called; databases are called as in their errors."""


class Answers:
    """Questions under way in this process. `clock` counts seconds; safe to be used from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._numbers = clock, count()
        self._lock = threading.Lock()
        self._asked: dict[int, tuple[str, float]] = {}
        self._late: dict[str, tuple[float, int]] = {}  # when its last late answer came, and how late that was

    @contextmanager
    def awaited(self, what: str) -> Iterator[None]:
        """The body asks `what` something, and is over when that has answered or failed."""
        number, began = next(self._numbers), self._clock()
        with self._lock:
            self._asked[number] = what, began
        try:
            yield
        finally:
            now = self._clock()
            with self._lock:
                del self._asked[number]
                if now - began > LATE_SECONDS:
                    self._late[what] = now, int(now - began)

    def late(self) -> list[Unreachable]:
        """HUB-G716 of whoever has let somebody wait too long, now or just now, and for how many seconds."""
        now = self._clock()
        with self._lock:
            self._late = {what: one for what, one in self._late.items() if now - one[0] <= LATE_SECONDS}
            found = {what: seconds for what, (_, seconds) in self._late.items()}
            for what, began in self._asked.values():
                if now - began > LATE_SECONDS:
                    found[what] = max(found.get(what, 0), int(now - began))
        return [Unreachable("HUB-G716", what=what, seconds=seconds) for what, seconds in sorted(found.items())]


ANSWERS: Final = Answers()
"""Those of this process: connections are opened in many places, and readiness is told in one."""
