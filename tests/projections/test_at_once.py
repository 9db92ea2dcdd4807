"""What a fold takes at once is what it takes one by one: the rows do not tell how large a fetch was."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from hub.core.event import Event
from projections.case import fold as case_fold
from projections.case.fold import CaseFold
from projections.case.tables import Case
from projections.case.way import Way
from projections.profiles import Profiles, load
from tests.projections.engine import CODEC, Engine
from tests.projections.test_engine import lived
from tests.projections.test_simulation import START, closed_gates

SEEDS = range(12)


def histories(profiles: Profiles, seed: int) -> Iterator[list[Event]]:
    """What the log of persons holds of each of them: facts of agencies, decisions and proposals."""
    engine = Engine(profiles, START)
    lived(engine, seed)
    found: dict[bytes, list[Event]] = {}
    for partition in range(2):
        for record in engine.log.read("persons", partition, 0, 100_000):
            _, event = CODEC.event(record, CODEC.envelope(record.headers))
            found.setdefault(event.key, []).append(event)
    yield from found.values()


def one_by_one(fold: CaseFold, row: Case, events: Sequence[Event]) -> list[Case] | None:
    """The rows that change; None where an event is not visible."""
    rows: dict[int, Case] = {}
    for event in events:
        if not fold.visible(row, event):
            return None
        after = fold.evolve(row, event)
        if after is not row:
            row = rows[after.n] = after
    return list(rows.values())


def same(profiles: Profiles, seed: int, way: type[Way] = Way) -> int:
    """Hold both together, in pieces of any size; returns how many pieces ended more than one case."""
    fold, rnd, several = CaseFold(profiles), random.Random(seed), 0
    for events in histories(profiles, seed):
        row, left = fold.empty(1, events[0].key), events
        while left:
            size = rnd.choice((1, 2, 5, len(left)))
            piece, left = left[:size], left[size:]
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(case_fold, "Way", way)
                found = fold.through(row, piece)
            assert found == one_by_one(fold, row, piece), f"seed {seed}: not as one by one"
            several += len(found or ()) > 1
            row = (found or [row])[-1]
    return several


@pytest.mark.parametrize("profiles", [load(), closed_gates()], ids=["open", "closed"])
def test_many_events_are_taken_as_one_by_one(profiles: Profiles) -> None:
    """The rows of every case, and whether an event is visible, are the same however the history is cut."""
    assert sum(same(profiles, seed) for seed in SEEDS), "no case ended within a piece: nothing was tried of that"


class ForgetsTheCaseBefore(Way):
    """Writes the last case only."""

    def rows(self) -> list[Any]:
        """The newest row."""
        return super().rows()[-1:]


class ForgetsTheDay(Way):
    """Takes two same facts of one day for two."""

    def _again(self, event: Event) -> bool:
        return False


@pytest.mark.parametrize("way", [ForgetsTheCaseBefore, ForgetsTheDay])
def test_what_is_lost_on_the_way_is_caught(way: type[Way]) -> None:
    """A case that ended on the way, or a fact that was heard that day, is missed where it is forgotten."""
    with pytest.raises(AssertionError, match="not as one by one"):
        sum(same(load(), seed, way) for seed in SEEDS)
