"""What civil affairs and the stations say of the sites themselves."""

from collections.abc import Iterator, Sequence
from random import Random

from hub.core.calendar import add_months, iso
from hub.demo.counties import Site
from hub.demo.diary import station_date
from hub.demo.plan import Places, Plan
from hub.demo.station import ITEMS
from hub.demo.tables import LEDGER, MARK, SITES, Fact, Row, Value

GROWTH_DAY = 14
"""On this live day a few full sites get more places."""

_POSTS = ("社工", "康复师", "护士", "精神科医师", "管理人员", "心理咨询师")


def site_facts(plan: Plan, sites: Sequence[Site], places: Places) -> Iterator[Fact]:
    """Licences, profiles, quarterly free places, prices, staff and training, up to go-live."""
    for site in sites:
        yield from _licence(plan, site)
        ledger = _Ledger(plan, site)
        yield from _profile(plan, site, ledger)
        day = plan.start + 3
        while day < plan.golive - 20:
            yield ledger.free(places.free(site.number, day), day)
            day = add_months(day, 3)
        yield ledger.free(places.free(site.number, plan.golive - 1), plan.golive - 1)


def grown_site_facts(plan: Plan, sites: Sequence[Site], places: Places) -> Iterator[Fact]:
    """In the live days, the four fullest licensed sites declare three places more."""
    day = plan.golive + GROWTH_DAY
    licensed = [site for site in sites if site.standing == "licensed"]
    for site in sorted(licensed, key=lambda s: (places.free(s.number, day), s.number))[:4]:
        ledger = _Ledger(plan, site, first=900)
        yield ledger.row("核定人数", day, 核定人数=site.capacity + 3, 空位=max(0, places.free(site.number, day)) + 3)


def _licence(plan: Plan, site: Site) -> Iterator[Fact]:
    if site.standing == "unlicensed":
        return
    rng = Random(f"licence/{plan.seed}/{site.code}")
    since = plan.start - rng.randint(100, 900)
    ends = plan.golive - 150
    row: Row = {
        "机构代码": site.code,
        "机构名称": site.name,
        "机构类型": site.kind,
        "区划": site.county.code,
        "横坐标": site.x_m,
        "纵坐标": site.y_m,
        "依据": site.basis,
        "批准日期": iso(since),
        "有效期至": iso(ends if site.standing == "lapsed" else add_months(plan.golive, rng.randint(8, 40))),
        "状态": "正常",
        "状态日期": iso(since),
        "核定人数": site.capacity,
    }
    yield Fact(plan.start, SITES.name, site.code, row)
    if site.standing == "suspended":
        yield Fact(ends, SITES.name, site.code, {**row, "状态": "暂停", "状态日期": iso(ends)}, changed=True)


class _Ledger:
    def __init__(self, plan: Plan, site: Site, first: int = 0) -> None:
        self.plan = plan
        self.site = site
        self.number = first

    def row(self, kind: str, day: int, **values: Value) -> Fact:
        self.number += 1
        key = f"TZ{self.site.number:04d}{self.number:03d}"
        row: Row = dict.fromkeys(LEDGER.columns)
        row.update(
            {
                "记录号": key,
                "类型": kind,
                "站点": self.site.code,
                "日期": station_date(self.site.number, day),
                "区划": self.site.county.code,
                "录入时间": f"{iso(day)} 17:00:00",
                "来源": MARK,
                **values,
            }
        )
        return Fact(day, LEDGER.name, key, row)

    def free(self, places: int, day: int) -> Fact:
        return self.row("空位", day, 核定人数=self.site.capacity, 空位=max(0, places))


def _profile(plan: Plan, site: Site, ledger: _Ledger) -> Iterator[Fact]:
    rng = Random(f"profile/{plan.seed}/{site.code}")
    yield ledger.row(
        "机构信息",
        plan.start,
        名称=site.name,
        横坐标=site.x_m,
        纵坐标=site.y_m,
        机构类型=site.kind,
        项目=";".join(sorted(rng.sample(ITEMS, 5))),
        年龄段=rng.choice(("18-60", "18-70", "16-65")),
        房间数=rng.randint(3, 14),
        面积=rng.randrange(120, 900, 10),
    )
    yield ledger.row("收费公示", plan.start + 1, 计价项目="日间康复", 价格=rng.choice((0, 1500, 3000)))
    for number in range(rng.randint(2, 4)):
        joined = plan.start + rng.randint(0, 400)
        staff = f"RY{site.number:04d}{number:02d}"
        post = rng.choice(_POSTS)
        yield ledger.row(
            "人员到岗", joined, 人员编号=staff, 岗位=post, 学历专业=rng.choice(("社会工作", "护理", "其他"))
        )
        if rng.random() < 0.6:
            trained = joined + rng.randint(20, 200)
            yield ledger.row(
                "培训",
                min(trained, plan.golive - 2),
                人员编号=staff,
                岗位=post,
                培训内容=rng.choice(("需求评估", "康复技能", "安全管理")),
                培训机构="市精神卫生中心",
                学时=rng.choice((4, 8, 16, 20)),
            )
    if rng.random() < 0.7:
        yield ledger.row("应急预案", plan.start + rng.randint(10, 200))
    if rng.random() < 0.4:
        yield ledger.row("应急演练", plan.start + rng.randint(200, 500))
