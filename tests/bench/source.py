"""What the bench's agency has: one CSV of synthetic rows, a row an event, written in the order in which it arrives."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hub.core.calendar import date_of
from hub.demo.counties import COUNTIES, uscc
from hub.demo.people import PATIENT_PROVINCES, id_number

ORDERS: Final = ("person", "time")
"""By person: each person's life in one piece, as a first load should come. By time: day by day, everybody mixed."""

LIFE: Final = (
    "assessed", "applied", "consented", "need", "registered", "confirmed", "assigned", "agreed", "served", "served",
)  # fmt: skip
CAPACITY_EVERY: Final = 20
COLUMNS: Final = (
    "编号", "类型", "证件号码", "残疾人证号", "护照", "港澳通行证", "台胞证", "日期", "时刻", "录入时间", "区划",
    "站点", "项目", "形式", "地点", "记录人", "空位",
)  # fmt: skip
AREAS: Final = " ".join(sorted({county.code[:2] for county in COUNTIES}))
_SERVICES: Final = ("生活技能训练", "社交技能训练", "职业康复", "服药训练", "居家康复指导", "同伴支持")
_STEP: Final = 20  # days from one event of a life to the next


def write(path: Path, events: int, people: int, order: str, first_day: int) -> None:
    """Write `events` rows about `people` persons and, one row in twenty, about a site; constant memory."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        about = _by_person if order == "person" else _by_time
        turns = about(people, events)
        for number in range(events):
            if number % CAPACITY_EVERY == CAPACITY_EVERY - 1:
                out.writerow(_capacity(number, first_day))
            else:
                out.writerow(_row(number, *next(turns), first_day))


def last_day(events: int, people: int, first_day: int) -> int:
    """No row is dated after this."""
    return first_day + _STEP * (events // people + 2)


def _by_person(people: int, events: int) -> Iterator[tuple[int, int]]:
    """(person, how many events of theirs came before)."""
    each = -(-events // people)
    for person in range(people):
        for turn in range(each):
            yield person, turn


def _by_time(people: int, events: int) -> Iterator[tuple[int, int]]:
    for turn in range(-(-events // people)):
        for day in range(_STEP):
            for person in range(day, people, _STEP):
                yield person, turn


def _row(number: int, person: int, turn: int, first_day: int) -> tuple[str | int, ...]:
    county = COUNTIES[person % len(COUNTIES)]
    province, index = PATIENT_PROVINCES[person % 3], person // 3
    resident = id_number(province, index, -5000 + person * 37 % 16_000, person % 2 == 0)
    day = first_day + turn * _STEP + person % _STEP
    when = f"{date_of(day).isoformat()} 10:{number % 60:02d}:00"
    return (
        f"R{number:09d}", LIFE[turn] if turn < len(LIFE) else "served",
        resident, f"{resident}6{1 + person % 4}", f"E{person:08d}", f"H{person:08d}", f"{person:08d}",
        date_of(day).isoformat(), f"{8 + number % 9:02d}:{number % 60:02d}", when, county.code,
        uscc(county.code, person % 40), _SERVICES[number % 6], "个案", "站内", "社工", "",
    )  # fmt: skip


def _capacity(number: int, first_day: int) -> tuple[str | int, ...]:
    county = COUNTIES[number // CAPACITY_EVERY % len(COUNTIES)]
    day = date_of(first_day + number * 3 // 100_000)
    return (
        f"R{number:09d}", "capacity", "", "", "", "", "", day.isoformat(), "17:00", f"{day.isoformat()} 17:00:00",
        county.code, uscc(county.code, number % 40), "", "", "", "", number % 30,
    )  # fmt: skip
