"""What another mapping would make of the same source, counted before anything of it is sent (issue 5, part 3).

Both mappings read every row of the source as it is now. Nothing is published and the spool is not asked: what a run
says of a row goes by what was said of it before, so a source that changed since then differs in more.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from connectors.edge import Edge
from connectors.mapping.language import Mapping
from connectors.rows.drafts import NotSelected, RowMapper
from connectors.rows.lot import picked
from connectors.rows.section import Draft, Refused
from connectors.rows.tokens import KeyedTokens
from connectors.sources import open_source
from connectors.trial.cases import NOT_SELECTED, PERSONS, Told, told_of
from hub.ports.system import System

PUBLISHED: Final = "published"
REFUSED: Final = "refused"
SOMEBODY: Final = "who"
REFS: Final = "refs"


class Change(NamedTuple):
    """One difference: the ending of a row under either mapping, empty where an event is not said at all.

    `what` is an event type with the field that differs, an event type alone, an error's code, or a rule.
    """

    before: str
    after: str
    what: str


class Effect(NamedTuple):
    """How many rows there are, how many of them end the same, and how many show each difference."""

    rows: int
    same: int
    key_changed: bool
    changes: tuple[tuple[Change, int], ...]


def compare(edge: Edge, system: System, old: Mapping, new: Mapping) -> Effect:
    """The effect on the source that `new` reads. Raises DataError as a run does, for either mapping."""
    tokens, today, now = KeyedTokens(edge.keys), system.today(), system.now_ms()
    mappers = [RowMapper(mapping, tokens, today, edge.spec.go_live, now) for mapping in (old, new)]
    names = tuple(dict.fromkeys(name for mapper in mappers for name in mapper.columns))
    rows = same = 0
    changes: Counter[Change] = Counter()
    with open_source(new.source, edge.folder, names=names, today=today) as source:
        columns = [column.name for column in source.columns()]
        for chunk in source.rows():
            places = dict(zip(columns, chunk.places, strict=True))
            before, after = (mapper.read(picked(chunk.rows, columns, mapper.columns), places) for mapper in mappers)
            for one, other in zip(before, after, strict=True):
                found = set() if _same(mappers, one, other) else set(_changes(mappers, one, other))
                rows, same = rows + 1, same + (not found)
                changes.update(found)
    return Effect(rows, same, old.key != new.key, tuple(sorted(changes.items(), key=lambda each: (-each[1], each[0]))))


def _same(mappers: Sequence[RowMapper], before: Any, after: Any) -> bool:
    """Whether both say the same, byte by byte, of the same persons."""
    if not (isinstance(before, list) and isinstance(after, list)):
        return False
    return _said(mappers[0], before) == _said(mappers[1], after)


def _said(mapper: RowMapper, drafts: Sequence[Draft]) -> list[tuple[Any, ...]]:
    return [
        (_type(mapper, one), one.front, one.telling, one.back, [who.hash for who in one.people], one.refs)
        for one in drafts
    ]


def _type(mapper: RowMapper, draft: Draft) -> str:
    return mapper.sections[draft.section].contract.kind.type


def _changes(mappers: Sequence[RowMapper], before: Any, after: Any) -> Iterable[Change]:
    """What differs between two readings of a row."""
    if isinstance(before, list) and isinstance(after, list):
        yield from _events(*(_details(mapper, drafts) for mapper, drafts in zip(mappers, (before, after), strict=True)))
        return
    ends = [_ending(reading) for reading in (before, after)]
    if ends[0] != ends[1]:
        kinds = [kind for kind, _ in ends]
        yield Change(kinds[0], kinds[1], ends[1][1] or ends[0][1])


def _ending(reading: Any) -> tuple[str, str]:
    if isinstance(reading, Refused):
        return REFUSED, reading.error.code
    if isinstance(reading, NotSelected):
        return NOT_SELECTED, reading.rule
    return PUBLISHED, ""


def _details(mapper: RowMapper, drafts: Sequence[Draft]) -> dict[tuple[str, int], dict[str, Any]]:
    """What is said under each event type; one that comes twice is told by its place."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for draft, told in zip(drafts, told_of(mapper, drafts), strict=True):
        place = sum(type == told.what for type, _ in found)
        found[told.what, place] = _whole(draft, told)
    return found


def _whole(draft: Draft, told: Told) -> dict[str, Any]:
    persons = {PERSONS: told.details.get(PERSONS, ""), SOMEBODY: [who.hash for who in draft.people]}
    return {**told.details, **persons, REFS: draft.refs}


def _events(
    before: dict[tuple[str, int], dict[str, Any]], after: dict[tuple[str, int], dict[str, Any]]
) -> Iterable[Change]:
    for type, _ in before.keys() - after.keys():
        yield Change(PUBLISHED, "", type)
    for type, _ in after.keys() - before.keys():
        yield Change("", PUBLISHED, type)
    for event in before.keys() & after.keys():
        one, other = before[event], after[event]
        for name in one.keys() | other.keys():
            if one.get(name) != other.get(name):
                yield Change(PUBLISHED, PUBLISHED, f"{event[0]} {name}")
