"""Whether a process gets on: how much there is to do, place by place, and for how long nothing has come of it.

Told by the thread that works, asked by the one that watches it, which must not wait for the first.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

Place = tuple[str, int]
"""A topic and a partition."""

ALONE: Final = 3
"""So many times the patience is had with one place while others get on: in a long queue, each has its turn."""


class Progress:
    """Of one process, from its start on. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._behind: dict[Place, int] = {}
        self._since: dict[Place, float] = {}  # when it moved last, or had nothing to do
        self._alive = self._moved = clock()
        self._given = False

    def alive(self) -> None:
        """A call of whoever drives us is over; there is one every second or so, for as long as all is well."""
        self._alive = self._clock()

    def took(self, records: int) -> None:
        """A fetch of ours is over and took so many: `behind` is told later, when each of many had its turn."""
        self._alive = self._clock()
        if records:
            self._moved = self._alive

    def given(self) -> None:
        """We were told which places are ours, even if there are none."""
        self._given = True

    def behind(self, place: Place, records: int, *, moved: bool = False) -> None:
        """So many records wait in a place; it `moved` when some were taken just now."""
        now = self._clock()
        if moved or not records or not self._behind.get(place):
            self._since[place] = now
        if moved or not any(self._behind.values()):
            self._moved = now
        if moved:
            self._alive = now
        self._behind[place] = records

    def waiting(self, place: Place) -> int:
        """How many records wait in a place of ours."""
        return self._behind.get(place, 0)

    def forget(self, place: Place) -> None:
        """It is not ours any more."""
        self._behind.pop(place, None)
        self._since.pop(place, None)

    def lag(self) -> Mapping[Place, int]:
        """How many records wait, by place."""
        return dict(self._behind)

    def still(self, leaving_out: Callable[[str], bool] = lambda topic: False) -> float:
        """For how many seconds there was something to do and nothing came of it; topics that are left out may wait."""
        now, behind, since = self._clock(), dict(self._behind), dict(self._since)
        found = [now - self._alive]
        waits = [place for place, records in behind.items() if records and not leaving_out(place[0])]
        if waits or not self._given:
            found.append(now - self._moved)
        found += [(now - since.get(place, now)) / ALONE for place in waits]
        return max(found)
