"""The machine: what runs us, libraries, console, fonts, disk, file system, time zone, calendar."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from hub import certificates, contacts, kept, wiring
from hub.config import Settings
from hub.core.calendar import date_of
from hub.core.errors import DataError
from hub.data import calendar
from hub.doctor.finding import Check, Finding, Place, looked

FEW_MB: Final = 2_000
LEAST_MB: Final = 200
SHANGHAI: Final = 480
AUTUMN: Final = 10
"""From this month on, next year's calendar is missed: a limit of some working days reaches into it."""

_EXAMPLE: Final = "精康"
_machine = wiring.machine


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything that is the machine's affair."""
    checks: dict[str, Check] = {
        "programs": _machine.programs,
        "libraries": partial(libraries, settings),
        "encoding": encoding,
        "fonts": fonts,
        "disk": partial(disk, settings),
        "file_system": partial(file_system, settings),
        "time_zone": time_zone,
        "calendar": partial(year, settings),
    }
    for name, check in checks.items():
        yield looked(name, check)
    yield looked("contacts", partial(offices, settings))
    for one in certificates.known(settings):
        yield looked("certificate", partial(certificate, settings, one), one.what)


def libraries(settings: Settings) -> Place:
    """The extras that the settings ask for are installed. Raises DataError HUB-H101 for one that is not."""
    urls = [getattr(settings, f"{name}_url") for name in kept.TABLES]
    wanted = {
        "kafka": wiring.on_kafka(settings.log_url),
        "postgres": any(map(wiring.databases.on_postgresql, urls)),
        "gateway": bool(settings.gateway_cert),
    }
    lacking = [extra for extra in _machine.EXTRAS if _machine.lacks(extra)]
    for extra, needed in wanted.items():
        if needed and extra in lacking:
            raise DataError("HUB-H101", extra=extra)
    there = [extra for extra in _machine.EXTRAS if extra not in lacking]
    return {"there": ", ".join(there) or "-", "lacking": ", ".join(lacking) or "-"}


def encoding() -> Place:
    """Chinese can be printed and be in a file's name. Raises DataError HUB-H301."""
    names, console = _machine.encodings()
    try:
        _EXAMPLE.encode(names)
        _EXAMPLE.encode(console)
    except UnicodeEncodeError:
        raise DataError("HUB-H301", names=names, console=console) from None
    return {"names": names, "console": console}


def fonts() -> Place:
    """A workbook or page of ours can be looked at here. Raises DataError HUB-H302."""
    if not _machine.chinese_font():
        raise DataError("HUB-H302")
    return {}


def disk(settings: Settings) -> Place:
    """There is room. Raises DataError HUB-H102 where there is none, HUB-H303 where there is little."""
    free = _machine.free_mb(settings.home)
    if free < LEAST_MB:
        raise DataError("HUB-H102", free=free)
    if free < FEW_MB:
        raise DataError("HUB-H303", free=free)
    return {"free": f"{free:,}"}


def file_system(settings: Settings) -> Place:
    """What is kept is on a disk of this machine. Raises DataError HUB-G154."""
    _machine.refuse_share(settings.home)
    return {}


def time_zone() -> Place:
    """Tasks and units run at hours of the local zone; the program itself counts in Beijing's. Raises HUB-H304."""
    offset = _machine.offset_minutes()
    if offset != SHANGHAI:
        raise DataError("HUB-H304", offset=_hours(offset))
    return {"offset": _hours(offset)}


def year(settings: Settings) -> Place:
    """Working days are known. Raises DataError HUB-H103 where this year's are not, HUB-H305 for next year's."""
    today, years = date_of(wiring.system_of(settings).today()), calendar().years
    if today.year not in years:
        raise DataError("HUB-H103", year=today.year)
    if today.month >= AUTUMN and today.year + 1 not in years:
        raise DataError("HUB-H305", year=today.year + 1)
    return {"last": max(years)}


def offices(settings: Settings) -> Place:
    """Somebody is named who can be called. Raises DataError HUB-H315, and HUB-H316 where nobody is."""
    found = contacts.check(settings)
    if not any(found.values()):
        raise DataError("HUB-H316")
    return {"offices": "; ".join(f"{owner}: {office}" for owner, office in found.items() if office)}


def certificate(settings: Settings, one: certificates.Certificate) -> Place:
    """It is good for a while. Raises DataError HUB-H310 to HUB-H312, and HUB-L112 for one that cannot be read."""
    stands = certificates.judged(settings, one)
    if stands.error is not None:
        raise stands.error
    return {"days": stands.days}


def _hours(minutes: int) -> str:
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02d}"
