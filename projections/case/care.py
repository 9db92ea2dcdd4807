"""What facts do to a case once a site is named: assignment, custody, care, hospital, hand-over, closure.

At every moment one site holds custody, or a named waiting state has an owner (domain §2).
"""

from collections.abc import Callable
from typing import Final

from hub.core.event import Event
from projections.case.lifecycle import before_site, begun, breach, closed, limit_day
from projections.case.referral import elsewhere
from projections.case.tables import Case, is_open
from projections.profiles import Rules

OUTCOMES: Final = frozenset(("employment", "sheltered_employment", "other_rehabilitation", "community_living"))
"""Kinds of closure that need an assessment which meets the exit conditions (both 二-7)."""


def assigned(row: Case, event: Event, rules: Rules) -> Case:
    """The assigner dispatches to a site (domain §2-3); beside a custodian that is a breach, and the first stays."""
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


def offer_accepted(row: Case, event: Event, rules: Rules) -> Case:
    """The site answers its assignment and takes custody; the answer to a mere offer is advice."""
    site = event.fields.site
    if row.step == "assigned" and row.site == site:
        return taken_over(row, site, row.site_area, event.fields.occurred_on)
    if row.holder and row.holder != site and not row.to_area:
        return breach(row, event, rules, "custody")
    return row  # the answer to an offer that is not assigned yet is advice


def offer_declined(row: Case, event: Event, rules: Rules) -> Case:
    """The site declines: it is not asked again in this case, and an assignment to it falls back to waiting."""
    site = event.fields.site
    if not is_open(row) or row.holder == site:
        return row
    if site not in row.declined.split(","):
        row = row._replace(declined=f"{row.declined},{site}".strip(","))
    if row.site != site:
        return row
    step = row.step if row.holder else before_site(row)
    return row._replace(step=step, site="", site_area="", assigned_on=None)


def taken_over(row: Case, site: str, area: str, day: int) -> Case:
    """A site takes custody; nobody else has it from here on."""
    return row._replace(step="accepted", holder=site, holder_area=area, site=site, site_area=area, accepted_on=day)


def cared(row: Case, event: Event, rules: Rules, step: str) -> Case:
    """A site does what only a custody holder does."""
    fields = event.fields
    if not is_open(row):
        return breach(row, event, rules, "custody") if row.step != "none" else row
    if not row.holder and row.site and row.site == fields.site:
        row = taken_over(row, fields.site, row.site_area, fields.occurred_on)
    if not row.holder or row.holder != fields.site:
        return breach(row, event, rules, "custody")
    order = ("accepted", "assessed", "agreed", "in_service")
    if row.step in order and order.index(step) > order.index(row.step):
        row = row._replace(step=step)
    if step == "in_service" and row.served_on is None:
        row = row._replace(served_on=fields.occurred_on)
    return row


def urgent(row: Case, event: Event, rules: Rules) -> Case:
    """The site keeps custody and place; who has no site yet goes ahead of every queue (domain 3-10, D)."""
    if not is_open(row):
        return row
    return row._replace(step="urgent") if row.holder else row._replace(urgent=1)


def returned(row: Case, event: Event, rules: Rules) -> Case:
    """Back from hospital: care, or the hand-over, goes on."""
    return row._replace(step="handover" if row.to_area else "in_service") if row.step == "urgent" else row


def moving(row: Case, event: Event, rules: Rules) -> Case:
    """The person moves away: a hand-over where a site is responsible, else from county to county (domain §2-7)."""
    to_area = event.fields.to_area
    if not is_open(row) or not to_area:
        return row
    if row.holder:
        return row if row.to_area == to_area else leaving(row, event)
    step = before_site(row) if row.step == "assigned" else row.step
    row = row._replace(step=step, area=to_area, site="", site_area="")
    return elsewhere(row, to_area, *cell(event))


def leaving(row: Case, event: Event) -> Case:
    """The first phase of a hand-over: the site keeps custody until another accepts."""
    to_x, to_y = cell(event)
    step = row.step if row.step == "urgent" else "handover"
    return row._replace(step=step, to_area=event.fields.to_area, to_x=to_x, to_y=to_y, site="", site_area="")


def cell(event: Event) -> tuple[int | None, int | None]:
    """The grid cell of the new residence, where the event names it."""
    return getattr(event.fields, "cell_x", None), getattr(event.fields, "cell_y", None)


def handover_accepted(row: Case, event: Event, rules: Rules) -> Case:
    """The second phase of a hand-over: custody moves, the new county governs (domain §2-1, 7)."""
    fields = event.fields
    if not is_open(row):
        row = begun(row, event, "registered")
    elif row.holder and row.holder != fields.site and not row.to_area:
        row = breach(row, event, rules, "custody")
    if row.holder == fields.site:
        return row
    area = fields.site_area or row.to_area
    moved = row.to_area or area
    row = taken_over(row, fields.site, area, fields.occurred_on)
    row = row if row.home == moved else elsewhere(row, moved, row.to_x, row.to_y)
    row = row._replace(to_area="", to_x=None, to_y=None)
    return row._replace(area=area, wait_from=None, wait_until=None, wait_reason="", checked_on=None)


def handover_declined(row: Case, event: Event, rules: Rules) -> Case:
    """Nobody takes over: waiting at the new county, the old site still custodian (domain §2-7)."""
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


def transition(row: Case, event: Event, rules: Rules) -> Case:
    """The periodic assessment on five axes; its assessor alone says whether the exit is met (both 二-7)."""
    meets = bool(event.fields.meets_exit)
    if not is_open(row) or not row.holder:
        return row
    if not_ours(row, event):
        return breach(row, event, rules, "custody")
    if row.to_area:
        return row._replace(exit_ok=int(meets))
    step = "exiting" if meets else "in_service" if row.step == "exiting" else row.step
    return row._replace(exit_ok=int(meets), step=step)


def case_closed(row: Case, event: Event, rules: Rules) -> Case:
    """The end: an outcome needs an assessment that meets the exit, any other kind a reason.

    A site that closes its own file after another took over ends nothing; a death does, whoever tells of it.
    """
    fields = event.fields
    if not is_open(row):
        return row
    if fields.kind != "deceased" and not_ours(row, event):
        return breach(row, event, rules, "custody")
    if fields.kind in OUTCOMES and not row.exit_ok:
        row = breach(row, event, rules, "exit")
    if fields.kind not in OUTCOMES and not fields.reason:
        row = breach(row, event, rules, "reason")
    return closed(row, fields.occurred_on, fields.kind)


def not_ours(row: Case, event: Event) -> bool:
    """Whether a site says what only the custody holder may say, and that is another one; some name no site."""
    return bool(row.holder and event.fields.site) and event.fields.site != row.holder


def followed(row: Case, event: Event, rules: Rules) -> Case:
    """The visit after the end (结案与回访)."""
    return row._replace(step="followed_up", followed_on=event.fields.occurred_on) if row.step == "closed" else row


def step(step: str) -> Callable[[Case, Event, Rules], Case]:
    """A fact that only the custody holder makes, and the step that it proves."""
    return lambda row, event, rules: cared(row, event, rules, step)
