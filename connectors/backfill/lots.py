"""How much of a walk is one lot: the pieces that are committed together."""

import time
from collections.abc import Iterator
from typing import Final

from connectors.sources import After, Piece

LOT: Final = 10_000
"""Rows of a lot, which is one local transaction: fewer cost commits, more let a run wait longer."""
SECONDS: Final = 2.0
"""A lot that takes longer ends with its page."""


class Stretch:
    """The part of a walk that is one lot: its pieces, as they are taken."""

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces = pieces
        self.after: After = ()
        self.ended = False
        self.not_data = 0

    def __iter__(self) -> Iterator[Piece]:
        until, rows = time.monotonic() + SECONDS, 0
        while rows < LOT and time.monotonic() < until:
            piece = next(self._pieces, None)
            if piece is None:
                self.ended = True
                return
            yield piece
            rows += len(piece.chunk.rows) + len(piece.chunk.broken)
            self.after, self.not_data = piece.after, self.not_data + piece.not_data
            if piece.ends:
                return
