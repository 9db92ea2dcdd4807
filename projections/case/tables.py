"""The rows of a case: what the facts say, what the hub told others, and when to look again.

A subject owns one row a case (`n` = 0, 1, ...). Consents, residence and everything told move on to the next row,
because they belong to the person; the rest belongs to the case. Days are days since 1970-01-01.
"""

from typing import NamedTuple

from hub.core.fold import Table

FOREVER = 2_932_896
"""9999-12-31: the last day of a consent without an end."""

# Steps before a site is responsible, in order; a step never goes back but by a fact that says so.
BEFORE = ("advised", "applied", "need_assessed", "registered", "confirmed", "waiting")
# Steps of a site's care, in order.
CARE = ("assigned", "accepted", "assessed", "agreed", "in_service", "urgent", "exiting")
CLOSED = ("closed", "followed_up")
NAMED_WAITING = frozenset((*BEFORE, "offered", "assigned", "handover"))
"""States in which nobody need hold custody; their owner is the county `area`, in `assigned` the site asked."""


class Case(NamedTuple):
    """One case of one subject.

    `step` is what the facts say, `state` the same with the hub's offer ("offered"). `holder` has custody; `site` is the
    site of the last assignment. `to_area` is the county of an open hand-over. Site lists are joined by ",".
    """

    id: int
    n: int
    subject: bytes
    state: str
    step: str
    end: str
    area: str
    home: str
    cell_x: int | None
    cell_y: int | None
    age_group: str
    needs: str
    urgent: int
    begun_on: int | None
    applied_on: int | None
    registered_on: int | None
    confirmed_on: int | None
    assigned_on: int | None
    accepted_on: int | None
    served_on: int | None
    closed_on: int | None
    followed_on: int | None
    referral_until: int | None
    service_until: int | None
    transfer_until: int | None
    guardian: str
    site: str
    site_area: str
    holder: str
    holder_area: str
    to_area: str
    wait_from: int | None
    wait_reason: str
    wait_until: int | None
    wait_old: int
    checked_on: int | None
    exit_ok: int
    declined: str
    broken: str
    told_case: int
    told_need: int
    told_market: str
    told_what: str
    last_need: int
    told_on: int | None
    asks: str
    offer: bytes
    offer_need: int
    offer_site: str
    offer_area: str
    offer_until: int | None
    offer_gone: str
    taken: str
    told_holder: str
    told_handover: str
    told_wait: int | None
    cause: bytes
    last_on: int
    last_fact_on: int
    today: bytes
    same: int
    due: int | None


EMPTY = Case(
    id=0, n=0, subject=b"", state="none", step="none", end="", area="", home="", cell_x=None, cell_y=None, age_group="",
    needs="", urgent=0, begun_on=None, applied_on=None, registered_on=None, confirmed_on=None, assigned_on=None,
    accepted_on=None, served_on=None, closed_on=None, followed_on=None, referral_until=None, service_until=None,
    transfer_until=None, guardian="", site="", site_area="", holder="", holder_area="", to_area="", wait_from=None,
    wait_reason="", wait_until=None, wait_old=0, checked_on=None, exit_ok=0, declined="", broken="", told_case=-1,
    told_need=0, told_market="", told_what="", last_need=0, told_on=None, asks="", offer=b"", offer_need=0,
    offer_site="", offer_area="", offer_until=None, offer_gone="", taken="", told_holder="", told_handover="",
    told_wait=None, cause=b"", last_on=0, last_fact_on=-1, today=b"",
    same=0, due=None,
)  # fmt: skip

CASES = Table("case", Case, due=True, indexes=(("state", "area"), ("holder",)))

OF_THE_PERSON = (
    "id", "subject", "home", "cell_x", "cell_y", "age_group", "referral_until", "service_until", "transfer_until",
    "guardian", "told_case", "told_need", "told_market", "told_what", "last_need", "asks", "offer",
    "offer_need", "offer_site", "offer_area", "offer_until", "offer_gone", "taken", "told_holder", "told_handover",
    "told_wait", "last_on", "last_fact_on", "today", "same",
)  # fmt: skip


def is_open(row: Case) -> bool:
    """Whether a case is under way."""
    return row.step != "none" and row.step not in CLOSED


def next_case(row: Case) -> Case:
    """The empty row of the subject's next case."""
    return EMPTY._replace(n=row.n + 1, **{name: getattr(row, name) for name in OF_THE_PERSON})
