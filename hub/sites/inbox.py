"""What a site is asked: offers, assignments and hand-overs that wait for its answer, each with its reply code.

Everything is read from one snapshot of the views. A question tells what is needed and until when; it has no name, no
number of a person and no pseudonym that a public view shows, so that nothing leads from it to a person.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hub import wiring
from hub.config import Settings
from hub.core.errors import DataError
from hub.core.reply import FOREVER, HANDOVER_ASKED, OFFER_ASKED, Terms, number_of
from hub.intake.reply import Named, Replies, assigned
from hub.intake.route import SECRET
from hub.ports.views import Snapshot
from projections.case.tables import Case
from projections.market.tables import Need

OFFER, ASSIGNMENT, HANDOVER = "offer", "assignment", "handover"


class Question(NamedTuple):
    """One thing that a site is asked. `until` is None where nothing is dated; `answered_on` is the day on which the
    site said yes to an offer that is not assigned yet (`hub.sites.answered`)."""

    code: bytes
    matter: str
    site: str
    county: str
    needs: tuple[str, ...]
    age_group: str
    urgent: bool
    since: int | None
    until: int | None
    answered_on: int | None = None

    @property
    def number(self) -> str:
        """What people call it by."""
        return number_of(self.code)


def inbox(settings: Settings, snapshot: Snapshot, site: str) -> list[Question]:
    """What a site is asked now, what ends first at the top. Raises DataError HUB-P371 for a site nobody told of."""
    known = snapshot.rows("markets_site", ("area",), {"site": site})
    county = next((area for (area,) in known if area), None)
    if county is None:
        raise DataError("HUB-P371")
    replies = Replies(wiring.hub_keys(settings), SECRET)
    needs = [Need(*row) for row in snapshot.rows("markets_need", Need._fields, {"offer_site": site})]
    cases = [Case(*row) for row in snapshot.rows("persons_case", Case._fields, {"site": site})]
    found = [*_assigned(replies, cases, needs, site, county)]
    named = {case.subject for case in cases if _waits(case, site)}
    found += _offered(replies, (need for need in needs if need.subject not in named), site, county)
    return sorted(found, key=lambda one: (FOREVER if one.until is None else one.until, one.number))


def open_codes(settings: Settings, sites: Iterable[str]) -> frozenset[bytes]:
    """The reply codes of all that sites are asked now; of a site that nobody told of, none."""
    found: set[bytes] = set()
    with wiring.open_views(settings).snapshot() as snapshot:
        for site in sites:
            try:
                found.update(one.code for one in inbox(settings, snapshot, site))
            except DataError as error:
                if error.code != "HUB-P371":
                    raise
    return frozenset(found)


def _waits(case: Case, site: str) -> bool:
    """Whether an assignment to the site waits for its answer: the first one, or that of somebody who moves."""
    return case.step == "assigned" or bool(case.to_area and case.holder and case.holder != site)


def _assigned(
    replies: Replies, cases: Iterable[Case], needs: Iterable[Need], site: str, county: str
) -> Iterator[Question]:
    """Assignments: nothing dates their answer."""
    offers = {(need.subject, need.need_no): need.offer for need in needs}
    for case in cases:
        if _waits(case, site):
            moves = bool(case.to_area)
            offer = offers.get((case.subject, case.last_need), b"")
            terms = Terms(HANDOVER_ASKED if moves else OFFER_ASKED, FOREVER)
            code = replies.make(terms, site, Named(case.subject, offer or assigned(case.assigned_on)))
            services = tuple(filter(None, case.needs.split(",")))
            matter = HANDOVER if moves else ASSIGNMENT
            since = case.assigned_on
            yield Question(code, matter, site, county, services, case.age_group, bool(case.urgent), since, None)


def _offered(replies: Replies, needs: Iterable[Need], site: str, county: str) -> Iterator[Question]:
    """Offers that stand, up to their last day."""
    for need in needs:
        if need.state == "offered" and not need.asked and need.offer_until is not None:
            moves = need.reason == "handover"
            terms = Terms(HANDOVER_ASKED if moves else OFFER_ASKED, need.offer_until)
            code = replies.make(terms, site, Named(need.subject, need.offer))
            services = tuple(filter(None, need.needs.split(",")))
            about = site, county, services, need.age_group, not need.rush, need.offer_on, need.offer_until
            yield Question(code, HANDOVER if moves else OFFER, *about)
