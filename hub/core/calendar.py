"""Days, working days and calendar months: pure arithmetic over days since 1970-01-01.

Working days follow a dated calendar (holidays, and weekend days worked in their place, 调休). A year the calendar
does not cover is an error, never a guess (domain §5). Day 0 of a clock is the day of its event (domain §2-4).
"""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from hub.core.errors import DataError

DAY_MS: Final = 86_400_000
SHANGHAI_MS: Final = 8 * 3_600_000
"""How far ahead of UTC our days begin; there was no summer time after 1991, and no clock of ours reads before that."""

_EPOCH = date(1970, 1, 1).toordinal()
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Calendar(NamedTuple):
    """Published exceptions to Monday-to-Friday; `years` says what it covers."""

    holidays: frozenset[int]
    workdays: frozenset[int]
    years: frozenset[int]


def calendar_of(rows: Iterable[tuple[int, str]]) -> Calendar:
    """A calendar from (day, "holiday" | "workday"); a year is covered when its first of January is listed.

    Raises DataError HUB-G110 on another kind, or on a day listed twice.
    """
    holidays: set[int] = set()
    workdays: set[int] = set()
    for day, kind in rows:
        if kind not in ("holiday", "workday") or day in holidays or day in workdays:
            raise DataError("HUB-G110", date=iso(day))
        (holidays if kind == "holiday" else workdays).add(day)
    years = frozenset(d.year for d in map(date_of, holidays) if (d.month, d.day) == (1, 1))
    return Calendar(frozenset(holidays), frozenset(workdays), years)


def date_of(day: int) -> date:
    """The civil date of a day number."""
    return date.fromordinal(day + _EPOCH)


def day_of(value: date) -> int:
    """Days since 1970-01-01 of a civil date."""
    return value.toordinal() - _EPOCH


def day_at(moment_ms: int) -> int:
    """The civil day in Asia/Shanghai of a moment, in milliseconds since 1970-01-01T00:00Z."""
    return (moment_ms + SHANGHAI_MS) // DAY_MS


def iso(day: int) -> str:
    """YYYY-MM-DD of a day number."""
    return date_of(day).isoformat()


def is_working_day(day: int, calendar: Calendar) -> bool:
    """Whether offices work that day. Raises DataError HUB-G111 when the calendar does not cover its year."""
    if date_of(day).year not in calendar.years:
        raise DataError("HUB-G111", year=date_of(day).year)
    if day in calendar.holidays:
        return False
    return day in calendar.workdays or (day + 3) % 7 < 5  # 1970-01-01 was a Thursday


def working_days_after(day: int, count: int, calendar: Calendar) -> int:
    """The day on which the `count`-th working day after `day` falls; `day` itself is day 0.

    Raises DataError HUB-G111 when a day on the way is in a year not covered, ValueError when `count` is negative.
    """
    if count < 0:
        raise ValueError("count is negative")
    while count:
        day += 1
        count -= is_working_day(day, calendar)
    return day


def add_months(day: int, months: int) -> int:
    """The same day of the month, `months` later (or earlier), clamped to the month's end (domain §2-4).

    31 January plus one month is the last day of February.
    """
    start = date_of(day)
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    leap = month0 == 1 and (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    return day_of(date(year, month0 + 1, min(start.day, _MONTH_DAYS[month0] + leap)))
