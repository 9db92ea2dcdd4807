"""What the facts of a case have in common: how it begins and ends, breaches, and the limit of a wait."""

from hub.core.calendar import add_months
from hub.core.event import Event
from projections.case.tables import BEFORE, Case, is_open, next_case
from projections.profiles import Rules

DAY_MS = 86_400_000
SHANGHAI_MS = 28_800_000


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
    known_on = max(event.fields.occurred_on, (event.fields.recorded_at + SHANGHAI_MS) // DAY_MS)
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
    checked = row.checked_on is not None and row.checked_on >= start  # on the day of its start, too
    if expected and start == row.wait_from and not checked:  # "需要患者等候时间超过3个月": an expected wait is enough
        return start
    return end + 1
