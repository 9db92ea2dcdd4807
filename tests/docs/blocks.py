"""Fenced blocks of a Markdown page, and the commands in them.

In a `sh` block a line that begins with `$ ` is a command; the lines after it are what it prints, from the first on;
`...` stands for what is left out, alone for the rest, at the end of a line for the rest of that line.
"""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
CUT = "..."
WIDTH = 118
_FENCE = re.compile(r"^```(\S*) ?(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
_NUMBER = re.compile(r"\d[\d,.:-]*")
_REFERENCE = re.compile(r"[0-9a-f]{2,}\.\.\.[0-9a-f]{2,}|\b(?=[0-9a-f]*\d)[0-9a-f]+(-\d+)?\b")
_WORD = re.compile(r"[^\W\d_]{2,}")


class Block(NamedTuple):
    """One fenced block: where it is, its language, what stands after the language, its text."""

    page: Path
    line: int
    language: str
    note: str
    text: str


class Command(NamedTuple):
    """A command as it is printed, and the lines that the page shows of its output."""

    typed: str
    shown: list[str]


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, *found.group(1, 2, 3)) for found in _FENCE.finditer(text)
    ]


def commands(text: str) -> list[Command]:
    """The commands of a `sh` block. A line of output before any command is an error of the page."""
    found: list[Command] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append(Command(line[2:], []))
        else:
            assert found, f"output before a command: {line}"
            found[-1].shown.append(line)
    return found


def words(text: str) -> set[str]:
    """The words of an output, without figures and references: what must not change unnoticed."""
    return set(_WORD.findall(_NUMBER.sub(" ", _REFERENCE.sub(" ", text))))


def lead(line: str) -> str:
    """The first word of a line, by which the shape of a whole screen is compared."""
    return next(iter(_WORD.findall(line)), "")


def shortened(printed: list[str], count: int) -> list[str]:
    """The first `count` lines as a page shows them."""
    kept = [line if len(line) <= WIDTH else line[: line.rfind(" ", 0, WIDTH)] + " " + CUT for line in printed[:count]]
    return [*kept, CUT] if len(printed) > count else kept
