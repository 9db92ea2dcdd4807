"""Who is proposed to whom, and what a market knows of its sites."""

from typing import Any

import pytest

from hub.core.event import Event
from hub.core.fold import Decision
from hub.core.frame import KIND_OFFER, KIND_SUBJECT, OFFER, PATIENT, Ref
from projections.market.decide import MarketDecider
from projections.market.events import need_key, site_key
from projections.market.match import distance_m, match
from projections.market.needs import NeedFold
from projections.market.sites import SiteFold
from projections.market.tables import NO_NEED, NO_SITE, Need, Site
from projections.profiles import load
from tests.projections.world import Rows, event, folded, site_fact, subject

D = 20_000
PROFILES = load()
RULES = PROFILES.rules("220102", D)
NEED = NO_NEED._replace(
    area="220102", cell_x=0, cell_y=0, needs="vocational", state="open", market="2201", subject=b"s" * 16
)


def a_site(code: str, x_m: int = 1_000, **own: Any) -> Site:
    """A licensed site of our county with one free place."""
    return NO_SITE._replace(
        market="2201", site=code, area="220102", x_m=x_m, y_m=1_000, basis="registration", free=1, has_room=1
    )._replace(**own)


def chosen(*sites: Site, need: Need = NEED) -> str | None:
    """The site that a need is proposed to."""
    found = match(need, sites, RULES)
    return found and found.site.site


def test_the_own_county_comes_first_however_far() -> None:
    """A site of the own county is preferred to a nearer one of another."""
    assert chosen(a_site("far", 90_000), a_site("near", area="220104")) == "far"


def test_the_nearest_comes_first_by_whole_metres_and_a_tie_goes_to_the_lower_code() -> None:
    """Distance is the integer square root of metres from the centre of the cell."""
    assert distance_m(NEED, a_site("A", 4_000)) == 3_000
    assert distance_m(NEED, a_site("A", 2_000)._replace(y_m=2_001)) == 1_414
    assert chosen(a_site("B", 3_000), a_site("A", 5_000)) == "B"
    assert chosen(a_site("B", 3_000), a_site("A", 3_000)) == "A"
    assert chosen(a_site("A", 3_000)._replace(x_m=None), a_site("B", 90_000)) == "B", "an unknown place is far"


@pytest.mark.parametrize(
    "unfit",
    [
        {"free": 0},
        {"free": 2, "reserved": 2},
        {"free": None},
        {"programmes": "social_skills"},
        {"age_groups": "child"},
        {"site": "refused"},
    ],
)
def test_an_unfit_site_is_not_proposed(unfit: dict[str, Any]) -> None:
    """No room, another service, another age, or a refusal: the next site is taken, and without one nothing is."""
    need = NEED._replace(age_group="adult", refused="refused")
    assert chosen(a_site("A")._replace(**unfit), a_site("B", 9_000), need=need) == "B"
    assert chosen(a_site("A")._replace(**unfit), need=need) is None


def test_all_services_may_be_asked_for() -> None:
    """A profile says whether one of the services needed is enough."""
    need, site = NEED._replace(needs="vocational,day_care"), a_site("A", programmes="vocational")
    assert match(need, [site], RULES) is not None
    assert match(need, [site], RULES._replace(suitable="all")) is None


def test_a_county_may_keep_its_people() -> None:
    """Without escalation no site of another county is proposed."""
    site = a_site("A", area="220104")
    assert match(NEED, [site], RULES._replace(escalation="county")) is None
    found = match(NEED, [site, a_site("B", area="220104")], RULES)
    assert found is not None
    assert found.reason == "escalated"


def test_a_proposal_explains_itself() -> None:
    """It names the runner-up and the nearest site that would have been better but was full."""
    found = match(NEED, [a_site("C", 6_000), a_site("B", 4_000), a_site("A", 2_000, free=0)], RULES)
    assert found is not None
    assert (found.site.site, found.distance_m, found.reason) == ("B", 3_000, "own_county")
    assert found.runner_up is not None
    assert (found.runner_up.site, found.runner_up_m) == ("C", 5_000)
    assert found.full is not None
    assert (found.full.site, found.full_m) == ("A", 1_000)


