"""A registration tells when the hub heard of somebody; no row may rest on it, since it depends on what came first."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.event import Event
from projections.case import fold
from projections.definitions import persons
from projections.profiles import load
from tests.projections.test_mutants import histories
from tests.projections.test_simulation import START
from tests.projections.world import Group, person_fact

PROFILES = load()


def rows(events: list[Event]) -> dict[Any, Any]:
    """The rows of cases from these events as they come."""
    group = Group(persons(PROFILES)._replace(decider=None))
    group.log = [("intake", number, one) for number, one in enumerate(events, 1)]
    group.take(len(events))
    names = {number: key for key, number in group.ids.items()}
    return {(names[id], n): row._replace(id=0) for (id, n), row in group.rows.tables.get("case", {}).items()}


def registered(events: list[Event], chance: random.Random) -> list[Event]:
    """The same events, each person registered before the first one: of any date, county and mode."""
    known: dict[bytes, Event] = {}
    found: list[Event] = []
    for number, one in enumerate(events, 10_000):
        if one.key not in known:
            own = {"mode": chance.choice(("live", "history"))}
            day, area = START + chance.randint(-900, 900), chance.choice(("220102", "371002"))
            known[one.key] = person_fact("hub.SubjectRegistered", day, one.key, number, area, **own)
            found.append(known[one.key])
        found.append(one)
    return found


def rests_on_no_registration(seed: int, chance: random.Random) -> None:
    """The law: whatever registrations say, the rows are those of a log without them."""
    events = histories(seed, 30)
    assert rows(registered(events, chance)) == rows(events), "a row rests on a registration"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_no_row_rests_on_a_registration(seed: int, chance: random.Random) -> None:
    """Date, county and mode of a registration follow from the order of arrival, and change no row."""
    rests_on_no_registration(seed, chance)


def test_a_fold_that_reads_registrations_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: a case that takes its county from the registration breaks the law."""
    monkeypatch.setattr(fold, "_READ", fold._READ | {"hub.SubjectRegistered"})
    monkeypatch.setitem(
        fold.FACTS, "hub.SubjectRegistered", lambda row, event, rules: row._replace(area=event.fields.area)
    )
    with pytest.raises(AssertionError, match="rests on a registration"):
        rests_on_no_registration(1, random.Random(1))
