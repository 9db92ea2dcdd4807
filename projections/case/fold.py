"""The fold of a case: consent, custody, lifecycle and hand-over of one subject, in the order of its history."""

import marshal
from hashlib import blake2b
from typing import Any

from hub.core.event import Event
from projections.case.duties import due_day, living
from projections.case.events import GATED, GRANTED, REFERRAL, SERVICE
from projections.case.facts import FACTS
from projections.case.tables import CASES, EMPTY, Case
from projections.case.told import TOLD
from projections.profiles import Profiles, Rules

PATIENT_FILED = "health.PatientFiled"
_SIZE = 8
_FORM = 2  # of marshal: text and numbers as bytes that depend on nothing but their values
_READ = FACTS.keys() | TOLD.keys()


def digest(event: Event) -> bytes:
    """What two same events have in common: agency, type, date and fields, all but salt, time of recording and mode."""
    fields = event.fields
    said = marshal.dumps((event.source, event.type, fields[1:3], fields[5:]), _FORM)
    return blake2b(said, digest_size=_SIZE).digest()


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
        told = TOLD.get(event.type)
        if told is not None:
            return self._settled(told(row, event), event.fields.occurred_on)
        fact = FACTS.get(event.type)
        if fact is None:
            return row
        day = event.fields.occurred_on
        if row.step == "none" and event.type == PATIENT_FILED:  # most patients never have a case: the cheap way
            return fact(row, event, self._rules(row.area or event.fields.area, day))
        what = digest(event)
        if day == row.last_fact_on:
            if any(row.today[i : i + _SIZE] == what for i in range(0, len(row.today), _SIZE)):
                return row._replace(same=row.same + 1)
            today = row.today + what
        else:
            today = what
        after = fact(row, event, self._rules(row.area or event.fields.area, day))
        if after is row:
            return row._replace(today=today, last_fact_on=day)
        return self._settled(after, day, today=today, last_fact_on=day, cause=event.id)

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

    def _settled(self, row: Case, day: int, **also: Any) -> Case:
        """The row with its public state, and the day on which to look at it again. A row is wide: replace it seldom."""
        last_on = max(row.last_on, day)
        due = due_day(row, self._rules(row.area, last_on), last_on)
        return row._replace(state=_state(row), last_on=last_on, due=due, **also)


def _state(row: Case) -> str:
    if row.offer and not row.offer_gone and row.step in ("registered", "confirmed", "waiting") and not row.holder:
        return "offered"
    return row.step


def _gate(row: Case, rules: Rules, purpose: str) -> tuple[str, int | None]:
    if purpose == REFERRAL:
        return rules.consent_referral, row.referral_until
    if purpose == SERVICE:
        return rules.consent_service, row.service_until
    return rules.consent_transfer, row.transfer_until
