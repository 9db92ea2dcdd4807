"""A person's diary: whoever deals with the person writes a row, on some day, about some day."""

from random import Random

from hub.core.calendar import date_of, iso
from hub.demo.people import Person, spelled
from hub.demo.plan import Plan
from hub.demo.tables import MARK, Fact, Row, Table, Value

_STAMPS = ("更新时间", "录入时间")


class Diary:
    """Collects the facts of one person in the order in which they are told; `first` starts the row numbers."""

    def __init__(self, plan: Plan, person: Person, rng: Random, first: int = 0) -> None:
        self.plan = plan
        self.person = person
        self.rng = rng
        self.facts: list[Fact] = []
        self._number = first

    def key(self, prefix: str) -> str:
        """A row number of its own at the agency whose rows begin with `prefix`."""
        self._number += 1
        return f"{prefix}{self.person.number:07d}{self._number:03d}"

    def number(self) -> str:
        """The person's identity number as somebody types it."""
        return spelled(self.rng, self.person.id_number)

    def put(self, table: Table, on: int, row: dict[str, Value], *, key: str = "", lag: int | None = None) -> Fact:
        """Write a row about day `on`; mostly the same or the next day, one in twenty-five weeks later."""
        if lag is None:
            lag = self.rng.randint(8, 60) if self.rng.random() < 0.04 else self.rng.randint(0, 1)
        fact = self._fact(table, on + lag, key or self.key("R"), row)
        self.facts.append(fact)
        return fact

    def change(self, table: Table, day: int, before: Fact, **values: Value) -> Fact:
        """Correct or complete a row that was written before, on `day`."""
        row = {**(before.row or {}), **values}
        fact = self._fact(table, max(day, before.day), before.key, row)._replace(changed=True)
        self.facts.append(fact)
        return fact

    def _fact(self, table: Table, day: int, key: str, values: dict[str, Value]) -> Fact:
        row: Row = dict.fromkeys(table.columns)
        row.update(values)
        row[table.key] = key
        if "来源" in row:
            row["来源"] = MARK
        for stamp in _STAMPS:
            if stamp in row:
                minute = self.rng.randrange(480, 1080)
                row[stamp] = f"{iso(day)} {minute // 60:02d}:{minute % 60:02d}:{self.rng.randrange(60):02d}"
        return Fact(day, table.name, key, row)


def guardian_text(status: str) -> str:
    """How forms write whether there is a guardian."""
    return {"named": "已明确", "none_legally_needed": "无需", "missing": "缺失"}[status]


def chinese_date(day: int) -> str:
    """2025年6月5日"""
    date = date_of(day)
    return f"{date.year}年{date.month}月{date.day}日"


def dotted_date(day: int) -> str:
    """2025.6.5"""
    date = date_of(day)
    return f"{date.year}.{date.month}.{date.day}"


def station_date(site: int, day: int) -> str:
    """Each station has its own habit of writing dates; all of them mean the same."""
    habit = site % 4
    if habit == 0:
        return iso(day)
    if habit == 1:
        return dotted_date(day)
    if habit == 2:
        return chinese_date(day)
    return f"{date_of(day):%Y%m%d}"
