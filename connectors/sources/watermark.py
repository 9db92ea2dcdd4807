"""How far a source was read: the newest value of its cursor column, by the database's clock, never by ours."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from connectors.sources.source import CursorValue
from connectors.sources.spec import SqlSpec
from hub.core.errors import DataError

_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = re.compile(r"(?:19|20|21)[0-9]{2}([-/]?)[0-9]{1,2}\1[0-9]{1,2}")
_PADDED: Final = re.compile(r"[0-9]{4}([-/]?)[0-9]{2}\1[0-9]{2}(?![0-9]{3})")


class Clock(NamedTuple):
    """The database's clock when a read began: its wall, without zone, and UTC; how many seconds it is before ours."""

    local: datetime
    utc: datetime
    skew: int


class Watermark:
    """The newest cursor value that a read saw, and where the next one begins.

    A row's time comes from the database or from who writes to it. What lies after the database's own now is no
    watermark: a slip in a date would make the cursor pass over all that follows. Without that clock (SQLite has none
    of its own) a date after our tomorrow is ahead.
    """

    def __init__(self, spec: SqlSpec, today: int | None) -> None:
        self.newest: CursorValue | None = None
        self.clock: Clock | None = None
        self._spec = spec
        self._today = today
        self._marks: set[str] = set()

    def begin(self, value: CursorValue) -> CursorValue:
        """The cursor less the lag. Raises DataError C229 if the declared lag does not suit its values."""
        if self._spec.lag and isinstance(value, (int, float, Decimal)):
            return value - self._spec.lag
        if self._spec.lag_days and isinstance(value, date):
            return value - timedelta(days=self._spec.lag_days)
        if self._spec.lag_days and isinstance(value, str):
            return self._earlier(value)
        if self._spec.lag or self._spec.lag_days:
            raise self._unsuited()
        return value

    def note(self, values: Collection[object]) -> None:
        """Keeps the newest of some values. Raises DataError C229 if their types cannot be compared."""
        known = [value for value in values if isinstance(value, (str, int, float, date, Decimal))]
        texts = [value for value in known if isinstance(value, str)]
        if texts:
            sorting = set(self._sorting(texts))
            known = [value for value in known if not isinstance(value, str) or value in sorting]
        try:
            for value in sorted(known, reverse=True):
                if self.newest is not None and value <= self.newest:  # type: ignore[operator]
                    return
                if not self._ahead(value):
                    self.newest = value
                    return
        except TypeError:
            raise self._unsuited() from None

    def _unsuited(self) -> DataError:
        return DataError("HUB-C229", alias=self._spec.alias, column=self._spec.cursor)

    def _earlier(self, text: str) -> str:
        """A date in text less the lag, at the start of its day and in its own spelling."""
        day = _day_in(text)
        if day is None:
            raise self._unsuited()
        return (day - timedelta(days=self._spec.lag_days)).strftime("%Y%m%d" if text[4:5].isdigit() else _spelled(text))

    def _sorting(self, texts: Sequence[str]) -> Sequence[str]:
        """The texts that may be a cursor: where there are dates, these alone, since a word sorts after all of them.

        Raises DataError C229 for dates that do not sort as text: without noughts, or spelled in two ways.
        """
        days = [text for text in texts if _DAY.match(text)]
        if not days and not self._spec.lag_days and not self._marks:
            return texts
        self._marks.update(found[1] if (found := _PADDED.match(text)) else "unpadded" for text in days)
        if "unpadded" in self._marks or len(self._marks) > 1:
            raise self._unsuited()
        if isinstance(self.newest, str) and not _DAY.match(self.newest):
            self.newest = None
        return days

    def _ahead(self, value: CursorValue) -> bool:
        """Whether a moment lies after the database's now, or a day after its today."""
        if isinstance(value, datetime) and self.clock:
            return value > (self.clock.utc if value.tzinfo else self.clock.local)
        day = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
        if isinstance(value, str):
            day = _day_in(value)
        if day is None:
            return False
        if self.clock:
            return day > self.clock.local.date()
        return self._today is not None and (day - _EPOCH).days > self._today + 1


def _day_in(text: str) -> date | None:
    """The date that a text begins with, in the spellings that sort as text; None if there is none."""
    for form, length in (("%Y-%m-%d", 10), ("%Y/%m/%d", 10), ("%Y%m%d", 8)):
        try:
            day = datetime.strptime(text[:length], form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return day if day.year >= 1900 else None
    return None


def _spelled(text: str) -> str:
    return f"%Y{text[4]}%m{text[7]}%d"
