"""What the hub told others about a person, and what a market asked: the other half of a row.

These functions read and change nothing of what the facts say, so that facts may come late without confusing the
dialogue. Every proposal is one ask, named by the id of its event, and is answered once: `OfferMade` or `OfferVoided`.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from hub.core.area import market_of
from hub.core.event import Event
from hub.core.frame import CAUSE, OFFER
from projections.case import events as of
from projections.case.tables import Case

_BETWEEN, _WITHIN = "\x1e", "\x1f"  # no code of a site holds these


class Ask(NamedTuple):
    """A market's proposal that waits for its answer; `gone` says why the market took it back meanwhile."""

    proposal: bytes
    need_no: int
    site: str
    site_area: str
    distance_m: int | None
    valid_until: int
    gone: str


def asks_of(packed: str) -> list[Ask]:
    """The asks of a row, oldest first."""
    found: list[Ask] = []
    for one in packed.split(_BETWEEN) if packed else ():
        proposal, need_no, site, area, distance, until, gone = one.split(_WITHIN)
        metres = int(distance) if distance else None
        found.append(Ask(bytes.fromhex(proposal), int(need_no), site, area, metres, int(until), gone))
    return found


def pack_asks(asks: Iterable[Ask]) -> str:
    """The inverse of `asks_of`."""
    return _BETWEEN.join(
        _WITHIN.join(
            (
                ask.proposal.hex(),
                str(ask.need_no),
                ask.site,
                ask.site_area,
                "" if ask.distance_m is None else str(ask.distance_m),
                str(ask.valid_until),
                ask.gone,
            )
        )
        for ask in asks
    )


def taken_of(packed: str) -> dict[str, str]:
    """The sites that were told to be taken by this person, each with its county."""
    return dict(one.split(_WITHIN) for one in packed.split(_BETWEEN)) if packed else {}


def pack_taken(taken: dict[str, str]) -> str:
    """The inverse of `taken_of`."""
    return _BETWEEN.join(f"{site}{_WITHIN}{area}" for site, area in sorted(taken.items()))


def what_of(fields: Any) -> str:
    """What a need says, in one text that two needs can be compared by."""
    whole = (
        fields.area,
        fields.needs or "",
        fields.age_group or "",
        fields.cell_x,
        fields.cell_y,
        fields.registered_on,
        int(fields.urgent),
    )
    return "|".join("" if value is None else str(value) for value in whole)


def _opened(row: Case, event: Event) -> Case:
    return row._replace(told_case=event.fields.case_no)


def _need_opened(row: Case, event: Event) -> Case:
    fields = event.fields
    return row._replace(
        told_need=fields.need_no,
        last_need=max(row.last_need, fields.need_no),
        told_market=market_of(fields.area),
        told_what=what_of(fields),
        told_on=fields.occurred_on if row.told_on is None else row.told_on,
    )


def _need_changed(row: Case, event: Event) -> Case:
    return row._replace(told_what=what_of(event.fields)) if event.fields.need_no == row.told_need else row


def _need_closed(row: Case, event: Event) -> Case:
    return row._replace(told_need=0) if event.fields.need_no == row.told_need else row


def _proposed(row: Case, event: Event) -> Case:
    fields = event.fields
    ask = Ask(event.id, fields.need_no, fields.site, fields.site_area, fields.distance_m, fields.valid_until, "")
    return row._replace(asks=pack_asks([*asks_of(row.asks), ask]))


def _unproposed(row: Case, event: Event) -> Case:
    proposal, reason = event.ref(OFFER), event.fields.reason
    if proposal == row.offer:
        return row._replace(offer_gone=reason)
    asks = [ask._replace(gone=reason) if ask.proposal == proposal else ask for ask in asks_of(row.asks)]
    return row._replace(asks=pack_asks(asks))


def _answered(row: Case, proposal: bytes | None) -> tuple[Case, str]:
    """The row without that ask, and why the market had taken it back, if it had."""
    asks = asks_of(row.asks)
    gone = next((ask.gone for ask in asks if ask.proposal == proposal), "")
    return row._replace(asks=pack_asks(ask for ask in asks if ask.proposal != proposal)), gone


def _offered(row: Case, event: Event) -> Case:
    fields, proposal = event.fields, event.ref(OFFER)
    row, gone = _answered(row, proposal)
    return row._replace(
        offer=proposal or event.id,
        offer_need=fields.need_no,
        offer_site=fields.site,
        offer_area=fields.site_area,
        offer_until=fields.valid_until,
        offer_gone=gone,
    )


def _no_offer(row: Case) -> Case:
    return row._replace(offer=b"", offer_need=0, offer_site="", offer_area="", offer_until=None, offer_gone="")


def _voided(row: Case, event: Event) -> Case:
    proposal = event.ref(OFFER)
    row, _ = _answered(row, proposal)
    return _no_offer(row) if row.offer == proposal else row


def _taken(row: Case, event: Event) -> Case:
    fields = event.fields
    row = row._replace(taken=pack_taken({**taken_of(row.taken), fields.site: fields.site_area}))
    return _no_offer(row) if row.offer and row.offer == event.ref(OFFER) else row


def _freed(row: Case, event: Event) -> Case:
    left = {site: area for site, area in taken_of(row.taken).items() if site != event.fields.site}
    return row._replace(taken=pack_taken(left))


def _custody(row: Case, event: Event) -> Case:
    return row._replace(told_holder=event.fields.to_site or "", told_handover="")


def _handover(row: Case, event: Event) -> Case:
    return row._replace(told_handover=event.fields.to_area)


def _limit(row: Case, event: Event) -> Case:
    return row._replace(told_wait=event.fields.since)


def _broken(row: Case, event: Event) -> Case:
    cause = (event.ref(CAUSE) or b"").hex()
    rule = event.fields.rule
    return row._replace(broken=" ".join(n for n in row.broken.split() if n.split(":")[:2] != [rule, cause]))


TOLD: Final[dict[str, Callable[[Case, Event], Case]]] = {
    of.BROKEN: _broken,
    of.CASE_OPENED: _opened,
    of.CUSTODY: _custody,
    of.FREED: _freed,
    of.HANDOVER: _handover,
    of.LIMIT: _limit,
    of.NEED_CHANGED: _need_changed,
    of.NEED_CLOSED: _need_closed,
    of.NEED_OPENED: _need_opened,
    of.OFFERED: _offered,
    of.PROPOSED: _proposed,
    of.TAKEN: _taken,
    of.UNPROPOSED: _unproposed,
    of.VOIDED: _voided,
}
