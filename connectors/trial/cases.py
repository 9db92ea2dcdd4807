"""Cases of a mapping: rows that somebody thought up, each with what must become of it (issue 5, part 3).

They stand in a file beside the mapping (`trial.cases_file`) and are judged as a run judges rows; nothing is read
from the source, nothing is published. What is expected of a row is one cell:

    health.DischargeAssessed suitable=true risk=1 ; agency.IdentityDeclared persons=patient,guardian
    HUB-C104 证件号码
    not_selected no_test
    ?                                   whatever it is: it is told, to be written down
"""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Map
from typing import Any, Final, NamedTuple

from connectors.mapping.language import ROLES
from connectors.rows.cells import Target
from connectors.rows.drafts import NotSelected, RowMapper
from connectors.rows.prints import RowNames
from connectors.rows.section import Draft, Refused
from hub.core.calendar import iso
from hub.core.errors import Coded

NOT_SELECTED: Final = "not_selected"
OPEN: Final = "?"
PERSONS: Final = "persons"

_ROLE_NAMES: Final = {number: name for name, number in ROLES.items()}


class Told(NamedTuple):
    """What becomes of a row: an event type, an error code or `not_selected`, and what is said of it by name."""

    what: str
    details: Map[str, str]

    def __str__(self) -> str:
        """As it may stand in the file."""
        field = "." in self.what
        return " ".join([self.what, *((f"{n}=" if field else "") + _quoted(v) for n, v in self.details.items())])


class Case(NamedTuple):
    """One line of the file: the cells in the order of the mapping's columns, and the day on which it is judged.

    `expected` is None while nobody has said what must become of it.
    """

    line: int
    day: int
    cells: tuple[str | None, ...]
    expected: tuple[Told, ...] | None


class Judged(NamedTuple):
    """A case and what became of it. `verdict` is passed, differs, or open; `faults` say what differs."""

    line: int
    verdict: str
    expected: str
    found: str
    faults: tuple[str, ...]


def judge(
    cases: Sequence[Case], mappings: Callable[[int], RowMapper], names: Callable[[int], RowNames]
) -> list[Judged]:
    """What becomes of each case. `mappings` and `names` give the mapping made ready for the day that a case names."""
    found: list[Judged] = []
    for case in cases:
        (named,) = names(case.day).tokens([case.cells])
        mapper = mappings(case.day)
        (reading,) = mapper.read([case.cells], {})
        if isinstance(named, Coded) and not isinstance(reading, Refused):
            reading = Refused(named, "")
        told = told_of(mapper, reading)
        text = " ; ".join(map(str, told))
        if case.expected is None:
            found.append(Judged(case.line, "open", OPEN, text, ()))
            continue
        faults = tuple(_faults(case.expected, told))
        wish = " ; ".join(map(str, case.expected))
        found.append(Judged(case.line, "differs" if faults else "passed", wish, text, faults))
    return found


def told_of(mapper: RowMapper, reading: Any) -> list[Told]:
    """A reading in the words of a case."""
    if isinstance(reading, Refused):
        return [Told(reading.error.code, {"column": reading.error.column} if reading.error.column else {})]
    if isinstance(reading, NotSelected):
        return [Told(NOT_SELECTED, {"rule": reading.rule})]
    return [_event(mapper, draft) for draft in reading]


def _event(mapper: RowMapper, draft: Draft) -> Told:
    section = mapper.sections[draft.section]
    fields = section.fields(draft)._asdict()
    targets = section.contract.targets
    said = {
        name: _text(fields[name], target)
        for name, target in targets.items()
        if fields[name] is not None and name != "recorded_at"
    }
    roles = [_ROLE_NAMES[who.role] for who in draft.people]
    return Told(section.contract.kind.type, said | ({PERSONS: ",".join(roles)} if roles else {}))


def _quoted(value: str) -> str:
    """As one word of a case."""
    return shlex.quote(value) if re.search(r"[\s;'\"\\]", value) else value


def _text(value: Any, target: Target) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return iso(value) if target.kind == "date" else str(value)


def _faults(expected: Sequence[Told], found: Sequence[Told]) -> Iterator[str]:
    """What of the expected is not so. More may be true of an event than a case says."""
    if [one.what for one in expected] != [one.what for one in found]:
        yield " ; ".join(one.what for one in expected) + " <> " + " ; ".join(one.what for one in found)
        return
    for wish, have in zip(expected, found, strict=True):
        for name, value in wish.details.items():
            if have.details.get(name, "") != value:
                yield f"{wish.what} {name}: {value or '-'} <> {have.details.get(name) or '-'}"
