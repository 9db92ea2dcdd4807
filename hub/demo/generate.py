"""Make the agencies' sources for a day, or let those that are there grow to a later day."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from hub.demo.dirt import dirty, late_corrections
from hub.demo.life import OpenPerson, live
from hub.demo.plan import Places, Plan, plan_of
from hub.demo.sites_story import grown_site_facts, site_facts
from hub.demo.tables import BENEFITS, MONTHLY_CITIES, SITES, TABLES, Fact, Row, Table, monthly
from hub.demo.workbooks import Sheet, save
from hub.demo.world import World
from hub.demo.writers import append, clear, write

MARK_FILE = "SYNTHETIC.txt"
_MARK_TEXT = (
    "本目录全部为合成演示数据,不涉及任何真实的人;证件号码使用从未分配的地区码(16 至 19 开头)。\n"
    "Everything here is synthetic. Nobody is real.\n"
    "Identity numbers begin with province codes 16 to 19, which were never assigned.\n"
)
_CHUNK = 2_000

Progress = Callable[[int, int], None]


class Grown(NamedTuple):
    """What a call wrote: `rows` by table, the day the sources now stand at."""

    day: int
    rows: dict[str, int]


def _silent(done: int, total: int) -> None:
    """No progress bar."""


def generate(
    folder: Path, people: int, seed: int, until_day: int, *, golive: int, progress: Progress = _silent
) -> Grown:
    """Bring `folder` (the sources) to `until_day`, writing history first if nothing is there yet.

    Deterministic in (people, seed, golive, the answers given); a second call for the same day writes nothing.
    `until_day` before `golive - 1` counts as `golive - 1`: history is one load. DataError HUB-D101 when the folder
    was made with other settings.
    """
    plan = plan_of(people, seed, golive)
    rows: dict[str, int] = {}
    with World(folder, plan) as world:
        if world.get("day") < golive - 1:
            clear(folder)
            (folder / MARK_FILE).write_text(_MARK_TEXT, encoding="utf-8")
            _history(folder, world, progress, rows)
            world.done(golive - 1)
        if until_day > world.get("day"):
            _grow(folder, world, until_day, rows)
            world.done(until_day)
        return Grown(world.get("day"), rows)


def _history(folder: Path, world: World, progress: Progress, rows: dict[str, int]) -> None:
    plan = world.plan
    places = Places(plan, world.sites)
    for first in range(0, plan.people, _CHUNK):
        last = min(plan.people, first + _CHUNK)
        waiting: list[OpenPerson] = []
        now: list[Fact] = []
        later: list[Fact] = []
        for index in range(first, last):
            life = live(plan, places, index)
            if life.open is not None:
                waiting.append(life.open)
            _split(plan, late_corrections(plan, dirty(plan, life.facts)), now, later)
        world.queue(later)
        world.open_put(waiting)
        _first_load(folder, world, now, rows)
        progress(last, plan.people)
    sites_now: list[Fact] = []
    _split(plan, dirty(plan, site_facts(plan, world.sites, places)), sites_now, later := [])
    world.queue(chain(later, grown_site_facts(plan, world.sites, places)))
    _first_load(folder, world, sites_now, rows)
    world.save_places(places)
    _save_books(folder, world)


def _split(plan: Plan, facts: Iterable[Fact], now: list[Fact], later: list[Fact]) -> None:
    """History as it stands on its last day, one version a row; and what will be written in the live days."""
    latest: dict[tuple[str, str], Fact] = {}
    for fact in sorted(facts, key=lambda fact: fact.day):
        if fact.day < plan.golive:
            latest[fact.table, fact.key] = fact
        elif fact.day <= plan.end:
            later.append(fact)
    now.extend(latest.values())


def _first_load(folder: Path, world: World, facts: list[Fact], rows: dict[str, int]) -> None:
    by_table: dict[str, list[Fact]] = {}
    for fact in facts:
        by_table.setdefault(fact.table, []).append(fact)
    for name, table in TABLES.items():
        found = by_table.get(name, [])
        rows[name] = rows.get(name, 0) + len(found)
        if table.kind == "sheet":
            world.sheet_put(found)
        else:
            append(folder, table, (fact.row for fact in found if fact.row is not None))


def _grow(folder: Path, world: World, day: int, rows: dict[str, int]) -> None:
    books = False
    for name, table in TABLES.items():
        due = world.due(name, day)
        rows[name] = rows.get(name, 0) + len(due)
        if not due:
            continue
        if table.kind == "sheet":
            world.sheet_put(due)
            books = True
        else:
            write(folder, table, due)
    if books:
        _save_books(folder, world)


def _save_books(folder: Path, world: World) -> None:
    save(folder / SITES.path, (_sites_sheet(world), _benefits_sheet(world)))
    for city in MONTHLY_CITIES:
        table = monthly(city)
        save(folder / table.path, _monthly_sheets(table, city, world))


def _sites_sheet(world: World) -> Sheet:
    groups = ("机构", "机构", "机构", "地址", "地址", "地址", "资质", "资质", "资质", "资质", "资质", "")
    title = "精神障碍社区康复服务机构一览表(合成演示数据)"
    return Sheet(title, SITES.sheet, SITES.columns, groups, world.sheet_rows(SITES.name), ("核定人数",))


def _benefits_sheet(world: World) -> Sheet:
    groups = ("", "对象", "对象", "对象", "补贴", "补贴", "补贴", "补贴")
    title = "精神障碍患者救助补贴发放名册(合成演示数据)"
    return Sheet(title, BENEFITS.sheet, BENEFITS.columns, groups, world.sheet_rows(BENEFITS.name), ("月标准",))


def _monthly_sheets(table: Table, city: str, world: World) -> Iterator[Sheet]:
    """One sheet a month; the key of a row begins with its month."""
    months: dict[str, list[Row]] = {}
    for row in world.sheet_rows(table.name):
        months.setdefault(str(row[table.key])[:6], []).append(row)
    groups = ("", "", "对象", "对象", "服务", "服务", "服务", "服务", "", "")
    for month, found in months.items():
        title = f"{city}精神障碍社区康复站点服务月报({month[:4]}年{int(month[4:])}月,合成演示数据)"
        name = f"{month[:4]}年{int(month[4:])}月"
        yield Sheet(title, name, table.columns, groups, found, ("时长分钟",))
