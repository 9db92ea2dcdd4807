"""Dates, minutes and timestamps. A naive time is Asia/Shanghai's; dates stay dates.

Shanghai is UTC+8, and was UTC+9 in the summers of 1986 to 1991: the table is here because a desktop may have no time
zone database. No month is guessed from its place: 05/06/2025 is refused.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Final, NamedTuple

from connectors.forms.cells import EMPTY, plain, single_spaced
from connectors.forms.fault import Fault

_EPOCH: Final = date(1970, 1, 1)
_MIDNIGHT: Final = time()
_EPOCH_TIME: Final = datetime.combine(_EPOCH, _MIDNIGHT)
_MILLIS: Final = 60_000
_FIRST_YEAR: Final = 1900
_EMPTY: Final = frozenset({date(1900, 1, 1), date(9999, 12, 31)})

_SUMMERS: Final = tuple(
    (datetime.combine(date(year, *start), time(2)), datetime.combine(date(year, 9, end), time(2)))
    for year, start, end in (
        (1986, (5, 4), 14),
        (1987, (4, 12), 13),
        (1988, (4, 17), 11),
        (1989, (4, 16), 17),
        (1990, (4, 15), 16),
        (1991, (4, 14), 15),
    )
)
"""First and last wall-clock moments of summer time; both at two o'clock."""

_SPELLED: Final = re.compile(
    r"([0-9]{4}) ?([-./]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,2})(?:$| ?T ?| )"
    r"|([0-9]{4}) ?年 ?([0-9]{1,2}) ?月 ?([0-9]{1,2}) ?[日号] ?"
)
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T?([0-9]{2})([0-9]{2})([0-9]{2})?)?(?:\.0)?")
_CLOCK: Final = re.compile(
    r"(上午|下午|AM|PM)? ?([0-9]{1,2}) ?(?:[时點点]|: ?(?=[0-9])) ?"
    r"(?:([0-9]{1,2}) ?(?:[:分] ?(?:([0-9]{1,2})(?:\.([0-9]{1,9}))? ?秒?)?)?)?"
    r" ?(AM|PM)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_NUMBER: Final = re.compile(r"[0-9]{1,7}(?:\.[0-9]+)?")


class Moment(NamedTuple):
    """Wall-clock in Shanghai: a date, and the time of day in milliseconds if there was one."""

    day: date
    millis: int | None


def _moment(raw: object, serial_from: int) -> Moment | None:
    """What a cell says of a day, and of a time of that day. `serial_from`: 0, 1900 or 1904. Raises Fault."""
    if isinstance(raw, datetime):
        wall = shanghai_wall(raw) if raw.tzinfo else raw
        return Moment(wall.date(), _millis_in(wall))
    if isinstance(raw, date):
        return Moment(raw, None)
    if isinstance(raw, time):
        raise Fault("HUB-C102")
    if isinstance(raw, float) and not raw.is_integer():
        return _serial(raw, serial_from) if raw == raw else None
    text = _spaced(raw)
    if text is None:
        return None
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        hour, minutes, seconds = (int(part or 0) for part in compact.groups()[3:])
        clock = _millis_of(hour, minutes, seconds, 0) if compact[4] else None
        return Moment(_day_of(*compact.groups()[:3]), clock)
    spelled = _SPELLED.match(text)
    if spelled is not None:
        return _written(spelled, text[spelled.end() :])
    if _NUMBER.fullmatch(text):
        return _serial(float(text), serial_from)
    raise Fault("HUB-C102")


def _spaced(raw: object) -> str | None:
    """`plain`, upper case, single blanks; None if it spells nothing."""
    text = plain(raw)
    if text is None:
        return None
    text = single_spaced(text).upper()
    return None if text in EMPTY else text


def _day_of(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Fault("HUB-C102") from None


def _written(found: "re.Match[str]", rest: str) -> Moment:
    """The moment of a spelled date and what follows it. Raises Fault C102 or C115."""
    day = _day_of(found[1] or found[5], found[3] or found[6], found[4] or found[7])
    if not rest:
        return Moment(day, None)
    clock = _CLOCK.fullmatch(rest)
    if clock is None:
        raise Fault("HUB-C115")
    millis = _clock(clock)
    if clock[7] is None:
        return Moment(day, millis)
    wall = datetime.combine(day, _MIDNIGHT) + timedelta(milliseconds=millis)
    shanghai = shanghai_wall(wall.replace(tzinfo=timezone(_offset(clock[7]))))
    return Moment(shanghai.date(), _millis_in(shanghai))


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta(0)
    amount = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    if amount >= timedelta(days=1):
        raise Fault("HUB-C115")
    return -amount if zone[0] == "-" else amount


def _clock(found: "re.Match[str]") -> int:
    """Milliseconds of the day of a matched clock. Raises Fault C115."""
    half = found[1] or found[6]
    hour, minutes, seconds = (int(found[part] or 0) for part in (2, 3, 4))
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half in ("下午", "PM") else 0)
    elif half in ("上午", "AM"):  # 下午14:30 is written often and has one reading; 上午14:30 has none
        raise Fault("HUB-C115")
    return _millis_of(hour, minutes, seconds, int(((found[5] or "0") + "00")[:3]))


def _millis_of(hour: int, minutes: int, seconds: int, milli: int) -> int:
    if hour > 23 or minutes > 59 or seconds > 59:
        raise Fault("HUB-C115")
    return ((hour * 60 + minutes) * 60 + seconds) * 1000 + milli


def _millis_in(wall: datetime) -> int:
    return ((wall.hour * 60 + wall.minute) * 60 + wall.second) * 1000 + wall.microsecond // 1000


def _serial(number: float, serial_from: int) -> Moment:
    """A spreadsheet's day count. Raises Fault C112 where its epoch is not declared, C102 where no day has it."""
    if not serial_from:
        raise Fault("HUB-C112")
    if not 0 <= number < 3_000_000:
        raise Fault("HUB-C102")
    whole = int(number)
    if serial_from == 1900:
        # Excel believes in 29 February 1900 (serial 60).
        if whole == 60 or not 1 <= whole <= 2_958_465:
            raise Fault("HUB-C102")
        day = date(1899, 12, 31 if whole < 60 else 30) + timedelta(days=whole)
    else:
        if not 0 <= whole <= 2_957_003:
            raise Fault("HUB-C102")
        day = date(1904, 1, 1) + timedelta(days=whole)
    part = number - whole
    return Moment(day, min(round(part * 86_400) * 1000, 86_399_000) if part else None)


def shanghai_wall(moment: datetime) -> datetime:
    """A zoned moment as Shanghai's wall clock shows it, without zone; at the ends of the calendar as it stands."""
    try:
        wall = moment.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=8)
    except OverflowError:
        return moment.replace(tzinfo=None)
    # Summer time begins and ends at two by the old clock: 18:00 UTC the day before, and 17:00 UTC.
    for start, end in _SUMMERS:
        if start <= wall < end - timedelta(hours=1):
            return wall + timedelta(hours=1)
    return wall