def queue(sites: list[Site], needs: list[Need], day: int = D, first: bool = True, touched: Any = ()) -> list[Decision]:
    """What a market of these rows decides."""
    rows = Rows()
    rows.tables["site"] = {(n, 0): site._replace(id=n) for n, site in enumerate(sites, 1)}
    rows.tables["need"] = {(n, 0): need._replace(id=n) for n, need in enumerate(needs, 101)}
    ids = {need_key(need.subject, need.need_no): n for n, need in enumerate(needs, 101)}
    ids |= {site_key(b"2201", site.site): n for n, site in enumerate(sites, 1)}
    return MarketDecider(PROFILES).decide(rows, touched, ids, day, first)


def proposed(decisions: list[Decision]) -> list[tuple[bytes, str]]:
    """Who is proposed to which site."""
    return [(one.refs[0].value, one.fields.site) for one in decisions if one.type == "hub.MatchProposed"]


def needs(*own: dict[str, Any]) -> list[Need]:
    """Open needs of different people."""
    return [NEED._replace(subject=subject(n), need_no=1, registered_on=D - 9)._replace(**o) for n, o in enumerate(own)]


def test_the_queue_is_urgent_first_then_by_registration() -> None:
    """Who goes ahead of the queue gets the last place, else who was registered earlier."""
    a, b, c = needs({"registered_on": D - 5}, {"registered_on": D - 8}, {"registered_on": D - 1, "rush": 0})
    assert proposed(queue([a_site("A", free=2)], [a, b, c])) == [(c.subject, "A"), (b.subject, "A")]


def test_no_place_is_proposed_twice() -> None:
    """In one decision as many proposals go to a site as it has room."""
    people = needs(*[{}] * 5)
    sites = [site for _, site in proposed(queue([a_site("A", free=2, reserved=1), a_site("B", 9_000)], people))]
    assert sorted(sites) == ["A", "B"]


def test_a_long_queue_is_read_on_while_there_is_room() -> None:
    """Hundreds whom no site with room fits do not hide the one behind them."""
    ahead = needs(*[{"needs": "respite", "registered_on": D - 50}] * 900)
    behind = NEED._replace(subject=subject(5_000), need_no=1, registered_on=D)
    assert proposed(queue([a_site("A", programmes="vocational")], [*ahead, behind])) == [(behind.subject, "A")]


def test_a_touched_need_is_looked_at_alone() -> None:
    """A new need does not make a market read its whole queue again."""
    a, b = needs({}, {})
    key = need_key(b.subject, 1)
    assert proposed(queue([a_site("A", free=2)], [a, b], first=False, touched=[key])) == [(b.subject, "A")]
    assert len(proposed(queue([a_site("A", free=2)], [a, b], first=False, touched=[site_key(b"2201", "A")]))) == 2
    assert queue([a_site("A", free=2)], [a, b], first=False) == []


@pytest.mark.parametrize(
    ("site", "reason"),
    [
        ({"closed": 1, "stuck": 1}, "site_closed"),
        ({"suspended_until": D, "stuck": 1}, "site_suspended"),
        ({"licensed_until": D - 1, "due": D}, "site_unlicensed"),
        ({"basis": "", "stuck": 1}, "site_unlicensed"),
    ],
)
def test_an_offer_is_taken_back_when_the_site_may_not_be_dispatched_to(site: dict[str, Any], reason: str) -> None:
    """The market asks once to void what it proposed to a site that is closed, suspended or without a licence."""
    (need,) = needs({"state": "offered", "offer": b"o" * 16, "offer_site": "A"})
    stuck = a_site("A", reserved=1)._replace(**site)
    (asked,) = queue([stuck], [need])
    assert (asked.type, asked.fields.reason) == ("hub.MatchWithdrawn", reason)
    assert queue([stuck], [need._replace(asked=1)]) == []
    assert queue([a_site("A", reserved=1)], [need]) == []


MARKET = b"2201"


def after(*events: Event) -> Site:
    """The row of site A."""
    row: Site = folded(SiteFold(), sorted(events, key=lambda one: one.order), b"s2201/A")
    return row


