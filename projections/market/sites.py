"""The fold of a site: what it is, whether it may be dispatched to, and how many of its places are free."""

from collections.abc import Callable
from typing import Any, Final

from hub.core.event import Event
from hub.core.frame import OFFER
from projections.market import events as of
from projections.market.tables import NO_SITE, SITES, Site, room

FOREVER: Final = 2_932_896  # 9999-12-31


class SiteFold:
    """The `Fold` of sites: in the order of each site's history, since agencies declare late and correct."""

    name = "site"
    table = SITES
    chained = True

    def key(self, event: Event) -> bytes | None:
        """The site of the record's market: of all that agencies say of it, since a retraction must find it there."""
        if event.type in of.OF_A_SITE or not event.type.startswith(of.HUB):
            site = getattr(event.fields, "site", None)
            return of.site_key(event.key, site) if site else None
        return None

    def empty(self, id: int, key: bytes) -> Site:
        """A site of which only the code is known."""
        market, _, site = key[1:].partition(b"/")
        return NO_SITE._replace(id=id, market=market.decode(), site=site.decode())

    def evolve(self, row: Site, event: Event) -> Site:
        """The row after an event."""
        change = _CHANGES.get(event.type)
        if change is None:
            return row
        day = event.fields.occurred_on
        return _settled(row._replace(**change(row, event), last_on=max(row.last_on, day)))

    def visible(self, row: Site, event: Event) -> bool:
        """A site is no person: nothing parks."""
        return True

    def reopens(self, event: Event) -> bool:
        """Nothing was parked."""
        return False


def _settled(row: Site) -> Site:
    """What depends on no day; dates of licence and suspension are looked at when it is decided."""
    has_room = int(bool(row.basis) and not row.closed and room(row) > 0)
    stuck = int(row.reserved > 0 and (not row.basis or row.closed > 0 or row.suspended_until is not None))
    ends = row.licensed_until if row.reserved > 0 else None
    return row._replace(has_room=has_room, stuck=stuck, due=None if ends is None else ends + 1)


Change = dict[str, Any]


def _licensed(row: Site, event: Event) -> Change:
    fields = event.fields
    return {
        "basis": fields.basis,
        "licensed_until": fields.until,
        "suspended_until": None,
        "closed": 0,
        **_area(row, event),
    }


def _area(row: Site, event: Event) -> Change:
    return {"area": event.fields.area or row.area}


def _suspended(row: Site, event: Event) -> Change:
    until = event.fields.until
    return {"suspended_until": FOREVER if until is None else until}


def _closed(row: Site, event: Event) -> Change:
    return {"closed": 1}


def _profiled(row: Site, event: Event) -> Change:
    fields = event.fields
    return {
        "x_m": row.x_m if fields.x_m is None else fields.x_m,
        "y_m": row.y_m if fields.y_m is None else fields.y_m,
        "kinds": fields.kinds or row.kinds,
        "programmes": fields.programmes or row.programmes,
        "age_groups": fields.age_groups or row.age_groups,
        **_area(row, event),
    }


def _declared(row: Site, event: Event) -> Change:
    """A declaration counts for its day; places taken or given back on later days are added to it."""
    fields = event.fields
    as_of = fields.occurred_on if fields.as_of is None else fields.as_of
    if row.free_as_of is not None and as_of < row.free_as_of:
        return {}
    later = [(day, by) for day, by in _moves(row.moves) if day > as_of]
    return {"free": fields.free + sum(by for _, by in later), "free_as_of": as_of, "moves": _packed(later)}


def _moves(packed: str) -> list[tuple[int, int]]:
    pairs = (one.split(":") for one in packed.split(",") if one)
    return [(int(day), int(by)) for day, by in pairs]


def _packed(moves: list[tuple[int, int]]) -> str:
    return ",".join(f"{day}:{by}" for day, by in moves)


def _moved(row: Site, event: Event, by: int) -> Change:
    """A place taken (-1) or given back (+1) since a day. What a declaration has counted already changes nothing."""
    since = event.fields.since
    if row.free_as_of is not None and since <= row.free_as_of:
        return {}
    days = dict(_moves(row.moves))
    days[since] = days.get(since, 0) + by
    moves = _packed(sorted((day, n) for day, n in days.items() if n))
    return {"moves": moves} if row.free is None else {"moves": moves, "free": row.free + by}


def _proposed(row: Site, event: Event) -> Change:
    return {"reserved": row.reserved + 1}


def _voided(row: Site, event: Event) -> Change:
    return {"reserved": row.reserved - 1}


def _taken(row: Site, event: Event) -> Change:
    used = 1 if event.ref(OFFER) is not None else 0
    area = row.area or event.fields.site_area  # a site that no agency told of yet
    return {**_moved(row, event, -1), "reserved": row.reserved - used, "area": area}


def _freed(row: Site, event: Event) -> Change:
    return _moved(row, event, 1)


_CHANGES: dict[str, Callable[[Site, Event], Change]] = {
    of.LICENSED: _licensed,
    of.CHANGED: _area,
    of.SUSPENDED: _suspended,
    of.CLOSED: _closed,
    of.PROFILED: _profiled,
    of.CAPACITY: _declared,
    of.PROPOSED: _proposed,
    of.VOIDED: _voided,
    of.TAKEN: _taken,
    of.FREED: _freed,
}
