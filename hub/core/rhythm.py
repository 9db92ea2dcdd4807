"""How often a source is heard of: what its mapping declares, and who is late by the calendar of working days."""

from typing import Final, NamedTuple

from hub.core.calendar import Calendar, add_months, is_working_day, working_days_after

NAMED: Final = ("daily", "working_days", "weekly", "monthly")
LONGEST: Final = 366
"""Days of the longest rhythm that may be declared by a number."""
_DAYS: Final = {str(days): days for days in range(1, LONGEST + 1)}
WANTED: Final = f"{', '.join(NAMED)}, 1-{LONGEST}"
"""What may be declared, as a message lists it; the number is of days."""


class Late(NamedTuple):
    """The day on which a run was due and did not come, and how many working days ended without it, today among them."""

    due: int
    working_days: int


def rhythm_of(value: object) -> str | None:
    """A rhythm in the one way in which it is kept: a name, or a number of days in digits; None for anything else."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text in NAMED or text in _DAYS else None


def due_after(rhythm: str, day: int, calendar: Calendar) -> int:
    """The last day on which the run that follows one of `day` is in time.

    Raises DataError HUB-G111 for `working_days` when the calendar does not cover a year on the way.
    """
    if rhythm == "working_days":
        return working_days_after(day, 1, calendar)
    if rhythm == "monthly":
        return add_months(day, 1)
    return day + (7 if rhythm == "weekly" else 1 if rhythm == "daily" else _DAYS[rhythm])


def late(rhythm: str, day: int, today: int, calendar: Calendar) -> Late | None:
    """How late whoever ran on `day` is: not at all on the day that is due, for that is not over.

    Raises DataError HUB-G111 when the calendar does not cover a year on the way.
    """
    due = due_after(rhythm, day, calendar)
    if today <= due:
        return None
    return Late(due, sum(is_working_day(each, calendar) for each in range(due + 1, today + 1)))
