"""From assignment to closure: the case as the station sees it (domain §2)."""

from hub.core.calendar import add_months, date_of
from hub.demo.counties import Site, hospital_of
from hub.demo.diary import Diary, guardian_text, station_date
from hub.demo.tables import MONTHLY_CITIES, SERVICE, Fact, Value, monthly

ITEMS = ("服药训练", "生活技能训练", "社交技能训练", "职业康复", "居家康复指导", "日间康复", "同伴支持", "小组活动")
MONTHLY_PEOPLE = 20_000
"""Workbooks have a size; of larger worlds only the first so many people appear in them."""


class Stay:
    """Writes what one station records of one person, from the day it accepts."""

    def __init__(self, diary: Diary, site: Site) -> None:
        self.diary = diary
        self.site = site

    def record(self, kind: str, day: int, lag: int | None = None, **values: Value) -> Fact:
        """One line of the station's electronic records."""
        row: dict[str, Value] = {
            "类型": kind,
            "站点": self.site.code,
            "证件号码": self.diary.number(),
            "日期": station_date(self.site.number, day),
            "区划": self.site.county.code,
            **values,
        }
        return self.diary.put(SERVICE, day, row, key=self.diary.key("FW"), lag=lag)

    def begin(self, accepted: int, *, accept_row: bool = True) -> int:
        """Acceptance, opinion, agreement and plan; returns the first day of service."""
        rng = self.diary.rng
        if accept_row:
            self.record("接受", accepted, lag=0)
        opinion = accepted + rng.randint(1, 6)
        self.record("康复意见", opinion, 记录人=rng.choice(("精神科医师,社工", "精神科医师,护士,社工", "康复师,社工")))
        agreed = opinion + rng.randint(1, 5)
        self.record(
            "签订协议",
            agreed,
            lag=0,
            协议模板="JK-2023-01",
            签约方="患者,监护人" if self.diary.person.guardian else "患者",
            监护状况=guardian_text(self.diary.person.guardian_status),
            标准="县级基本服务标准",
            价格=rng.choice((0, 0, 0, 500, 1500)),
        )
        return agreed

    def serve(self, first: int, last: int, every: int) -> None:
        """Services at intervals of about `every` days, and an assessment each half year (both 二-7)."""
        rng = self.diary.rng
        day, check = first, add_months(first, 6) + rng.randint(-5, 12)
        while day <= last:
            self.service(day)
            day += max(1, int(every * rng.uniform(0.6, 1.4)))
        while check <= last:
            self.assess(check, meets_exit=False)
            check = add_months(check, 6)

    def service(self, day: int) -> None:
        """One service: in some cities a line of the monthly workbook, elsewhere an electronic record."""
        rng = self.diary.rng
        item, form = rng.choice(ITEMS), rng.choice(("个案", "小组"))
        minutes = rng.choice((30, 45, 60, 90, 120))
        if self.site.county.city in MONTHLY_CITIES and self.diary.person.number < MONTHLY_PEOPLE:
            month = date_of(day)
            row: dict[str, Value] = {
                "站点": self.site.code,
                "姓名": self.diary.person.name,
                "证件号码": self.diary.number(),
                "服务日期": station_date(self.site.number, day),
                "服务项目": item,
                "服务形式": form,
                "时长分钟": minutes,
                "记录人": "社工",
                "区划": self.site.county.code,
            }
            key = f"{month:%Y%m}-{self.diary.key('')}"
            self.diary.put(monthly(self.site.county.city), day, row, key=key)
            return
        self.record(
            "服务",
            day,
            项目=item,
            形式=form,
            地点=rng.choice(("站内", "入户", "户外")),
            记录人="社工",
            时长分钟=minutes,
            时刻=f"{rng.randint(8, 17):02d}:{rng.choice(('00', '15', '30'))}",
        )

    def assess(self, day: int, *, meets_exit: bool) -> None:
        """The periodic assessment on five axes; only the assessor says whether the exit is reached (domain §2-9)."""
        rng = self.diary.rng
        self.record(
            "阶段评估",
            day,
            效果="显著" if meets_exit else rng.choice(("显著", "有效", "无变化")),
            病情="稳定" if meets_exit else rng.choice(("稳定", "基本稳定", "不稳定")),
            自理="完全自理" if meets_exit else rng.choice(("完全自理", "部分自理", "不能自理")),
            就业意愿=rng.choice(("有", "无")),
            就业能力=rng.choice(("具备", "部分具备", "不具备")),
            达到结案="是" if meets_exit else "否",
        )

    def finish(self, day: int, visit_until: int) -> None:
        """Exit reached: referral onward, closure on the platform, and a visit a month later."""
        rng = self.diary.rng
        outcome = rng.choice(("推荐就业", "公益性庇护性就业", "其他类型社区康复", "返回社区居住"))
        self.assess(day - rng.randint(3, 10), meets_exit=True)
        if outcome != "返回社区居住":
            self.record("结案后转介", day - 1, 项目=None, 原因=outcome)
        self.record("结案", day, lag=0, 形式="达到目标", 原因=outcome)
        if day + 30 <= visit_until:
            self.record("结案回访", day + rng.randint(25, 40), 结果=rng.choice(("良好", "良好", "需要帮助")))

    def close(self, day: int, reason: str) -> None:
        """Closure for another reason than success."""
        self.record("结案", day, lag=0, 形式="其他原因", 原因=reason)

    def relapse(self, day: int, back: int | None) -> None:
        """Relapse, urgent referral by the green channel, and the return (both 二-6)."""
        self.record("复发", day, lag=0)
        self.record("紧急转介", day, lag=0, 医院=hospital_of(self.site.county))
        if back is not None:
            self.record("返回站点", back, lag=0)
