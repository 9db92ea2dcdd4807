"""The parts of an xlsx file, looked at before a reader of workbooks trusts them.

A workbook is an archive that anybody may have made: what it says of its sizes is checked by unpacking in blocks, and a
sheet that would not fit into memory is refused before it is opened (HUB-C292, C293).
"""

import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from copy import copy
from typing import IO, Final, NamedTuple
from xml.etree import ElementTree

from hub.core.errors import DataError

MOST_BYTES: Final = 1 << 30
"""All parts of a workbook unpacked."""

MOST_CELLS: Final = 30_000_000
"""The rectangle from a sheet's first cell to its last, which a reader keeps in memory: about a gigabyte."""

MOST_TEXT: Final = 1 << 30
"""Bytes of the texts of all cells of a sheet: a long one is stored once, and read once for each cell that has it."""

_RATIO: Final = 200
_LARGE: Final = 100 << 20
"""Parts beyond this size may not be packed smaller than by `_RATIO`; small ones may, and do no harm."""

_PARTS: Final = 10_000
_HEAD: Final = 16 << 20
_BLOCK: Final = 1 << 20
_REL: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ROW: Final = re.compile(rb"<(?:\w+:)?row(?=[\s/>])([^>]*)>")
_TAG: Final = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)>")
_NUMBER: Final = re.compile(rb"""\br=["']([0-9]{1,7})["']""")
_HIDDEN: Final = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_CELL: Final = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_TEXT: Final = re.compile(rb"""\bt=["']s["'][^>]*>(?:\s*<[^>]*>){0,3}\s*([0-9]{1,9})""")
_TEXT_CELL: Final = re.compile(rb"""\bt=["']s["']""")
_LONG: Final = 256
_PLAIN: Final = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_WIDE: Final = re.compile(rb'r="[A-Z]{2}')
_NO_RESULT: Final = (b"</f></c>", b"</f><v/>", b"</f><v />", b"</f><v></v>")
_FAULTS: Final = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError)


class Facts(NamedTuple):
    """What a reader of cells does not tell of a sheet: its hidden rows (Excel's numbers), formulas without a result."""

    hidden: frozenset[int] = frozenset()
    hollow: int = 0


