"""A source is read: row after row, then the guard, and only then what vanished.

take -> link -> judge -> say what is gone -> remember where the next read begins
"""

from collections.abc import Mapping as Map
from typing import NamedTuple

from connectors.frames.whom import forget_others
from connectors.rows.lot import Lot
from connectors.run.given import Asked, Given
from connectors.run.guard import check_key, guard
from connectors.run.linking import claim
from connectors.run.report import NAMELESS, UNSEEN, Endings
from connectors.run.resume import kept
from connectors.run.underway import Underway
from connectors.sources import Cursor, Source
from hub.core.county import has_two


class Found(NamedTuple):
    """What a read found out. `full`: all was read; `not_data` rows were passed over; `vanished` known ones are gone."""

    full: bool = False
    not_data: int = 0
    vanished: int = 0
    description: Map[str, str] = {}


class _Taken(NamedTuple):
    """What a source told: in how many turns, how many known rows it deleted, how many it deleted that nobody knew."""

    turns: int
    deleted: int
    unknown: int


class _Lost(NamedTuple):
    """How many known rows are gone; and, `unsure`, what is said where some that lack may be there all the same."""

    many: int
    unsure: dict[str, str]


def read_source(
    source: Source, after: Cursor | None, given: Given, asked: Asked, under: Underway, rows: Endings
) -> Found:
    """Read from `after` on, or everything; `rows` counts. Raises DataError where the guard says no."""
    spool, before = given.spool, given.spool.state
    known = spool.rows.size()
    taken = _take(source, after, given, under, rows)
    _link(source, given, under)
    lost = _judge(source, taken, known, before.read, given, asked, under)
    gone = source.full and not lost.unsure
    if gone:
        for missing in spool.rows.unseen(before.read + source.since):
            under.engine.vanish(missing)
        if lost.many:
            forget_others(spool)
        under.refused.gone()
    cursor, state = source.cursor, spool.state
    spool.save(
        state._replace(
            cursor=kept(cursor, given.edge.keys) if cursor else before.cursor, mappings=under.former.keep(source.full),
            stale=0 if asked.remap else before.stale + under.engine.stale, read=before.read + taken.turns,
            full_day=given.today if after is None or source.full else before.full_day,
            filling=0 if source.full else before.filling,
        )
    )  # fmt: skip
    vanished = taken.deleted if lost.unsure else lost.many
    return Found(source.full, source.not_data + taken.unknown, vanished, {**source.description, **lost.unsure})


def _take(source: Source, after: Cursor | None, given: Given, under: Underway, rows: Endings) -> _Taken:
    """Every row gets its ending."""
    engine, first = under.engine, given.spool.state.read
    columns = tuple(column.name for column in source.columns())
    check_key(source, given.mapping.key)
    turn = deleted = unknown = 0
    for chunk in source.rows(after):
        if chunk.turn != turn:
            turn = chunk.turn
            engine.turn(first + turn, rows)
        places = dict(zip(columns, chunk.places, strict=True))
        lot = Lot(chunk.alias, columns, places, chunk.rows, chunk.broken, first + turn)
        engine.take(lot, rows)
        if under.linking is not None:
            under.linking.take(lot)
        told = engine.gone(lot._replace(rows=chunk.gone)) if chunk.gone else 0
        deleted, unknown = deleted + told, unknown + len(chunk.gone) - told
        given.hop("chunk")
    engine.finish(rows)
    check_key(source, given.mapping.key)  # what tells of changes learns its key only from them
    return _Taken(turn, deleted, unknown)


def _link(source: Source, given: Given, under: Underway) -> None:
    """Say that everybody known is linked under the county's newer key, where this read told of all of them."""
    checks = given.tokens.check()
    if under.linking is not None:
        under.linking.finish()
    elif under.anew and source.full and has_two(checks):  # a new incarnation tells of everybody under both keys
        claim(given.spool, under.sealer, checks)


def _judge(source: Source, taken: _Taken, known: int, first: int, given: Given, asked: Asked, under: Underway) -> _Lost:
    """What lacks of the `known` rows; raises DataError where that is too much to be believed.

    A row without a readable key may be any of those that lack: while there is one, nobody is taken for gone, unless
    their owner says how many are.
    """
    unseen = given.spool.rows.unseen_count(first + source.since) if source.full else 0
    lost, accepted = taken.deleted + unseen, asked.accept_vanished
    guard(source, given.mapping.guard, known, lost, accepted)
    nameless = under.engine.nameless
    if unseen and nameless and (accepted is None or lost > accepted):
        return _Lost(lost, {UNSEEN: str(unseen), NAMELESS: str(nameless)})
    return _Lost(lost, {})
