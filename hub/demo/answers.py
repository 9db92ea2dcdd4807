"""The stations answer the hub's offers, civil affairs assign, and service begins."""

from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import NamedTuple

from hub.demo.counties import COUNTIES, Site
from hub.demo.diary import Diary, station_date
from hub.demo.dirt import dirty
from hub.demo.life import SERVICE_EVERY, OpenPerson
from hub.demo.people import person
from hub.demo.plan import Places
from hub.demo.referral import Referral
from hub.demo.station import Stay
from hub.demo.tables import ANSWERS, Fact, Value
from hub.demo.world import World

_SILENT = 0.03
_DECLINES = 0.07
_REASONS = ("暂无对应服务项目", "专业人员不足", "患者病情不适合")


class Offer(NamedTuple):
    """An offer as a station sees it: its reference, the site's code, the person's number, and the day it was made."""

    offer: str
    site: str
    id_number: str
    offered_on: int


def waiting_people(folder: Path) -> list[OpenPerson]:
    """Everybody for whom the hub has or had to find a site."""
    with World(folder) as world:
        return list(world.open_people())


def answer_offers(folder: Path, offers: Iterable[Offer]) -> int:
    """Let the stations answer; each offer once. What follows is written by `generate` on its day.

    Most accept two days after the offer, when civil affairs have assigned; some decline with a reason the next day;
    a few never answer. Returns how many offers were new. An offer for somebody unknown is left alone.
    """
    new = 0
    with World(folder) as world:
        places = world.places()
        site_by_code = {site.code: site for site in world.sites}
        for offer in sorted(offers):
            site = site_by_code.get(offer.site)
            who = world.open_person(offer.id_number)
            if site is None or who is None or not world.answer(offer.offer):
                continue
            new += 1
            world.queue(_answer(world, places, site, who, offer))
        world.save_places(places)
    return new


def _answer(world: World, places: Places, site: Site, who: OpenPerson, offer: Offer) -> list[Fact]:
    plan = world.plan
    turn = world.offers(who.person)
    rng = Random(f"answer/{plan.seed}/{who.person}/{turn}")
    here = person(plan.seed, who.person, plan.golive)
    if who.handover:
        here = here._replace(county=next(county for county in COUNTIES if county.code == who.county))
    diary = Diary(plan, here, rng, first=500 + 40 * turn)
    roll = rng.random()
    day = offer.offered_on + 1
    if roll < _SILENT:
        return []
    if roll < _SILENT + _DECLINES:
        _reply(diary, site, offer, "谢绝", day, rng.choice(_REASONS))
    else:
        Referral(diary, who.registration).assign(day, site, offer.offer)
        _reply(diary, site, offer, "接收移交" if who.handover else "接受", day + 1)
        leaves = day + int(rng.lognormvariate(6.0, 0.5))
        places.take(site.number, day, leaves)
        stay = Stay(diary, site)
        begins = stay.begin(day + 1, accept_row=False)
        stay.serve(begins, min(leaves, plan.end), min(SERVICE_EVERY, 14))
    facts = sorted(dirty(plan, diary.facts), key=lambda fact: fact.day)
    return [fact for fact in facts if fact.day <= plan.end]


def _reply(diary: Diary, site: Site, offer: Offer, answer: str, day: int, reason: Value = None) -> None:
    row: dict[str, Value] = {
        "推荐编号": offer.offer,
        "站点": site.code,
        "证件号码": diary.person.id_number,
        "答复": answer,
        "原因": reason,
        "日期": station_date(site.number, day),
        "区划": site.county.code,
    }
    diary.put(ANSWERS, day, row, key=diary.key("DF"), lag=0)
