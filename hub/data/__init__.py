"""Reference data: areas with succession, the working-day calendar, code lists. Files, read once; no clock.

`areas.csv`: GB/T 2260 codes of the five jurisdictions. `x_m`, `y_m` are the approximate centre on the national plane
grid (Albers equal-area, parallels 25° and 47°, meridian 105°, in metres). `valid_from` and `valid_to` are dates
known to the month; empty means before or beyond this table; `successor` is the code that took over.
`calendar.csv`: holidays and weekend days worked instead, as the State Council published them, 2019 to 2026.
`codes/<list>.csv`: header `code,zh,en`.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from hub.core.calendar import Calendar, calendar_of, day_of
from hub.core.errors import DataError

SYNTHETIC_PROVINCES = ("16", "17", "18", "19")
"""Province codes that GB/T 2260 never assigned: only tests and the demo may use them, never a real person."""


class Area(NamedTuple):
    """One administrative area; `valid_from` and `valid_to` are days, None where this table does not reach."""

    code: str
    name_zh: str
    name_en: str
    x_m: int
    y_m: int
    valid_from: int | None
    valid_to: int | None
    successor: str


class Code(NamedTuple):
    """One code of a list, with its texts."""

    code: str
    zh: str
    en: str


def _rows(*path: str) -> Iterator[dict[str, str]]:
    with files("hub.data").joinpath(*path).open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _day(text: str) -> int | None:
    return day_of(date.fromisoformat(text)) if text else None


@cache
def areas() -> Mapping[str, Area]:
    """Every area by code, old codes included."""
    return MappingProxyType(
        {
            row["code"]: Area(
                row["code"],
                row["name_zh"],
                row["name_en"],
                int(row["x_m"]),
                int(row["y_m"]),
                _day(row["valid_from"]),
                _day(row["valid_to"]),
                row["successor"],
            )
            for row in _rows("areas.csv")
        }
    )


@cache
def calendar() -> Calendar:
    """The working-day calendar of the mainland."""
    return calendar_of((day_of(date.fromisoformat(row["date"])), row["kind"]) for row in _rows("calendar.csv"))


@cache
def codes(name: str) -> Mapping[str, Code]:
    """A code list by code. Raises DataError HUB-G113 when no such list exists."""
    if not files("hub.data").joinpath("codes", f"{name}.csv").is_file():
        raise DataError("HUB-G113", list=name)
    return MappingProxyType(
        {row["code"]: Code(row["code"], row["zh"], row["en"]) for row in _rows("codes", f"{name}.csv")}
    )


def fingerprinted() -> dict[str, bytes]:
    """The bytes of the calendar and area files, which a `ProfileChanged` commits to beside the profiles."""
    return {name: files("hub.data").joinpath(name).read_bytes() for name in ("areas.csv", "calendar.csv")}
