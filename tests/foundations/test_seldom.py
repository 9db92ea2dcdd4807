"""What is dear to look at is looked at once in a while."""

from hub.core.errors import DataError, HubError
from hub.telemetry.seldom import Seldom


def test_it_is_looked_at_once_in_a_while_and_told_as_it_was() -> None:
    """The first question looks, later ones are told what was found, until the time is over; also at the moment 0."""
    now, looks = [0], list[int]()

    def look() -> tuple[HubError, ...]:
        looks.append(now[0])
        return (DataError("HUB-H310", days=len(looks)),)

    seldom = Seldom(look, 60, lambda: now[0])
    for moment, days in ((0, 1), (0, 1), (59, 1), (60, 2), (119, 2), (500, 3)):
        now[0] = moment
        assert [one.place["days"] for one in seldom.notices()] == [days]
    assert looks == [0, 60, 500]
