"""The statements that read a table or SELECT: its columns, the whole of it, a page of what is new, the next page."""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from connectors.sources.pages import not_before
from connectors.sources.products import as_bytes, product_of
from connectors.sources.source import CHUNK
from connectors.sources.spec import SqlSpec
from hub.core.errors import DataError

_SELECT: Final = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
_COLON: Final = re.compile(r"(?<![:\w\\]):(?=\w)")
Select = sa.Select[Any]


class Part(NamedTuple):
    """The rows of a walk: in the order of these columns, the first of which is not before `begin` and before `end`."""

    order: tuple[str, ...]
    begin: object = None
    end: object = None


class Statements:
    """What is sent for one source. Every page predicate is in OR/AND form: not all databases take row values."""

    def __init__(self, spec: SqlSpec, backend: str) -> None:
        """Raises DataError C226 for a query that is no single SELECT, C272 for a cursor or key among the encoded."""
        if spec.query and (not _SELECT.match(spec.query) or ";" in spec.query.strip().rstrip(";")):
            raise DataError("HUB-C226", alias=spec.alias)
        if bound := next((name for name in (spec.cursor, *spec.key) if name and name in spec.encoded), ""):
            raise DataError("HUB-C272", alias=spec.alias, column=bound)
        # A colon is a parameter to SQLAlchemy unless it is escaped.
        self._query = _COLON.sub(r"\\:", spec.query.strip().rstrip(";"))
        self._spec, self._backend = spec, backend
        self._nulls = product_of(backend).nulls

    def probe(self, names: Sequence[str]) -> Select:
        """The named columns, or all, without a row: it tells whether they are there, and their types."""
        if self._spec.query:
            inner = sa.text(self._query).columns(sa.column("x")).subquery("source")
            return sa.select(sa.text("*")).select_from(inner).where(sa.text("1 = 0"))
        table = self._from(names)
        what = tuple(table.c) if names else (sa.text("*"),)
        return sa.select(*what).select_from(table).where(sa.text("1 = 0"))

    def whole(self, names: Sequence[str]) -> Select:
        """All rows, in the order of the key."""
        source = self._from(names)
        return self._select(source).order_by(*(source.c[name] for name in self._spec.key))

    def page(self, names: Sequence[str], last: Sequence[object], rows: int = CHUNK) -> Select:
        """Rows from `last` on, in the order of cursor and key: values of these columns, or of the first few.

        Without a key the order is not definite, and a page has no end.
        """
        source = self._from(names)
        order = [source.c[name] for name in self.order]
        begin = not_before(order, last, self.nulls_last)
        statement = self._select(source).where(begin).order_by(*self._ordered(order))
        return statement.limit(rows) if self._spec.key else statement

    def count(self, part: Part) -> Select:
        """How many rows a part has."""
        source = self._from(part.order[:1])
        return sa.select(sa.func.count()).select_from(source).where(*_within(source, part))

    def newest(self) -> Select:
        """The newest values of the cursor column: one alone might lie ahead of the clock."""
        column = (source := self._from((self._spec.cursor,))).c[self._spec.cursor]
        return sa.select(column).select_from(source).where(column.is_not(None)).order_by(column.desc()).limit(CHUNK)

    def piece(self, names: Sequence[str], part: Part, last: Sequence[object], rows: int) -> Select:
        """Rows of a part from `last` on (empty: from its begin), whose first column of the order is not empty."""
        source = self._from(names)
        order = [source.c[name] for name in part.order]
        where = [*_within(source, part), *([not_before(order, last, self.nulls_last)] if last else [])]
        begins = part.begin is not None or last  # a comparison leaves empty ones out by itself
        statement = self._select(source).where(*(where if begins else [*where, order[0].is_not(None)]))
        return statement.order_by(*self._ordered(order)).limit(rows)

    def empty(self, names: Sequence[str], part: Part) -> Select:
        """The rows whose first column of the order is empty."""
        source = self._from(names)
        order = [source.c[name] for name in part.order]
        return self._select(source).where(order[0].is_(None)).order_by(*self._ordered(order[1:]))

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that pages are ordered by: those of the index that they need."""
        return tuple(dict.fromkeys((self._spec.cursor, *self._spec.key)))

    @property
    def nulls_last(self) -> bool:
        """Whether rows with an empty key come after all others."""
        return self._nulls == "last"

    def _ordered(self, order: Sequence[sa.ColumnElement[Any]]) -> list[Any]:
        return [column.nulls_first() if self._nulls == "told" else column for column in order]

    def _from(self, names: Sequence[str]) -> sa.FromClause:
        """What is selected from, as SQLAlchemy sees it: untyped, so that values come as the driver has them."""
        columns: list[sa.ColumnClause[object]] = [sa.column(name) for name in names]
        if self._spec.query:
            return sa.text(self._query).columns(*columns).subquery("source")
        return sa.table(self._spec.table, *columns, schema=self._spec.schema or None)

    def _select(self, source: sa.FromClause) -> Select:
        raw = set(self._spec.encoded)
        return sa.select(
            *(as_bytes(one, self._backend).label(one.name) if one.name in raw else one for one in source.c)
        )


def _within(source: sa.FromClause, part: Part) -> list[Any]:
    column = source.c[part.order[0]]
    found: list[Any] = [] if part.begin is None else [column >= sa.literal(part.begin)]
    return found if part.end is None else [*found, column < sa.literal(part.end)]
