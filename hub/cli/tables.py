"""Columns on a terminal, where Chinese characters are two wide."""

from collections.abc import Collection, Sequence

from hub.texts import width


def grid(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """Rows of cells under each other; the columns numbered in `right` are flush right. No blanks at line ends."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(_line(row, widths, right) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int], right: Collection[int]) -> str:
    cells = (_cell(text, columns, at in right) for at, (text, columns) in enumerate(zip(row, widths, strict=True)))
    return "  ".join(cells).rstrip()


def _cell(text: str, columns: int, flush_right: bool) -> str:
    blanks = " " * (columns - width(text))
    return blanks + text if flush_right else text + blanks
