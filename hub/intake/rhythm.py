"""Who is late: what was declared of each connector, against the last end of a run that intake took of it."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from hub.core.calendar import Calendar, iso
from hub.core.errors import DataError, HubError
from hub.core.rhythm import due_after, late
from hub.ports.intake import Pace

AHEAD: Final = 1  # days by which a connector's day may be before ours: it may stand in another time zone


class Standing(NamedTuple):
    """A connector and its rhythm. Days are None where there is none: it never ran, or nothing was declared of it.

    `late` is the number of working days since `due`, None while it is in time; `error` says what is wrong, if anything.
    """

    connector: str
    agency: str
    rhythm: str
    heard: int | None
    due: int | None = None
    late: int | None = None
    error: HubError | None = None


def standing(pace: Pace, today: int, calendar: Calendar) -> Standing:
    """How a connector stands at `today`. One that did not run since its rhythm was declared is judged from that day."""
    plain = Standing(pace.connector, pace.agency, pace.rhythm, pace.heard or None)
    if not pace.rhythm:
        return plain
    if pace.heard > today + AHEAD:
        return plain._replace(
            error=DataError("HUB-I381", connector=pace.connector, agency=pace.agency, date=iso(pace.heard))
        )
    base = max(pace.heard, pace.since)
    try:
        due = due_after(pace.rhythm, base, calendar)
        found = late(pace.rhythm, base, today, calendar)
    except DataError as error:  # the calendar ends before today: nobody can say how late, and that is told
        return plain._replace(error=error)
    if found is None:
        return plain._replace(due=due)
    place: dict[str, str | int] = {"connector": pace.connector, "agency": pace.agency, "rhythm": pace.rhythm}
    why = DataError("HUB-I380", **place, due=iso(due), days=found.working_days)
    return plain._replace(due=due, late=found.working_days, error=why)


class Watch:
    """Looks again and again who is late; `notices` may be asked from another thread."""

    def __init__(self, paces: Callable[[], Iterable[Pace]], today: Callable[[], int], calendar: Calendar) -> None:
        self._paces, self._today, self._calendar = paces, today, calendar
        self._seen: tuple[int, tuple[Pace, ...]] = (0, ())
        self._notices: tuple[HubError, ...] = ()

    def look(self) -> None:
        """Judge all connectors anew if the day, a rhythm or a run is another. Raises Unreachable."""
        seen = self._today(), tuple(self._paces())
        if seen != self._seen:
            found = [standing(pace, seen[0], self._calendar).error for pace in seen[1]]
            self._notices = tuple(error for error in found if error is not None)
            self._seen = seen

    def notices(self) -> tuple[HubError, ...]:
        """Who is late, and whose clock is wrong: it keeps the hub from no work, and its owner must know."""
        return self._notices
