"""What sheets and CSV files share: finding the header among titles, naming columns, knowing a total from a row."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from connectors.sources.structure import family
from hub.core.errors import DataError

LOOK: Final = 30
"""Rows in which a header is looked for."""

DEEPEST: Final = 4
"""Rows that a header may stand in."""

SAMPLE: Final = 200
"""Rows whose cells say what type a column has."""

Merges = Sequence[tuple[tuple[int, int], tuple[int, int]]]
"""Merged ranges: (first row, first column), (last row, last column), counted from 0."""

_TOTAL: Final = re.compile(r"(本页|本月|本年|累计|总)?(合计|总计|共计)([::].*)?")
_SUBTOTAL: Final = re.compile(r".{0,12}小计([::].*)?")
_DATA: Final = re.compile(r"\d{6}|\d{4}[-./年]\d")  # an identifier or a date is no column name
_BLANKS: Final = re.compile("[\\s\u200b-\u200f\ufeff]+")


class Header(NamedTuple):
    """Where the names are: data begins at row `end` (from 0); `names` has "" for a column without one.

    `depth` is how many rows the names stand in.
    """

    end: int
    names: tuple[str, ...]
    depth: int = 1


def clean(cell: object) -> str:
    """A cell as a column name: NFKC, without any blank or line end."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", cell)) if isinstance(cell, str) else ""


def letter(place: int) -> str:
    """The spreadsheet's name for the column at `place` (from 0): A … Z, AA …"""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def ranges(numbers: Sequence[int], most: int = 20) -> str:
    """Rising numbers in words: `4, 7-9`; after `most` of such parts only how many there are."""
    parts = _runs(numbers)
    shown = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in parts[:most])
    return f"{shown} ... ({len(numbers)})" if len(parts) > most else shown


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = runs[-1][0], number
        else:
            runs.append((number, number))
    return runs


def is_blank(row: Sequence[object]) -> bool:
    """Whether no cell says anything."""
    return not any(cell not in (None, "") and not (isinstance(cell, str) and cell.isspace()) for cell in row)


def foot(row: Sequence[object]) -> str:
    """`total` for the row that ends a table (合计, 总计), `part` for a subtotal (小计), else empty."""
    for cell in row:
        if cell in (None, ""):
            continue
        if not isinstance(cell, str) or len(cell) > 40 or (cell.isascii() and not cell.isspace()):
            return ""
        word = clean(cell)
        if not word:
            continue
        return "total" if _TOTAL.fullmatch(word) else "part" if _SUBTOTAL.fullmatch(word) else ""
    return ""


def below_total(row: Sequence[object], names: Sequence[str]) -> bool:
    """Whether a row under the total is one of data: half of the named columns say something, and it is no other total.

    What people write at the foot (who made the table, who checked it) fills fewer cells.
    """
    at = [place for place, name in enumerate(names) if name and place < len(row)]
    filled = sum(not is_blank((row[place],)) for place in at)
    return filled > 0 and filled * 2 >= sum(map(bool, names)) and not foot(row)


