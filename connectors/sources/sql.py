"""Any database that SQLAlchemy reaches: one table or one SELECT, whole, or from a cursor on."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy import exc

from connectors.sources.database import engine_for, mapped, sql_family
from connectors.sources.pages import not_before, without
from connectors.sources.source import CHUNK, Chunk, Column, Cursor, CursorValue, Row
from connectors.sources.spec import SourceSpec
from connectors.sources.structure import check_columns
from connectors.sources.whole import WholeRead
from hub.core.errors import DataError

_SELECT: Final = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_COLON: Final = re.compile(r"(?<![:\w\\]):(?=\w)")
_EPOCH: Final = date(1970, 1, 1)
_DAY: Final = re.compile(r"(?:19|20|21)[0-9]{2}([-/]?)[0-9]{1,2}\1[0-9]{1,2}")
_PADDED: Final = re.compile(r"[0-9]{4}([-/]?)[0-9]{2}\1[0-9]{2}(?![0-9]{3})")


class SqlSource(WholeRead):
    """A table or SELECT. A row's number is its place in this read's order; places are column names.

    A first read, or one without a cursor, is whole and one statement. A later one begins at the cursor less the
    declared lag and reads page after page, each a short statement (nobody else waits for our locks); rows whose cursor
    column is empty are seen by whole reads only. Nothing is ever written: SQLite is opened so, others are told so.
    """

    def __init__(self, spec: SourceSpec, folder: Path, wanted: Mapping[str, str], today: int | None) -> None:
        needed = dict.fromkeys([*spec.key, *([spec.cursor] if spec.cursor else [])], "any")
        super().__init__(spec.alias, {**needed, **wanted})
        self._asked = bool(wanted)
        self._spec = spec
        self._today = today
        self._full = True
        self._newest: CursorValue | None = None
        self._marks: set[str] = set()
        if spec.query and (not _SELECT.match(spec.query) or ";" in spec.query.strip().rstrip(";")):
            raise DataError("HUB-C226", alias=spec.alias)
        # A colon is a parameter to SQLAlchemy unless it is escaped.
        self._query = _COLON.sub(r"\\:", spec.query.strip().rstrip(";"))
        self._engine = engine_for(spec, folder)
        self._columns: list[Column] | None = None

    @property
    def full(self) -> bool:
        """Whether the read was not narrowed by a cursor."""
        return self._full

    @property
    def cursor(self) -> Cursor | None:
        """The newest value of the cursor column; a date after tomorrow does not count."""
        return None if self._newest is None else Cursor(self._newest)

    def columns(self) -> list[Column]:
        """The wanted columns (all, if none is named) as the database declares them. Raises DataError.

        Those of a SELECT have the type `any`.
        """
        if self._columns is None:
            with mapped(self.alias):
                found = self._of_query() if self._spec.query else self._of_table()
            check_columns(self.alias, found, self._wanted)
            if self._asked:  # nothing else leaves the database
                self._others = tuple(column.name for column in found if column.name not in self._wanted)
                found = [column for column in found if column.name in self._wanted]
            self._columns = found
            self._description = {"sql": str(self._select().compile(dialect=self._engine.dialect))}
        return self._columns

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """All rows, or those at the cursor less the lag and after."""
        places = tuple(column.name for column in self.columns())
        self._full = after is None or not self._spec.cursor
        number = 0
        for found in self._whole() if self._full or after is None else self._pages(self._begin(after.value)):
            rows = list(map(Row, range(number + 1, number + len(found) + 1), found))
            number += len(rows)
            if self._spec.cursor:
                self._note(places.index(self._spec.cursor), found)
            yield Chunk(self.alias, places, rows, [])
        if self._newest is None and after is not None:
            self._newest = after.value
        self._ended = True

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()

    def _of_table(self) -> list[Column]:
        inspector = sa.inspect(self._engine)
        schema = self._spec.schema or None
        try:
            found = inspector.get_columns(self._spec.table, schema)
        except exc.NoSuchTableError:
            known = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
            nearest = get_close_matches(self._spec.table, known, 1, 0.4) or [", ".join(sorted(known)[:40])]
            raise DataError("HUB-C228", alias=self.alias, table=self._spec.table, nearest=nearest[0]) from None
        return [Column(column["name"], sql_family(column["type"])) for column in found]

    def _of_query(self) -> list[Column]:
        inner = sa.text(self._query).columns(sa.column("x")).subquery("source")
        nothing = sa.select(sa.text("*")).select_from(inner).where(sa.text("1 = 0"))
        with self._engine.connect() as connection:
            return [Column(name) for name in tuple(connection.execute(nothing).keys())]

    def _from(self) -> sa.FromClause:
        """What is selected from, as SQLAlchemy sees it: untyped, so that values come as the driver has them."""
        columns: list[sa.ColumnClause[object]] = [sa.column(column.name) for column in self._columns or ()]
        if self._spec.query:
            return sa.text(self._query).columns(*columns).subquery("source")
        return sa.table(self._spec.table, *columns, schema=self._spec.schema or None)

    def _select(self) -> sa.Select[tuple[object, ...]]:
        source = self._from()
        return sa.select(*source.c).order_by(*(source.c[name] for name in self._spec.key))

    def _whole(self) -> Iterator[list[tuple[object, ...]]]:
        """One statement, streamed."""
        with mapped(self.alias), self._connect() as connection:
            result = connection.execution_options(stream_results=True, max_row_buffer=CHUNK).execute(self._select())
            for part in result.partitions(CHUNK):
                yield list(map(tuple, part))

    def _pages(self, begin: CursorValue) -> Iterator[list[tuple[object, ...]]]:
        """Page after page in the order of cursor and key."""
        source = self._from()
        order = [source.c[name] for name in (self._spec.cursor, *self._spec.key)]
        at = [[column.name for column in self._columns or ()].index(column.name) for column in order]
        where: sa.ColumnElement[bool] = order[0] >= sa.literal(begin)
        tied: list[tuple[object, ...]] = []  # rows that the next page has again
        while True:
            statement = sa.select(*source.c).where(where).order_by(*order)
            limit = CHUNK + len(tied)
            if self._spec.key:
                statement = statement.limit(limit)
            with mapped(self.alias), self._connect() as connection:
                result = connection.execution_options(stream_results=True).execute(statement)
                if not self._spec.key:  # without a definite order a page might begin twice in the same rows
                    for part in result.partitions(CHUNK):
                        yield list(map(tuple, part))
                    return
                found = list(map(tuple, result))
            if fresh := without(found, tied):
                yield fresh
            if len(found) < limit:
                return
            # A key that is empty or not unique must not hide a row: the next page begins with the last row's equals.
            last = list(takewhile(lambda value: value is not None, (found[-1][place] for place in at)))
            tied = [row for row in found if [row[place] for place in at[: len(last)]] == last]
            where = not_before(order, last)

    def _connect(self) -> sa.Connection:
        connection = self._engine.connect()
        name = self._engine.dialect.name
        if name == "postgresql":
            return connection.execution_options(postgresql_readonly=True)
        if name in ("mysql", "mariadb"):
            connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
            connection.rollback()
        return connection

    def _begin(self, value: CursorValue) -> CursorValue:
        """The cursor less the lag. Raises DataError C229 if the declared lag does not suit its values."""
        if self._spec.lag and isinstance(value, (int, float, Decimal)):
            return value - self._spec.lag
        if self._spec.lag_days and isinstance(value, date):
            return value - timedelta(days=self._spec.lag_days)
        if self._spec.lag_days and isinstance(value, str):
            return self._earlier(value)
        if self._spec.lag or self._spec.lag_days:
            raise DataError("HUB-C229", alias=self.alias, column=self._spec.cursor)
        return value

    def _earlier(self, text: str) -> str:
        """A date in text less the lag, at the start of its day and in its own spelling."""
        day = _day_in(text)
        if day is None:
            raise DataError("HUB-C229", alias=self.alias, column=self._spec.cursor)
        return (day - timedelta(days=self._spec.lag_days)).strftime("%Y%m%d" if text[4:5].isdigit() else _spelled(text))

    def _note(self, place: int, rows: Sequence[tuple[object, ...]]) -> None:
        """Keeps the newest cursor value of some rows. Raises DataError C229 if its types cannot be compared."""
        values = {row[place] for row in rows}
        known = [value for value in values if isinstance(value, (str, int, float, date, Decimal))]
        texts = [value for value in known if isinstance(value, str)]
        if texts:
            sorting = set(self._sorting(texts))
            known = [value for value in known if not isinstance(value, str) or value in sorting]
        try:
            for value in sorted(known, reverse=True):
                if self._newest is not None and value <= self._newest:  # type: ignore[operator]
                    return
                if not self._ahead(value):
                    self._newest = value
                    return
        except TypeError:
            raise DataError("HUB-C229", alias=self.alias, column=self._spec.cursor) from None

    def _sorting(self, texts: Sequence[str]) -> Sequence[str]:
        """The texts that may be a cursor: where there are dates, these alone, since a word sorts after all of them.

        Raises DataError C229 for dates that do not sort as text: without noughts, or spelled in two ways.
        """
        days = [text for text in texts if _DAY.match(text)]
        if not days and not self._spec.lag_days and not self._marks:
            return texts
        self._marks.update(found[1] if (found := _PADDED.match(text)) else "unpadded" for text in days)
        if "unpadded" in self._marks or len(self._marks) > 1:
            raise DataError("HUB-C229", alias=self.alias, column=self._spec.cursor)
        if isinstance(self._newest, str) and not _DAY.match(self._newest):
            self._newest = None
        return days

    def _ahead(self, value: CursorValue) -> bool:
        """Whether a date lies after tomorrow: a slip that would make the cursor pass over what follows."""
        day = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
        if isinstance(value, str):
            day = _day_in(value)
        return day is not None and self._today is not None and (day - _EPOCH).days > self._today + 1


def _day_in(text: str) -> date | None:
    """The date that a text begins with, in the spellings that sort as text; None if there is none."""
    for form, length in (("%Y-%m-%d", 10), ("%Y/%m/%d", 10), ("%Y%m%d", 8)):
        try:
            day = datetime.strptime(text[:length], form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        return day if day.year >= 1900 else None
    return None


def _spelled(text: str) -> str:
    return f"%Y{text[4]}%m{text[7]}%d"
