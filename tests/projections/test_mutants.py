"""Each law of cases and markets kills a broken variant; any order of arrival gives the fold of the sorted history."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.event import Event
from projections.case import care, decide, way
from projections.case.fold import CaseFold
from projections.definitions import persons
from projections.market import match, sites
from projections.profiles import load
from tests.projections.test_simulation import START, history, person_history
from tests.projections.world import Group, folded

PROFILES = load()


def some_history_breaks(message: str, seeds: int = 60) -> None:
    """One of the first histories breaks a law, with this message."""
    with pytest.raises(AssertionError, match=message):
        _histories(seeds)


def _histories(seeds: int) -> None:
    for seed in range(seeds):
        history(seed, PROFILES)


def test_a_case_that_forgets_its_due_day_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A duty that nobody looks at again breaks the law of due days."""
    monkeypatch.setattr(way, "due_day", lambda row, rules, day: None)
    some_history_breaks("due None")


def test_a_due_day_that_is_too_early_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that is looked at for nothing breaks the law of due days."""
    monkeypatch.setattr(way, "due_day", lambda row, rules, day: 0)
    some_history_breaks("decides \\[\\]")


def test_custody_given_up_at_the_start_of_a_hand_over_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hand-over in one phase leaves somebody without a custodian."""
    leaving = care.leaving
    monkeypatch.setattr(care, "leaving", lambda row, event: leaving(row, event)._replace(holder=""))
    some_history_breaks("hand-over from nobody|nobody holds custody")


def test_a_grant_without_looking_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case that grants whatever it is asked grants what the world has moved on from."""
    monkeypatch.setattr(decide, "_refusal", lambda now, ask: "")
    some_history_breaks("granted")


def test_a_reservation_that_is_not_given_back_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A voided offer whose place stays reserved is a place counted twice."""
    monkeypatch.setitem(sites._CHANGES, "hub.OfferVoided", lambda row, event: {})
    some_history_breaks("reserved")


def test_an_offer_whose_place_is_taken_twice_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """An assignment that does not use its offer's reservation counts one place twice."""
    taken = sites._taken
    monkeypatch.setitem(
        sites._CHANGES, "hub.VacancyTaken", lambda row, event: {**taken(row, event), "reserved": row.reserved}
    )
    some_history_breaks("reserved")


def test_proposals_beyond_the_room_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A market that proposes full sites breaks the law of room."""
    monkeypatch.setattr(match, "room", lambda site: 1)
    monkeypatch.setattr("projections.market.decide.room", lambda site: 1)
    some_history_breaks("more proposed than there was room")


def histories(seed: int, length: int) -> list[Event]:
    """Facts of a few people, corrections included."""
    rnd = random.Random(seed)
    found: list[Event] = []
    for number in range(1, length):
        found.append(person_history(rnd, START + number // 2, number, found))
    return found


def live_rows(events: list[Event]) -> dict[bytes, Any]:
    """The newest row of each person when events arrive in this order."""
    group = Group(persons(PROFILES)._replace(decider=None))
    group.log = [("intake", number, one) for number, one in enumerate(events, 1)]
    group.take(len(events))
    rows = group.rows.tables.get("case", {})
    return {
        key: sorted((row for (id, _), row in rows.items() if id == number), key=lambda row: row.n)
        for key, number in group.ids.items()
    }


def sorted_rows(events: list[Event]) -> dict[bytes, Any]:
    """The same from the sorted history, without what was corrected."""
    gone = {one.corrects() for one in events} - {None}
    left = [one for one in events if one.id not in gone and not one.type.endswith("Retracted")]
    found: dict[bytes, Any] = {}
    for key in {one.key for one in events}:
        found[key] = folded(CaseFold(PROFILES), sorted((o for o in left if o.key == key), key=lambda o: o.order), key)
    return found


def any_order(events: list[Event], order: random.Random) -> None:
    """Law 7: however facts arrive, the rows are those of the sorted history."""
    shuffled = list(events)
    order.shuffle(shuffled)
    live = live_rows(shuffled)
    for key, row in sorted_rows(events).items():
        ends = [one for one in live.get(key, []) if one.n == row.n]
        assert [one._replace(id=1) for one in ends] in ([row], []), "the rows depend on the order of arrival"
        assert ends or row == CaseFold(PROFILES).empty(1, key), "a person was lost"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 40), st.randoms(use_true_random=False))
def test_any_order_of_arrival_is_the_sorted_history(seed: int, length: int, order: random.Random) -> None:
    """Late, corrected and retracted facts end in one row, whatever came first."""
    any_order(histories(seed, length), order)


def test_a_fold_that_takes_facts_as_they_come_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without folding again, some order of arrival shows in the rows."""

    def at_once(self: Group, fold: Any, key: bytes, at: int, one: Event) -> None:
        table, id = self.rows.tables.setdefault(fold.table.name, {}), self.id(key)
        row = fold.evolve(self.rows.rows(fold.table, [id]).get(id) or fold.empty(id, key), one)
        table[row.id, row.n] = row

    monkeypatch.setattr(Group, "_fold", at_once)
    with pytest.raises(AssertionError, match="order of arrival"):
        _any_orders(40)


def _any_orders(seeds: int) -> None:
    for seed in range(seeds):
        any_order(histories(seed, 20), random.Random(seed))
