"""What facts do to a case: given a history, then a row."""

from itertools import permutations
from typing import Any

import pytest

from hub.core.calendar import add_months
from hub.core.event import Event
from hub.core.frame import CAUSE
from projections.case.decide import decide_case
from projections.case.facts import FACTS
from projections.case.fold import CaseFold
from projections.case.tables import Case
from projections.profiles import load
from tests.flow.sample import fields
from tests.projections.laws import due_is_exact, one_custodian
from tests.projections.test_simulation import closed_gates
from tests.projections.world import folded, person_fact, subject

WHO = subject(1)
D = 20_000
PROFILES = load()
FOLD = CaseFold(PROFILES)


def told(type: str, day: int, number: int, **own: Any) -> Event:
    """A fact about our person."""
    own.pop("occurred_on", None)
    return person_fact(type, day, WHO, number, **own)


def after(*events: Event) -> Case:
    """The row of our person after events in the order of their history."""
    row: Case = folded(FOLD, sorted(events, key=lambda one: one.order), WHO)
    return row


def decided(row: Case, day: int) -> dict[str, Any]:
    """What the row decides on a day, by type."""
    return {one.type: one for one in decide_case(row, PROFILES.rules(row.area, row.last_on), day)}


REGISTERED = (
    told("agency.ApplicationFiled", D, 1, cell_x=1, cell_y=2, birth_year_band=""),
    told("agency.NeedAssessed", D + 1, 2, suitable=True, needs="work"),
    told("agency.ApplicationRegistered", D + 2, 3),
)
ASSIGNED = (
    *REGISTERED,
    told("civil_affairs.RegistrationConfirmed", D + 3, 4),
    told("civil_affairs.CaseAssigned", D + 4, 5, site="A", site_area="220102"),
)
SERVED = (
    *ASSIGNED,
    told("stations.OfferAccepted", D + 5, 6, site="A"),
    told("stations.RehabOpinionIssued", D + 6, 7, site="A"),
    told("stations.AgreementSigned", D + 7, 8, site="A"),
    told("stations.ServiceDelivered", D + 8, 9, site="A", kind="work"),
)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (REGISTERED[:1], "applied"),
        (REGISTERED[:2], "need_assessed"),
        (REGISTERED, "registered"),
        (ASSIGNED[:4], "confirmed"),
        (ASSIGNED, "assigned"),
        (SERVED[:6], "accepted"),
        (SERVED[:7], "assessed"),
        (SERVED[:8], "agreed"),
        (SERVED, "in_service"),
    ],
)
def test_the_way_into_service(events: tuple[Event, ...], state: str) -> None:
    """Each fact moves a case one step on."""
    assert after(*events).state == state


def test_any_order_of_arrival_gives_one_row() -> None:
    """The row follows from the set of facts, not from the order in which they came."""
    rows = {after(*some) for some in permutations(SERVED[:5])}
    assert len(rows) == 1


def test_a_negative_need_closes_the_case() -> None:
    """Not suitable is an end with a name (domain 2-5)."""
    row = after(REGISTERED[0], told("agency.NeedAssessed", D + 1, 2, suitable=False, reason="acute"))
    assert (row.state, row.end, row.closed_on) == ("closed", "not_suitable", D + 1)


def test_a_return_is_a_new_case() -> None:
    """An application after the end begins the subject's next case; consents and residence go with the person."""
    consent = told("agency.ConsentGranted", D, 20, purpose="service", until=None)
    end = told("stations.CaseClosed", D + 9, 10, kind="moved", reason="moved away")
    row = after(consent, *SERVED, end, told("agency.ApplicationFiled", D + 50, 11, birth_year_band=""))
    assert (row.n, row.state, row.applied_on, row.holder) == (1, "applied", D + 50, "")
    assert (row.service_until is not None, row.cell_x) == (True, 1)


def test_a_same_event_changes_nothing_but_its_count() -> None:
    """Two agencies' copies of one row, or one row sent twice, are one fact."""
    again = told("stations.ServiceDelivered", D + 8, 99, site="A", kind="work")
    once, twice = after(*SERVED), after(*SERVED, again)
    assert twice == once._replace(same=1)


def test_facts_of_another_date_are_not_the_same() -> None:
    """Only an equal date makes an equal fact the same."""
    again = told("stations.ServiceDelivered", D + 9, 99, site="A", kind="work")
    assert after(*SERVED, again).same == 0


def test_urgent_referral_leaves_custody_and_place_with_the_site() -> None:
    """The hospital is never custodian (domain 2-7)."""
    row = after(*SERVED, told("stations.UrgentReferred", D + 10, 10))
    assert (row.state, row.holder) == ("urgent", "A")
    back = after(*SERVED, told("stations.UrgentReferred", D + 10, 10), told("stations.PersonReturned", D + 20, 11))
    assert (back.state, back.holder) == ("in_service", "A")


