"""The laws of a source: restart, duplicates, cursor, clock, poison row, renamed column, silence."""

import traceback
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, NamedTuple

from connectors.conformance.world import Said, World
from connectors.sources import CHUNK, Chunk, Cursor, Source, open_source, parse_source
from hub.core.errors import DataError, HubError

TODAY: Final = date(2025, 6, 10)
NAMES: Final = ("key", "day", "text")
MARK: Final = "MARK-7d1f"
"""What every text holds, and no error may."""

_EPOCH: Final = date(1970, 1, 1)
_NOON_MS: Final = ((TODAY - _EPOCH).days * 24 + 4) * 3_600_000


class Found(NamedTuple):
    """What one read gave: rows as the laws wrote them, how many were broken, and where the next may begin."""

    rows: list[Said]
    broken: int
    cursor: Cursor | None


def opened(world: World, names: tuple[str, ...] | None = None) -> Source:
    """The world's source, for one read."""
    spec = parse_source(world.section())
    days = (TODAY - _EPOCH).days
    return open_source(spec, world.folder(), names=names or world.names, today=days, now_ms=lambda: _NOON_MS)


def read(world: World, after: Cursor | None = None, settle: bool = True) -> Found:
    """One read to its end, with what every read must hold."""
    with opened(world) as source:
        assert not source.complete, "complete before the end"
        columns = [column.name for column in source.columns()]
        at = [columns.index(name) for name in world.names]
        rows: list[Said] = []
        numbers: list[tuple[str, int]] = []
        broken = 0
        for chunk in source.rows(after):
            _sound(chunk, len(columns))
            rows += [
                (str(row.values[at[0]]), str(row.values[at[1]])[:10], str(row.values[at[2]])) for row in chunk.rows
            ]
            numbers += [(chunk.alias, row.number) for row in chunk.rows]
            broken += len(chunk.broken)
        assert len(set(numbers)) == len(numbers), "two rows have one number"
        assert source.complete or source.reason is not None, "not complete, and no reason"
        assert source.full == (not world.increments and (after is None or not world.narrowed)), (
            "full is not told rightly"
        )
        cursor = source.cursor
        if settle:
            source.settle()
        source.close()  # once more than `with` does
    if cursor is not None:
        assert Cursor.load(cursor.dump()) == cursor, "a cursor that the spool cannot keep"
    return Found(rows, broken, cursor)


def _sound(chunk: Chunk, width: int) -> None:
    assert len(chunk.rows) + len(chunk.broken) <= CHUNK, "a chunk of more than CHUNK rows"
    assert len(chunk.places) == width, "places and columns differ in number"
    assert all(len(row.values) == width for row in chunk.rows), "values and columns differ in number"


def rows_of(count: int, day: date = TODAY - timedelta(days=5), begin: int = 0) -> list[Said]:
    """So many rows, each with a key of its own."""
    return [(f"K{number:06d}", day.isoformat(), f"{MARK} {number}") for number in range(begin, begin + count)]


def law_whole(world: World) -> None:
    """Every row comes, more than one chunk of them, and none is changed."""
    said = rows_of(CHUNK + 3)
    world.put(said)
    assert Counter(read(world).rows) == Counter(said), "rows were lost, doubled or changed"


def law_restart(world: World) -> None:
    """A read that ended in the middle has changed nothing: the next one sees all rows again."""
    said = rows_of(CHUNK + 3)
    world.put(said)
    with opened(world) as source:
        source.columns()
        chunks = iter(source.rows())
        next(chunks)
    assert Counter(read(world, settle=False).rows) == Counter(said), "a broken-off read took rows away"
    assert Counter(read(world).rows) == Counter(said), "a read that was not committed took rows away"


def law_duplicates(world: World) -> None:
    """Two rows that are alike come twice: who reads them decides, and counts both.

    A source of changes has told of one row twice: it is as it was told last.
    """
    said = rows_of(3) + rows_of(3)
    world.put(said)
    if getattr(world, "changes", False):
        assert set(read(world).rows) == set(said), "a row that was told twice was hidden"
        return
    assert Counter(read(world).rows) == Counter(said), "of two equal rows one was hidden"


def law_cursor(world: World) -> None:
    """A read from a cursor on has every row that is newer, and each of those once, in however many pages."""
    if not world.narrowed:
        return
    old = rows_of(5)
    world.put(old)
    after = read(world).cursor
    assert after is not None, "a declared cursor, and none after a read"
    new = rows_of(2 * CHUNK + 1, TODAY - timedelta(days=1), begin=5)
    world.put(old + new)
    found = Counter(read(world, after).rows)
    assert not Counter(new) - found, "a newer row was not seen"
    assert not found - Counter(old + new), "a row came twice"


def law_clock(world: World) -> None:
    """A row dated in the future is read, and does not carry the cursor past rows that come after it."""
    if not world.narrowed:
        return
    ahead = [("AHEAD", "2205-06-05", f"{MARK} ahead")]
    old = rows_of(3)
    world.put(old + ahead)
    first = read(world)
    assert ahead[0] in first.rows, "a row dated in the future was hidden"
    new = rows_of(1, TODAY, begin=3)
    world.put(old + ahead + new)
    assert new[0] in read(world, first.cursor).rows, "the cursor ran ahead of the clock: a row is lost for ever"


def law_poison(world: World) -> None:
    """A row that cannot be read is one broken row, or comes as it is; all others come."""
    said = rows_of(9)
    world.put(said)
    if not world.poison("K000004"):
        return
    found = read(world)
    others = [row for row in said if row[0] != "K000004"]
    assert not Counter(others) - Counter(found.rows), "a spoilt row took others with it"
    assert len(found.rows) + found.broken == len(said), "a spoilt row vanished"


def law_renamed(world: World) -> None:
    """A column that is wanted and gone stops the read before any row, by a code of ours."""
    world.put(rows_of(3))
    if world.rename("renamed"):
        _refused(world, world.names)


def law_silence(world: World) -> None:
    """No error shows a value, or what a library said of it."""
    world.put(rows_of(3))
    _refused(world, (*world.names, "no such column"))


def _refused(world: World, names: tuple[str, ...]) -> None:
    """A source that lacks a column says so; one of increments may put aside what lacks it, and gives nothing."""
    try:
        with opened(world, names) as source:
            source.columns()
            given = world.increments and not any(chunk.rows for chunk in source.rows())
    except DataError as error:
        _silent(error)
        return
    assert given, "a missing column was not noticed"


def _silent(error: HubError) -> None:
    shown = "".join(traceback.format_exception(error)) + str(error)
    assert MARK not in shown, "an error shows a value"
    assert error.__suppress_context__ or error.__context__ is None, "an error shows what a library said"


LAWS: Final[tuple[Callable[[World], None], ...]] = (
    law_whole, law_restart, law_duplicates, law_cursor, law_clock, law_poison, law_renamed, law_silence,
)  # fmt: skip


def check(make: Callable[[], World]) -> None:
    """Every law on a world of its own. Raises AssertionError, which says what was not kept."""
    for law in LAWS:
        law(make())
