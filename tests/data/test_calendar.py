"""Working days, calendar months and areas."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.calendar import (
    Calendar,
    add_months,
    calendar_of,
    date_of,
    day_of,
    is_working_day,
    iso,
    working_days_after,
)
from hub.core.errors import DataError
from hub.data import SYNTHETIC_PROVINCES, areas, calendar, codes


def _day(text: str) -> int:
    return day_of(date.fromisoformat(text))


def _check_five_working_days(after: object) -> None:
    """The law of rule 24 with 调休: five working days over the National Day week of 2025."""
    assert callable(after)
    # Friday 26 September 2025; Sunday 28th is worked, 1st to 8th October are free, Saturday 11th is worked
    assert iso(after(_day("2025-09-26"), 5, calendar())) == "2025-10-10"
    assert iso(after(_day("2025-09-26"), 6, calendar())) == "2025-10-11"


def test_working_days_follow_the_published_calendar() -> None:
    """Holidays do not count, and weekend days worked in their place do."""
    _check_five_working_days(working_days_after)


def test_a_mutant_that_forgets_worked_weekends_is_killed() -> None:
    """Dropping 调休 from the calendar breaks the law above."""

    def mutant(day: int, count: int, table: Calendar) -> int:
        return working_days_after(day, count, table._replace(workdays=frozenset()))

    with pytest.raises(AssertionError):
        _check_five_working_days(mutant)


def test_an_uncovered_year_is_an_error_and_not_a_guess() -> None:
    """A count that runs into a year without a published calendar raises HUB-G111 with the year."""
    with pytest.raises(DataError) as caught:
        working_days_after(_day("2026-12-31"), 1, calendar())
    assert caught.value.code == "HUB-G111"
    assert caught.value.place == {"year": 2027}


def test_a_listed_day_is_listed_once_and_of_a_known_kind() -> None:
    """A calendar file that contradicts itself is refused."""
    for rows in ([(0, "holiday"), (0, "workday")], [(0, "feast")]):
        with pytest.raises(DataError) as caught:
            calendar_of(rows)
        assert caught.value.code == "HUB-G110"


@given(st.integers(_day("2019-01-01"), _day("2026-10-01")), st.integers(0, 20))
def test_counting_forward_and_counting_between_agree(day: int, count: int) -> None:
    """The n-th working day after a day has exactly n working days up to it, and is itself one."""
    end = working_days_after(day, count, calendar())
    assert sum(is_working_day(later, calendar()) for later in range(day + 1, end + 1)) == count
    assert count == 0 or is_working_day(end, calendar())


def test_months_clamp_at_the_end_of_a_month() -> None:
    """Three months from 30 November end on the last day of February (domain §2-4)."""
    assert iso(add_months(_day("2025-11-30"), 3)) == "2026-02-28"
    assert iso(add_months(_day("2023-11-30"), 3)) == "2024-02-29"
    assert iso(add_months(_day("2025-12-15"), 3)) == "2026-03-15"
    assert iso(add_months(_day("2025-03-31"), -1)) == "2025-02-28"


@given(st.integers(-30_000, 60_000), st.integers(-500, 500))
def test_adding_months_keeps_the_day_or_clamps_it(day: int, months: int) -> None:
    """The month is exactly `months` away, and the day is the same or the last of its month."""
    before, after = date_of(day), date_of(add_months(day, months))
    assert (after.year * 12 + after.month) - (before.year * 12 + before.month) == months
    assert after.day == before.day or (after.day < before.day and date_of(day_of(after) + 1).day == 1)


def test_demo_counties_are_areas_with_a_city_and_a_centre() -> None:
    """Each county of the five jurisdictions has a place on the plane, near its city's."""
    table = areas()
    for code in ("220102", "220104", "371002", "371003", "500103", "500106", "320682", "410902", "410922"):
        city = table[code[:2] + "0000" if code[:2] == "50" else code[:4] + "00"]
        assert abs(table[code].x_m - city.x_m) + abs(table[code].y_m - city.y_m) < 100_000


def test_succession_ends_at_an_area_of_the_table() -> None:
    """Every successor exists, and no chain comes back to itself."""
    table = areas()
    for area in table.values():
        seen = {area.code}
        while area.successor:
            area = table[area.successor]
            assert area.code not in seen
            seen.add(area.code)


def test_no_area_uses_a_synthetic_province() -> None:
    """The prefixes of test persons are assigned to nobody."""
    assert not [code for code in areas() if code[:2] in SYNTHETIC_PROVINCES]


def test_an_unknown_code_list_is_named() -> None:
    """Asking for a list that does not exist names it and does not answer empty."""
    with pytest.raises(DataError) as caught:
        codes("no_such_list")
    assert caught.value.place == {"list": "no_such_list"}
