"""Whoever reads a log on and on and stands still ends itself, to be started again by whoever supervises it."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from hub.core.errors import Unreachable
from hub.flow.unread import Untaken
from hub.telemetry.metrics import Observer
from hub.telemetry.progress import Place, Progress

LOOK_SECONDS: Final = 0.5
TELL_SECONDS: Final = 5.0


class Seen:
    """Tells `progress` how all partitions stand, which are all ours: whoever shares them is told by who hands over."""

    def __init__(self, untaken: Untaken, progress: Progress) -> None:
        self._untaken, self._progress = untaken, progress
        self._at: dict[Place, int] = {}
        progress.given()

    def lag(self) -> dict[str, int]:
        """How many records wait, by topic. Raises Unreachable."""
        found: dict[str, int] = {}
        for one in self._untaken.look():
            found[one.topic] = found.get(one.topic, 0) + one.records
            moved = self._at.get(one.place, one.at) != one.at
            self._progress.behind(one.place, one.records, moved=moved)
            self._at[one.place] = one.at
        return found


@contextmanager
def watched(
    progress: Progress, waits: Callable[[str], bool], patience: Callable[[], float], observer: Observer
) -> Iterator[None]:
    """End the process with 5, from a thread that waits for nobody, when there is something to do and nothing is done.

    `waits` names the topics that may wait, `patience` the seconds of now. To be entered before databases are opened,
    and left when they are closed.
    """
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            if (still := progress.still(waits)) > patience():
                lag = sum(progress.lag().values())
                error = Unreachable("HUB-G542", lag=lag, seconds=int(still))
                _told_or_not(partial(observer.failed, "standstill", error, lag=lag))
                os._exit(error.exit_code)  # the next start is the recovery (law 12)

    threading.Thread(target=watch, name="watch", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _told_or_not(tell: Callable[[], None]) -> None:
    """Say it, and do not wait for whoever should hear it: that nobody reads what we say may be why we stand still."""
    teller = threading.Thread(target=tell, name="tell", daemon=True)
    teller.start()
    teller.join(TELL_SECONDS)
