"""The usual dirt: what spreadsheets, clerks and old systems do to rows. Seeded, so that it is always the same rows."""

import zlib
from collections.abc import Iterable, Iterator
from random import Random

from hub.core.calendar import add_months, iso
from hub.demo.people import check_character
from hub.demo.plan import Plan
from hub.demo.tables import STEPS, TABLES, Fact, Row, Table

DAMAGED_ID = 0.0052
UNMAPPED_CODE = 0.0034
IMPOSSIBLE_DATE = 0.0018
OTHER = 0.0014
MENDED = 0.35
TWICE = 0.002
CLEARED = 0.4
"""Of the rows typed twice, how many somebody deletes in the live days."""
TEST_ROW = 0.008
_LOOKED_AT = 0.03

_UNMAPPED = {
    "诊断编码": "Z99",
    "居住情况": "其它",
    "评估结论": "待定",
    "病情": "一般",
    "入院原因": "99",
    "残疾类别": "六",
    "残疾等级": "Ⅱ",
    "形式": "灵活就业(待核)",
    "申请渠道": "电话",
    "需求": "心理沙盘",
    "补贴类别": "春节慰问",
    "项目": "音乐律动",
    "服务项目": "音乐律动",
    "岗位": "后勤",
}


def dirty(plan: Plan, facts: Iterable[Fact]) -> Iterator[Fact]:
    """The same facts with some rows spoilt, some mended later, some written twice and some tests among them."""
    for fact in facts:
        if fact.row is None or fact.changed:
            yield fact
            continue
        if not _chosen("dirt", plan, fact):
            yield fact
            continue
        table = TABLES[fact.table]
        rng = Random(f"dirt/{plan.seed}/{fact.table}/{fact.key}")
        spoilt = _spoilt(rng, table, fact.row)
        if spoilt is None:
            yield fact
            yield from _extra(plan, rng, table, fact)
            continue
        yield fact._replace(row=spoilt)
        if rng.random() < MENDED:
            day = max(fact.day + 1, rng.randint(plan.golive, plan.end))
            yield Fact(day, fact.table, fact.key, {**fact.row, **_stamps(fact.row, day)}, changed=True)


def _chosen(what: str, plan: Plan, fact: Fact) -> bool:
    """Whether chance looks at a row at all: cheap, since it says no to most of them. Rates below are of all rows."""
    return zlib.crc32(f"{what}/{plan.seed}/{fact.table}/{fact.key}".encode()) < _LOOKED_AT * (1 << 32)


def _stamps(row: Row, day: int) -> Row:
    return {name: f"{iso(day)} 09:30:00" for name in ("更新时间", "录入时间") if name in row}


def _spoilt(rng: Random, table: Table, row: Row) -> Row | None:
    roll = rng.random() * _LOOKED_AT
    if roll > DAMAGED_ID + UNMAPPED_CODE + IMPOSSIBLE_DATE + OTHER:
        return None
    if roll < DAMAGED_ID and table.ids:
        return {**row, table.ids[0]: _scientific(table, str(row[table.ids[0]]))}
    roll -= DAMAGED_ID
    if 0 <= roll < UNMAPPED_CODE:
        filled = [name for name in table.coded if row[name] is not None]
        return {**row, filled[0]: _UNMAPPED[filled[0]]} if filled else None
    roll -= UNMAPPED_CODE
    if 0 <= roll < IMPOSSIBLE_DATE and table.dates:
        wrong = rng.choice(("2025-02-30", "2025-13-01", "20250631", "2025.4.31", "2062-03-01"))
        return {**row, table.dates[0]: wrong}
    if roll >= IMPOSSIBLE_DATE and table.ids:
        return {**row, table.ids[0]: _other(rng, str(row[table.ids[0]]))}
    return None


def _scientific(table: Table, number: str) -> str | float:
    """What a spreadsheet makes of an 18-digit number: three of its digits are gone for ever."""
    digits = "".join(char for char in number if char.isdecimal())[:17] + "0"
    damaged = float(digits)
    return damaged if table.kind == "sheet" else f"{damaged:.5E}"


def _other(rng: Random, number: str) -> str | None:
    """A slip of the key: a wrong check character, a digit too few, or nothing at all."""
    roll = rng.random()
    if roll < 0.5 and len(number) == 18 and number.isascii() and number[:17].isdecimal():
        right = check_character(number[:17])
        return number[:17] + ("1" if right != "1" else "2")
    return None if roll < 0.8 else number.strip()[:-2]


def _extra(plan: Plan, rng: Random, table: Table, fact: Fact) -> Iterator[Fact]:
    """The same row typed in again under another number, and test rows that a named rule must leave out."""
    if fact.row is None or table.name in ("患者", "持证"):
        return
    if rng.random() * _LOOKED_AT < TWICE:
        day = fact.day + rng.randint(0, 10)
        again = fact.key + "-2"
        yield Fact(day, fact.table, again, {**fact.row, **_stamps(fact.row, day), table.key: again})
        if table.kind != "sheet" and rng.random() < CLEARED:
            yield Fact(max(day + 1, rng.randint(plan.golive, plan.end)), fact.table, again, None, changed=True)
    if table is STEPS and rng.random() * _LOOKED_AT < TEST_ROW:
        again = fact.key + "-T"
        yield Fact(fact.day, fact.table, again, {**fact.row, table.key: again, "标记": "测试"})


def late_corrections(plan: Plan, facts: Iterable[Fact]) -> Iterator[Fact]:
    """A few rows that turn out to be wrong weeks later: another day, another place (law 7 has work to do)."""
    for fact in facts:
        yield fact
        if fact.row is None or fact.changed or fact.day >= plan.golive or fact.table not in ("服务记录", "随访"):
            continue
        if not _chosen("late", plan, fact):
            continue
        rng = Random(f"late/{plan.seed}/{fact.table}/{fact.key}")
        if rng.random() * _LOOKED_AT < 0.006:
            day = rng.randint(max(fact.day + 5, add_months(plan.golive, -1)), plan.end)
            yield Fact(
                day, fact.table, fact.key, {**fact.row, **_corrected(fact), **_stamps(fact.row, day)}, changed=True
            )


def _corrected(fact: Fact) -> Row:
    row = fact.row or {}
    if fact.table == "随访":
        return {"病情": "不稳定" if row["病情"] == "稳定" else "稳定"}
    if row["类型"] == "服务":
        return {"时长分钟": 120 if row["时长分钟"] != 120 else 30}
    if row["类型"] == "阶段评估":
        return {"病情": "基本稳定"}
    return {}
