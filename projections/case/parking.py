"""What a gate of consent would park, of the events of one person alone, before any of them is sent.

The rules are the fold's own (`CaseFold.visible`, `reopens`); only the order in which parked events are tried again is
told here once more, as `hub.flow.folding` has it. A test holds the two together.
"""

from collections.abc import Iterator, Sequence

from hub.core.event import Event
from projections.case.events import GATED
from projections.case.facts import FACTS
from projections.case.fold import CaseFold
from projections.profiles import Profiles


class Parking:
    """The gates under some profiles. Another source may bring the consent that lacks here: only the hub knows all."""

    types = frozenset(FACTS)

    def __init__(self, profiles: Profiles) -> None:
        self._fold = CaseFold(profiles)
        self.gated = frozenset(GATED) if profiles.gated() else frozenset[str]()

    def parked(self, events: Sequence[Event]) -> Iterator[str]:
        """The purpose that lacks consent, of each event that would be parked. A decision of the hub opens no gate."""
        fold = self._fold
        if not any(event.type in GATED for event in events):
            return
        row, waiting = fold.empty(0, events[0].key), list[Event]()
        for event in sorted(events, key=lambda event: event.order):
            if not fold.visible(row, event):
                waiting.append(event)
                continue
            row = fold.evolve(row, event)
            if waiting and fold.reopens(event):
                still = []
                for one in waiting:
                    if fold.visible(row, one):
                        row = fold.evolve(row, one)
                    else:
                        still.append(one)
                waiting = still
        yield from (GATED[event.type] for event in waiting)
