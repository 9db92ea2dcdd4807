"""Law 7 for sites: whatever agencies say late, correct or retract, a market knows what the true history says."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.event import Event
from projections.definitions import markets
from projections.market.events import site_key
from projections.market.sites import SiteFold
from projections.profiles import load
from tests.projections.engine import Engine
from tests.projections.test_simulation import START, site_history
from tests.projections.world import Group, correcting, folded, site_fact

PROFILES = load()


def histories(seed: int, length: int) -> list[Event]:
    """What agencies say of three sites; some of it they retract, some they correct."""
    rnd = random.Random(seed)
    found: list[Event] = []
    for number in range(1, length):
        one = site_history(rnd, START + number // 2, number, found)
        if found and rnd.random() < 0.1 and one.type != "agency.Retracted":
            targets = [had for had in found if had.type == one.type and had.fields.site == one.fields.site]
            one = one._replace(refs=correcting(rnd.choice(targets))) if targets else one
        found.append(one)
    return found


def live_rows(events: list[Event]) -> dict[bytes, Any]:
    """The row of each site when events arrive in this order."""
    group = Group(markets(PROFILES)._replace(decider=None))
    group.log = [("intake", number, one) for number, one in enumerate(events, 1)]
    group.take(len(events))
    rows = {row.id: row for row in group.rows.tables.get("site", {}).values()}
    return {key: rows[number]._replace(id=1) for key, number in group.ids.items() if number in rows}


def true_rows(events: list[Event]) -> dict[bytes, Any]:
    """The same as if nobody had ever said what was retracted or corrected."""
    gone = {one.corrects() for one in events} - {None}
    left = [one for one in events if one.id not in gone and one.type != "agency.Retracted"]
    found: dict[bytes, Any] = {}
    for key in {site_key(one.key, one.fields.site) for one in left}:
        own = [one for one in left if site_key(one.key, one.fields.site) == key]
        found[key] = folded(SiteFold(), sorted(own, key=lambda one: one.order), key)
    return found


def never_said(events: list[Event], order: random.Random) -> None:
    """The law: the fold after a retraction is the fold without the fact, in any order of arrival."""
    shuffled = list(events)
    order.shuffle(shuffled)
    assert live_rows(shuffled) == true_rows(events), "what was retracted still shows"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30), st.randoms(use_true_random=False))
def test_what_was_retracted_of_a_site_was_never_said(seed: int, length: int, order: random.Random) -> None:
    """Sites end as if what was retracted or corrected had never been said, whatever came first."""
    never_said(histories(seed, length), order)


def test_a_fold_that_does_not_hear_retractions_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: a market that keys facts only, and no retractions, breaks the law."""
    key = SiteFold.key
    monkeypatch.setattr(SiteFold, "key", lambda fold, event: None if event.corrects() else key(fold, event))
    with pytest.raises(AssertionError, match="still shows"):
        _some(20)


def _some(seeds: int) -> None:
    for seed in range(seeds):
        never_said(histories(seed, 20), random.Random(seed))


def test_retracted_facts_of_a_site_leave_no_trace_in_the_real_loop(tmp_path: Path) -> None:
    """Through codec, ledger and store, rows after retractions are those of a log without the facts, also rebuilt."""
    facts = [
        site_fact("civil_affairs.SiteLicensed", START, "A", 1, basis="licence"),
        site_fact("stations.CapacityDeclared", START, "A", 2, free=1, as_of=START),
        site_fact("stations.CapacityDeclared", START + 1, "A", 3, free=9, as_of=START + 1),
        site_fact("civil_affairs.SiteClosed", START + 1, "A", 4),
        site_fact("stations.PriceListed", START + 1, "A", 5),
    ]
    gone = [
        site_fact("agency.Retracted", START + 2, "A", number, refs=correcting(fact))
        for number, fact in enumerate(facts[2:], 6)
    ]
    told, never = Engine(PROFILES, START, tmp_path), Engine(PROFILES, START)
    told.tell(*facts)
    told.run(START + 1)
    assert [(row.free, row.closed) for row in told.rows("markets", "site")] == [(9, 1)]
    told.tell(*gone)
    told.run(START + 2)
    never.tell(*facts[:2])
    never.run(START + 2)
    assert told.rows("markets", "site") == never.rows("markets", "site")
    assert _waiting(told) == [0], "a retraction waits for what it has retracted"
    assert told.rebuilt(told.sqlite(tmp_path, "shadow")) == told.contents()


def _waiting(engine: Engine) -> list[int]:
    """How many retractions wait for their target, by key of the markets."""
    waiting: list[int] = []
    for partition in (0, 1):
        unit = engine.store.begin("markets", partition)
        waiting += [key.waiting for key in unit.known([site_key(b"2201", "A")]).values()]
        unit.abandon()
    return waiting
