"""Going through a source once, piece by piece: one may stop after any piece, and go on there another day.

    count -> mark -> piece, piece, piece ... each with the place where the next one begins

A read (`Source.rows`) is one thing from its first row to the guard's word; a walk is for what is too long for that, and
says nothing of rows that are gone (decision 023).
"""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from connectors.sources.source import Chunk, Column, Cursor

After = tuple[object, ...]
"""Where a walk goes on: plain values, to be locked before they are written down, since a row's key may be a number that
names its person."""


class Bounds(NamedTuple):
    """Part of a table: rows from `begin` on and before `end`, as texts of the first column of the key, or of the cursor
    column where `by_cursor`; an empty text bounds nothing."""

    by_cursor: bool = False
    begin: str = ""
    end: str = ""

    def __bool__(self) -> bool:
        return bool(self.begin or self.end)


class Piece(NamedTuple):
    """Some rows under `columns`, and where the walk goes on after them. `ends` asks for a commit before the next piece:
    a file ends here, with so many lines that are no data."""

    columns: tuple[str, ...]
    chunk: Chunk
    after: After
    ends: bool = False
    not_data: int = 0


class Walk(Protocol):
    """An open walk. Raises what the source of its kind raises."""

    @property
    def stamp(self) -> str:
        """What the place of a walk is good for: another stamp, and the walk begins anew. Empty: it always does."""

    @property
    def ended(self) -> bool:
        """Whether the pieces ended since nothing is left, and not with the hours in which the source may be read."""

    @property
    def others(self) -> tuple[str, ...]:
        """Columns that are there and were not asked for, where a source can leave them alone."""

    @property
    def description(self) -> Mapping[str, str]:
        """What was found out and should be stated."""

    def columns(self) -> list[Column]:
        """The columns, before any row."""

    def count(self) -> int:
        """How many rows there are. Raises DataError where they are not whole: a cut line, a missing sheet."""

    def mark(self) -> Cursor | None:
        """Where runs may read on while this walk takes what is older; None without a cursor column."""

    def pieces(self, after: After, at_once: int) -> Iterator[Piece]:
        """From the place `after` on (empty: the beginning), some `at_once` rows each. Call once.

        Whoever asks for the next piece says by it that the one before is committed, where that one `ends`.
        """

    def close(self) -> None:
        """Let go of files and connections."""

    def __enter__(self) -> Self:
        """For `with`."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes."""
