"""How far a long run is: one line on standard error, written over on a terminal, now and then in a file."""

import sys
from typing import Self

import click

STEP = 100_000


class Counter:
    """Counts what it is told by name. Call it with a name and a number; use it in `with`."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet, self._terminal = quiet, sys.stderr.isatty()
        self._counts: dict[str, int] = {}
        self._told = 0

    def __call__(self, name: str, number: int) -> None:
        """Add a number under a name."""
        self._counts[name] = self._counts.get(name, 0) + number
        total = sum(self._counts.values())
        if self._terminal or total // STEP > self._told // STEP:
            self._told = total
            self._line(end="\r" if self._terminal else "\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._counts and self._terminal:
            self._line(end="\n")

    def _line(self, end: str) -> None:
        if not self._quiet:
            line = "  ".join(f"{name} {number:,}" for name, number in self._counts.items())
            click.echo(f"  {line}{end}", nl=False, err=True)
