"""Random histories of two partitions that talk: facts in any order, crashes, repeats, lost sends."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from hub.core.event import Event
from hub.core.frame import KIND_SUBJECT, PATIENT, Ref
from projections.definitions import markets, persons
from projections.profiles import Profiles, load
from tests.projections.laws import (
    agreed,
    due_is_exact,
    grants_what_stands,
    newest,
    one_custodian,
    rows_follow_from_the_log,
    told_once,
    within_room,
)
from tests.projections.world import Group, World, correcting, event, person_fact, site_fact, subject

START = 20_000
SITES = (("A", "220102", 1_000), ("B", "220104", 4_000), ("C", "371002", 1_000))
PEOPLE = tuple(subject(n) for n in range(4))


def site_history(rnd: random.Random, day: int, number: int, seen: Sequence[Event] = ()) -> Event:
    """Something is said of a site, or was never so."""
    if seen and rnd.random() < 0.15:
        target = rnd.choice(seen)
        return site_fact("agency.Retracted", day, target.fields.site, number, target.fields.area, correcting(target))
    site, area, x = rnd.choice(SITES)
    kind = rnd.choice(("licensed", "licensed", "suspended", "closed", "profiled", "capacity", "capacity", "capacity"))
    if kind == "licensed":
        until = rnd.choice((None, None, day + rnd.randint(-5, 20)))
        return site_fact("civil_affairs.SiteLicensed", day, site, number, area, basis="licence", until=until)
    if kind == "suspended":
        return site_fact("civil_affairs.SiteSuspended", day, site, number, area)
    if kind == "closed":
        return site_fact("civil_affairs.SiteClosed", day, site, number, area)
    if kind == "profiled":
        own = {"programmes": rnd.choice(("work", "social", "work,social", "")), "age_groups": "", "kinds": ""}
        return site_fact("stations.SiteProfiled", day, site, number, area, x_m=x, y_m=1_000, **own)
    as_of = day - rnd.randint(0, 3)
    return site_fact("stations.CapacityDeclared", day, site, number, area, free=rnd.randint(0, 2), as_of=as_of)


def person_history(rnd: random.Random, day: int, number: int, seen: list[Event]) -> Event:
    """Something is said of a person, sensible or not."""
    who = rnd.choice(PEOPLE)
    site, area, _ = rnd.choice(SITES)
    home = rnd.choice(("220102", "220104", "371002"))
    told = [one for one in seen if one.key == who]
    if told and rnd.random() < 0.06:
        target = rnd.choice(told)
        if rnd.random() < 0.5:
            refs = (Ref(PATIENT, KIND_SUBJECT, who), *correcting(target))
            return event("agency.Retracted", day, who, number, refs, area=home)
        moved = target.fields._replace(occurred_on=max(START - 9, target.fields.occurred_on - rnd.randint(0, 5)))
        own = moved._asdict()
        on = own.pop("occurred_on")
        return event(target.type, on, who, number, (*target.refs, *correcting(target)), **own)
    choices: tuple[tuple[str, dict[str, Any]], ...] = (
        ("agency.ApplicationFiled", {"cell_x": rnd.choice((None, 0, 3)), "cell_y": 0, "birth_year_band": ""}),
        ("agency.ApplicationRegistered", {}),
        ("agency.ApplicationRegistered", {}),
        ("agency.NeedAssessed", {"suitable": rnd.random() < 0.8, "needs": rnd.choice(("work", "social", ""))}),
        ("agency.ConsentGranted", {"purpose": "referral_upload", "until": rnd.choice((None, day + 9))}),
        ("agency.ConsentGranted", {"purpose": "transfer", "until": None}),
        ("agency.ConsentWithdrawn", {"purpose": "referral_upload"}),
        ("agency.ResidenceChanged", {"kind": "residence", "to_area": home}),
        ("civil_affairs.RegistrationConfirmed", {}),
        ("civil_affairs.CaseAssigned", {"site": site, "site_area": area}),
        ("civil_affairs.CaseAssigned", {"site": site, "site_area": area}),
        ("stations.OfferAccepted", {"site": site}),
        ("stations.OfferAccepted", {"site": site}),
        ("stations.OfferDeclined", {"site": site, "reason": "full"}),
        ("stations.ServiceDelivered", {"site": site, "kind": "work"}),
        ("stations.WaitStarted", {"reason": "no_site", "expected_until": rnd.choice((None, day + 200))}),
        ("stations.WaitReverified", {"willing": rnd.random() < 0.8, "changed": rnd.random() < 0.3}),
        ("stations.RelocationReported", {"to_area": home}),
        ("stations.ReReferralSent", {"to_area": home}),
        ("stations.HandoverAccepted", {"site": site, "site_area": area}),
        ("stations.HandoverDeclined", {"reason": "full"}),
        ("stations.TransitionAssessed", {"meets_exit": rnd.random() < 0.7}),
        ("stations.UrgentReferred", {}),
        ("stations.PersonReturned", {}),
        ("stations.CaseClosed", {"kind": rnd.choice(("community_living", "moved")), "reason": rnd.choice(("", "x"))}),
    )
    type, own = rnd.choice(choices)
    return person_fact(type, day, who, number, home, mode=rnd.choice(("live", "live", "history")), **own)


def sensible(rnd: random.Random, world: World, day: int, number: int) -> Event | None:
    """What an agency would do next for somebody: assign as offered, accept, take over, decline."""
    cases = newest(world)
    case = rnd.choice(cases) if cases else None
    if case is None:
        return None
    if case.offer and rnd.random() < 0.7:
        own = {"site": case.offer_site, "site_area": case.offer_area, "reason": "offer"}
        return person_fact("civil_affairs.CaseAssigned", day, case.subject, number, case.area, **own)
    if case.offer:
        own = {"site": case.offer_site, "reason": "no_staff"}
        return person_fact("stations.OfferDeclined", day, case.subject, number, case.area, **own)
    if case.to_area:
        own = {"site": "C" if case.to_area == "371002" else "B", "site_area": case.to_area}
        return person_fact("stations.HandoverAccepted", day, case.subject, number, case.to_area, **own)
    if case.state == "assigned":
        return person_fact("stations.OfferAccepted", day, case.subject, number, case.area, site=case.site)
    return None


def closed_gates() -> Profiles:
    """The national profile with every gate of consent closed."""
    from projections.profiles import NATIONAL, Profile, Profiles, files, parse

    profile = parse(files()[NATIONAL].decode(), NATIONAL)
    lines = tuple(line._replace(value="closed") if line.key.startswith("consent_") else line for line in profile.lines)
    return Profiles([Profile(NATIONAL, "", lines)])


def _peaceful_start(rnd: random.Random) -> list[Event]:
    """Three sites with room, and people who want it."""
    found: list[Event] = []
    for n, (site, area, x) in enumerate(SITES, 1_000):
        own = {"programmes": "", "age_groups": "", "kinds": "", "x_m": x, "y_m": 1_000}
        found.append(site_fact("civil_affairs.SiteLicensed", START, site, n, area, basis="licence", until=None))
        found.append(site_fact("stations.SiteProfiled", START, site, n, area, **own))
        found.append(site_fact("stations.CapacityDeclared", START, site, n, area, free=rnd.randint(0, 3), as_of=START))
    for n, who in enumerate(PEOPLE, 2_000):
        if rnd.random() < 0.8:
            home = rnd.choice(("220102", "220104", "371002"))
            found.append(person_fact("agency.ApplicationFiled", START, who, n, home, cell_x=0, cell_y=0))
            found.append(person_fact("agency.ApplicationRegistered", START, who, n, home))
    return found


def check(world: World, profiles: Profiles) -> None:
    """The laws that hold at every moment."""
    for case in newest(world):
        one_custodian(case)
        day = world.persons.day or START
        for on in (day, day + 1, day + 20, day + 200):
            due_is_exact(case, profiles, on, closing=profiles.gated())


def history(seed: int, profiles: Profiles) -> World:
    """One random history, ended in peace, with every law checked on the way."""
    rnd = random.Random(seed)
    world = World(persons(profiles), markets(profiles))
    world.persons.laws = [lambda group, decisions: told_once(decisions), grants_what_stands]
    world.markets.laws = [lambda group, decisions: told_once(decisions), within_room]
    kept = {name: group.state() for name, group in world.groups.items()}
    seen: list[Event] = []
    of_sites: list[Event] = []
    day = START
    if rnd.random() < 0.7:
        world.tell(*_peaceful_start(rnd))
    for number in range(1, rnd.randint(40, 200)):
        what = rnd.random()
        if what < 0.25:
            late = rnd.choice((0, 0, 0, 1, 8))
            if rnd.random() < 0.35:
                of_sites.append(site_history(rnd, day - late, number, of_sites))
                world.tell(of_sites[-1])
            else:
                one = rnd.random() < 0.4 and sensible(rnd, world, day - late, number)
                one = one or person_history(rnd, day - late, number, seen)
                seen.append(one)
                world.tell(one)
        elif what < 0.3:
            day += rnd.choice((1, 1, 4, 30))
            world.tick(day)
        else:
            _work(rnd, world, rnd.choice(tuple(world.groups)), kept)
            check(world, profiles)
    world.tick(day + 1)
    world.drain()
    check(world, profiles)
    agreed(world)
    for name, projection in (("persons", persons(profiles)), ("markets", markets(profiles))):
        again = Group(projection._replace(decider=None))
        again.log = world.groups[name].log
        again.take(len(again.log))
        rows_follow_from_the_log(world.groups[name], again)
    return world


def _work(rnd: random.Random, world: World, name: str, kept: dict[str, Any]) -> None:
    """A fetch that may be killed before it is committed, or a relay that may lose, repeat or not trim."""
    group = world.groups[name]
    if rnd.random() < 0.6:
        group.take(rnd.choice((1, 2, 5, 50)))
        if rnd.random() < 0.2:
            group.restore(kept[name])
        else:
            kept[name] = group.state()
        return
    snapshot, contiguous, sent = list(group.outbox), True, 0
    for topic, sender, number, one in snapshot:
        luck = rnd.random()
        if luck >= 0.15:
            world.groups[topic].log.append((sender, number, one))
        contiguous = contiguous and luck >= 0.3
        sent += contiguous
        if rnd.random() < 0.1:
            break
    group.outbox = group.outbox[sent:]
    kept[name] = group.state()


@pytest.mark.parametrize("chunk", range(6))
def test_any_history_ends_in_agreement(chunk: int) -> None:
    """Whatever comes, in any order and with any crash: one custodian, exact dues, rows = fold(log), no place twice."""
    profiles = load()
    for seed in range(chunk * 10, chunk * 10 + 10):
        history(seed, profiles)


@pytest.mark.parametrize("chunk", range(2))
def test_any_history_ends_in_agreement_behind_closed_gates(chunk: int) -> None:
    """The same holds where nothing passes without a consent."""
    profiles = closed_gates()
    for seed in range(1_000 + chunk * 10, 1_010 + chunk * 10):
        history(seed, profiles)


@pytest.mark.slow
def test_many_more_histories() -> None:
    """The same for hundreds of histories more."""
    profiles = load()
    for seed in range(10_000, 10_400):
        history(seed, profiles)
