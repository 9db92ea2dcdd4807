"""What a connector asks of a place that holds rows: its columns first, then all or the newer rows, in chunks.

Who calls, and when: `open_source` opens one for one run; the runner asks for `columns` before any row, walks `rows`
once, and only then believes `complete`, `full` and `cursor`. A source never writes to what it reads.

No error of a source carries a value, a file name or a sheet name (law 9): the alias, the row and the column travel.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Final, NamedTuple, Protocol

from hub.core.errors import Coded, DataError

CHUNK: Final = 5_000
"""Rows read at once: smaller costs commits, larger gains little (facts.md)."""

CursorValue = str | int | float | date | datetime | Decimal


class Column(NamedTuple):
    """A column that the source has: `type` is text, number, date, time, boolean, binary, or any (unknown)."""

    name: str
    type: str = "any"


class Row(NamedTuple):
    """`number` is the row as the user's own tool counts it (Excel's left margin); `values` follow `columns()`."""

    number: int
    values: tuple[object, ...]


class Broken(NamedTuple):
    """A row that could not be split into columns: `raw` is what could be read of it, to be sealed, never shown."""

    number: int
    raw: tuple[object, ...]
    error: Coded


class Chunk(NamedTuple):
    """Up to CHUNK rows of one sheet, file or query.

    `alias` is the source's, with `.2` and so on for the second and later sheets; `places` says for each of
    `columns()` how the user's tool names it there (a letter in a spreadsheet, the column's name elsewhere).

    A source of changes tells of one row more than once: what a later `turn` says takes the place of what was said
    before; within one turn each key comes once. `gone` are rows that were deleted: cells of the key are enough.
    """

    alias: str
    places: tuple[str, ...]
    rows: list[Row]
    broken: list[Broken]
    turn: int = 0
    gone: Sequence[Row] = ()


class Cursor(NamedTuple):
    """Where the next incremental read may begin: the newest value seen in the declared cursor column.

    It holds no row key, because a row key may be somebody's number; a read begins *at* it, and rows read twice are
    found to be unchanged. One whose text is another program's, or the source's own notes, may hold anything: it is
    `closed`, and is locked where it is kept (`connectors.run.resume`).
    """

    value: CursorValue
    closed: bool = False

    def dump(self) -> str:
        """As text, for the spool."""
        value = self.value
        if self.closed:
            return json.dumps([_CLOSED, value])
        if isinstance(value, (datetime, date)):
            return json.dumps([type(value).__name__, value.isoformat()])
        return json.dumps([type(value).__name__, str(value) if isinstance(value, Decimal) else value])

    @classmethod
    def load(cls, text: str) -> "Cursor":
        """What `dump` wrote. Raises DataError HUB-C227 on anything else."""
        try:
            kind, value = json.loads(text)
            return cls(str(value), True) if kind == _CLOSED else cls(_CURSOR_TYPES[kind](value))
        except (ValueError, KeyError, TypeError, ArithmeticError):
            raise DataError("HUB-C227") from None


_CLOSED: Final = "closed"
_CURSOR_TYPES: Final[dict[str, Callable[[str], CursorValue]]] = {
    "str": str,
    "int": int,
    "float": float,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "Decimal": Decimal,
}


class Source(Protocol):
    """One open source. Raises DataError HUB-C2xx; Unreachable HUB-C220 when a database does not answer."""

    alias: str

    @property
    def complete(self) -> bool:
        """Whether a finished read saw everything that is there. False until `rows` has ended."""

    @property
    def reason(self) -> DataError | None:
        """Why a finished read is not complete: a cut last line, a missing declared sheet."""

    @property
    def full(self) -> bool:
        """Whether the read was not narrowed by a cursor: only then can a row be said to have vanished."""

    @property
    def since(self) -> int:
        """The turn from which on a full read saw every row that is there: 0 unless the source tells of changes."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns by which the source itself tells rows apart, known after `columns`; empty where it has none."""

    @property
    def cursor(self) -> Cursor | None:
        """Where the next read may begin. Meaningful after `rows` has ended; None where no cursor is declared."""

    @property
    def not_data(self) -> int:
        """Rows passed over since they are no data: blank ones, subtotals, the foot of a sheet."""

    @property
    def others(self) -> tuple[str, ...]:
        """Columns that are there and were not asked for, where a source can leave them alone (a database)."""

    @property
    def description(self) -> Mapping[str, str]:
        """What was found out and should be stated: the encoding and delimiter, or the SQL that will run."""

    def columns(self) -> list[Column]:
        """The columns, before any row. Raises DataError if a declared one is missing or retyped."""

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """All rows, or those from `after` less the declared lag on (always all without a cursor). Call once."""

    def settle(self) -> None:
        """What was read is committed. Called after that, unless a crash comes between; it may raise DataError."""

    def close(self) -> None:
        """Let go of files and connections. May be called twice."""

    def __enter__(self) -> "Source":
        """For `with`."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes."""
