"""One person's whole life in the demo, up to the point where the hub takes part."""

from random import Random
from typing import NamedTuple

from hub.core.calendar import add_months, iso, working_days_after
from hub.data import calendar
from hub.demo.counties import COUNTIES, Site
from hub.demo.diary import Diary, guardian_text
from hub.demo.health import assessment, certificate, follow_ups, hospital_stay, jobs, patient_file
from hub.demo.people import Person, person
from hub.demo.plan import Places, Plan
from hub.demo.referral import Referral, registration
from hub.demo.station import Stay
from hub.demo.tables import BENEFITS, Fact, Value

SERVICE_EVERY = 170
_PATIENCE = 260
_BENEFITS = ("低保", "居民医保", "医疗救助", "困难残疾人生活补贴", "重度残疾人护理补贴", "以奖代补")
_BENEFIT_PEOPLE = 20_000


class OpenPerson(NamedTuple):
    """Somebody whom the hub must find a site for: a case since `since`, or a hand-over to `county`."""

    person: int
    id_number: str
    registration: str
    county: str
    since: int
    handover: bool
    old_site: int


class Life(NamedTuple):
    """All facts of one person, and what the hub has to settle."""

    person: Person
    facts: list[Fact]
    open: OpenPerson | None


def live(plan: Plan, places: Places, index: int) -> Life:
    """The life of person `index`; takes places of sites as it goes."""
    who = person(plan.seed, index, plan.golive)
    rng = Random(f"life/{plan.seed}/{index}")
    diary = Diary(plan, who, rng)
    with_case = rng.random() < 0.62
    confirmed = rng.randint(plan.start + 20, plan.end - 2)
    filed = max(plan.start, confirmed - rng.randint(20, 400)) if with_case else rng.randint(plan.start, plan.end - 5)
    severe = patient_file(diary, filed)
    follow_ups(diary, filed, rng.choices((0, 1, 2, 3), (35, 42, 18, 5))[0])
    if rng.random() < (0.55 if with_case else 0.35):
        certificate(diary, rng.randint(plan.start - 1500, plan.end - 10))
    waits: OpenPerson | None = None
    if with_case:
        waits = _case(diary, places, confirmed, severe)
    elif rng.random() < 0.22:
        _advised_only(diary, filed)
    if index < _BENEFIT_PEOPLE and rng.random() < 0.22:
        _benefit(diary, filed)
    return Life(who, diary.facts, waits)


def _benefit(diary: Diary, filed: int) -> None:
    rng = diary.rng
    first = filed + rng.randint(0, 200)
    row: dict[str, Value] = {
        "姓名": diary.person.name,
        "证件号码": diary.person.id_number,
        "区划": diary.person.county.code,
        "补贴类别": rng.choice(_BENEFITS),
        "起始日期": iso(first),
        "月标准": rng.choice((80, 100, 120, 350, 620)),
    }
    paid = diary.put(BENEFITS, first, row, key=diary.key("BT"))
    if rng.random() < 0.06:
        ended = paid.day + rng.randint(60, 400)
        diary.change(BENEFITS, ended, paid, 停发日期=iso(ended))


def _advised_only(diary: Diary, filed: int) -> None:
    """Discharged; most were not suitable, a few were advised and nobody took over (both 二-5)."""
    rng = diary.rng
    day = filed + rng.randint(10, 250)
    hospital_stay(diary, day - rng.randint(20, 50), day, "病情复发")
    assessment(diary, day, outpatient=False, suitable=rng.random() < 0.2, upload=None)


def _case(diary: Diary, places: Places, confirmed_about: int, severe: bool) -> OpenPerson | None:
    rng, plan = diary.rng, diary.plan
    applied = confirmed_about - rng.randint(4, 9)
    if rng.random() < 0.45:
        day = applied - rng.randint(2, 12)
        outpatient = rng.random() < 0.3
        if not outpatient:
            hospital_stay(diary, day - rng.randint(18, 60), day, "病情复发")
        assessment(diary, day, outpatient=outpatient, suitable=True, upload=applied if severe else None)
    referral = Referral(diary, registration(diary.person.county.code, diary.person.number))
    referral.apply(applied, severe)
    suitable = rng.random() < 0.97
    referral.assess_need(applied + rng.randint(0, 2), suitable)
    if not suitable:
        return None
    confirmed = referral.confirm(applied)
    asked = working_days_after(confirmed, rng.randint(1, 5), calendar())
    registered = OpenPerson(
        diary.person.number, diary.person.id_number, referral.number, diary.person.county.code, confirmed, False, -1
    )
    if asked >= plan.golive:
        return registered
    return _place(diary, places, referral, asked, registered)


