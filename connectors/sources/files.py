"""Opening a declared file, and finding out how its text is encoded, without ever naming it in an error."""

import codecs
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from hub.core.errors import DataError

_BLOCK: Final = 1 << 20
LONGEST: Final = 16 << 20
"""Bytes of a line: a longer one would be kept in memory whole."""

_CODECS: Final = {"utf-8": "utf-8-sig", "gb18030": "gb18030", "utf-16": "utf-16"}
_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_WORKBOOKS: Final = {b"PK\x03\x04": "Excel", b"\xd0\xcf\x11\xe0": "Excel", b"%PDF": "PDF"}


class Text(NamedTuple):
    """How a file is to be read: `codec`, whether it ends inside a character, whether a line end is its last.

    `stamp` is its size and time of change, so that a reader can know a file that someone was still writing. `mark` says
    whether it begins with a byte order mark.
    """

    codec: str
    cut: bool
    closed: bool
    stamp: tuple[int, int] = (0, 0)
    mark: bool = False


def find(alias: str, folder: Path, path: str) -> Path:
    """The file, relative to `folder` or absolute. Raises DataError: C206 there is none, C208 it may not be read.

    A folder, a device or a pipe is no file: to open one may never end.
    """
    whole = folder / path
    try:
        if not whole.is_file():
            raise FileNotFoundError
        with whole.open("rb"):
            return whole
    except PermissionError:
        raise DataError("HUB-C208", alias=alias) from None
    except (OSError, ValueError):
        raise DataError("HUB-C206", alias=alias) from None


def examine(alias: str, path: Path, declared: str) -> Text:
    """Reads the whole file once to know its encoding for certain. Raises DataError C207 with the line it fails at.

    C215 where neither of two encodings fits the whole file: parts of it were written by different programs.

    C216 for a file that is no text, C217 for a line that has no end.

    `auto`: a mark at the start decides; else UTF-8 if every byte agrees; else GB18030. A text in which every second
    byte is a nought is UTF-16 without its mark.
    """
    stamp = stamp_of(path)
    with path.open("rb") as file:
        start = file.read(64)
    if found := _WORKBOOKS.get(start[:4]):
        raise DataError("HUB-C216", alias=alias, found=found)
    if declared in ("auto", "utf-16") and (bare := _without_mark(start)):
        text, line = _decode(alias, path, bare)
        if text is None:
            raise DataError("HUB-C207", alias=alias, row=line, encoding=bare)
        return text._replace(stamp=stamp)
    if declared == "auto" and start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        declared = "utf-16"
    elif declared == "auto" and start.startswith(codecs.BOM_UTF8):
        declared = "utf-8"
    tried = ("utf-8", "gb18030") if declared == "auto" else (declared,)
    lines: list[int] = []
    for name in tried:
        text, line = _decode(alias, path, _CODECS[name])
        if text is not None:
            return text._replace(stamp=stamp, mark=start.startswith(_MARKS))
        lines.append(line)
    if declared == "auto":
        raise DataError("HUB-C215", alias=alias, row=lines[0], other=lines[1])
    raise DataError("HUB-C207", alias=alias, row=lines[0], encoding=declared)


def _without_mark(start: bytes) -> str:
    """UTF-16 of one order or the other, where most of its first characters are Latin; empty for anything else."""
    pairs = len(start) // 2
    if pairs >= 4 and not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        for codec, place in (("utf-16-le", 1), ("utf-16-be", 0)):
            if start[place : pairs * 2 : 2].count(0) * 4 >= pairs and 0 not in start[1 - place : pairs * 2 : 2]:
                return codec
    return ""


def _decode(alias: str, path: Path, codec: str) -> tuple[Text | None, int]:
    """How the file reads under `codec`, or None and the line at which it does not. Raises DataError C217."""
    decoder = codecs.getincrementaldecoder(codec)()
    lines, last, open_since = 1, "", 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                mark = len(codecs.BOM_UTF8) if not last and block.startswith(codecs.BOM_UTF8) else 0
                return None, lines + block.count(b"\n", 0, error.start + mark)  # the decoder counts after the mark
            lines += text.count("\n")
            open_since = 0 if "\n" in text or "\r" in text else open_since + len(block)
            if open_since > LONGEST:
                raise DataError("HUB-C217", alias=alias, row=lines, limit=LONGEST >> 20)
            last = text[-1:] or last
    pending = decoder.getstate()[0]
    return Text(codec, bool(pending), not last or last in "\r\n"), lines


def stamp_of(path: Path) -> tuple[int, int]:
    """Size in bytes and time of the last change in nanoseconds."""
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def read(path: Path, text: Text) -> TextIO:
    """The file as text, line ends as they are. Only a character cut off at its end is replaced (U+FFFD)."""
    return path.open(encoding=text.codec, errors="replace", newline="")


def changed(path: Path, text: Text) -> bool:
    """Whether the file is no longer the one that was examined."""
    try:
        return stamp_of(path) != text.stamp
    except OSError:
        return True
