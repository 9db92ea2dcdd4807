"""The rules that one case broke: those that were told, as the trail has it, and those whose grace is not over yet."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from projections.case import events as of
from projections.case.duties import notes
from projections.case.tables import Case
from projections.trail.lines import Line


class Breach(NamedTuple):
    """A broken rule (codes of `rule`) and the event that broke it.

    `told_on` is the day on which the hub told it, `due` the first day on which it will, unless a late fact explains it.
    Exactly one of them is None.
    """

    rule: str
    event: bytes
    told_on: int | None
    due: int | None


def breaches(lines: Iterable[Line], newest: Case, case_no: int) -> list[Breach]:
    """The breaches of a case, from the person's whole trail and the newest row, told ones first.

    A breach belongs to the case of the event that broke the rule: it may be told when the next case is already open,
    and what is not told yet moves on to the newest row.
    """
    whole = list(lines)
    cases = {line.event: line.case_no for line in whole}
    found = (*_told(whole), *(Breach(rule, event, None, day) for rule, event, day in notes(newest)))
    return [breach for breach in found if cases.get(breach.event) == case_no]


def _told(lines: Iterable[Line]) -> Iterator[Breach]:
    for line in lines:
        if line.type == of.BROKEN and line.status == "visible":
            yield Breach(line.rule, line.cause, line.occurred_on, None)
