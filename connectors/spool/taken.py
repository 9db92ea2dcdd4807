"""What took an event back: retractions, corrections and words for vanished rows, until the hub has answered them.

A vanished row is forgotten when its retraction is said. If the hub refuses that, this alone knows what was to be taken
back, so that it can be said again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from connectors.spool import tables as t
from connectors.spool.tables import TakenBack


class TakenBacks:
    """The table `taken_back` of a spool, inside the transactions of its owner."""

    def __init__(
        self, all: Callable[[str, Sequence[Any]], list[Any]], many: Callable[[str, Iterable[Any]], None]
    ) -> None:
        self._all, self._many = all, many
        self.settled = False
        """Whether a row that is gone needs nothing more, so that those whom it concerned may perhaps be forgotten."""

    def put(self, back: TakenBack) -> None:
        """Keep what an event takes back."""
        self._many(t.PUT_TAKEN, [back])

    def between(self, first: int, last: int) -> dict[int, TakenBack]:
        """What the events with these numbers took back, by their number."""
        return {row[0]: TakenBack(*row) for row in self._all(t.GET_TAKEN, (first, last))}

    def answered(self, first: int, last: int, refused: Iterable[int]) -> None:
        """The hub answered the events with these numbers: those it refused wait for their owner, others are done."""
        self._many(t.REFUSE_TAKEN, [(number,) for number in refused])
        if any(back.gone and not back.refused for back in self.between(first, last).values()):
            self.settled = True
        self._all(t.DONE_TAKEN, (first, last))

    def refused(self) -> list[TakenBack]:
        """What the hub refused, oldest first."""
        return [TakenBack(*row) for row in self._all(t.REFUSED_TAKEN, ())]

    def drop(self, numbers: Iterable[int]) -> None:
        """Forget these: said again, or given up."""
        self._many(t.DROP_TAKEN, [(number,) for number in numbers])

    def events(self) -> Iterator[bytes]:
        """What is packed of every event that is to be taken back."""
        for (made,) in self._all(t.EVENTS_TAKEN, ()):
            yield made
