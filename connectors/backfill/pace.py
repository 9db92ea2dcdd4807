"""How hard a backfill works: rows a second, and how much of it may wait for the hub at once."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from connectors.sources import CHUNK
from hub.core.errors import Unreachable

AHEAD: Final = 30_000
"""Events that may wait for the hub's answer: what is new waits behind them, as an agency's frames keep their order."""
PATIENCE: Final = 600.0
"""Seconds without any answer of the hub after which a backfill ends, to go on another time."""
_FEWEST: Final = 100

Rest = Callable[[float], bool]
"""Waits so many seconds; True as soon as somebody asks to stop."""


@dataclass
class Pace:
    """Its limits. `rows_per_second` 0: as fast as it goes. Pause and hours of the source are the source's affair."""

    rest: Rest
    rows_per_second: int = 0
    ahead: int = AHEAD
    patience: float = PATIENCE
    _began: float = field(default_factory=time.monotonic)
    _rows: int = 0
    _waited: int = -1
    _since: float = 0.0

    @property
    def at_once(self) -> int:
        """Rows of a page: where few are wanted a second, a statement asks for no more than ten seconds of them."""
        return min(CHUNK, max(_FEWEST, self.rows_per_second * 10)) if self.rows_per_second else CHUNK

    def took(self, rows: int) -> bool:
        """After a lot: wait until it may have been so many rows by now. True where somebody asked to stop."""
        self._rows += rows
        due = self._began + self._rows / self.rows_per_second if self.rows_per_second else 0.0
        return self.rest(max(0.0, due - time.monotonic()))

    def waits(self, events: int, connector: str) -> bool:
        """Whether so many unanswered events are too many. Raises Unreachable HUB-C425 when none is ever answered."""
        now = time.monotonic()
        if events <= self.ahead:
            self._waited = -1
            return False
        if self._waited < 0 or events < self._waited:
            self._since = now
        self._waited = events
        if now - self._since > self.patience:
            raise Unreachable("HUB-C425", connector=connector, events=events)
        return True