def find_header(
    alias: str,
    rows: Sequence[Sequence[object]],
    wanted: Collection[str],
    *,
    row: int = 0,
    depth: int = 0,
    merges: Merges = (),
) -> Header:
    """The header among the first rows: the declared `row` (from 1), or the one that has most of the `wanted` names.

    `depth` 2 joins two rows (`残疾情况/类别`), 0 tries one, two and more. Raises DataError C204 if no row has any of
    the names: then what stands there may be data, and none of it is shown.
    """
    places = [row - 1] if row else range(min(LOOK, len(rows)))
    widths = sorted(sum(1 for cell in line if family(cell)) for line in rows)
    usual = widths[len(widths) * 3 // 4] if widths else 0
    best: tuple[int, int, int] | None = None
    found: Header | None = None
    for place in places:
        if place >= len(rows):
            break
        for layers in (depth,) if depth else range(1, DEEPEST + 1):
            if place + layers > len(rows):
                break
            if layers > 1 and not depth and not _looks_deep(rows, place, layers, merges, sure=not wanted):
                break
            names = _named(_joined(rows, place, layers, merges), wanted)
            # Nothing wanted: the first row that is no title. A later one, however full, may be a person.
            hits = (
                len(set(names) & set(wanted))
                if wanted
                else int(sum(map(bool, map(clean, rows[place]))) * 2 >= max(usual, 1))
            )
            score = (hits, -place, len(set(names)))
            if hits and (best is None or score > best):
                best, found = score, Header(place + layers, names, layers)
    if found is None or (not wanted and any(map(_DATA.search, found.names))):
        raise DataError("HUB-C204", alias=alias)
    doubled = [name for name in wanted if found.names.count(name) > 1]
    if doubled:
        raise DataError("HUB-C205", alias=alias, column=doubled[0])
    return found


def _looks_deep(rows: Sequence[Sequence[object]], place: int, layers: int, merges: Merges, *, sure: bool) -> bool:
    """Whether the last of so many rows still belongs to the header that begins at `place`.

    The row above it has a cell merged over others, or gaps that it fills with names. `sure` asks for a cell merged over
    both rows, too: nothing else tells the lower names from a first row of data.
    """
    last = place + layers - 1
    top, below = rows[last - 1], rows[last]
    texts = sum(1 for cell in top if clean(cell))
    if texts < (2 if layers == 2 else 1) or any(family(cell) not in ("", "text") for cell in below):
        return False
    here = [(first, end) for first, end in merges if place <= first[0] < last <= end[0] or first[0] == last - 1]
    here = [(first, end) for first, end in here if end != first]
    if here or sure or layers > 2:
        both = any(first[0] < last <= end[0] and first[1] == end[1] for first, end in here)
        across = any(first[0] == last - 1 and first[1] < end[1] for first, end in here)
        return across and (both or not (sure or layers > 2))
    gaps = [number for number, cell in enumerate(top) if not clean(cell)]
    return any(number < len(below) and clean(below[number]) for number in gaps)


def _joined(rows: Sequence[Sequence[object]], place: int, layers: int, merges: Merges) -> list[tuple[str, ...]]:
    """For each column its names from the uppermost to the lowest, without what is empty or merged over rows."""
    lines = [[clean(cell) for cell in rows[place + layer]] for layer in range(layers)]
    width = max(map(len, lines))
    for line in lines:
        line += [""] * (width - len(line))
    for (top, left), (bottom, right) in merges if layers > 1 else ():
        if top < place + layers and bottom >= place and left < width:
            name = lines[top - place][left] if top >= place else ""
            for layer in range(max(top, place), min(bottom, place + layers - 1) + 1):
                lines[layer - place][left : right + 1] = [name] * (min(right + 1, width) - left)
    if not merges:
        for layer, upper in enumerate(lines):
            for number in range(1, width):
                if not upper[number] and any(lower[number] for lower in lines[layer + 1 :]):
                    upper[number] = upper[number - 1]
    return [tuple(name for name, _ in groupby(filter(None, column))) for column in zip(*lines, strict=True)]


def _named(joined: Sequence[tuple[str, ...]], wanted: Collection[str]) -> tuple[str, ...]:
    """Column names; a wanted name may be the whole one (`残疾情况/类别`) or a lower part of it that occurs once."""
    spelled = {clean(name): name for name in wanted}
    ends = [["/".join(parts[at:]) for at in range(len(parts))] for parts in joined]
    count = Counter(end for some in ends for end in some)
    names = []
    for some in ends:
        whole = some[0] if some else ""
        if whole not in spelled:
            whole = next((end for end in some[1:] if end in spelled and count[end] == 1), whole)
        names.append(spelled.get(whole, whole))
    return tuple(names)
