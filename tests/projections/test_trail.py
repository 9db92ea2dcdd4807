"""The audit trail of one person."""

from typing import Any

from hub.core.event import Event
from hub.core.frame import CAUSE, KIND_EVENT, KIND_SUBJECT, PATIENT, Ref
from projections.case.fold import CaseFold
from projections.profiles import load
from projections.trail.lines import Line, trail
from tests.projections.world import correcting, event, person_fact, subject

WHO = subject(1)
D = 20_000
FOLD = CaseFold(load())


def told(type: str, day: int, number: int, **own: Any) -> Event:
    """A fact about our person."""
    return person_fact(type, day, WHO, number, **own)


def lines(*events: Event, puts: dict[int, str] | None = None) -> list[Line]:
    """The trail of events that came in the order given."""
    return trail(list(enumerate(events, 1)), puts or {}, FOLD)


def test_every_entry_stands_in_the_trail_in_the_order_of_the_history() -> None:
    """Nothing of the ledger is left out, whatever the order in which it came."""
    events = [told("agency.ApplicationRegistered", D + 2, 2), told("agency.ApplicationFiled", D, 1)]
    found = lines(*events)
    assert [(line.at, line.occurred_on) for line in found] == [(2, D), (1, D + 2)]
    assert [(line.source, line.place, line.legal_basis) for line in found] == [("a/1", "a:1:", "public_duty")] * 2


def test_what_followed_is_named() -> None:
    """A decision of the hub stands with the event that caused it."""
    cause = told("agency.ApplicationRegistered", D, 1)
    refs = (Ref(PATIENT, KIND_SUBJECT, WHO), Ref(CAUSE, KIND_EVENT, cause.id))
    need = event("hub.NeedOpened", D, WHO, 1, refs, need_no=1, area="220102", registered_on=D, urgent=False)
    first, second = lines(cause, need)
    assert first.followed == (need.id,)
    assert (second.cause, second.followed) == (cause.id, ())


def test_a_corrected_event_stays_and_says_by_what() -> None:
    """The trail shows the error and its correction; the case belongs to the correction alone."""
    wrong = told("agency.ApplicationFiled", D, 1)
    right = event("agency.ApplicationFiled", D + 1, WHO, 2, (*wrong.refs, *correcting(wrong)), area="220102")
    gone = event("agency.Retracted", D + 2, WHO, 3, (*wrong.refs, *correcting(right)))
    found = lines(wrong, right, gone)
    assert [(line.status, line.replaced_by) for line in found] == [
        ("corrected", right.id),
        ("retracted", gone.id),
        ("visible", b""),
    ]
    assert [line.case_no for line in found] == [-1, -1, -1]


def test_a_case_has_its_own_trail() -> None:
    """An event belongs to the case that was open at its date; a return begins another trail."""
    first = told("agency.ApplicationFiled", D, 1)
    end = told("stations.CaseClosed", D + 5, 2, kind="moved", reason="own_wish")
    again = told("agency.ApplicationFiled", D + 90, 3)
    found = lines(first, end, again)
    assert [(line.event, line.case_no) for line in found] == [(first.id, 0), (end.id, 0), (again.id, 1)]


def test_the_consent_that_covers_an_upload_is_named() -> None:
    """What needs a consent names the one that was living on its date, and a withdrawn or ended one is none."""
    grant = told("agency.ConsentGranted", D, 1, purpose="referral_upload", until=D + 9)
    upload = told("health.ReferralUploaded", D + 1, 2)
    late = told("health.ReferralUploaded", D + 10, 3)
    found = {line.event: line.consent for line in lines(grant, upload, late)}
    assert (found[upload.id], found[late.id]) == (grant.id, b"")
    stop = told("agency.ConsentWithdrawn", D, 4, purpose="referral_upload")
    found = {line.event: line.consent for line in lines(grant, stop, upload)}
    assert found[upload.id] == b""


def test_parked_and_held_entries_say_so() -> None:
    """What is in the ledger but not in the rows is in the trail with its status, and moves no case."""
    filed, registered = told("agency.ApplicationFiled", D, 1), told("agency.ApplicationRegistered", D, 2)
    assert [line.status for line in lines(filed, registered, puts={2: "parked"})] == ["visible", "parked"]
