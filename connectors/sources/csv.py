"""CSV files: UTF-8 or GB18030, any delimiter, a cut end recognised."""

import csv
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from connectors.sources.files import changed, examine, find, read
from connectors.sources.grid import LOOK, Header, below_total, find_header, foot, is_blank, letter
from connectors.sources.source import CHUNK, Broken, Chunk, Column, Cursor, Row
from connectors.sources.spec import SourceSpec
from connectors.sources.structure import check_columns
from connectors.sources.whole import WholeRead
from hub.core.errors import Coded, DataError

_DELIMITERS: Final = (",", "\t", ";", "|")
_SHOWN: Final = {"\t": "tab"}


class CsvSource(WholeRead):
    """A CSV file. Rows are counted as a spreadsheet does: header and blank lines too, a quoted line end not.

    A file is cut if it ends inside a character or a quotation, in a row with too few fields, or, where `final_newline`
    is declared `required`, without a line end. Every column is text.
    """

    def __init__(self, spec: SourceSpec, folder: Path, wanted: Mapping[str, str]) -> None:
        super().__init__(spec.alias, wanted)
        self._spec = spec
        self._path = find(spec.alias, folder, spec.path)
        self._text = examine(spec.alias, self._path, spec.encoding)
        self._delimiter, self._header = self._look()
        self._at = [place for place, name in enumerate(self._header.names) if name]
        self._description = {
            "encoding": self._text.codec.removesuffix("-sig"),
            "delimiter": _SHOWN.get(self._delimiter, self._delimiter),
            "header_row": str(self._header.end),
        }

    def columns(self) -> list[Column]:
        """All named columns, as text. Raises DataError C201, C202."""
        found = [Column(self._header.names[place], "text") for place in self._at]
        check_columns(self.alias, found, dict.fromkeys(self._wanted, "any"))
        return found

    def rows(self, after: Cursor | None = None) -> Iterator[Chunk]:
        """All rows of the file. Raises DataError C209 where it is no CSV any more."""
        self.columns()
        places = tuple(letter(place) for place in self._at)
        chunk = Chunk(self.alias, places, [], [])
        for found in self._records():
            if isinstance(found, Row):
                chunk.rows.append(found)
            else:
                chunk.broken.append(found)
            if len(chunk.rows) + len(chunk.broken) >= CHUNK:
                yield chunk
                chunk = Chunk(self.alias, places, [], [])
        if chunk.rows or chunk.broken:
            yield chunk
        if self._text.cut or (self._spec.final_newline == "required" and not self._text.closed):
            self._reason = self._reason or DataError("HUB-C210", alias=self.alias)
        if changed(self._path, self._text):
            self._reason = DataError("HUB-C214", alias=self.alias)
        self._ended = True

    def _records(self) -> Iterator[Row | Broken]:
        """Rows and broken rows after the header; the last one is judged when it is known to be the last."""
        width, at = len(self._header.names), self._at
        whole = at == list(range(width))
        with read(self._path, self._text) as file:
            lines = _Lines(file)
            reader = csv.reader(lines, delimiter=self._delimiter)
            number, ended = 0, False
            while True:
                lines.record.clear()
                try:
                    fields = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    raise DataError("HUB-C209", alias=self.alias, row=number + 1) from None
                number += 1
                if number <= self._header.end:
                    continue
                kind = "" if ended else foot(fields)
                ended = ended or kind == "total"
                if ended and not kind and below_total(fields, self._header.names):
                    yield Broken(number, tuple(fields), Coded("HUB-C132", ""))
                    continue
                if ended or kind or is_blank(fields):
                    self._not_data += 1
                    continue
                if len(fields) != width or lines.last:
                    ending = self._ending(lines, fields, width, number)
                    if ending is not None:
                        yield ending
                        continue
                yield Row(number, tuple(fields) if whole else tuple(fields[place] for place in at))

    def _ending(self, lines: "_Lines", fields: list[str], width: int, number: int) -> Broken | None:
        """A row that is cut or of another width; None if it is sound."""
        if lines.last and (self._inside_quotation(lines) or (len(fields) < width and not self._text.closed)):
            self._reason = DataError("HUB-C210", alias=self.alias, row=number)
        elif len(fields) == width:
            return None
        return Broken(number, tuple(fields), Coded("HUB-C130", "", found=len(fields), wanted=width))

    def _inside_quotation(self, lines: "_Lines") -> bool:
        """Whether a line put after the record would belong to it."""
        return len(list(csv.reader([*lines.record, "more"], delimiter=self._delimiter))) == 1

    def _look(self) -> tuple[str, Header]:
        """The delimiter under which the header has most of the wanted names (or most cells), and that header."""
        best: tuple[int, str, Header] | None = None
        declared = self._spec.delimiter
        for delimiter in _DELIMITERS if declared == "auto" else (declared,):
            with read(self._path, self._text) as file:
                try:
                    head = list(islice(csv.reader(file, delimiter=delimiter), max(LOOK, self._spec.header_row)))
                    header = find_header(self.alias, head, self._wanted, row=self._spec.header_row, depth=1)
                except (csv.Error, DataError) as error:
                    if isinstance(error, DataError) and error.code == "HUB-C205":
                        raise
                    continue
            names = set(header.names) - {""}
            score = len(names & set(self._wanted)) * 1_000 + len(names)
            if best is None or score > best[0]:
                best = (score, delimiter, header)
        if best is None:
            raise DataError("HUB-C204", alias=self.alias)
        return best[1], best[2]


class _Lines:
    """Lines of a file that remember those of the record at hand, and whether the last line was among them."""

    def __init__(self, file: Iterator[str]) -> None:
        self._file = file
        self._next = next(file, None)
        self.record: list[str] = []

    @property
    def last(self) -> bool:
        return self._next is None

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._next
        if line is None:
            raise StopIteration
        self._next = next(self._file, None)
        self.record.append(line)
        return line
