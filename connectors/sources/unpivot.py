"""Columns turned into rows: a table with a column a month becomes one with a row a month."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Self

from connectors.sources.grid import clean, is_blank
from connectors.sources.months import month_of, year_of
from connectors.sources.source import Chunk, Column, Cursor, Row, Source
from connectors.sources.spec import Unpivot
from connectors.sources.structure import check_columns
from hub.core.errors import DataError


class Unpivoted:
    """Another source, each of its rows once for every filled cell of the columns that `spec` names.

    Such a row keeps the number of the row that it is of, and its value the place of its own column. A cell that says
    nothing makes no row and is counted in `not_data`.
    """

    def __init__(self, inner: Source, spec: Unpivot, wanted: Mapping[str, str]) -> None:
        self._inner, self._spec, self._wanted = inner, spec, wanted
        self._empty = 0
        self.alias = inner.alias

    def columns(self) -> list[Column]:
        """The columns that stay, and two more. Raises DataError C295 where none is to be turned."""
        found = self._inner.columns()
        turned = [column for column in found if self._is_turned(column.name)]
        if not turned:
            raise DataError("HUB-C295", alias=self.alias, pattern=", ".join(self._spec.columns))
        kept = [column for column in found if not self._is_turned(column.name)]
        kinds = {column.type for column in turned} - {"any"}
        kept.append(Column(self._spec.name, "date" if self._spec.year else "text"))
        kept.append(Column(self._spec.value, kinds.pop() if len(kinds) == 1 else "any"))
        check_columns(self.alias, kept, self._wanted)
        return kept

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """A chunk for each turned column of each chunk."""
        names = [column.name for column in self._inner.columns()]
        turned = [place for place, name in enumerate(names) if self._is_turned(name)]
        kept = [place for place in range(len(names)) if place not in turned]
        year = names.index(self._spec.year) if self._spec.year else -1
        for chunk in self._inner.rows(after):
            stay = tuple(chunk.places[place] for place in kept)
            broken = chunk.broken
            for place in turned:
                if not chunk.places[place]:
                    continue  # this sheet has no such column
                filled = [row for row in chunk.rows if not is_blank((row.values[place],))]
                self._empty += len(chunk.rows) - len(filled)
                at = chunk.places[place]
                rows = [
                    Row(
                        row.number,
                        (
                            *(row.values[one] for one in kept),
                            self._said(names[place], row.values[year] if self._spec.year else ""),
                            row.values[place],
                        ),
                    )
                    for row in filled
                ]
                if rows or broken:
                    yield Chunk(chunk.alias, (*stay, at, at), rows, broken)
                broken = []
            if broken:
                yield Chunk(chunk.alias, (*stay, "", ""), [], broken)

    def _said(self, name: str, year: object) -> object:
        """What a column's name says: itself, or the month that it names in a row's year; a bad one spoils its row."""
        if not self._spec.year:
            return name
        return month_of((name, year_of(year))) or name

    def _is_turned(self, name: str) -> bool:
        return any(fnmatchcase(clean(name), clean(wish)) for wish in self._spec.columns)

    @property
    def complete(self) -> bool:
        """As the other source."""
        return self._inner.complete

    @property
    def reason(self) -> DataError | None:
        """As the other source."""
        return self._inner.reason

    @property
    def since(self) -> int:
        """As the source."""
        return self._inner.since

    @property
    def key(self) -> tuple[str, ...]:
        """As the source."""
        return self._inner.key

    @property
    def full(self) -> bool:
        """As the other source."""
        return self._inner.full

    @property
    def cursor(self) -> Cursor | None:
        """As the other source."""
        return self._inner.cursor

    @property
    def not_data(self) -> int:
        """Rows passed over, and cells that said nothing."""
        return self._inner.not_data + self._empty

    @property
    def others(self) -> tuple[str, ...]:
        """As the other source."""
        return self._inner.others

    @property
    def description(self) -> Mapping[str, str]:
        """As the other source."""
        return self._inner.description

    def settle(self) -> None:
        """As the other source."""
        self._inner.settle()

    def close(self) -> None:
        """Closes the other source."""
        self._inner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
