"""What a market decides: proposals for open needs, and taking back those whose site may no longer be dispatched to.

A market only proposes. A proposal holds its place from the moment it is read back until the subject's partition answers
it, once: by voiding it, or by taking the place.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from hub.core.event import Event
from hub.core.fold import Decision, Reader
from hub.core.frame import CAUSE, KIND_EVENT, KIND_OFFER, KIND_SUBJECT, OFFER, PATIENT, Ref
from hub.events import hub
from projections.market import events as of
from projections.market.match import Match, match, suitable
from projections.market.tables import NEEDS, QUEUE, SITES, Need, Site, room, usable
from projections.profiles import Profiles, Rules

CHUNK: Final = 256  # of a waiting list, read at first; four times as much each time that there is still room
LAPSED: Final = 10_000  # sites whose licence has ended, looked at in one go
SALT: Final = b"\0" * 16
_MOVING: Final = of.OF_A_SITE - {of.PROPOSED, of.TAKEN, of.VOIDED}


class _Look(NamedTuple):
    """What to look at in one market: needs that are new or open again, and sites of which something was heard.

    For all others nothing is new: before, no open need had a fitting site with room.
    """

    needs: dict[int, Need]
    sites: dict[str, Site]


class MarketDecider:
    """The `Decider` of markets. It looks at what was touched; on a new day, at every site with room."""

    def __init__(self, profiles: Profiles) -> None:
        self._rules = profiles.rules

    def touch(self, event: Event) -> bytes | None:
        """A need that opened, changed or lost its offer (with it that site), or a site. Using room touches nothing."""
        if event.type in (of.NEED_OPENED, of.NEED_CHANGED, of.VOIDED):
            subject = event.subject()
            return None if subject is None else of.need_key(subject, event.fields.need_no)
        if event.type in _MOVING or (event.refs and event.corrects() is not None):
            site = getattr(event.fields, "site", None)
            return of.site_key(event.key, site) if site else None
        return None

    def decide(
        self, reader: Reader, touched: Iterable[bytes], ids: Mapping[bytes, int], day: int, first: bool
    ) -> list[Decision]:
        """Decisions for the markets in order of their codes."""
        looks = _looks(reader, [ids[key] for key in touched if key in ids])
        if first:
            lapsed = reader.due(SITES, day, LAPSED)
            for site in (*reader.select(SITES, {"has_room": 1}), *reader.select(SITES, {"stuck": 1}), *lapsed):
                looks.setdefault(site.market, _Look({}, {})).sites[site.site] = site
        found: list[Decision] = []
        for market, look in sorted(looks.items()):
            closed = [site for _, site in sorted(look.sites.items()) if site.reserved > 0 and not usable(site, day)]
            found += _taken_back(reader, closed, day)
            found += self._proposals(reader, market, look, day)
        return found

    def _proposals(self, reader: Reader, market: str, look: _Look, day: int) -> list[Decision]:
        if not look.needs and not any(site.has_room and usable(site, day) for site in look.sites.values()):
            return []
        sites = (site for site in reader.select(SITES, {"market": market}, ("site",)) if usable(site, day))
        board = _Board(sites, look.sites.keys())
        found: list[Decision] = []
        for need in _queue(reader, market, look.needs, board):
            rules = self._rules(need.area, day)
            best = board.best(need, rules, everywhere=need.id in look.needs)
            if best is not None:
                found.append(_propose(need, best, rules, day))
                board.reserve(best.site)
        return found


class _Board:
    """The sites of a market while proposals are made; `news` are those of which something was heard."""

    def __init__(self, sites: Iterable[Site], news: Collection[str]) -> None:
        self._sites = {site.site: site for site in sites}
        self._all = {name: site for name, site in self._sites.items() if room(site) > 0}
        self.news = {name: site for name, site in self._all.items() if name in news}
        self._hopeless: set[tuple[bool, str, str, str]] = set()

    def best(self, need: Need, rules: Rules, everywhere: bool) -> Match | None:
        """The proposal for a need; unless `everywhere`, only when a site with news could be it."""
        kind = (everywhere, need.needs, need.age_group, need.area)
        if kind in self._hopeless:
            return None
        if not any(suitable(need, site, rules) for site in (self._all if everywhere else self.news).values()):
            self._hopeless.add(kind)  # room only shrinks
            return None
        return match(need, self._sites.values(), rules)

    def reserve(self, site: Site) -> None:
        """A place of the site is proposed to somebody."""
        now = site._replace(reserved=site.reserved + 1)
        self._sites[site.site] = now
        for some in (self._all, self.news):
            if site.site in some:
                some[site.site] = now
                if room(now) <= 0:
                    del some[site.site]


def _taken_back(reader: Reader, sites: Iterable[Site], day: int) -> list[Decision]:
    found: list[Decision] = []
    for site in sites:
        for state in ("proposed", "offered"):
            where = {"market": site.market, "offer_site": site.site, "state": state}
            found += [_take_back(need, site, day) for need in reader.select(NEEDS, where, QUEUE) if not need.asked]
    return found


def _looks(reader: Reader, ids: list[int]) -> dict[str, _Look]:
    """What was touched, by market. A need that is open again brings the site of its offer, which has room again."""
    looks: dict[str, _Look] = {}
    sites = list(reader.rows(SITES, ids).values())
    for need in reader.rows(NEEDS, ids).values():
        look = looks.setdefault(need.market, _Look({}, {}))
        if need.state == "open":
            look.needs[need.id] = need
        if need.void_reason:
            sites += reader.select(SITES, {"market": need.market, "site": need.offer_site})
    for site in sites:
        looks.setdefault(site.market, _Look({}, {})).sites[site.site] = site
    return looks


def _queue(reader: Reader, market: str, needs: Mapping[int, Need], board: _Board) -> Iterator[Need]:
    """The open needs in the order of the waiting list: all, in growing pieces, while a site with news has room; else
    only those that are new."""
    seen, size, given = 0, CHUNK, set()
    while board.news:
        some = reader.select(NEEDS, {"market": market, "state": "open"}, QUEUE, size)
        for need in some[seen:]:
            if not board.news:
                break
            given.add(need.id)
            yield need
        if len(some) < size:
            break
        seen, size = size, size * 4
    left = (need for id, need in needs.items() if id not in given)
    yield from sorted(left, key=lambda need: tuple(getattr(need, name) for name in QUEUE))


def _common(day: int, area: str) -> dict[str, Any]:
    return {
        "salt": SALT, "occurred_on": day, "occurred_minute": None, "recorded_at": 0, "mode": "live",
        "legal_basis": "public_duty", "area": area,
    }  # fmt: skip


def _propose(need: Need, best: Match, rules: Rules, day: int) -> Decision:
    on = max(day, need.last_on)
    fields = hub.MatchProposed(
        **_common(on, need.area),
        need_no=need.need_no,
        site=best.site.site,
        site_area=best.site.area,
        distance_m=best.distance_m,
        valid_until=on + rules.offer_valid_days,
        reason=best.reason,
        runner_up=best.runner_up and best.runner_up.site,
        runner_up_distance_m=best.runner_up_m,
        skipped_full_site=best.full and best.full.site,
        skipped_full_distance_m=best.full_m,
    )
    refs = (Ref(PATIENT, KIND_SUBJECT, need.subject), Ref(CAUSE, KIND_EVENT, need.opened))
    return Decision(of.PROPOSED, need.market.encode(), fields, refs)


def _suspended(site: Site, day: int) -> bool:
    return site.suspended_until is not None and site.suspended_until >= day


def _take_back(need: Need, site: Site, day: int) -> Decision:
    reason = "site_closed" if site.closed else "site_suspended" if _suspended(site, day) else "site_unlicensed"
    fields = hub.MatchWithdrawn(
        **_common(max(day, need.last_on), need.area), need_no=need.need_no, site=site.site, reason=reason
    )
    refs = (
        Ref(PATIENT, KIND_SUBJECT, need.subject),
        Ref(OFFER, KIND_OFFER, need.offer),
        Ref(CAUSE, KIND_EVENT, need.opened),
    )
    return Decision(of.UNPROPOSED, need.market.encode(), fields, refs)
