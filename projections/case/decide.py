"""What a case decides: one decision for everything that others should know and were not told.

The subject's partition alone grants an offer, opens a hand-over and moves custody (domain §2-7, architecture §5). A
decision bears the day on which it was made, and never a day before the newest event that it rests on.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from hub.core.area import market_of
from hub.core.event import Event
from hub.core.fold import Decision, Reader
from hub.core.frame import CAUSE, KIND_EVENT, KIND_OFFER, KIND_SUBJECT, OFFER, PATIENT, Ref
from hub.events import hub
from projections.case import events as of
from projections.case.duties import (
    Need,
    limit_duty,
    moves,
    notes,
    offer_over,
    wanted_sites,
    wants_need,
)
from projections.case.facts import FACTS
from projections.case.lifecycle import limit_from
from projections.case.tables import CASES, Case, is_open
from projections.case.told import TOLD, Ask, asks_of, taken_of, what_of
from projections.profiles import Profiles, Rules

LIMIT: Final = 2000  # cases looked at in one go; what is left is due again when these are read back
SALT: Final = b"\0" * 16


class _Now(NamedTuple):
    """A case at the moment of deciding. `on` is the date of the decisions."""

    row: Case
    rules: Rules
    day: int
    on: int

    def fields(self, area: str) -> dict[str, Any]:
        """The common fields of a decision that concerns a county."""
        return {
            "salt": SALT, "occurred_on": self.on, "occurred_minute": None, "recorded_at": 0, "mode": "live",
            "legal_basis": "public_duty", "area": area or self.row.area or self.row.home,
        }  # fmt: skip

    def decision(self, type: str, fields: Any, cause: bytes = b"", offer: bytes = b"") -> Decision:
        """A decision about this person, with what led to it."""
        row = self.row
        refs = [Ref(PATIENT, KIND_SUBJECT, row.subject)]
        if offer:
            refs.append(Ref(OFFER, KIND_OFFER, offer))
        if cause or row.cause:
            refs.append(Ref(CAUSE, KIND_EVENT, cause or row.cause))
        return Decision(type, row.subject, fields, tuple(refs))


class CaseDecider:
    """The `Decider` of cases: looks at every case that is due, and at nothing else."""

    def __init__(self, profiles: Profiles) -> None:
        self._rules = profiles.rules

    def touch(self, event: Event) -> bytes | None:
        """The subject, when a case may have changed."""
        return event.key or None if event.type in FACTS or event.type in TOLD else None

    def decide(
        self, reader: Reader, touched: Iterable[bytes], ids: Mapping[bytes, int], day: int, first: bool
    ) -> list[Decision]:
        """Decisions of every case that is due on a day, the longest due first."""
        limit = LIMIT
        while True:
            due = reader.due(CASES, day, limit)
            newest = reader.rows(CASES, [row.id for row in due])
            rows = [row for row in due if newest[row.id].n == row.n]  # an older case's row speaks no more
            found = [one for row in rows for one in decide_case(row, self._rules(row.area, row.last_on), day)]
            if found or len(due) < limit:
                return found
            limit *= 4


def decide_case(row: Case, rules: Rules, day: int) -> list[Decision]:
    """The decisions of one case on a day; none when everything is told."""
    now = _Now(row, rules, day, max(day, row.last_on))
    return [
        *_opening(now),
        *_answers(now),
        *_vacancies(now),
        *_custody(now),
        *_needs(now),
        *_limits(now),
    ]


def _opening(now: _Now) -> list[Decision]:
    row = now.row
    if not is_open(row) or row.told_case == row.n:
        return []
    return [now.decision(of.CASE_OPENED, hub.CaseOpened(**now.fields(row.area), case_no=row.n))]


def _answers(now: _Now) -> list[Decision]:
    """Grant a proposal if the world is still as the market saw it; void it, and the offer that stands, if not."""
    row = now.row
    found: list[Decision] = []
    stands = bool(row.offer)
    over = offer_over(row, now.rules, now.on) if row.offer else ""
    if over:
        found.append(_void(now, row.offer, row.offer_need, row.offer_site, row.offer_area, over))
    for ask in asks_of(row.asks):
        why = "superseded" if stands else _refusal(now, ask)
        if why:
            found.append(_void(now, ask.proposal, ask.need_no, ask.site, ask.site_area, why))
        else:
            found.append(_grant(now, ask))
            stands = True
    return found


def _refusal(now: _Now, ask: Ask) -> str:
    row = now.row
    if ask.gone:
        return ask.gone
    if ask.need_no != row.told_need or not wants_need(row, now.rules, now.on):
        return "need_closed"
    if market_of(Need(row).area) != row.told_market:
        return "moved"
    if ask.site in row.declined.split(",") or ask.site == row.holder:
        return "declined"
    return "expired" if now.on > ask.valid_until else ""


def _grant(now: _Now, ask: Ask) -> Decision:
    fields = hub.OfferMade(
        **now.fields(Need(now.row).area),
        need_no=ask.need_no,
        site=ask.site,
        site_area=ask.site_area,
        distance_m=ask.distance_m,
        valid_until=ask.valid_until,
    )
    return now.decision(of.OFFERED, fields, cause=ask.proposal, offer=ask.proposal)


def _void(now: _Now, offer: bytes, need_no: int, site: str, site_area: str, reason: str) -> Decision:
    fields = hub.OfferVoided(**now.fields(site_area), need_no=need_no, site=site, reason=reason)
    return now.decision(of.VOIDED, fields, offer=offer)


def _vacancies(now: _Now) -> list[Decision]:
    """Tell the markets which places this person gave back and took. The place of an offer is used, not taken twice."""
    row = now.row
    wanted, taken = wanted_sites(row), taken_of(row.taken)
    found: list[Decision] = []
    for site in sorted(taken.keys() - wanted.keys()):
        left_on = row.closed_on if row.closed_on is not None else row.last_on
        fields = hub.VacancyFreed(**now.fields(taken[site]), site=site, site_area=taken[site], since=left_on)
        found.append(now.decision(of.FREED, fields))
    for site in sorted(wanted.keys() - taken.keys()):
        offer = row.offer if row.offer and row.offer_site == site else b""
        since = row.accepted_on if site == row.holder else row.assigned_on
        taken_since = row.last_on if since is None else since
        vacancy = hub.VacancyTaken(**now.fields(wanted[site]), site=site, site_area=wanted[site], since=taken_since)
        found.append(now.decision(of.TAKEN, vacancy, offer=offer))
    return found


def _custody(now: _Now) -> list[Decision]:
    row = now.row
    found: list[Decision] = []
    if row.holder != row.told_holder:
        fields = hub.CustodyMoved(
            **now.fields(row.area), from_site=row.told_holder or None, to_site=row.holder or None, state=row.state
        )
        found.append(now.decision(of.CUSTODY, fields))
    if moves(row):
        opened = hub.HandoverOpened(**now.fields(row.to_area), from_site=row.holder, to_area=row.to_area)
        found.append(now.decision(of.HANDOVER, opened))
    return found


def _needs(now: _Now) -> list[Decision]:
    """Open, change or close the need that a market knows. In another market it is opened anew."""
    row = now.row
    need, wants = Need(row), wants_need(row, now.rules, now.on)
    moved = market_of(need.area) != row.told_market
    found: list[Decision] = []
    if row.told_need and (not wants or moved):
        reason = "moved" if wants else row.end or ("assigned" if wanted_sites(row) else "withdrawn")
        told = now.fields(row.told_what.split("|")[0])
        closed = hub.NeedClosed(**told, need_no=row.told_need, reason=reason)
        found.append(now.decision(of.NEED_CLOSED, closed))
    if not wants:
        return found
    common = now.fields(need.area)
    what = {name: getattr(need, name) for name in Need.__slots__ if name != "area"} | {"urgent": bool(need.urgent)}
    if not row.told_need or moved:
        reason = "handover" if row.to_area else "registered" if row.wait_from is None else "waiting"
        opened = hub.NeedOpened(**common, need_no=row.last_need + 1, reason=reason, **what)
        found.append(now.decision(of.NEED_OPENED, opened))
    elif what_of(need) != row.told_what:
        changed = hub.NeedChanged(**common, need_no=row.told_need, **what)
        found.append(now.decision(of.NEED_CHANGED, changed))
    return found


def _limits(now: _Now) -> list[Decision]:
    row, found = now.row, []
    since, due = limit_from(row, now.rules), limit_duty(row, now.rules)
    if since is not None and due is not None and due <= now.day:
        passed = hub.WaitLimitPassed(**now.fields(row.area), since=since, months=now.rules.wait_limit_months)
        found.append(now.decision(of.LIMIT, passed))
    for rule, event, day in notes(row):
        if day <= now.day:
            broken = hub.RuleBroken(**now.fields(row.area), rule=rule, source=_source(rule))
            found.append(now.decision(of.BROKEN, broken, cause=event))
    return found


def _source(rule: str) -> str:
    return {"wait": "both 2-6", "exit": "both 2-7", "reason": "domain 2", "custody": "domain 2"}[rule]
