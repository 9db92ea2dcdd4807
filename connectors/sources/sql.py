"""Any database that SQLAlchemy reaches: one table or one SELECT, whole, or from a cursor on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from itertools import count, takewhile
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import exc

from connectors.sources.database import engine_for, mapped
from connectors.sources.families import sql_family, told_family
from connectors.sources.pages import without
from connectors.sources.session import Rows, Session
from connectors.sources.source import CHUNK, Chunk, Column, Cursor, CursorValue, Row
from connectors.sources.spec import SqlSpec
from connectors.sources.statements import Statements
from connectors.sources.structure import check_columns
from connectors.sources.tables import listed
from connectors.sources.watermark import Watermark
from connectors.sources.whole import WholeRead
from hub.core.errors import DataError, Unreachable

numbered: Final[Callable[[tuple[int, tuple[object, ...]]], Row]] = partial(tuple.__new__, Row)
"""A row of its number and values; half the time of calling its class."""


class SqlSource(WholeRead):
    """A table or SELECT. A row's number is its place in this read's order; places are column names.

    A first read, or one without a cursor, is whole and one statement. A later one begins at the cursor less the
    declared lag and reads page after page, each a short statement (nobody else waits for our locks); rows whose cursor
    column is empty are seen by whole reads only. Nothing is ever written: SQLite is opened so, others are told so.

    Where the allowed hours end, a later read ends with what it has, and the next goes on there; a whole one is void.
    """

    def __init__(
        self, spec: SqlSpec, folder: Path, wanted: Mapping[str, str], today: int | None,
        now_ms: Callable[[], int] | None = None,
    ) -> None:  # fmt: skip
        needed = dict.fromkeys([*spec.key, *([spec.cursor] if spec.cursor else []), *spec.encoded], "any")
        super().__init__(spec.alias, {**needed, **wanted})
        self._asked = bool(wanted)
        self._spec = spec
        self._full = True
        self._mark = Watermark(spec, today)
        self._engine = engine_for(spec, folder)
        self._sent = Statements(spec, self._engine.dialect.name)
        self._session = Session(self._engine, spec, now_ms)
        self._columns: list[Column] | None = None

    @property
    def full(self) -> bool:
        """Whether the read was not narrowed by a cursor."""
        return self._full

    @property
    def cursor(self) -> Cursor | None:
        """The newest value of the cursor column; what lies ahead of the database's clock does not count."""
        return None if self._mark.newest is None else Cursor(self._mark.newest)

    def columns(self) -> list[Column]:
        """The wanted columns (all, if none is named) as the database declares them. Raises DataError."""
        if self._columns is None:
            found = self._probed()
            check_columns(self.alias, found, self._wanted)
            if self._asked:  # nothing else leaves the database
                there = {column.name: column for column in found}
                found = [there[name] for name in self._wanted]
            self._columns = found
            names = [column.name for column in found]
            self._description = {"sql": str(self._sent.whole(names).compile(dialect=self._engine.dialect))}
        return self._columns

    @property
    def others(self) -> tuple[str, ...]:
        """Columns that nobody asked for; none where the account may see only those that are read."""
        if not self._asked or self._spec.query:
            return ()
        try:
            return tuple(column.name for column in self._all() if column.name not in self._wanted)
        except DataError:
            return ()

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """All rows, or those at the cursor less the lag and after."""
        places = tuple(column.name for column in self.columns())
        if after is not None and after.closed:  # of another kind of source, before the mapping was edited
            after = None
        self._full = after is None or not self._spec.cursor
        self._look_at_clock()
        number = 0
        for found in self._whole(places) if self._full or after is None else self._pages(places, after.value):
            rows = list(map(numbered, zip(count(number + 1), self._decoded(places, found), strict=False)))
            number += len(rows)
            if self._spec.cursor:
                at = places.index(self._spec.cursor)
                self._mark.note({row[at] for row in found})
            yield Chunk(self.alias, places, rows, [])
        if self._mark.newest is None and after is not None:
            self._mark.newest = after.value
        self._ended = True

    def close(self) -> None:
        """Closes the connection."""
        self._session.close()

    def _probed(self) -> list[Column]:
        """The columns by a SELECT without rows, of those only that are read: an account may have no right on others."""
        if self._spec.query or (self._asked and self._session.backend != "sqlite"):
            try:
                return self._told(() if self._spec.query else tuple(self._wanted))
            except DataError:
                if self._spec.query:
                    raise
                found = self._listed()  # a missing column is told with the nearest name, a missing table, too
                check_columns(self.alias, found, self._wanted)
                raise
        return self._all()

    def _all(self) -> list[Column]:
        """All columns of the table. SQLite alone tells declared types only when it is asked for them."""
        if self._session.backend == "sqlite":
            return self._listed()
        try:
            return self._told(())
        except DataError:
            self._listed()
            raise

    def _told(self, names: Sequence[str]) -> list[Column]:
        _, told = self._session.answer(self._sent.probe(names))
        if self._spec.query:
            return [Column(name) for name, _ in told]
        return [Column(name, told_family(code, self._session.backend)) for name, code in told]

    def _listed(self) -> list[Column]:
        """The columns as the catalogue has them. Raises DataError C228 if there is no such table."""
        connection, schema, table = self._session.connection(), self._spec.schema or None, self._spec.table
        with mapped(self._spec):
            try:
                inspector = sa.inspect(connection)
                try:
                    found = inspector.get_columns(table, schema)
                except (exc.NoSuchTableError, exc.DBAPIError) as error:  # MySQL says of both that it has no right
                    connection.rollback()
                    known = listed(inspector, self._spec.schema)
                    if table in known:
                        raise error from None
                    nearest = get_close_matches(table, known, 1, 0.4) or [", ".join(known[:40]) or "-"]
                    raise DataError("HUB-C228", alias=self.alias, table=table, nearest=nearest[0]) from None
                return [Column(column["name"], sql_family(column["type"])) for column in found]
            finally:
                connection.rollback()

    def _look_at_clock(self) -> None:
        self._mark.clock = clock = self._session.clock()
        if clock:
            self._description["clock_skew_seconds"] = str(clock.skew)

    def _whole(self, places: Sequence[str]) -> Iterator[Rows]:
        """One statement, streamed."""
        for found in self._session.stream(self._sent.whole(places)):
            yield found
            self._session.pause()
            if not self._session.in_hours():
                raise Unreachable("HUB-C273", alias=self.alias, hours=", ".join(self._spec.hours))

    def _pages(self, places: Sequence[str], after: CursorValue) -> Iterator[Rows]:
        """Page after page in the order of cursor and key."""
        at = [places.index(name) for name in self._sent.order]
        last: Sequence[object] = [self._mark.begin(after)]
        tied: Rows = []  # rows that the next page has again
        if not self._spec.key:  # without a definite order a page might begin twice in the same rows
            yield from self._session.stream(self._sent.page(places, last))
            return
        while True:
            limit = CHUNK + len(tied)
            found, _ = self._session.answer(self._sent.page(places, last, limit))
            if fresh := without(found, map(repr, tied)):
                yield fresh
            if len(found) < limit:
                return
            self._session.pause()
            if not self._session.in_hours():
                self._description["ended"] = "hours"
                return
            # A key that is empty or not unique must not hide a row: the next page begins with the last row's equals.
            last = [found[-1][place] for place in at]
            if not self._sent.nulls_last:
                last = list(takewhile(lambda value: value is not None, last))
            tied = [row for row in found if [row[place] for place in at[: len(last)]] == last]

    def _decoded(self, places: Sequence[str], rows: Rows) -> Rows:
        """The rows with the text that the bytes of `encoded` columns are; bytes that are none refuse their row."""
        at = {places.index(name) for name in self._spec.encoded}
        if not at:
            return rows
        codec = self._spec.encoding
        return [tuple(_text(cell, codec) if n in at else cell for n, cell in enumerate(row)) for row in rows]


def _text(cell: object, codec: str) -> object:
    if not isinstance(cell, (bytes, bytearray, memoryview)):
        return cell
    raw = bytes(cell)
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return raw
