"""Opening a declared file, and finding out how its text is encoded, without ever naming it in an error."""

import codecs
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from hub.core.errors import DataError

_BLOCK: Final = 1 << 20
_CODECS: Final = {"utf-8": "utf-8-sig", "gb18030": "gb18030", "utf-16": "utf-16"}


class Text(NamedTuple):
    """How a file is to be read: `codec`, whether it ends inside a character, whether a line end is its last.

    `stamp` is its size and time of change, so that a reader can know a file that someone was still writing.
    """

    codec: str
    cut: bool
    closed: bool
    stamp: tuple[int, int] = (0, 0)


def find(alias: str, folder: Path, path: str) -> Path:
    """The file, relative to `folder` or absolute. Raises DataError: C206 there is none, C208 it may not be read."""
    whole = folder / path
    try:
        with whole.open("rb"):
            return whole
    except PermissionError:
        raise DataError("HUB-C208", alias=alias) from None
    except (OSError, ValueError):
        raise DataError("HUB-C206", alias=alias) from None


def examine(alias: str, path: Path, declared: str) -> Text:
    """Reads the whole file once to know its encoding for certain. Raises DataError C207 with the line it fails at.

    C215 where neither of two encodings fits the whole file: parts of it were written by different programs.

    `auto`: a mark at the start decides; else UTF-8 if every byte agrees; else GB18030.
    """
    stamp = stamp_of(path)
    with path.open("rb") as file:
        start = file.read(4)
    if declared == "auto" and start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        declared = "utf-16"
    elif declared == "auto" and start.startswith(codecs.BOM_UTF8):
        declared = "utf-8"
    tried = ("utf-8", "gb18030") if declared == "auto" else (declared,)
    lines: list[int] = []
    for name in tried:
        text, line = _decode(path, _CODECS[name])
        if text is not None:
            return text._replace(stamp=stamp)
        lines.append(line)
    if declared == "auto":
        raise DataError("HUB-C215", alias=alias, row=lines[0], other=lines[1])
    raise DataError("HUB-C207", alias=alias, row=lines[0], encoding=declared)


def _decode(path: Path, codec: str) -> tuple[Text | None, int]:
    """How the file reads under `codec`, or None and the line at which it does not."""
    decoder = codecs.getincrementaldecoder(codec)()
    lines, last = 1, ""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                mark = len(codecs.BOM_UTF8) if not last and block.startswith(codecs.BOM_UTF8) else 0
                return None, lines + block.count(b"\n", 0, error.start + mark)  # the decoder counts after the mark
            lines += text.count("\n")
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
