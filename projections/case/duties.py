"""What a case owes to others: the difference between what they should know and what they were told (law 5).

`due_day` is exact: a case has something to decide on a day if and only if its `due` is not later than that day.
"""

from hub.core.area import market_of
from projections.case.lifecycle import limit_day, limit_from
from projections.case.tables import BEFORE, Case, is_open
from projections.case.told import taken_of, what_of
from projections.profiles import Rules

NOW = 0
"""A duty that waits for nothing."""

WHAT_FIELDS = ("area", "needs", "age_group", "cell_x", "cell_y", "registered_on", "urgent")


class Need:
    """What a case needs from a market, as `hub.NeedOpened` says it."""

    __slots__ = WHAT_FIELDS

    def __init__(self, row: Case) -> None:
        moving = bool(row.to_area) and row.to_area != row.home
        self.area = row.to_area or row.home or row.area
        self.needs, self.age_group, self.urgent = row.needs, row.age_group, row.urgent
        self.cell_x, self.cell_y = (row.to_x, row.to_y) if moving else (row.cell_x, row.cell_y)
        self.registered_on = row.registered_on if row.registered_on is not None else row.begun_on


def living(until: int | None, day: int) -> bool:
    """Whether a consent covers a day."""
    return until is not None and until >= day


def consent_of(row: Case, rules: Rules) -> tuple[bool, int | None]:
    """Whether a consent is asked for before the case may be dispatched, and the last day of the one there is."""
    if row.holder and row.to_area:
        return rules.consent_transfer == "closed", row.transfer_until
    return rules.consent_referral == "closed", row.referral_until


def needs_site(row: Case, rules: Rules) -> bool:
    """Whether the facts say that a site is to be found, consent left aside."""
    if not (row.to_area or row.home or row.area):
        return False  # no county, no market
    if row.to_area:
        return row.step in ("handover", "waiting") and not (row.site and row.site != row.holder)
    return row.step in BEFORE and BEFORE.index(row.step) >= BEFORE.index(rules.need_from)


def wants_need(row: Case, rules: Rules, day: int) -> bool:
    """Whether a market should know of a need of this case on a day."""
    if not needs_site(row, rules):
        return False
    asked, until = consent_of(row, rules)
    return not asked or living(until, day)


def wanted_sites(row: Case) -> dict[str, str]:
    """The sites at which this person takes a place, each with its county: the holder's, and that of an assignment."""
    sites = {row.site: row.site_area or row.area} if row.site else {}
    if row.holder:
        sites[row.holder] = row.holder_area or row.area
    return sites


def offer_over(row: Case, rules: Rules, day: int) -> str:
    """Why the offer that stands must be voided; "" while it may stand. An assignment to its site uses it instead."""
    if row.offer_site in wanted_sites(row):
        return "assigned" if row.offer_site in taken_of(row.taken) else ""
    if row.offer_gone:
        return row.offer_gone
    if row.offer_site in row.declined.split(","):
        return "declined"
    if row.offer_need != row.told_need or not wants_need(row, rules, day):
        return "need_closed"
    if row.told_market != market_of(Need(row).area):
        return "moved"
    return "expired" if row.offer_until is not None and day > row.offer_until else ""


def moves(row: Case) -> bool:
    """Whether a hand-over is open that nobody was told of."""
    return bool(row.holder and row.to_area) and row.told_handover != row.to_area


def notes(row: Case) -> list[tuple[str, bytes, int]]:
    """The breaches not told yet: rule, id of the event that broke it, first day on which it may be told."""
    found = (note.split(":") for note in row.broken.split())
    return [(rule, bytes.fromhex(event), int(day)) for rule, event, day in found]


def limit_duty(row: Case, rules: Rules) -> int | None:
    """The day on which a passed limit of waiting must be told; None when it was, or when nobody waits."""
    if row.step != "waiting" or row.told_wait == limit_from(row, rules):
        return None
    return limit_day(row, rules)


def due_day(row: Case, rules: Rules, day: int) -> int | None:
    """The first day on which the case has something to decide, as things are on the day of its newest event."""
    if row.asks or row.holder != row.told_holder or (is_open(row) and row.told_case != row.n) or moves(row):
        return NOW
    wants = wants_need(row, rules, day)
    if wants != bool(row.told_need) or (wants and what_of(Need(row)) != row.told_what):
        return NOW
    if row.offer and offer_over(row, rules, day):
        return NOW
    if (row.taken or row.site or row.holder) and wanted_sites(row).keys() != taken_of(row.taken).keys():
        return NOW
    return min(_later(row, rules, wants), default=None)


def _later(row: Case, rules: Rules, wants: bool) -> list[int]:
    days: list[int] = [day for _, _, day in notes(row)] if row.broken else []
    if row.offer and row.offer_until is not None:
        days.append(row.offer_until + 1)
    if wants:
        asked, until = consent_of(row, rules)
        if asked and until is not None:
            days.append(until + 1)
    if row.step == "waiting":
        limit = limit_duty(row, rules)
        if limit is not None:
            days.append(limit)
    return days
