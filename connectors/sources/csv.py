"""CSV files: UTF-8 or GB18030, any delimiter, a cut end recognised."""

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Final

from connectors.sources.files import LONGEST, changed, examine, find, read
from connectors.sources.grid import LOOK, Header, below_total, find_header, foot, is_blank, letter
from connectors.sources.source import CHUNK, Broken, Chunk, Column, Cursor, Row
from connectors.sources.spec import CsvSpec
from connectors.sources.structure import check_columns
from connectors.sources.whole import WholeRead
from hub.core.errors import Coded, DataError

_DELIMITERS: Final = (",", "\t", ";", "|")
_SHOWN: Final = {"\t": "tab"}
_END: Final = "\x1aend of the file\x1a"
csv.field_size_limit(LONGEST)  # else a cell of 128 KB ends a file, and a longer one than this is no cell
_row: Final[Callable[[tuple[int, tuple[object, ...]]], Row]] = partial(tuple.__new__, Row)


class CsvSource(WholeRead):
    """A CSV file. Rows are counted as a spreadsheet does: header and blank lines too, a quoted line end not.

    A file is cut if it ends inside a character or a quotation, in a row with too few fields, or, where `final_newline`
    is declared `required`, without a line end. Every column is text.
    """

    def __init__(self, spec: CsvSpec, folder: Path, wanted: Mapping[str, str]) -> None:
        super().__init__(spec.alias, wanted)
        self._spec = spec
        self._path = find(spec.alias, folder, spec.path)
        self._text = examine(spec.alias, self._path, spec.encoding)
        self._delimiter, self._header = self._look()
        self._summed = False  # whether the row of totals was met
        self._at = [place for place, name in enumerate(self._header.names) if name]
        self._description = {
            "encoding": self._text.codec.removesuffix("-sig"),
            "byte_order_mark": "yes" if self._text.mark else "no",
            "delimiter": _SHOWN.get(self._delimiter, self._delimiter),
            "header_row": str(self._header.end),
        }

    def columns(self) -> list[Column]:
        """All named columns, as text. Raises DataError C201, C202."""
        found = [Column(self._header.names[place], "text") for place in self._at]
        check_columns(self.alias, found, self._wanted)
        return found

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """All rows of the file. Raises DataError C209 where it is no CSV any more."""
        self.columns()
        places = tuple(letter(place) for place in self._at)
        for first, records, last in self._lots():
            chunk = Chunk(self.alias, places, [], [])
            end = records.pop() if last else None
            self._judge(first, records, chunk)
            if end is not None:
                self._judge_last(first + len(records), end, chunk)
            if chunk.rows or chunk.broken:
                yield chunk
        if self._text.cut or (self._spec.final_newline == "required" and not self._text.closed):
            self._reason = self._reason or DataError("HUB-C210", alias=self.alias)
        if changed(self._path, self._text):
            self._reason = DataError("HUB-C214", alias=self.alias)
        self._ended = True

    def _lots(self) -> Iterator[tuple[int, list[list[str]], bool]]:
        """Records, some at a time, with the number of the first of them, and whether the last of them is the file's.

        A mark follows the file's last line. It is a record of its own, unless it came to stand inside a quotation.
        """
        with read(self._path, self._text) as file:
            reader = csv.reader(chain(file, (_END,)), delimiter=self._delimiter)
            records: list[list[str]] = []
            number = 1
            while True:
                before = len(records)
                try:
                    records.extend(islice(reader, CHUNK))
                except csv.Error:
                    raise DataError("HUB-C209", alias=self.alias, row=number + len(records)) from None
                if len(records) - before < CHUNK:
                    if records[-1] == [_END]:
                        records.pop()
                    if records:
                        yield number, records, True
                    return
                kept = records[-2:]  # until it is known whether they are the last
                del records[-2:]
                yield number, records, False
                number += len(records)
                records = kept

    def _judge(self, first: int, records: list[list[str]], chunk: Chunk) -> None:
        """Put records into the chunk, as rows or broken. A first cell in Latin letters or digits makes it a row."""
        header, width, at = self._header.end, len(self._header.names), self._at
        whole = at == list(range(width))
        if whole and first > header and self._are_rows(records, width):
            numbers = range(first, first + len(records))
            chunk.rows.extend(map(_row, zip(numbers, map(tuple, records), strict=True)))
            return
        add = chunk.rows.append
        for number, fields in enumerate(records, first):
            head = fields[0] if fields else ""
            plain = head and head.isascii() and not head.isspace() and not self._summed
            if number <= header or (not plain and not self._is_row(number, fields, chunk)):
                continue
            if len(fields) != width:
                found, wanted = len(fields), width
                chunk.broken.append(Broken(number, tuple(fields), Coded("HUB-C130", "", found=found, wanted=wanted)))
            else:
                add(_row((number, tuple(fields) if whole else tuple([fields[place] for place in at]))))

    def _are_rows(self, records: list[list[str]], width: int) -> bool:
        """Whether all of many records are rows at a glance: as wide as the header, each with a plain first cell."""
        if self._summed or set(map(len, records)) != {width}:
            return False
        heads = list(map(itemgetter(0), records))
        return "".join(heads).isascii() and all(map(str.strip, heads))

    def _is_row(self, number: int, fields: list[str], chunk: Chunk) -> bool:
        """Whether a record is one of data: no blank line, no total, nothing of what people write under a total."""
        kind = "" if self._summed else foot(fields)
        self._summed = self._summed or kind == "total"
        if self._summed and not kind and below_total(fields, self._header.names):
            chunk.broken.append(Broken(number, tuple(fields), Coded("HUB-C132", "")))
            return False
        if self._summed or kind or is_blank(fields):
            self._not_data += 1
            return False
        return True

    def _judge_last(self, number: int, fields: list[str], chunk: Chunk) -> None:
        """The file's last record may be cut: inside a quotation, or with too few cells and no line end."""
        inside = bool(fields) and fields[-1].endswith(_END)
        if inside:
            fields[-1] = fields[-1].removesuffix(_END)
        width, before = len(self._header.names), len(chunk.rows) + len(chunk.broken)
        self._judge(number, [fields], chunk)
        judged = len(chunk.rows) + len(chunk.broken) > before
        if judged and (inside or (len(fields) < width and not self._text.closed)):
            self._reason = DataError("HUB-C210", alias=self.alias, row=number)
            if chunk.rows and chunk.rows[-1].number == number:
                chunk.rows.pop()
                wrong = Coded("HUB-C130", "", found=len(fields), wanted=width)
                chunk.broken.append(Broken(number, tuple(fields), wrong))

    def _look(self) -> tuple[str, Header]:
        """The delimiter under which the header has most of the wanted names (or most cells), and that header."""
        best: tuple[int, str, Header] | None = None
        declared, broken = self._spec.delimiter, 0
        for delimiter in _DELIMITERS if declared == "auto" else (declared,):
            head, broken_at = self._head(delimiter)
            broken = broken or broken_at
            try:
                header = find_header(self.alias, head, self._wanted, row=self._spec.header_row, depth=1)
            except DataError as error:
                if error.code == "HUB-C205":
                    raise
                continue
            names = set(header.names) - {""}
            score = len(names & set(self._wanted)) * 1_000 + len(names)
            if best is None or score > best[0]:
                best = (score, delimiter, header)
        if best is None and broken:
            raise DataError("HUB-C209", alias=self.alias, row=broken)
        if best is None:
            raise DataError("HUB-C204", alias=self.alias)
        return best[1], best[2]

    def _head(self, delimiter: str) -> tuple[list[list[str]], int]:
        """The first records, and the number of the one that is none, if any."""
        head: list[list[str]] = []
        with read(self._path, self._text) as file:
            try:
                for record in islice(csv.reader(file, delimiter=delimiter), max(LOOK, self._spec.header_row)):
                    head.append(record)
            except csv.Error:
                return head, len(head) + 1
        return head, 0
