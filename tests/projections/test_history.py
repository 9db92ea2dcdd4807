"""History of before go-live: it builds state, alarms nobody, and is afterwards as if it had come in time."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from hub.core.calendar import add_months
from hub.core.event import Event
from projections.case.tables import CLOSED
from projections.profiles import load
from tests.projections.engine import CODEC, SIZES, Engine
from tests.projections.test_simulation import PEOPLE, START, _peaceful_start, person_history
from tests.projections.world import event, person_fact, subject

FACTS = (
    "n", "step", "end", "area", "home", "cell_x", "cell_y", "age_group", "needs", "urgent", "begun_on", "applied_on",
    "registered_on", "confirmed_on", "assigned_on", "accepted_on", "served_on", "closed_on", "followed_on",
    "referral_until", "service_until", "transfer_until", "guardian", "site", "site_area", "holder", "holder_area",
    "to_area", "wait_from", "wait_reason", "wait_until", "checked_on", "exit_ok", "declined",
)  # fmt: skip
"""What the facts say of a case."""

TOLD = ("taken", "told_holder", "told_handover")
CASE, NEED = ("told_case",), ("told_market", "told_what")
"""What others know of it, once the hub decides; of a case and of a need as long as it is open."""

ALARMS = ("hub.RuleBroken", "hub.WaitLimitPassed")


def dated(one: Event, mode: str) -> Event:
    """The same fact, said as history or live."""
    return one._replace(fields=one.fields._replace(mode=mode))


def lives(seed: int, length: int = 90) -> list[Event]:
    """Facts of a few people, sensible or not, corrections included, day after day before the day START + length."""
    rnd = random.Random(seed)
    found: list[Event] = []
    for number in range(1, length):
        found.append(person_history(rnd, START + number, number, found))
    return found


def decisions(engine: Engine, *types: str) -> list[Any]:
    """What the hub said by itself: type and fields, but for what the clock says."""
    found = []
    for (topic, partition), records in sorted(engine.log.records.items()):
        assert partition < SIZES[topic]
        for record in records:
            envelope = CODEC.envelope(record.headers)
            if envelope.source.startswith("hub/") and envelope.type not in ("hub.DayTicked", "hub.ProfileChanged"):
                found.append((envelope.type, CODEC.decode(record.value)[1]))
    return [one for one in found if not types or one[0] in types]


def newest(engine: Engine, names: Sequence[str]) -> dict[bytes, tuple[Any, ...]]:
    """Of the last case of each person."""
    rows = sorted(engine.rows("persons", "case"), key=lambda row: row.n)
    return {row.subject: tuple(getattr(row, name) for name in names) for row in rows}


def known(engine: Engine) -> list[dict[bytes, tuple[Any, ...]]]:
    """What others know of each person: places and custody, the open case, the open need."""
    opened = newest(engine, ("step", *CASE)).items()
    needs = newest(engine, ("told_need", *NEED)).items()
    return [
        newest(engine, TOLD),
        {who: row[1:] for who, row in opened if row[0] not in ("none", *CLOSED)},
        {who: row[1:] for who, row in needs if row[0]},
    ]


@pytest.mark.parametrize("seed", range(12))
def test_history_that_comes_at_once_is_as_if_it_had_come_in_time(seed: int) -> None:
    """Loaded in any order before go-live nothing is decided; at go-live cases, and what others know, are as in time."""
    facts, day, rnd = lives(seed), START + 95, random.Random(seed)
    loaded, lived = Engine(load(), day), Engine(load(), START)
    some = [dated(one, "history") for one in facts]
    rnd.shuffle(some)
    for at in range(0, len(some), 17):
        loaded.tell(*some[at : at + 17])
        loaded.run(day - 1, rnd.choice((3, 5000)))
    assert not decisions(loaded), "something was decided before go-live"
    for one in facts:
        lived.run(one.fields.occurred_on)
        lived.tell(dated(one, "live"))
    assert newest(loaded, FACTS).keys() <= set(PEOPLE)
    lived.run(day)
    assert newest(loaded, FACTS) == newest(lived, FACTS), "the state of a case"
    loaded.run(day)
    assert newest(loaded, FACTS) == newest(lived, FACTS)
    assert known(loaded) == known(lived), "what others know of it"


@pytest.mark.parametrize("seed", range(6))
def test_history_breaks_no_rule_ever_and_its_waits_begin_at_go_live(seed: int) -> None:
    """Neither at go-live nor after its grace is a breach of history told; a limit passes only as long after go-live."""
    facts, day = [dated(one, "history") for one in lives(seed)], START + 95
    engine = Engine(load(), day)
    engine.tell(*facts)
    for later in (0, 1, 3, 30, 80):
        engine.run(day + later)
    assert not decisions(engine, *ALARMS)
    engine.run(day + 400)
    limit = add_months(day, load().rules("220102", day).wait_limit_months)
    assert not decisions(engine, "hub.RuleBroken")
    assert all(fields.occurred_on > limit for _, fields in decisions(engine, "hub.WaitLimitPassed"))


def test_who_still_waits_at_go_live_is_offered_a_site_on_that_day() -> None:
    """Sites and needs of history meet at the first tick, and not before: no proposal and no offer is older."""
    rnd, day = random.Random(1), START + 95
    engine = Engine(load(), day)
    who = subject(77)
    engine.tell(
        *(dated(one, "history") for one in _peaceful_start(rnd)),
        person_fact("agency.ApplicationFiled", START, who, 900, mode="history", birth_year_band=""),
        person_fact("agency.ApplicationRegistered", START + 1, who, 901, mode="history"),
    )
    engine.run(day - 1)
    assert not decisions(engine)
    engine.run(day)
    offers = decisions(engine, "hub.MatchProposed", "hub.OfferMade")
    assert offers
    assert {fields.occurred_on for _, fields in offers} == {day}


def test_a_breach_noted_of_history_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The laws can fail: a fold that forgets the mode tells breaches of years ago."""
    from projections.case import care, lifecycle

    def careless(row: Any, one: Event, rules: Any, rule: str) -> Any:
        return lifecycle.breach(row, dated(one, "live"), rules, rule)

    monkeypatch.setattr(care, "breach", careless)
    with pytest.raises(AssertionError, match=r"hub\.RuleBroken"):
        test_history_breaks_no_rule_ever_and_its_waits_begin_at_go_live(1)


def test_an_event_out_of_history_has_its_own_day() -> None:
    """What the helpers of this page make differs in its mode alone."""
    one = event("agency.ApplicationRegistered", START, subject(1))
    assert dated(one, "history").fields == one.fields._replace(mode="history")
    assert dated(one, "history").order == one.order
