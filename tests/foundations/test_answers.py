"""Late answers: told before anybody's patience is over, and steadily."""

from contextlib import suppress

import pytest

from hub.adapters.answers import LATE_SECONDS, Answers


class Hour:
    """Questions under a clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0
        self.answers = Answers(lambda: self.now)

    def told(self) -> list[tuple[str, object]]:
        """Who is late, and by how many seconds."""
        assert {error.code for error in self.answers.late()} <= {"HUB-G716"}
        return [(str(error.place["what"]), error.place["seconds"]) for error in self.answers.late()]


@pytest.fixture
def hour() -> Hour:
    """A moment."""
    return Hour()


def test_only_who_lets_somebody_wait_too_long_is_told(hour: Hour) -> None:
    """Slow answers are none of anybody's business; a late one is told while it is waited for, with its seconds."""
    with hour.answers.awaited("views"):
        hour.now += LATE_SECONDS
        assert hour.told() == []
    assert hour.told() == []
    with hour.answers.awaited("views"), hour.answers.awaited("intake"):
        hour.now += LATE_SECONDS + 2
        assert hour.told() == [("intake", 7), ("views", 7)]


def test_what_is_late_is_told_until_answers_come_in_time_again(hour: Hour) -> None:
    """Between two late answers nobody is told that all is well; a while after the last one, all are."""
    for _ in range(3):
        with suppress(TimeoutError), hour.answers.awaited("views"):
            hour.now += 30
            raise TimeoutError  # after which it may be asked again
        hour.now += 1
        assert hour.told() == [("views", 30)]
        with hour.answers.awaited("views"):
            hour.now += 1
            assert hour.told() == [("views", 30)]
    hour.now += LATE_SECONDS
    assert hour.told() == []
