"""The audit trail of one person: who asserted what, when, from which row, on what ground, and what followed.

It is read off the ledger and kept nowhere else: the ledger is insert only, so there is nothing that could differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from hub.core.event import Event
from hub.core.fold import Fold
from hub.core.frame import CAUSE
from projections.case.events import BROKEN, GATED, GRANTED, WITHDRAWN

RETRACTED: Final = ".Retracted"


class Line(NamedTuple):
    """One event in the trail.

    `at` is its ledger number (partition << 40 | offset + 1), `case_no` the case it belongs to (-1: to none yet),
    `status` visible, parked, held, corrected or retracted. `consent` is the event that gave the consent it needs.
    `followed` are the decisions of the hub that name it as their cause, in order. `rule` is the broken one, where the
    event tells of one.
    """

    at: int
    event: bytes
    type: str
    occurred_on: int
    occurred_minute: int | None
    source: str
    place: str
    legal_basis: str
    area: str
    case_no: int
    status: str
    consent: bytes
    replaced_by: bytes
    cause: bytes
    followed: tuple[bytes, ...]
    rule: str


def trail(history: Sequence[tuple[int, Event]], puts: Mapping[int, str], fold: Fold) -> list[Line]:
    """The trail of a person from the entries of one ledger chain, in the order of the history.

    `puts` tells which entries are parked or held. Equal dates stand in the order in which they were folded; what a
    correction replaced stays, and says by what.
    """
    replaced: dict[bytes, tuple[bytes, str]] = {}
    followed: dict[bytes, list[bytes]] = {}
    ordered = sorted(history, key=lambda item: (item[1].order, item[0]))
    for _, event in ordered:
        target, cause = event.corrects(), event.ref(CAUSE)
        if target is not None:
            replaced[target] = event.id, "retracted" if event.type.endswith(RETRACTED) else "corrected"
        if cause is not None:
            followed.setdefault(cause, []).append(event.id)
    numbers = _case_numbers(ordered, puts, replaced, fold)
    consents = _consents(ordered, replaced)
    found: list[Line] = []
    for at, event in ordered:
        by, how = replaced.get(event.id, (b"", ""))
        fields = event.fields
        found.append(
            Line(
                at=at,
                event=event.id,
                type=event.type,
                occurred_on=fields.occurred_on,
                occurred_minute=fields.occurred_minute,
                source=event.source,
                place=event.place,
                legal_basis=fields.legal_basis,
                area=fields.area,
                case_no=numbers[at],
                status=how or puts.get(at, "visible"),
                consent=consents.get(at, b""),
                replaced_by=by,
                cause=event.ref(CAUSE) or b"",
                followed=tuple(followed.get(event.id, ())),
                rule=fields.rule if event.type == BROKEN else "",
            )
        )
    return found


def _case_numbers(
    ordered: Iterable[tuple[int, Event]],
    puts: Mapping[int, str],
    replaced: Mapping[bytes, tuple[bytes, str]],
    fold: Fold,
) -> dict[int, int]:
    """The case that each event belongs to: the one that was open, or that it opened, at its place in the history."""
    numbers: dict[int, int] = {}
    row = fold.empty(0, b"")
    for at, event in ordered:
        if at not in puts and event.id not in replaced and fold.key(event) is not None:
            row = fold.evolve(row, event)
        numbers[at] = row.n if row.step != "none" else -1
    return numbers


def _consents(ordered: Iterable[tuple[int, Event]], replaced: Mapping[bytes, tuple[bytes, str]]) -> dict[int, bytes]:
    """The consent under which each event that needs one came: the last one given for its purpose, not withdrawn."""
    living: dict[str, tuple[bytes, int | None]] = {}
    found: dict[int, bytes] = {}
    for at, event in ordered:
        if event.id in replaced:
            continue
        if event.type == GRANTED:
            living[event.fields.purpose] = event.id, event.fields.until
        elif event.type == WITHDRAWN:
            living.pop(event.fields.purpose, None)
        purpose = GATED.get(event.type)
        if purpose in living:
            id, until = living[purpose]
            if until is None or until >= event.fields.occurred_on:
                found[at] = id
    return found
