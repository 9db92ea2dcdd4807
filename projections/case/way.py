"""The way of a row through events of its person, one after the other.

A row is wide, and what an event changes beside the facts is said anew by the next one: the public state, the day on
which to look at the case again, what was heard on the newest day. All that is written once, where the way ends or the
person's next case begins.
"""

import marshal
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

from hub.core.event import Event
from projections.case.duties import due_day
from projections.case.facts import FACTS
from projections.case.tables import Case
from projections.case.told import TOLD
from projections.profiles import Rules

PATIENT_FILED: Final = "health.PatientFiled"
_SIZE: Final = 8
_FORM: Final = 2  # of marshal: text and numbers as bytes that depend on nothing but their values


def digest(event: Event) -> bytes:
    """What two same events have in common: agency, type, date and fields, all but salt, time of recording and mode."""
    fields = event.fields
    said = marshal.dumps((event.source, event.type, fields[1:3], fields[5:]), _FORM)
    return blake2b(said, digest_size=_SIZE).digest()


class Way:
    """Where a row has got to; `rules` are those of a county on a day."""

    __slots__ = (
        "_began", "_cause", "_digests", "_done", "_heard", "_last_fact_on", "_last_on", "_rules", "_settles", "_unread",
        "row",
    )  # fmt: skip

    def __init__(self, row: Case, rules: Callable[[str, int], Rules]) -> None:
        self.row: Case = row
        """The row as far as facts and gates read it."""
        self._began: Case | None = row
        self._rules = rules
        self._done: list[Case] = []
        self._last_on, self._cause = row.last_on, row.cause
        self._last_fact_on, self._digests = row.last_fact_on, row.today
        self._unread: Event | None = None  # the newest fact, whose digest is asked for only if its day goes on
        self._heard = self._settles = False

    def take(self, event: Event) -> None:
        """Take the next event: a fact of an agency, a decision of our own, or a proposal of a market."""
        row, day = self.row, event.fields.occurred_on
        told = TOLD.get(event.type)
        if told is not None:
            self._change(told(row, event), day)
            return
        fact = FACTS.get(event.type)
        if fact is None:
            return
        rules = self._rules(row.area or event.fields.area, day)
        if row.step == "none" and event.type == PATIENT_FILED:  # most patients never have a case: the cheap way
            self._write()
            self.row = fact(self.row, event, rules)
            return
        if day == self._last_fact_on and self._again(event):
            self.row = row._replace(same=row.same + 1)
            return
        after = fact(row, event, rules)
        if after.n != row.n:
            self._end()
        if day != self._last_fact_on:
            self._last_fact_on, self._digests = day, b""
        self._unread, self._heard = event, True
        if after is not row:
            self._cause = event.id
            self._change(after, day)

    def rows(self) -> list[Case]:
        """The rows that changed, one a case, the newest last."""
        self._end()
        return self._done

    def _again(self, event: Event) -> bool:
        self._read()
        what, known = digest(event), self._digests
        return any(known[i : i + _SIZE] == what for i in range(0, len(known), _SIZE))

    def _change(self, after: Case, day: int) -> None:
        self.row, self._settles = after, True
        self._last_on = max(self._last_on, day)

    def _end(self) -> None:
        self._write()
        if self.row is not self._began:
            self._done.append(self.row)
        self._began = None  # the next case has a row of its own

    def _read(self) -> None:
        if self._unread is not None:
            self._digests += digest(self._unread)
            self._unread = None

    def _write(self) -> None:
        row, last_on = self.row, self._last_on
        if self._heard:
            self._read()
        if self._settles:
            due = due_day(row, self._rules(row.area, last_on), last_on)
            self.row = row._replace(
                state=_state(row), last_on=last_on, due=due, cause=self._cause,
                today=self._digests, last_fact_on=self._last_fact_on,
            )  # fmt: skip
        elif self._heard:
            self.row = row._replace(today=self._digests, last_fact_on=self._last_fact_on)
        self._heard = self._settles = False


def _state(row: Case) -> str:
    if row.offer and not row.offer_gone and row.step in ("registered", "confirmed", "waiting") and not row.holder:
        return "offered"
    return row.step
