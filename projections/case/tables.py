"""The rows of a case: what the facts say, what the hub told others, and when to look again.

A subject owns one row a case (`n` = 0, 1, ...). Consents, residence and everything told move on to the next row,
because they belong to the person; the rest belongs to the case. Days are days since 1970-01-01.
"""

from typing import Any, NamedTuple

from hub.core.fold import Table

FOREVER = 2_932_896
"""9999-12-31: the last day of a consent without an end."""

# Steps before a site is responsible, in order; a step never goes back but by a fact that says so.
BEFORE = ("advised", "applied", "need_assessed", "registered", "confirmed", "waiting")
CLOSED = ("closed", "followed_up")


class Case(NamedTuple):
    """One case of one subject.

    `step` is what the facts say, `state` the same with the hub's offer ("offered"). `holder` has custody; `site` is the
    site of the last assignment. `to_area` is the county of an open hand-over. Site lists are joined by ",".
    """

    id: int = 0
    n: int = 0
    subject: bytes = b""
    state: str = "none"
    step: str = "none"
    end: str = ""
    area: str = ""
    home: str = ""
    cell_x: int | None = None
    cell_y: int | None = None
    age_group: str = ""
    needs: str = ""
    urgent: int = 0
    begun_on: int | None = None
    applied_on: int | None = None
    registered_on: int | None = None
    confirmed_on: int | None = None
    assigned_on: int | None = None
    accepted_on: int | None = None
    served_on: int | None = None
    closed_on: int | None = None
    followed_on: int | None = None
    referral_until: int | None = None
    service_until: int | None = None
    transfer_until: int | None = None
    guardian: str = ""
    site: str = ""
    site_area: str = ""
    holder: str = ""
    holder_area: str = ""
    to_area: str = ""
    to_x: int | None = None
    to_y: int | None = None
    wait_from: int | None = None
    wait_reason: str = ""
    wait_until: int | None = None
    wait_old: int = 0
    checked_on: int | None = None
    exit_ok: int = 0
    declined: str = ""
    broken: str = ""
    told_case: int = -1
    told_need: int = 0
    told_market: str = ""
    told_what: str = ""
    last_need: int = 0
    told_on: int | None = None
    asks: str = ""
    offer: bytes = b""
    offer_need: int = 0
    offer_site: str = ""
    offer_area: str = ""
    offer_until: int | None = None
    offer_gone: str = ""
    taken: str = ""
    told_holder: str = ""
    told_handover: str = ""
    told_wait: int | None = None
    cause: bytes = b""
    last_on: int = 0
    last_fact_on: int = -1
    today: bytes = b""
    same: int = 0
    due: int | None = None


_AT = {name: at for at, name in enumerate(Case._fields)}


def _replace(self: Case, /, **changes: Any) -> Case:
    """As every NamedTuple has it, at a quarter of the time for so wide a row: only what changes is looked at."""
    values = list(self)
    for name, value in changes.items():
        values[_AT[name]] = value
    return tuple.__new__(Case, values)


Case._replace = _replace  # type: ignore[assignment, method-assign]

EMPTY = Case()

CASES = Table("case", Case, due=True, indexes=(("state", "area"), ("holder",)))

OF_THE_PERSON = (
    "id", "subject", "home", "cell_x", "cell_y", "age_group", "referral_until", "service_until", "transfer_until",
    "guardian", "told_case", "told_need", "told_market", "told_what", "last_need", "asks", "offer",
    "offer_need", "offer_site", "offer_area", "offer_until", "offer_gone", "taken", "told_holder", "told_handover",
    "told_wait", "broken", "last_on", "last_fact_on", "today", "same",
)  # fmt: skip


def is_open(row: Case) -> bool:
    """Whether a case is under way."""
    return row.step != "none" and row.step not in CLOSED


def next_case(row: Case) -> Case:
    """The empty row of the subject's next case."""
    return EMPTY._replace(n=row.n + 1, **{name: getattr(row, name) for name in OF_THE_PERSON})
