"""What each fact of an agency does to a case. Facts are always accepted; what they break is noted, to be told later.

Every function takes the row and the event and gives the row after it. None of them reads what the hub told others.
"""

from collections.abc import Callable
from typing import Any, Final

from hub.core.calendar import add_months
from hub.core.event import Event
from projections.case.events import REFERRAL, SERVICE, TRANSFER
from projections.case.tables import BEFORE, FOREVER, Case, is_open, next_case
from projections.profiles import Rules

Fact = Callable[[Case, Event, Rules], Case]

DAY_MS = 86_400_000
OUTCOMES: Final = frozenset(("employment", "sheltered_employment", "other_rehabilitation", "community_living"))
"""Kinds of closure that need an assessment which meets the exit conditions (both 二-7)."""


def begun(row: Case, event: Event, step: str) -> Case:
    """The row of the open case, which begins now if there is none; a step before a site only goes forward."""
    day = event.fields.occurred_on
    if not is_open(row):
        row = next_case(row) if row.step != "none" else row
        return row._replace(
            step=step, begun_on=day, area=event.fields.area or row.home, home=row.home or event.fields.area
        )
    if row.step in BEFORE and BEFORE.index(step) > BEFORE.index(row.step):
        return row._replace(step=step)
    return row


def breach(row: Case, event: Event, rules: Rules, rule: str) -> Case:
    """Note that a live event breaks a rule; it is told once its grace is over and nothing late explained it."""
    if event.fields.mode != "live":
        return row
    known_on = max(event.fields.occurred_on, event.fields.recorded_at // DAY_MS)
    note = f"{rule}:{event.id.hex()}:{known_on + rules.grace_days}"
    return row._replace(broken=f"{row.broken} {note}".strip())


def before_site(row: Case) -> str:
    """The step to which a case without a site falls back."""
    if row.wait_from is not None:
        return "waiting"
    if row.confirmed_on is not None:
        return "confirmed"
    return "registered" if row.registered_on is not None else "applied"


def closed(row: Case, day: int, end: str) -> Case:
    """The case at its end. Who was responsible is so no longer."""
    row = row._replace(step="closed", end=end, closed_on=day, holder="", holder_area="")
    return row._replace(site="", to_area="", to_x=None, to_y=None)


def limit_from(row: Case, rules: Rules) -> int | None:
    """The day from which a wait counts towards the limit: its start, or the last check after it (domain §2-4).

    A wait out of history counts from the day on which the hub opened the need.
    """
    if row.wait_from is None or row.wait_reason not in rules.wait_reasons.split(","):
        return None
    start = row.told_on if row.wait_old else row.wait_from
    if start is None:
        return None
    return max(start, row.checked_on) if row.checked_on is not None else start


def limit_day(row: Case, rules: Rules) -> int | None:
    """The first day on which the wait must have been checked again; None when nothing is waited for."""
    start = limit_from(row, rules)
    if start is None:
        return None
    end = add_months(start, rules.wait_limit_months)
    expected = row.wait_until is not None and row.wait_until > end
    if expected and start == row.wait_from:  # "需要患者等候时间超过3个月": an expected wait is enough
        return start
    return end + 1


def _advised(row: Case, event: Event, rules: Rules) -> Case:
    return row if is_open(row) else begun(row, event, "advised")


def _applied(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    had = is_open(row)
    row = begun(row, event, "applied")
    if not had or row.applied_on is None:
        row = row._replace(applied_on=fields.occurred_on)
    return row


def _uploaded(row: Case, event: Event, rules: Rules) -> Case:
    row = _applied(row, event, rules)
    return row._replace(needs=row.needs or event.fields.needs or "")


def _filed(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    row = _applied(row, event, rules)
    return row._replace(
        home=fields.area or row.home,
        area=row.area if row.confirmed_on is not None or row.holder else fields.area or row.area,
        cell_x=row.cell_x if fields.cell_x is None else fields.cell_x,
        cell_y=row.cell_y if fields.cell_y is None else fields.cell_y,
        age_group=fields.birth_year_band or row.age_group,
    )


def _need_assessed(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    row = begun(row, event, "need_assessed")
    if not fields.suitable:
        if row.step in BEFORE:
            return closed(row, fields.occurred_on, "not_suitable")
        return row
    row = row._replace(needs=fields.needs or row.needs)
    if row.step == "need_assessed" and (row.registered_on is not None or row.wait_from is not None):
        row = row._replace(step=before_site(row))  # circumstances had changed; the case goes on where it was
    return row


def _registered(row: Case, event: Event, rules: Rules) -> Case:
    row = begun(row, event, "registered")
    return row if row.registered_on is not None else row._replace(registered_on=event.fields.occurred_on)


def _confirmed(row: Case, event: Event, rules: Rules) -> Case:
    day, area = event.fields.occurred_on, event.fields.area
    row = begun(row, event, "confirmed")
    registered = day if row.registered_on is None else row.registered_on
    governed = row.area if row.holder else area or row.area
    return row._replace(confirmed_on=day, registered_on=registered, area=governed)


def _wait_started(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    row = begun(row, event, "waiting")
    if row.step != "waiting":
        return row
    if row.wait_from is not None:  # a later wait restarts nothing; only what is expected may be newer
        return row._replace(wait_until=fields.expected_until or row.wait_until)
    return row._replace(
        wait_from=fields.occurred_on,
        wait_reason=fields.reason,
        wait_until=fields.expected_until,
        wait_old=int(fields.mode != "live"),
        registered_on=fields.occurred_on if row.registered_on is None else row.registered_on,
    )


def _reverified(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    if not is_open(row):
        return row
    if not fields.willing:
        return closed(row, fields.occurred_on, "withdrawn") if row.step in BEFORE else row
    row = row._replace(checked_on=fields.occurred_on)
    return row._replace(step="applied") if fields.changed and row.step in BEFORE else row


def _assigned(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    due = limit_day(row, rules) if row.step == "waiting" else None
    if due is not None and fields.occurred_on >= due:
        row = breach(row, event, rules, "wait")
    if not is_open(row):
        row = begun(row, event, "registered")
    if row.holder and row.holder != fields.site and not row.to_area:
        return breach(row, event, rules, "custody")  # two sites responsible: the first one stays so
    if row.holder == fields.site:
        return row
    step = row.step if row.holder else "assigned"
    return row._replace(step=step, site=fields.site, site_area=fields.site_area, assigned_on=fields.occurred_on)


def _offer_accepted(row: Case, event: Event, rules: Rules) -> Case:
    site = event.fields.site
    if row.step == "assigned" and row.site == site:
        return _taken_over(row, site, row.site_area, event.fields.occurred_on)
    if row.holder and row.holder != site and not row.to_area:
        return breach(row, event, rules, "custody")
    return row  # the answer to an offer that is not assigned yet is advice


def _offer_declined(row: Case, event: Event, rules: Rules) -> Case:
    site = event.fields.site
    if not is_open(row) or row.holder == site:
        return row
    if site not in row.declined.split(","):
        row = row._replace(declined=f"{row.declined},{site}".strip(","))
    if row.site != site:
        return row
    step = row.step if row.holder else before_site(row)
    return row._replace(step=step, site="", site_area="", assigned_on=None)


def _taken_over(row: Case, site: str, area: str, day: int) -> Case:
    """A site takes custody; nobody else has it from here on."""
    return row._replace(step="accepted", holder=site, holder_area=area, site=site, site_area=area, accepted_on=day)


def _cared(row: Case, event: Event, rules: Rules, step: str) -> Case:
    """A site does what only a custody holder does."""
    fields = event.fields
    if not is_open(row):
        return breach(row, event, rules, "custody") if row.step != "none" else row
    if not row.holder and row.site == fields.site:
        row = _taken_over(row, fields.site, row.site_area, fields.occurred_on)
    if row.holder != fields.site:
        return breach(row, event, rules, "custody")
    order = ("accepted", "assessed", "agreed", "in_service")
    if row.step in order and order.index(step) > order.index(row.step):
        row = row._replace(step=step)
    if step == "in_service" and row.served_on is None:
        row = row._replace(served_on=fields.occurred_on)
    return row


def _urgent(row: Case, event: Event, rules: Rules) -> Case:
    """The site keeps custody and place; who has no site yet goes ahead of every queue (domain 3-10, D)."""
    if not is_open(row):
        return row
    return row._replace(step="urgent") if row.holder else row._replace(urgent=1)


def _hospital(row: Case, event: Event, rules: Rules) -> Case:
    green = event.fields.green_channel and is_open(row) and not row.holder
    return row._replace(urgent=1) if green else row


def _returned(row: Case, event: Event, rules: Rules) -> Case:
    return row._replace(step="handover" if row.to_area else "in_service") if row.step == "urgent" else row


def _moving(row: Case, event: Event, rules: Rules) -> Case:
    """The person moves away: a hand-over where a site is responsible, else from county to county (domain §2-7)."""
    to_area = event.fields.to_area
    if not is_open(row) or not to_area:
        return row
    if row.holder:
        return row if row.to_area == to_area else _leaving(row, event)
    step = before_site(row) if row.step == "assigned" else row.step
    row = row._replace(step=step, area=to_area, site="", site_area="")
    return _elsewhere(row, to_area, *_cell(event))


def _leaving(row: Case, event: Event) -> Case:
    to_x, to_y = _cell(event)
    step = row.step if row.step == "urgent" else "handover"
    return row._replace(step=step, to_area=event.fields.to_area, to_x=to_x, to_y=to_y, site="", site_area="")


def _cell(event: Event) -> tuple[int | None, int | None]:
    """The grid cell of the new residence, where the event names it."""
    return getattr(event.fields, "cell_x", None), getattr(event.fields, "cell_y", None)


def _elsewhere(row: Case, area: str, cell_x: int | None, cell_y: int | None) -> Case:
    return row._replace(home=area, cell_x=cell_x, cell_y=cell_y)


def _residence(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    if fields.kind != "residence" or not fields.to_area:
        return row
    row = _elsewhere(row, fields.to_area, fields.cell_x, fields.cell_y)
    free = is_open(row) and not row.holder and row.step != "assigned" and row.confirmed_on is None
    return row._replace(area=fields.to_area) if free else row


def _handover_accepted(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    if not is_open(row):
        row = begun(row, event, "registered")
    elif row.holder and row.holder != fields.site and not row.to_area:
        row = breach(row, event, rules, "custody")
    if row.holder == fields.site:
        return row
    area = fields.site_area or row.to_area
    moved = row.to_area or area
    row = _taken_over(row, fields.site, area, fields.occurred_on)
    row = row if row.home == moved else _elsewhere(row, moved, row.to_x, row.to_y)
    row = row._replace(to_area="", to_x=None, to_y=None)
    return row._replace(area=area, wait_from=None, wait_until=None, wait_reason="", checked_on=None)


def _handover_declined(row: Case, event: Event, rules: Rules) -> Case:
    if not row.to_area or not row.holder:
        return row
    site = event.fields.site
    if site and site not in row.declined.split(","):
        row = row._replace(declined=f"{row.declined},{site}".strip(","))
    wait = event.fields.occurred_on
    old = int(event.fields.mode != "live")
    return row._replace(
        step="waiting", site="", wait_from=wait, wait_reason="declined", wait_until=None, wait_old=old, checked_on=None
    )


def _transition(row: Case, event: Event, rules: Rules) -> Case:
    meets = bool(event.fields.meets_exit)
    if not is_open(row) or not row.holder:
        return row
    if row.to_area:
        return row._replace(exit_ok=int(meets))
    step = "exiting" if meets else "in_service" if row.step == "exiting" else row.step
    return row._replace(exit_ok=int(meets), step=step)


def _case_closed(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    if not is_open(row):
        return row
    if fields.kind in OUTCOMES and not row.exit_ok:
        row = breach(row, event, rules, "exit")
    if fields.kind not in OUTCOMES and not fields.reason:
        row = breach(row, event, rules, "reason")
    return closed(row, fields.occurred_on, fields.kind)


def _followed(row: Case, event: Event, rules: Rules) -> Case:
    return row._replace(step="followed_up", followed_on=event.fields.occurred_on) if row.step == "closed" else row


def _granted(row: Case, event: Event, rules: Rules) -> Case:
    fields = event.fields
    until = FOREVER if fields.until is None else fields.until
    return _consent(row, fields.purpose, until)._replace(guardian=fields.guardian_status or row.guardian)


def _withdrawn(row: Case, event: Event, rules: Rules) -> Case:
    return _consent(row, event.fields.purpose, None)


def _consent(row: Case, purpose: str, until: int | None) -> Case:
    field = {REFERRAL: "referral_until", SERVICE: "service_until", TRANSFER: "transfer_until"}.get(purpose)
    change: dict[str, Any] = {field: until} if field else {}
    return row._replace(**change)


def _patient_filed(row: Case, event: Event, rules: Rules) -> Case:
    """Where a patient lives, known before any application; an application or a move says it better."""
    fields = event.fields
    if row.home or is_open(row):
        return row
    return row._replace(
        home=fields.area, cell_x=fields.cell_x, cell_y=fields.cell_y, age_group=fields.birth_year_band or row.age_group
    )


def _file_closed(row: Case, event: Event, rules: Rules) -> Case:
    if event.fields.reason == "deceased" and is_open(row):
        return closed(row, event.fields.occurred_on, "deceased")
    return row


def _step(step: str) -> Fact:
    return lambda row, event, rules: _cared(row, event, rules, step)


FACTS: Final[dict[str, Fact]] = {
    "agency.ApplicationFiled": _filed,
    "agency.ApplicationRegistered": _registered,
    "agency.ConsentGranted": _granted,
    "agency.ConsentWithdrawn": _withdrawn,
    "agency.NeedAssessed": _need_assessed,
    "agency.ResidenceChanged": _residence,
    "civil_affairs.CaseAssigned": _assigned,
    "civil_affairs.PlatformPushReceived": _applied,
    "civil_affairs.RegistrationConfirmed": _confirmed,
    "civil_affairs.WaitReverified": _reverified,
    "civil_affairs.WaitStarted": _wait_started,
    "health.AdviceGiven": _advised,
    "health.HospitalStayStarted": _hospital,
    "health.PatientFileClosed": _file_closed,
    "health.PatientFiled": _patient_filed,
    "health.ReferralUploaded": _uploaded,
    "stations.AgreementSigned": _step("agreed"),
    "stations.CaseClosed": _case_closed,
    "stations.ClosureVisited": _followed,
    "stations.HandoverAccepted": _handover_accepted,
    "stations.HandoverDeclined": _handover_declined,
    "stations.OfferAccepted": _offer_accepted,
    "stations.OfferDeclined": _offer_declined,
    "stations.PersonReturned": _returned,
    "stations.ReReferralSent": _moving,
    "stations.RehabOpinionIssued": _step("assessed"),
    "stations.RelocationReported": _moving,
    "stations.ServiceDelivered": _step("in_service"),
    "stations.TransitionAssessed": _transition,
    "stations.UrgentReferred": _urgent,
    "stations.WaitReverified": _reverified,
    "stations.WaitStarted": _wait_started,
}
