"""What a market decides: proposals for open needs, and taking back those whose site may no longer be dispatched to.

A market only proposes. A proposal holds its place from the moment it is read back until the subject's partition answers
it, once: by voiding it, or by taking the place.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

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
_MOVING: Final = (of.OF_A_SITE - {of.PROPOSED, of.TAKEN}) | {of.VOIDED}


class MarketDecider:
    """The `Decider` of markets. It looks at the needs and markets that were touched; on a new day, where room is."""

    def __init__(self, profiles: Profiles) -> None:
        self._rules = profiles.rules

    def touch(self, event: Event) -> bytes | None:
        """A need that opened or changed is looked at alone: for all others nothing is new. What may give room or take
        a site away touches the whole market; what only uses room touches nothing."""
        if event.type in (of.NEED_OPENED, of.NEED_CHANGED):
            subject = event.subject()
            return None if subject is None else of.need_key(subject, event.fields.need_no)
        if event.type in _MOVING or (event.refs and event.corrects() is not None):
            return event.key
        return None

    def decide(
        self, reader: Reader, touched: Iterable[bytes], ids: Mapping[bytes, int], day: int, first: bool
    ) -> list[Decision]:
        """Decisions for the markets in order of their codes."""
        alone, whole = _split(reader, touched, ids)
        lapsed = [site for site in reader.due(SITES, day, LAPSED) if not usable(site, day)] if first else []
        if first:
            seen = [*reader.select(SITES, {"has_room": 1}), *reader.select(SITES, {"stuck": 1}), *lapsed]
            whole |= {site.market for site in seen}
        found: list[Decision] = []
        for market in sorted(whole | alone.keys()):
            if market in whole:
                stuck = reader.select(SITES, {"stuck": 1, "market": market}, ("site",))
                ended = [site for site in lapsed if site.market == market and not site.stuck]
                found += _taken_back(reader, [*(site for site in stuck if not usable(site, day)), *ended], day)
            found += self._proposals(reader, market, None if market in whole else alone[market], day)
        return found

    def _proposals(self, reader: Reader, market: str, alone: list[Need] | None, day: int) -> list[Decision]:
        rooms = [s for s in reader.select(SITES, {"market": market, "has_room": 1}, ("site",)) if usable(s, day)]
        left = sum(map(room, rooms))
        board: dict[str, Site] | None = None
        hopeless: set[tuple[str, str, str]] = set()
        found: list[Decision] = []
        for need in _queue(reader, market, alone) if rooms else ():
            kind = (need.needs, need.age_group, need.area)
            rules = self._rules(need.area, day)
            if kind in hopeless:
                continue
            if not any(suitable(need, site, rules) for site in rooms):
                hopeless.add(kind)
                continue
            if board is None:
                board = {s.site: s for s in reader.select(SITES, {"market": market}, ("site",)) if usable(s, day)}
            best = match(need, board.values(), rules)
            if best is None:
                continue
            found.append(_propose(need, best, rules, day))
            board[best.site.site] = now = best.site._replace(reserved=best.site.reserved + 1)
            if room(now) <= 0:
                rooms = [site for site in rooms if site.site != now.site]
            left -= 1
            if not left:
                break
        return found


def _taken_back(reader: Reader, sites: Iterable[Site], day: int) -> list[Decision]:
    found: list[Decision] = []
    for site in sites:
        for state in ("proposed", "offered"):
            where = {"market": site.market, "offer_site": site.site, "state": state}
            found += [_take_back(need, site, day) for need in reader.select(NEEDS, where, QUEUE) if not need.asked]
    return found


def _split(
    reader: Reader, touched: Iterable[bytes], ids: Mapping[bytes, int]
) -> tuple[dict[str, list[Need]], set[str]]:
    """What was touched, as needs by market and as whole markets."""
    whole: set[str] = set()
    needs: list[int] = []
    for key in touched:
        if of.subject_of(key) is None:
            whole.add(key.decode())
        elif key in ids:
            needs.append(ids[key])
    alone: dict[str, list[Need]] = {}
    for need in reader.rows(NEEDS, needs).values():
        if need.state == "open":
            alone.setdefault(need.market, []).append(need)
    return alone, whole


def _queue(reader: Reader, market: str, alone: list[Need] | None) -> Iterator[Need]:
    """The open needs in the order of the waiting list, read in growing pieces."""
    if alone is not None:
        yield from sorted(alone, key=lambda need: tuple(getattr(need, name) for name in QUEUE))
        return
    seen, size = 0, CHUNK
    while True:
        needs = reader.select(NEEDS, {"market": market, "state": "open"}, QUEUE, size)
        yield from needs[seen:]
        if len(needs) < size:
            return
        seen, size = size, size * 4


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