class Parts:
    """An open archive. Raises DataError: C212 damaged, C291 another kind of file, C292 too large unpacked."""

    def __init__(self, alias: str, file: IO[bytes]) -> None:
        self._alias = alias
        try:
            self._zip = zipfile.ZipFile(file)
            self._entries = {entry.filename.lstrip("/").lower(): entry for entry in self._zip.infolist()}
        except _FAULTS:
            raise DataError("HUB-C212", alias=alias) from None
        self._judge()
        self._book = self._tree("xl/workbook.xml")
        self._paths = self._sheet_parts()
        self._lengths = self._text_lengths()
        self._longest = max(self._lengths, default=0)
        if "xl/styles.xml" in self._entries:
            for _ in self._blocks("xl/styles.xml"):
                pass  # only that it is as large as it says

    @property
    def from_1904(self) -> bool:
        """Whether its days are counted from 1904."""
        return any(one.get("date1904") in ("1", "true") for one in self._book.iter() if one.tag.endswith("}workbookPr"))

    def facts(self, place: int) -> Facts:
        """Of the sheet at `place` in the workbook's order (from 0). Raises DataError C212, C292, C293."""
        path = self._paths[place] if place < len(self._paths) else ""
        if path not in self._entries:
            return Facts()
        hidden: set[int] = set()
        number = hollow = texts = 0
        plain, wide = True, False
        for block in self._blocks(path):
            for found in _ROW.finditer(block):
                given = _NUMBER.search(found[1])
                number = int(given[1]) if given else number + 1
                if _HIDDEN.search(found[1]):
                    hidden.add(number)
            hollow += sum(map(block.count, _NO_RESULT))
            texts += block.count(b"<c") + block.count(b":c") if self._longest > _LONG else 0
            cells = block.count(b"<c ") + block.count(b"<c>") + block.count(b"<c/")
            plain = plain and cells == block.count(b'<c r="') and b":c" not in block
            wide = wide or bool(_WIDE.search(block))
        if wide or not plain:
            self._measure(path, plain)
        if texts * self._longest > MOST_TEXT:
            self._weigh(path)
        return Facts(frozenset(hidden), hollow)

    def _measure(self, path: str, plain: bool) -> None:
        """Raises DataError C293 if the sheet's rectangle is too large. Of up to 26 columns it never is.

        In a plain sheet every cell begins with its address.
        """
        row = column = rows = columns = 0
        for block in self._blocks(path):
            if plain:
                found = _PLAIN.findall(block)
                columns = max([columns, *map(_place, {letters for letters, _ in found})])
                rows = max([rows, *map(int, {numbers for _, numbers in found})])
                continue
            for tag, inside in _TAG.findall(block):
                if tag == b"row":
                    given = _NUMBER.search(inside)
                    row, column = int(given[1]) if given else row + 1, 0
                else:
                    at = _CELL.search(inside)
                    row, column = (int(at[2]), _place(at[1])) if at else (row, column + 1)
                    rows, columns = max(rows, row), max(columns, column)
        if rows * columns > MOST_CELLS:
            raise DataError("HUB-C293", alias=self._alias, rows=rows, columns=columns, limit=MOST_CELLS)

    def _weigh(self, path: str) -> None:
        """Raises DataError C292 if the texts that its cells refer to are too large together."""
        weight = 0
        for block in self._blocks(path):
            found = list(map(int, _TEXT.findall(block)))
            weight += sum(self._lengths[number] for number in found if number < len(self._lengths))
            weight += (len(_TEXT_CELL.findall(block)) - len(found)) * self._longest  # written so that it is not seen
            if weight > MOST_TEXT:
                raise DataError("HUB-C292", alias=self._alias, limit=MOST_TEXT >> 20)

    def _text_lengths(self) -> "array[int]":
        """How long each of the texts is that cells share, in bytes and with its marks."""
        lengths, length = array("Q"), 0
        for block in self._blocks("xl/sharedstrings.xml") if "xl/sharedstrings.xml" in self._entries else ():
            *ended, rest = block.split(b"</si>")
            for text in ended:
                lengths.append(length + len(text))
                length = 0
            length += len(rest)
        return lengths

    def _judge(self) -> None:
        """What the archive says of itself: what it is, and how large."""
        names = self._entries
        if "xl/workbook.xml" not in names:
            found = "XLSB" if "xl/workbook.bin" in names else "Word" if "word/document.xml" in names else ""
            found = found or ("ODS" if "content.xml" in names else "ZIP")
            raise DataError("HUB-C291", alias=self._alias, found=found)
        entries = list(names.values())
        packed = any(one.file_size > max(_LARGE, one.compress_size * _RATIO) for one in entries)
        if packed or len(entries) > _PARTS or sum(one.file_size for one in entries) > MOST_BYTES:
            raise DataError("HUB-C292", alias=self._alias, limit=MOST_BYTES >> 20)

    def _sheet_parts(self) -> list[str]:
        """The part of each sheet, in the workbook's order."""
        targets = {}
        for one in self._tree("xl/_rels/workbook.xml.rels").iter():
            target = one.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            targets[one.get("Id", "")] = whole.replace("xl/../", "").lower()
        sheets = [one for one in self._book.iter() if one.tag.endswith("}sheet")]
        return [targets.get(one.get(_REL, ""), "") for one in sheets]

    def _tree(self, name: str) -> ElementTree.Element:
        """A small part as XML; one that declares entities of its own is none of a workbook."""
        content = bytearray()
        for block in self._blocks(name):
            content += block
            if len(content) > _HEAD or b"<!DOCTYPE" in content:
                raise DataError("HUB-C212", alias=self._alias)
        try:
            return ElementTree.fromstring(bytes(content))
        except (ElementTree.ParseError, ValueError, LookupError):
            raise DataError("HUB-C212", alias=self._alias) from None

    def _blocks(self, name: str) -> Iterator[bytes]:
        """A part unpacked, in blocks that end with a tag. Raises DataError C212, also where it is larger than it says.

        The library would stop at the size that the archive names; a reader that trusts less would go on.
        """
        entry = self._entries.get(name)
        if entry is None:
            raise DataError("HUB-C212", alias=self._alias)
        size, unbound, rest = 0, copy(entry), b""
        unbound.file_size = MOST_BYTES + 1
        try:
            with self._zip.open(unbound) as part:
                while block := part.read(_BLOCK):
                    size += len(block)
                    if size > entry.file_size:
                        raise DataError("HUB-C212", alias=self._alias)
                    block = rest + block
                    end = block.rfind(b">") + 1
                    yield block[:end]
                    rest = block[max(end, block.rfind(b"<")) :]  # of a long text nothing but its end can begin a tag
        except _FAULTS:
            raise DataError("HUB-C212", alias=self._alias) from None
        yield rest


def _place(letters: bytes) -> int:
    """A column's number from 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
