"""Debezium's snapshots: between the first mark and the last stands every row of the table."""

from typing import Final

from connectors.sources.envelope import Change

_FIRST: Final = ("first", "first_in_data_collection")
_LAST: Final = ("last", "last_in_data_collection")


class Snapshots:
    """Finds out since when a read saw every row. Partitions are in no order, so that only a single one can show it."""

    def __init__(self, single: bool) -> None:
        self.since = 0
        """Where the newest whole snapshot, or a truncation, began."""
        self.whole = False
        self._single = single
        self._open: int | None = None

    def note(self, change: Change | None, at: int) -> bool:
        """Look at the next change, which stands at `at`; whether a snapshot begins with it, or all rows end."""
        if not self._single:
            return False
        if change is None:
            self._open = None  # one row of it cannot be read: who knows which
            return False
        if change.kind == "all_gone":
            self._open, self.whole, self.since = None, True, at
            return True
        if change.snapshot in _FIRST:
            self._open = at
            return True
        if change.snapshot in _LAST and self._open is not None:
            self.whole, self.since, self._open = True, self._open, None
        return False

    def begun(self, at: int) -> None:
        """What began stands at `at`."""
        if self._open is not None:
            self._open = at
        else:
            self.since = at