def _utc_millis(day: date, millis: int) -> int:
    """Milliseconds since 1970 UTC of a wall-clock moment in Shanghai; of an hour that came twice, the first."""
    wall = datetime.combine(day, _MIDNIGHT) + timedelta(milliseconds=millis)
    summer = any(start <= wall < end for start, end in _SUMMERS)
    return (wall - _EPOCH_TIME - timedelta(hours=9 if summer else 8)) // timedelta(milliseconds=1)


def _date_form(serial_from: int, future: bool) -> Callable[[object, int], int | None]:
    def form(raw: object, today: int) -> int | None:
        """Days since 1970-01-01. Raises Fault C102, C105, C112, C115, C116."""
        moment = _moment(raw, serial_from)
        if moment is None or moment.day in _EMPTY:
            return None
        if moment.day.year < _FIRST_YEAR:
            raise Fault("HUB-C116")
        days = (moment.day - _EPOCH).days
        if days > today and not future:
            raise Fault("HUB-C105")
        return days

    return form


def minute(raw: object, today: int) -> int | None:
    """Minute of the day, 0 to 1439, of a time or of a date with a time; None for a date alone. Raises Fault C115."""
    if isinstance(raw, time):
        return raw.hour * 60 + raw.minute
    if isinstance(raw, timedelta):
        seconds = raw // timedelta(seconds=1)
        if not 0 <= seconds < 86_400:
            raise Fault("HUB-C115")
        return seconds // 60
    if isinstance(raw, Decimal) and raw.is_finite():
        raw = float(raw)
    if isinstance(raw, float) and 0 <= raw < 1:
        return min(round(raw * 86_400), 86_399) // 60  # seconds are dropped, as where the time is text
    if not isinstance(raw, (date, datetime)):
        text = _spaced(raw)
        if text is None:
            return None
        clock = _CLOCK.fullmatch(text)
        if clock is not None and clock[7] is None:
            return _clock(clock) // _MILLIS
        if not _SPELLED.match(text) and not _COMPACT.fullmatch(text):
            raise Fault("HUB-C115")
    moment = _moment(raw, 0)
    return None if moment is None or moment.millis is None else moment.millis // _MILLIS


def timestamp(raw: object, today: int) -> int | None:
    """Milliseconds since 1970-01-01 UTC; a date alone is its midnight in Shanghai. Raises Fault as a date does."""
    moment = _moment(raw, 0)
    if moment is None or moment.day in _EMPTY:
        return None
    if moment.day.year < _FIRST_YEAR:
        raise Fault("HUB-C116")
    if (moment.day - _EPOCH).days > today:
        raise Fault("HUB-C105")
    return _utc_millis(moment.day, moment.millis or 0)


FORMS: Final[Mapping[str, Callable[[object, int], str | int | bool | None]]] = {
    "date": _date_form(0, False),
    "date_1900": _date_form(1900, False),
    "date_1904": _date_form(1904, False),
    "until": _date_form(0, True),
    "until_1900": _date_form(1900, True),
    "until_1904": _date_form(1904, True),
    "minute": minute,
    "timestamp": timestamp,
}