def test_the_old_site_holds_custody_until_the_new_one_accepts() -> None:
    """A hand-over has two phases; between them nothing changes hands."""
    moving = (*SERVED, told("stations.ReReferralSent", D + 10, 10, to_area="371002"))
    row = after(*moving)
    assert (row.state, row.holder, row.to_area) == ("handover", "A", "371002")
    declined = after(*moving, told("stations.HandoverDeclined", D + 11, 11, reason="full"))
    assert (declined.state, declined.holder, declined.to_area) == ("waiting", "A", "371002")
    accepted = told("stations.HandoverAccepted", D + 12, 12, area="371002", site="C", site_area="371002")
    row = after(*moving, accepted)
    assert (row.state, row.holder, row.area, row.to_area) == ("accepted", "C", "371002", "")


def test_a_case_without_a_site_moves_from_county_to_county() -> None:
    """Moving is allowed from every open state (domain 2-7)."""
    row = after(*REGISTERED, told("stations.RelocationReported", D + 9, 9, to_area="371002"))
    assert (row.state, row.area, row.holder) == ("registered", "371002", "")
    assert decided(row, D + 9)["hub.NeedOpened"].fields.area == "371002"


def test_a_second_site_breaks_custody_and_takes_nothing() -> None:
    """Facts are accepted, breaches are told after their grace, with the fact as their cause."""
    wrong = told("stations.ServiceDelivered", D + 9, 10, site="B", kind="work")
    row = after(*SERVED, wrong)
    assert row.holder == "A"
    assert "hub.RuleBroken" not in decided(row, D + 9)
    broken = decided(row, D + 10)["hub.RuleBroken"]
    assert broken.fields.rule == "custody"
    assert [ref.value for ref in broken.refs if ref.role == CAUSE] == [wrong.id]


def test_a_late_fact_explains_what_looked_like_a_breach() -> None:
    """Nothing is told of a breach that a late record mends."""
    moved = told("stations.ReReferralSent", D + 9, 10, to_area="371002")
    taken = told("stations.HandoverAccepted", D + 10, 11, area="371002", site="C", site_area="371002")
    assert "hub.RuleBroken" in decided(after(*SERVED, taken), D + 30)
    assert "hub.RuleBroken" not in decided(after(*SERVED, taken, moved), D + 30)


def test_an_outcome_needs_an_assessment_that_meets_exit() -> None:
    """No outcome closure without meets_exit; every other closure with a reason."""
    end = told("stations.CaseClosed", D + 20, 30, kind="community_living", reason="")
    assert decided(after(*SERVED, end), D + 30)["hub.RuleBroken"].fields.rule == "exit"
    meets = told("stations.TransitionAssessed", D + 19, 29, meets_exit=True)
    assert "hub.RuleBroken" not in decided(after(*SERVED, meets, end), D + 30)


HANDED_OVER = (
    *SERVED,
    told("stations.ReReferralSent", D + 10, 10, to_area="371002"),
    told("stations.HandoverAccepted", D + 12, 12, area="371002", site="C", site_area="371002"),
)


@pytest.mark.parametrize("day", [D + 12, D + 14])
def test_a_site_that_gave_custody_away_closes_nothing(day: int) -> None:
    """The old site's file that is closed after the hand-over, that day or later, leaves the case with the new site."""
    row = after(*HANDED_OVER, told("stations.CaseClosed", day, 40, site="A", kind="moved", reason="moved"))
    assert (row.state, row.holder) == ("accepted", "C")
    assert decided(row, day + 1)["hub.RuleBroken"].fields.rule == "custody"
    ours = after(*HANDED_OVER, told("stations.CaseClosed", day, 40, site="C", kind="moved", reason="moved"))
    assert (ours.state, ours.holder) == ("closed", "")


def test_a_death_ends_the_case_whoever_tells_of_it() -> None:
    """Any open case ends with a death (domain 2), also where a site without custody heard of it first."""
    row = after(*HANDED_OVER, told("stations.CaseClosed", D + 14, 40, site="A", kind="deceased", reason="deceased"))
    assert (row.state, row.end) == ("closed", "deceased")


def test_only_the_custodian_says_whether_the_exit_is_met() -> None:
    """Another site's assessment makes nobody ready to leave the site that has custody."""
    meets = told("stations.TransitionAssessed", D + 19, 29, site="B", meets_exit=True)
    row = after(*SERVED, meets)
    assert (row.state, row.exit_ok) == ("in_service", 0)
    assert decided(row, D + 30)["hub.RuleBroken"].fields.rule == "custody"


WAITS = (*REGISTERED, told("stations.WaitStarted", D + 10, 20, reason="no_site"))


def test_a_wait_passes_its_limit_the_day_after_three_months() -> None:
    """More than three calendar months, clamped at the month's end, from the start of the wait (both 2-6)."""
    row, end = after(*WAITS), add_months(D + 10, 3)
    assert "hub.WaitLimitPassed" not in decided(row, end)
    assert decided(row, end + 1)["hub.WaitLimitPassed"].fields.since == D + 10


def test_an_expected_wait_is_due_at_once() -> None:
    """A wait that is expected to be longer must be checked when it begins (domain 2-4)."""
    row = after(*REGISTERED, told("stations.WaitStarted", D + 10, 20, reason="no_site", expected_until=D + 200))
    assert "hub.WaitLimitPassed" in decided(row, D + 10)


