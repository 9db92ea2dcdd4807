"""From a reference in a public view to what the ledger says of that person; shared by `hub case` and `hub audit`.

A subject id is never shown: a person is who stands behind the pseudonym that was asked for. Other events are named by
their address, `topic/partition/offset`, which `hub event show` takes.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from hub.core.calendar import iso
from hub.core.errors import DataError
from hub.core.event import Event
from hub.data import codes
from hub.installation import Installation
from hub.ports.views import History, Snapshot
from projections.case.tables import Case
from projections.trail.lines import Line, trail

_REFERENCE: Final = re.compile(r"([0-9a-f]{32})(?:-([1-9][0-9]{0,8}))?(?:-([1-9][0-9]{0,8}))?")
_OFFSETS: Final = (1 << 40) - 1


class Reference(NamedTuple):
    """A public reference taken apart: the key ids behind its pseudonym, and the numbers that follow it."""

    ids: list[int]
    numbers: tuple[int, ...]


def referred(snapshot: Snapshot, group: str, reference: str) -> Reference:
    """Who is behind a reference of any view of the group. Raises DataError HUB-P361 when nobody is."""
    found = _REFERENCE.fullmatch(reference.strip().lower())
    ids = snapshot.named(group, bytes.fromhex(found[1])) if found else []
    if not found or not ids:
        raise DataError("HUB-P361")
    return Reference(ids, tuple(int(number) for number in found.groups()[1:] if number))


def cases_of(snapshot: Snapshot, reference: Reference) -> list[Case]:
    """The case that a reference names, or all of a person's, oldest first. Raises DataError HUB-P361 for none."""
    found = (values for id in reference.ids for values in snapshot.rows("persons_case", Case._fields, {"id": id}))
    rows = [Case(*values) for values in found]
    wanted = [row for row in rows if row.n + 1 in reference.numbers] if reference.numbers else rows
    named = [row for row in wanted if row.state != "none"]
    if not named:
        raise DataError("HUB-P361")
    return named


def newest(snapshot: Snapshot, id: int) -> Case:
    """The newest row of a person: what belongs to the person and not to a case stands there."""
    return max((Case(*values) for values in snapshot.rows("persons_case", Case._fields, {"id": id})), key=lambda r: r.n)


def lines_of(hub: Installation, snapshot: Snapshot, id: int) -> list[Line]:
    """The trail of a person."""
    history = snapshot.history("persons", id)
    if history is None:
        raise DataError("HUB-P361")
    return trail(_events(hub, history), history.puts, hub.fold("persons", "case"))


def _events(hub: Installation, history: History) -> list[tuple[int, Event]]:
    recall = hub.codec.recall
    return [(entry.at, recall(entry, history.key, history.sources[entry.source])) for entry in history.entries]


def address(topic: str, at: int) -> str:
    """topic/partition/offset of a ledger number."""
    return f"{topic}/{at >> 40}/{(at & _OFFSETS) - 1}"


def documents(lines: Sequence[Line], whole: Sequence[Line] = ()) -> list[dict[str, Any]]:
    """Lines as JSON. Events they name are looked up among the `whole` trail; one of another log shows its id."""
    places = {line.event: address("persons", line.at) for line in whole or lines}

    def place(event: bytes) -> str | None:
        return places.get(event, event.hex()) if event else None

    return [
        {
            "address": address("persons", line.at),
            "type": line.type,
            "date": iso(line.occurred_on),
            "minute": line.occurred_minute,
            "asserted_by": line.source,
            "from_row": line.place,
            "legal_basis": line.legal_basis,
            "area": line.area,
            "case": line.case_no + 1 if line.case_no >= 0 else None,
            "status": line.status,
            "consent": place(line.consent),
            "replaced_by": place(line.replaced_by),
            "cause": place(line.cause),
            "followed": [places.get(event, event.hex()) for event in line.followed],
        }
        for line in lines
    ]


def code_text(name: str, code: str, lang: str) -> str:
    """What a code of a list means; the code itself when the list does not have it."""
    found = codes(name).get(code)
    if found is None:
        return code or "-"
    return found.zh if lang == "zh" else found.en


def when(day: int | None) -> str | None:
    """A day as YYYY-MM-DD."""
    return None if day is None else iso(day)