def _place(diary: Diary, places: Places, referral: Referral, asked: int, who: OpenPerson) -> OpenPerson | None:
    """Before go-live people find places as they always did: nearest site with room, or a waiting list."""
    rng, plan, person_ = diary.rng, diary.plan, diary.person
    leaves = asked + int(rng.lognormvariate(6.25, 0.55))
    county = person_.county.code
    day = asked
    site = places.nearest(county, person_.x_m, person_.y_m, day, leaves)
    while site is None and day < plan.golive - 1:
        day += 14
        enough = leaves if day < asked + _PATIENCE else day  # then a site squeezes people in
        site = places.nearest(county, person_.x_m, person_.y_m, day, enough) if day < plan.golive else None
    if site is None or day >= plan.golive - 1:
        referral.wait(asked, "无空位", plan.golive - 1)
        return who
    if day > asked:
        referral.wait(asked, "无空位", day)
    referral.assign(day, places.sites[site])
    if rng.random() < 0.015:
        other = places.nearest(county, person_.x_m, person_.y_m, day + 6, leaves, site)
        if other is not None and day + 6 < plan.golive - 3:
            Stay(diary, places.sites[site]).record("谢绝", day + 2, lag=0, 原因="暂无对应服务项目")
            referral.wait(day + 2, "站点谢绝", day + 6)
            referral.assign(day + 6, places.sites[other], reason="改派")
            site, day = other, day + 6
    places.take(site, day, leaves)
    return _served(diary, places, places.sites[site], day, leaves, who)


def _served(diary: Diary, places: Places, site: Site, day: int, leaves: int, who: OpenPerson) -> OpenPerson | None:
    rng, plan = diary.rng, diary.plan
    stay = Stay(diary, site)
    begins = stay.begin(day + rng.randint(0, 2))
    roll = rng.random()
    if roll < 0.035 and begins + 40 < min(leaves, plan.end):
        moved = rng.randint(begins + 20, min(leaves, plan.end) - 10)
        if leaves > plan.end and rng.random() < 0.3:
            moved = max(moved, plan.end - rng.randint(2, 12))  # so that some hand-overs are under way at the end
        return _moves(diary, places, stay, begins, moved, leaves, who)
    if roll < 0.10 and begins + 90 < leaves:
        fell = rng.randint(begins + 15, leaves - 60)
        back = fell + rng.randint(15, 45)
        stay.serve(begins, fell - 1, SERVICE_EVERY)
        stay.relapse(fell, back if back <= plan.end else None)
        hospital_stay(diary, fell, back, "紧急转介", green=True)
        stay.serve(back + 2, min(leaves, plan.end), SERVICE_EVERY)
    else:
        stay.serve(begins, min(leaves - 12, plan.end), SERVICE_EVERY)
    if leaves <= plan.end:
        _leaves(diary, stay, leaves)
    elif roll < 0.105:
        Referral(diary, who.registration).withdraw(
            rng.randint(begins + 5, max(begins + 6, plan.end - 5)), "转介信息上传"
        )
    elif roll > 0.93:
        jobs(diary, rng.randint(begins + 10, max(begins + 11, plan.end - 30)), roll > 0.96)
    return None


def _leaves(diary: Diary, stay: Stay, day: int) -> None:
    roll = diary.rng.random()
    if roll < 0.86:
        stay.finish(day, diary.plan.end)
    else:
        stay.close(day, "本人退出" if roll < 0.93 else "死亡" if roll < 0.97 else "失访")


def _moves(
    diary: Diary, places: Places, stay: Stay, begins: int, moved: int, leaves: int, who: OpenPerson
) -> OpenPerson | None:
    """Moves to another county, perhaps of another jurisdiction; the old site refers onward (both 二-6)."""
    rng, plan = diary.rng, diary.plan
    stay.serve(begins, moved - 3, SERVICE_EVERY)
    county = rng.choice([c for c in COUNTIES if c.code != diary.person.county.code])
    x_m, y_m = county.x_m + int(rng.gauss(0, 2000)), county.y_m + int(rng.gauss(0, 2000))
    stay.record(
        "迁居", moved, lag=0, 原区划=diary.person.county.code, 新区划=county.code, 居住横坐标=x_m, 居住纵坐标=y_m
    )
    arrived = moved + rng.randint(5, 12)
    site = places.nearest(county.code, x_m, y_m, arrived, leaves) if arrived < plan.golive else None
    stay.record("再转介", moved + 1, lag=0, 新区划=county.code, 监护状况=guardian_text(diary.person.guardian_status))
    if site is None:
        if moved < plan.golive - 60:
            stay.close(moved + 30, "迁出未接收")
            return None
        return who._replace(county=county.code, since=moved, handover=True, old_site=stay.site.number)
    places.take(site, arrived, leaves)
    places.release(stay.site.number, arrived, leaves)
    new = Stay(diary, places.sites[site])
    new.record("接收移交", arrived, lag=0)
    first = new.begin(arrived, accept_row=False)
    new.serve(first, min(leaves - 12, plan.end), SERVICE_EVERY)
    if leaves <= plan.end:
        _leaves(diary, new, leaves)
    elif rng.random() < 0.2:
        new.assess(min(plan.end, add_months(first, 5)), meets_exit=False)
    return None