def moved(type: str, day: int, number: int, since: int, *refs: Ref) -> Event:
    """A place taken or given back."""
    return event(type, day, MARKET, number, refs, site="A", site_area="220102", since=since, area="220102")


def test_a_declaration_resets_and_what_came_after_it_counts() -> None:
    """Places taken on later days than the declaration's are subtracted, releases added, earlier ones are in it."""
    declared = site_fact("stations.CapacityDeclared", D, "A", 1, free=3, as_of=D)
    taken = [moved("hub.VacancyTaken", D + 5, n, since) for n, since in ((2, D - 1), (3, D), (4, D + 1), (5, D + 2))]
    freed = moved("hub.VacancyFreed", D + 6, 6, D + 6)
    assert after(declared, *taken, freed).free == 2
    late = site_fact("stations.CapacityDeclared", D + 9, "A", 7, free=5, as_of=D + 1)
    assert after(declared, *taken, freed, late).free == 5 - 1 + 1
    older = site_fact("stations.CapacityDeclared", D + 9, "A", 8, free=9, as_of=D - 1)
    assert after(declared, *taken, freed, older).free == 2


def test_an_assignment_to_a_full_site_is_a_fact() -> None:
    """Free places below zero are shown, and nothing is proposed there."""
    declared = site_fact("stations.CapacityDeclared", D, "A", 1, free=0, as_of=D)
    licensed = site_fact("civil_affairs.SiteLicensed", D, "A", 2, basis="registration", until=None)
    row = after(licensed, declared, moved("hub.VacancyTaken", D + 1, 3, D + 1))
    assert (row.free, row.has_room) == (-1, 0)


def test_a_proposal_reserves_until_it_is_answered() -> None:
    """Taking the place of an offer uses its reservation, voiding it gives it back: once each."""
    ref = Ref(OFFER, KIND_OFFER, b"o" * 16)
    declared = site_fact("stations.CapacityDeclared", D, "A", 1, free=2, as_of=D)
    asked = event("hub.MatchProposed", D + 1, MARKET, 2, (), site="A", need_no=1, area="220102")
    assert after(declared, asked).reserved == 1
    voided = event("hub.OfferVoided", D + 2, MARKET, 3, (ref,), site="A", need_no=1, reason="expired", area="220102")
    assert (after(declared, asked, voided).reserved, after(declared, asked, voided).free) == (0, 2)
    used = after(declared, asked, moved("hub.VacancyTaken", D + 2, 3, D + 2, ref))
    assert (used.reserved, used.free) == (0, 1)
    assert after(declared, asked, moved("hub.VacancyTaken", D + 2, 3, D + 2)).reserved == 1


def test_a_site_that_declined_is_not_proposed_to_the_need_again() -> None:
    """A voided offer opens the need again, and a declined one remembers the site."""
    who = Ref(PATIENT, KIND_SUBJECT, subject(1))
    opened = event("hub.NeedOpened", D, MARKET, 1, (who,), need_no=1, needs="", registered_on=D, reason="registered")
    asked = event("hub.MatchProposed", D, MARKET, 2, (who,), need_no=1, site="A", site_area="220102")
    ref = Ref(OFFER, KIND_OFFER, asked.id)
    for reason, refused in (("declined", "A"), ("expired", "")):
        voided = event("hub.OfferVoided", D, MARKET, 3, (who, ref), need_no=1, site="A", reason=reason)
        row = folded(NeedFold(), (opened, asked, voided), need_key(subject(1), 1))
        assert (row.state, row.refused, row.void_reason) == ("open", refused, reason)


def test_a_licence_lifts_a_suspension_and_a_closure() -> None:
    """Approved anew, a site may be dispatched to again."""
    facts = [
        site_fact("civil_affairs.SiteSuspended", D, "A", 1, until=None),
        site_fact("civil_affairs.SiteClosed", D + 1, "A", 2),
        site_fact("civil_affairs.SiteLicensed", D + 2, "A", 3, basis="approval", until=D + 9),
    ]
    assert (after(*facts[:2]).closed, after(*facts[:1]).suspended_until is not None) == (1, True)
    assert (after(*facts).closed, after(*facts).suspended_until, after(*facts).licensed_until) == (0, None, D + 9)
