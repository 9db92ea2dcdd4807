"""What became of each row of a run, for the person who filled the rows in: where, how, why, and what mends it.

It names rows and columns, never what stands in them: a receipt may go back to a station by any way (law 9).
"""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, count
from pathlib import Path

from connectors.run.refused import listed
from connectors.spool import RefusedRow
from hub.core.errors import DataError

WIDTHS = (18, 10, 8, 12, 12, 60, 60)

Say = Callable[[str], str]
"""The word for an ending, or for a column of the receipt."""

Left = Callable[[str], str]
"""Why a row was not selected, by the rule's name."""

Explain = Callable[[str, Mapping[str, str | int]], tuple[str, str]]
"""Why, and what mends it, of a code with its places."""


class Receipt:
    """Collects the rows of one run, in as little memory as their numbers take."""

    def __init__(self) -> None:
        self._rows: dict[str, array[int]] = {}
        self._tokens: dict[str, array[int]] = {}
        self._left: dict[tuple[str, int], str] = {}
        self._refused: dict[tuple[int, int], RefusedRow] = {}
        self._by_hub: dict[int, RefusedRow] = {}

    def read(self, alias: str, numbers: Iterable[int], tokens: Iterable[object]) -> None:
        """These rows were read. Tokens tell them from rows of these numbers in another file under the same alias; a row
        that has none is refused, and told once more with the token it waits under."""
        found = [(number, token) for number, token in zip(numbers, tokens, strict=True) if isinstance(token, int)]
        self._rows.setdefault(alias, array("q")).extend(number for number, _ in found)
        self._tokens.setdefault(alias, array("q")).extend(token for _, token in found)

    def leave(self, alias: str, number: int, rule: str) -> None:
        """A rule of the mapping did not select this row."""
        self._left[alias, number] = rule

    def left(self) -> list[tuple[str, int]]:
        """The rows that no rule selected, with their sheets, in order."""
        return sorted(self._left)

    def close(self, rows: Iterable[RefusedRow]) -> None:
        """These are the refused rows that wait now, of every file; one that the hub refused may have moved since."""
        for row in listed(rows):
            if row.code.startswith("HUB-C"):
                self._refused[row.token, row.row] = row
            else:
                self._by_hub[row.token] = row

    def lines(self, say: Say, explain: Explain, left: Left) -> Iterator[Sequence[str | int | None]]:
        """A line a row, in the order of sheets and rows; a row that was turned into several has one."""
        for alias, numbers in self._rows.items():
            wrong = {
                number: row
                for number, token in zip(numbers, self._tokens[alias], strict=True)
                if (row := self._refused.get((token, number)) or self._by_hub.get(token))
            }
            for number in sorted(set(numbers)):
                refused, rule = wrong.get(number), self._left.get((alias, number))
                if refused is not None:
                    place = json.loads(refused.place) | {"column": refused.column or "-"}
                    reason, fix = explain(refused.code, place)
                    yield alias, number, refused.column, say("refused"), refused.code, reason, fix
                elif rule is not None:
                    yield alias, number, "", say("not_selected"), "", left(rule), ""
                else:
                    yield alias, number, "", say("accepted"), "", "", ""

    def write(
        self, folder: Path, name: str, title: str, head: Sequence[str], say: Say, explain: Explain, left: Left
    ) -> Path:
        """The receipt as a workbook of its own, with the first free number after its name.

        Raises DataError HUB-C297 where none can be written, C298 for more rows than a sheet has.
        """
        from hub.workbook import LAST_ROW, Page, write  # so that no edge needs it that writes no receipts

        if sum(map(len, self._rows.values())) >= LAST_ROW:
            raise DataError("HUB-C298", rows=LAST_ROW - 1)
        path = next(path for number in count(1) if not (path := folder / f"{name}-{number}.xlsx").exists())
        write(path, [Page(title, chain([head], self.lines(say, explain, left)), WIDTHS)])
        return path
