"""Compound files: workbooks of Excel 97 and WPS (xls, et), and the locked wrapping of newer ones."""

import io
import struct
from collections.abc import Iterator
from typing import IO, Final

import msoffcrypto
import olefile
from msoffcrypto.exceptions import InvalidKeyError

from connectors.sources.parts import Facts
from hub.core.errors import DataError

MAGIC: Final = olefile.MAGIC
_STREAMS: Final = ("Workbook", "Book")
_SHEET, _ROW, _EPOCH = 0x0085, 0x0208, 0x0022
_FAULTS: Final = (OSError, ValueError, struct.error, LookupError, TypeError)
_KINDS: Final = {"WordDocument": "Word", "PowerPoint Document": "PowerPoint"}


def unlock(alias: str, file: IO[bytes], password: str | None) -> IO[bytes] | None:
    """The workbook without its password, in memory only; None where it has none.

    Raises DataError: C211 a password is needed, C290 it is another one, C212 damaged.
    """
    try:
        office = msoffcrypto.OfficeFile(file)
        if not office.is_encrypted():
            return None
    except Exception:  # noqa: BLE001 - a library that trusts what anybody made; the reader says what the file is
        return None
    if not password:
        raise DataError("HUB-C211", alias=alias)
    opened = io.BytesIO()
    try:
        office.load_key(password=password)
        office.decrypt(opened)
    except InvalidKeyError:
        raise DataError("HUB-C290", alias=alias) from None
    except Exception:  # noqa: BLE001 - as above
        raise DataError("HUB-C212", alias=alias) from None
    opened.seek(0)
    return opened


class OldBook:
    """A workbook of Excel 97. Raises DataError C291 for a document of another program, C212 where it is damaged.

    Whatever in it says how much there is, is compared with what there can be: a reader would ask for that much memory.
    """

    def __init__(self, alias: str, file: IO[bytes]) -> None:
        self.from_1904 = False
        self._hidden: dict[int, set[int]] = {}
        self._starts: list[int] = []
        try:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            _judge_header(file.read(_HEADER.size + _HEADER_AT), size)
            with olefile.OleFileIO(file) as found:
                stream = next((name for name in _STREAMS if found.exists(name)), "")
                if not stream:
                    other = next((kind for name, kind in _KINDS.items() if found.exists(name)), "OLE")
                    raise DataError("HUB-C291", alias=alias, found=other)
                if any(entry is not None and entry.size > size for entry in found.direntries[1:]):
                    raise ValueError
                self._read(found.openstream(stream).read())
        except _FAULTS:
            raise DataError("HUB-C212", alias=alias) from None

    def facts(self, place: int) -> Facts:
        """Of the sheet at `place` in the workbook's order (from 0)."""
        start = self._starts[place] if place < len(self._starts) else -1
        return Facts(frozenset(self._hidden.get(start, ())))

    def _read(self, data: bytes) -> None:
        """Raises ValueError for a record that no Excel writes."""
        sheet = -1
        for at, kind, body in _records(data):
            if kind == _SHEET:
                self._starts.append(struct.unpack_from("<I", body)[0])
            elif kind == _EPOCH:
                self.from_1904 = body[0] == 1
            elif kind in _BEGINNINGS:
                sheet = at if at in self._starts else sheet
            elif kind == _ROW:
                if body[12] & 0x20:
                    self._hidden.setdefault(sheet, set()).add(struct.unpack_from("<H", body)[0] + 1)
            elif kind == _EXTENT:
                top, bottom, left, right = struct.unpack_from("<IIHH" if len(body) >= 12 else "<HHHH", body)
                _judge(top <= bottom <= _MOST_ROWS and left <= right <= _MOST_COLUMNS)
            elif kind == _TEXTS:
                _judge(struct.unpack_from("<i", body, 4)[0] in range(len(data) // 3 + 1))
            elif kind in _CELLS:
                _judge(struct.unpack_from("<H", body, 2)[0] < _MOST_COLUMNS)
                _judge(kind not in _MANY or struct.unpack_from("<H", body, len(body) - 2)[0] < _MOST_COLUMNS)


_BEGINNINGS: Final = (0x0809, 0x0409, 0x0209, 0x0009)
_EXTENT, _TEXTS = 0x0200, 0x00FC
_MANY: Final = (0x00BD, 0x00BE)
_CELLS: Final = frozenset((0x0006, *_MANY, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x0406, 0x0206))
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256
_HEADER: Final = struct.Struct("<II16xI4xI")
_HEADER_AT: Final = 40


def _judge(sound: bool) -> None:
    if not sound:
        raise ValueError


def _judge_header(start: bytes, size: int) -> None:
    """Its counts of sectors are no more than there is room for. Raises ValueError, struct.error."""
    _judge(start[30] in (9, 12))
    _judge(all(count << 9 <= size for count in _HEADER.unpack_from(start, _HEADER_AT)))


def _records(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Offset, kind and body of each record."""
    at = 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        yield at, kind, data[at + 4 : at + 4 + size]
        at += 4 + size
