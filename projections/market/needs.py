"""The fold of a need: open, proposed, offered, closed, and why. In the order of the log: never late."""

from typing import Any

from hub.core.event import Event
from hub.core.frame import OFFER
from projections.market import events as of
from projections.market.tables import NEEDS, NO_NEED, Need

Change = dict[str, Any]


class NeedFold:
    """The `Fold` of needs."""

    name = "need"
    table = NEEDS
    chained = False

    def key(self, event: Event) -> bytes | None:
        """The need that the event is about."""
        if event.type not in of.OF_A_NEED:
            return None
        subject = event.subject()
        return None if subject is None else of.need_key(subject, event.fields.need_no)

    def empty(self, id: int, key: bytes) -> Need:
        """A need that was not opened yet."""
        return NO_NEED._replace(id=id, subject=key[1:17], need_no=int.from_bytes(key[17:], "big"))

    def evolve(self, row: Need, event: Event) -> Need:
        """The row after an event."""
        change = _CHANGES[event.type](row, event)
        return row._replace(**change, last_on=max(row.last_on, event.fields.occurred_on)) if change else row

    def visible(self, row: Need, event: Event) -> bool:
        """What a case told a market is told."""
        return True

    def reopens(self, event: Event) -> bool:
        """Nothing was parked."""
        return False


def _opened(row: Need, event: Event) -> Change:
    fields = event.fields
    own = {"market": event.key.decode(), "state": "open", "reason": fields.reason, "opened": event.id}
    return {**own, "opened_on": fields.occurred_on, **_changed(row, event)}


def _changed(row: Need, event: Event) -> Change:
    fields = event.fields
    return {
        "area": fields.area,
        "needs": fields.needs or "",
        "age_group": fields.age_group or "",
        "cell_x": fields.cell_x,
        "cell_y": fields.cell_y,
        "rush": 0 if fields.urgent else 1,
        "registered_on": fields.registered_on,
    }


def _closed(row: Need, event: Event) -> Change:
    return {"state": "closed", "closed_on": event.fields.occurred_on, "closed_reason": event.fields.reason}


def _proposed(row: Need, event: Event) -> Change:
    fields = event.fields
    return {
        "state": "closed" if row.state == "closed" else "proposed",
        "offer": event.id,
        "offer_site": fields.site,
        "offer_area": fields.site_area,
        "offer_on": fields.occurred_on,
        "offer_until": fields.valid_until,
        "offer_reason": fields.reason,
        "distance_m": fields.distance_m,
        "runner_up": fields.runner_up or "",
        "runner_up_m": fields.runner_up_distance_m,
        "full_site": fields.skipped_full_site or "",
        "full_m": fields.skipped_full_distance_m,
        "asked": 0,
        "void_reason": "",
        "offers": row.offers + 1,
    }


def _unproposed(row: Need, event: Event) -> Change:
    return {"asked": 1} if event.ref(OFFER) == row.offer else {}


def _granted(row: Need, event: Event) -> Change:
    return {"state": "offered"} if event.ref(OFFER) == row.offer and row.state == "proposed" else {}


def _voided(row: Need, event: Event) -> Change:
    """The offer is gone; a site that declined is not proposed to this need again."""
    if event.ref(OFFER) != row.offer:
        return {}
    reason = event.fields.reason
    refused = f"{row.refused},{row.offer_site}".strip(",") if reason == "declined" else row.refused
    state = "closed" if row.state == "closed" else "open"
    return {"state": state, "refused": refused, "asked": 0, "void_reason": reason}


_CHANGES = {
    of.NEED_OPENED: _opened,
    of.NEED_CHANGED: _changed,
    of.NEED_CLOSED: _closed,
    of.PROPOSED: _proposed,
    of.UNPROPOSED: _unproposed,
    of.OFFERED: _granted,
    of.VOIDED: _voided,
}
