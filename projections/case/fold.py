"""The fold of a case: consent, custody, lifecycle and hand-over of one subject, in the order of its history."""

from collections.abc import Sequence

from hub.core.event import Event
from projections.case.duties import living
from projections.case.events import GATED, GRANTED, REFERRAL, SERVICE
from projections.case.facts import FACTS
from projections.case.tables import CASES, EMPTY, Case
from projections.case.told import TOLD
from projections.case.way import Way
from projections.profiles import Profiles, Rules

_READ = FACTS.keys() | TOLD.keys()


class CaseFold:
    """The `Fold` of cases under the profiles given. One row a case; the newest row of a subject tells of the person."""

    name = "case"
    table = CASES
    chained = True

    def __init__(self, profiles: Profiles) -> None:
        self._rules = profiles.rules
        self._gated = profiles.gated()

    def key(self, event: Event) -> bytes | None:
        """The subject, for what a case reads and for every correction."""
        if event.type in _READ or (event.refs and event.corrects() is not None):
            return event.key or None
        return None

    def empty(self, id: int, key: bytes) -> Case:
        """A person of whom nothing is known."""
        return EMPTY._replace(id=id, subject=key)

    def evolve(self, row: Case, event: Event) -> Case:
        """The row after a fact of an agency, a decision of our own, or a proposal of a market."""
        way = Way(row, self._rules)
        way.take(event)
        return (way.rows() or [row])[-1]

    def through(self, row: Case, events: Sequence[Event]) -> list[Case] | None:
        """As `Through` has it."""
        way, gated = Way(row, self._rules), self._gated
        for event in events:
            if gated and not self.visible(way.row, event):
                return None
            way.take(event)
        return way.rows()

    def visible(self, row: Case, event: Event) -> bool:
        """Whether the consent that the event's purpose asks for covers its date, where the gate is closed."""
        purpose = GATED.get(event.type) if self._gated else None
        if purpose is None:
            return True
        fields = event.fields
        rules = self._rules(row.area or fields.area, fields.occurred_on)
        gate, until = _gate(row, rules, purpose)
        return gate == "open" or living(until, fields.occurred_on)

    def reopens(self, event: Event) -> bool:
        """A consent lets in what waited for it."""
        return self._gated and event.type == GRANTED


def _gate(row: Case, rules: Rules, purpose: str) -> tuple[str, int | None]:
    if purpose == REFERRAL:
        return rules.consent_referral, row.referral_until
    if purpose == SERVICE:
        return rules.consent_service, row.service_until
    return rules.consent_transfer, row.transfer_until
