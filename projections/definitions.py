"""The projections of an installation: which folds and deciders share a log, and what they tell each other."""

from hub.core.area import market_of
from hub.core.event import Event
from hub.core.fold import Projection
from projections.case import events as case
from projections.case.decide import CaseDecider
from projections.case.fold import CaseFold
from projections.dictionary import VIEWS
from projections.market.decide import MarketDecider
from projections.market.events import PROPOSED, UNPROPOSED, subject_of
from projections.market.needs import NeedFold
from projections.market.sites import SiteFold
from projections.profiles import Profiles

SUBJECT_SIZE = 16

TO_MARKETS = frozenset(
    (
        case.NEED_OPENED,
        case.NEED_CHANGED,
        case.NEED_CLOSED,
        case.OFFERED,
        case.VOIDED,
        case.TAKEN,
        case.FREED,
    )
)
"""What a case decides and a market must know, sent to the market of the event's county."""


def case_copy(event: Event) -> tuple[str, bytes] | None:
    """Where a decision of a case is also sent: the market of its county."""
    return ("markets", market_of(event.fields.area).encode()) if event.type in TO_MARKETS else None


def market_copy(event: Event) -> tuple[str, bytes] | None:
    """Where a decision of a market is also sent: the subject whom it concerns."""
    subject = event.subject() if event.type in (PROPOSED, UNPROPOSED) else None
    return None if subject is None else ("persons", subject)


def person_of(key: bytes) -> bytes | None:
    """The subject behind a key of the log of persons."""
    return key if len(key) == SUBJECT_SIZE else None


def domains(group: str) -> tuple[str, ...]:
    """The domains of pseudonyms that a group's public views use, each its own."""
    return tuple(view.domain for view in VIEWS if view.group == group and view.domain)


def persons(profiles: Profiles) -> Projection:
    """Cases: lifecycle, consent, custody, hand-over, and the audit trail of each person."""
    return Projection(
        group="persons",
        topic="persons",
        folds=(CaseFold(profiles),),
        decider=CaseDecider(profiles),
        copy_to=case_copy,
        subject_of=person_of,
        domains=domains("persons"),
    )


def markets(profiles: Profiles) -> Projection:
    """Markets: sites, vacancies, needs and proposals of every city."""
    return Projection(
        group="markets",
        topic="markets",
        folds=(SiteFold(), NeedFold()),
        decider=MarketDecider(profiles),
        copy_to=market_copy,
        subject_of=subject_of,
        domains=domains("markets"),
    )
