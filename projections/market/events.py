"""Which events a market reads: what its sites say of themselves or is said of them, and the dialogue with cases."""

from typing import Final

LICENSED, CHANGED = "civil_affairs.SiteLicensed", "civil_affairs.SiteChanged"
SUSPENDED, CLOSED = "civil_affairs.SiteSuspended", "civil_affairs.SiteClosed"
PROFILED, CAPACITY = "stations.SiteProfiled", "stations.CapacityDeclared"

NEED_OPENED, NEED_CHANGED, NEED_CLOSED = "hub.NeedOpened", "hub.NeedChanged", "hub.NeedClosed"
PROPOSED, UNPROPOSED = "hub.MatchProposed", "hub.MatchWithdrawn"
OFFERED, VOIDED = "hub.OfferMade", "hub.OfferVoided"
TAKEN, FREED = "hub.VacancyTaken", "hub.VacancyFreed"

HUB: Final = "hub."

OF_A_SITE: Final = frozenset((LICENSED, CHANGED, SUSPENDED, CLOSED, PROFILED, CAPACITY, PROPOSED, VOIDED, TAKEN, FREED))
OF_A_NEED: Final = frozenset((NEED_OPENED, NEED_CHANGED, NEED_CLOSED, PROPOSED, UNPROPOSED, OFFERED, VOIDED))
"""Numbered decisions of the hub: never late."""


def site_key(market: bytes, site: str) -> bytes:
    """The key of a site: its market, which is the record key, and its registered code."""
    return b"s" + market + b"/" + site.encode()


def need_key(subject: bytes, need_no: int) -> bytes:
    """The key of a need: whose it is, and its number among that subject's needs."""
    return b"n" + subject + need_no.to_bytes(4, "big")


def subject_of(key: bytes) -> bytes | None:
    """The subject behind a key; None for a site."""
    return key[1:17] if key[:1] == b"n" and len(key) == 21 else None
