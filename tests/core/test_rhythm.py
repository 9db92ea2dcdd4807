"""Rhythms over the published calendar: on the day that is due nobody is late, and free days count for nobody."""

from datetime import date

import pytest

from hub.core.calendar import day_of
from hub.core.errors import DataError
from hub.core.rhythm import NAMED, Late, due_after, late, rhythm_of
from hub.data import calendar

DAYS = calendar()


def on(text: str) -> int:
    return day_of(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("rhythm", "ran", "due"),
    [
        ("daily", "2026-09-30", "2026-10-01"),
        ("working_days", "2026-09-30", "2026-10-08"),  # a week of holidays
        ("working_days", "2026-05-22", "2026-05-25"),  # over a weekend
        ("working_days", "2026-02-13", "2026-02-14"),  # a Saturday that is worked
        ("weekly", "2026-05-25", "2026-06-01"),
        ("monthly", "2026-01-31", "2026-02-28"),
        ("10", "2026-05-25", "2026-06-04"),
    ],
)
def test_the_day_that_is_due_is_not_late_and_the_next_one_is(rhythm: str, ran: str, due: str) -> None:
    """A run is due by a day of the calendar; until that is over it is in time, and from the next day on late since."""
    assert due_after(rhythm, on(ran), DAYS) == on(due)
    assert late(rhythm, on(ran), on(due), DAYS) is None
    found = late(rhythm, on(ran), on(due) + 1, DAYS)
    assert found is not None
    assert found.due == on(due)


def test_lateness_is_counted_in_working_days() -> None:
    """Free days pass without counting: over the holidays of October a daily connector comes to be late by none."""
    assert late("daily", on("2026-09-30"), on("2026-10-07"), DAYS) == Late(on("2026-10-01"), 0)
    assert late("daily", on("2026-09-30"), on("2026-10-09"), DAYS) == Late(on("2026-10-01"), 2)


def test_a_year_that_the_calendar_lacks_is_never_guessed() -> None:
    """Who would be late in a year without a calendar is not judged by Monday to Friday."""
    last = max(DAYS.years)
    with pytest.raises(DataError, match="HUB-G111"):
        late("daily", on(f"{last}-12-20"), on(f"{last + 1}-02-01"), DAYS)


def test_a_rhythm_is_one_of_few_words_or_a_number_of_days() -> None:
    """Whatever else is written is no rhythm: it must not be taken for one that nobody keeps."""
    assert [rhythm_of(name) for name in NAMED] == list(NAMED)
    assert (rhythm_of(10), rhythm_of("10")) == ("10", "10")
    wrong: tuple[object, ...] = ("", "dayly", "0", "-1", "007", "367", 0, True, 1.0, None, ["daily"])
    assert [rhythm_of(value) for value in wrong] == [None] * len(wrong)
