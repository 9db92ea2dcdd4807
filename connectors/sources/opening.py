"""Which kind of workbook a file really is, whatever its name ends in; opened if need be with its password."""

import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, NamedTuple, Protocol

from connectors.sources.ole import MAGIC, OldBook, unlock
from connectors.sources.parts import MOST_BYTES, Facts, Parts
from connectors.sources.spec import ASKED, ExcelSpec
from hub.core.errors import DataError

_ZIP: Final = b"PK\x03\x04"
_LOOK: Final = 4_096
_MARKS: Final = ((b"%PDF", "PDF"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7z"))


class Looked(Protocol):
    """What a look into the file tells."""

    @property
    def from_1904(self) -> bool:
        """Whether its days are counted from 1904."""

    def facts(self, place: int) -> Facts:
        """Of the sheet at `place`."""


class Opened(NamedTuple):
    """A workbook ready for a reader of cells: `source` is its bytes, in memory only where it was locked."""

    source: IO[bytes]
    looked: Looked
    form: str


def open_book(spec: ExcelSpec, folder: Path, path: Path) -> Opened:
    """Raises DataError HUB-C211, C212, C224, C290 to C292."""
    alias = spec.alias
    file = path.open("rb")
    kept: IO[bytes] = file
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError("HUB-C292", alias=alias, limit=MOST_BYTES >> 20)
        start = file.read(_LOOK)
        if start.startswith(MAGIC):
            file.seek(0)
            opened = unlock(alias, file, _password(spec, folder))
            if opened is not None:
                kept = opened
                start = opened.read(_LOOK)
        kept.seek(0)
        if start.startswith(_ZIP):
            looked: Looked = Parts(alias, kept)
            form = "xlsx"
        elif start.startswith(MAGIC):
            looked = OldBook(alias, kept)
            form = "xls"
        else:
            raise DataError("HUB-C291", alias=alias, found=_other(alias, start))
    except BaseException:
        kept.close()
        file.close()
        raise
    kept.seek(0)
    return Opened(kept, looked, form)


def _other(alias: str, start: bytes) -> str:
    """What a file is that is no workbook. Raises DataError C212 for one that is nothing known."""
    for mark, found in _MARKS:
        if start.startswith(mark):
            return found
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")):
        return "HTML"
    if text.startswith(b"<"):
        return "XML"
    if not text or (b"\0" in text and not start.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise DataError("HUB-C212", alias=alias)
    for codec in ("utf-8", "gb18030", "utf-16"):
        with suppress(UnicodeDecodeError):
            start[: len(start) // 4 * 4 - 4 if len(start) == _LOOK else len(start)].decode(codec)
            return "CSV"
    raise DataError("HUB-C212", alias=alias)


def _password(spec: ExcelSpec, folder: Path) -> str | None:
    """As declared, or as asked for. Raises DataError HUB-C224 where the declared file cannot be read."""
    if spec.password_file:
        try:
            return (folder / spec.password_file).read_text(encoding="utf-8-sig").strip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise DataError("HUB-C224", alias=spec.alias, setting="password_file") from None
    return os.environ.get(spec.password_env or ASKED)