def test_a_check_on_the_day_of_the_wait_answers_what_was_due_at_once() -> None:
    """Who checks an expected wait when it begins is not asked again for three months, and breaks nothing by sending."""
    long = told("stations.WaitStarted", D + 10, 20, reason="no_site", expected_until=D + 200)
    checked = told("stations.WaitReverified", D + 10, 21, willing=True, changed=False)
    row, end = after(*REGISTERED, long, checked), add_months(D + 10, 3)
    assert "hub.WaitLimitPassed" not in decided(row, D + 10)
    assert decided(row, end + 1)["hub.WaitLimitPassed"].fields.since == D + 10
    sent = told("civil_affairs.CaseAssigned", D + 11, 30, site="A", site_area="220102")
    assert "hub.RuleBroken" not in decided(after(*REGISTERED, long, checked, sent), D + 30)


def test_each_check_holds_three_months() -> None:
    """A re-verification puts the limit three months on, and no decline restarts it."""
    checked = told("stations.WaitReverified", D + 60, 21, willing=True, changed=False)
    row = after(*WAITS, checked, told("stations.OfferDeclined", D + 70, 22, site="A", reason="full"))
    end = add_months(D + 60, 3)
    assert "hub.WaitLimitPassed" not in decided(row, end)
    assert decided(row, end + 1)["hub.WaitLimitPassed"].fields.since == D + 60


def test_dispatch_after_the_limit_breaks_the_rule_unless_checked() -> None:
    """No dispatch after more than three months of waiting without a newer re-verification."""
    late = add_months(D + 10, 3) + 1
    sent = told("civil_affairs.CaseAssigned", late, 30, site="A", site_area="220102")
    assert decided(after(*WAITS, sent), late + 1)["hub.RuleBroken"].fields.rule == "wait"
    checked = told("stations.WaitReverified", late - 1, 29, willing=True, changed=False)
    assert "hub.RuleBroken" not in decided(after(*WAITS, checked, sent), late + 1)


def test_history_breaks_no_rule_and_its_clock_starts_with_the_need() -> None:
    """What happened before go-live causes no breach and no deadline (architecture 5)."""
    old = tuple(one._replace(fields=one.fields._replace(mode="history")) for one in WAITS)
    assert "hub.WaitLimitPassed" not in decided(after(*old), D + 2_000)
    sent = told("civil_affairs.CaseAssigned", D + 900, 30, site="A", site_area="220102", mode="history")
    assert "hub.RuleBroken" not in decided(after(*old, sent), D + 2_000)


def test_unwilling_ends_the_case_and_changed_asks_for_a_new_assessment() -> None:
    """Re-verified unwilling is withdrawn; changed circumstances need a new assessment (domain 2-5)."""
    unwilling = after(*WAITS, told("stations.WaitReverified", D + 60, 21, willing=False, changed=False))
    assert (unwilling.state, unwilling.end) == ("closed", "withdrawn")
    changed = (*WAITS, told("stations.WaitReverified", D + 60, 21, willing=True, changed=True))
    assert "hub.NeedOpened" not in decided(after(*changed), D + 60)
    anew = told("agency.NeedAssessed", D + 61, 22, suitable=True, needs="social")
    assert decided(after(*changed, anew), D + 61)["hub.NeedOpened"].fields.needs == "social"


def test_a_closed_gate_lets_nothing_pass_without_a_living_consent() -> None:
    """The gate parks what the purpose covers, urgent referral never, and dispatches nobody."""
    fold = CaseFold(closed_gates())
    row = fold.empty(1, WHO)
    assert not fold.visible(row, REGISTERED[2])
    assert fold.visible(row, told("stations.UrgentReferred", D, 1))
    row = fold.evolve(row, told("agency.ConsentGranted", D, 1, purpose="referral_upload", until=D + 2))
    assert fold.visible(row, REGISTERED[2])
    assert not fold.visible(row, told("agency.ApplicationRegistered", D + 3, 3))
    row = fold.evolve(row, told("agency.ConsentWithdrawn", D + 1, 2, purpose="referral_upload"))
    assert not fold.visible(row, REGISTERED[2])


def test_an_open_gate_parks_nothing() -> None:
    """The national default asks for no consent before a record is seen."""
    assert all(FOLD.visible(FOLD.empty(1, WHO), one) for one in SERVED)
    assert not any(FOLD.reopens(one) for one in SERVED)


@pytest.mark.parametrize("type", sorted(FACTS))
def test_a_fact_with_the_least_it_must_say_is_taken(type: str) -> None:
    """Every fact is accepted from every state, whatever it leaves out; nothing raises."""
    least = fields(type, occurred_on=D + 20)._asdict()
    for length in range(len(SERVED) + 1):
        for area in ("", "220102"):
            row = after(*SERVED[:length], told(type, D + 20, 50, **{**least, "area": area}))
            if row.area:
                one_custodian(row)
            due_is_exact(row, PROFILES, D + 400)
