"""What the laws ask of whoever wrote a source: a place that holds rows, and a hand that changes them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

Said = tuple[str, str, str]
"""A row as the laws write it: a key, a day (2025-06-05) on which it changed, and a text."""


class World(Protocol):
    """One place for rows of three columns. Every law begins with a new world.

    `names` are the columns of key, day and text, in the order of `Said`. `narrowed` says that the section declares a
    cursor on the day, so that a later read may leave out what is older. `increments` says that a read has only what
    came since the last one, so that none is ever full. A world may also have `changes`: what it tells of a key later
    takes the place of what it told before.
    """

    names: tuple[str, str, str]
    narrowed: bool
    increments: bool

    def section(self) -> dict[str, object]:
        """The `[source]` table that reads this place."""

    def folder(self) -> Path:
        """The folder that relative paths begin at."""

    def put(self, rows: Sequence[Said]) -> None:
        """Let the place hold exactly these rows; with `increments`, let these come anew."""

    def poison(self, key: str) -> bool:
        """Spoil the row of this key, so that it cannot be read while others can; False if that cannot happen there."""

    def rename(self, name: str) -> bool:
        """Give the text's column another name, as somebody does next spring; False if that cannot happen there."""
