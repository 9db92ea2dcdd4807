"""A database of tables as one file: rows as PostgreSQL's COPY writes them, compressed, and how many there are of each.

{"format": 1, "schema": "vault", "revision": "0001_first"}
{"table": "link", "columns": ["at", "wrapped_by", "locked"]}
one row a line, then "\\." as COPY ends them
...
{"rows": {"link": 4, ...}}
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from hub.core.errors import IntegrityError
from hub.core.format import check_format

FORMAT: Final = 1
END: Final = b"\\.\n"
SUFFIX: Final = ".copy"


class Head(NamedTuple):
    """Which schema a copy is of, and as which revision made it."""

    schema: str
    revision: str


class Copied(NamedTuple):
    """A table of a copy, with its rows as lines."""

    table: str
    columns: tuple[str, ...]
    rows: Iterator[bytes]


class Writing:
    """Writes one copy. Its bytes are a function of what is in it."""

    def __init__(self, file: Path, head: Head) -> None:
        self._raw = file.open("wb")
        self._file = gzip.GzipFile("", "wb", 6, self._raw, mtime=0)
        self._rows: dict[str, int] = {}
        self._line({"format": FORMAT} | head._asdict())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line({"rows": self._rows})
        self._file.close()
        self._raw.close()

    def table(self, name: str, columns: Sequence[str], blocks: Iterable[bytes]) -> None:
        """One table: whole rows, each with the end of its line."""
        self._line({"table": name, "columns": list(columns)})
        count = 0
        for block in blocks:
            self._file.write(block)
            count += bytes(block).count(b"\n")
        self._file.write(END)
        self._rows[name] = count

    def _line(self, document: object) -> None:
        self._file.write(json.dumps(document, sort_keys=True).encode() + b"\n")


class Reading:
    """Reads one copy from its beginning to its end. Raises IntegrityError HUB-B403 where it is cut or damaged."""

    def __init__(self, file: Path, path: str) -> None:
        self._path = path
        self._file = gzip.GzipFile(file)
        self._rows: dict[str, int] = {}
        document = self._line()
        try:
            check_format(document["format"], FORMAT, "backup")
            self.head = Head(str(document["schema"]), str(document["revision"]))
        except (KeyError, TypeError):
            raise self._damaged() from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def tables(self) -> Iterator[Copied]:
        """Every table; its rows have to be read before the next one."""
        while "table" in (document := self._line()):
            self._rows[document["table"]] = 0
            yield Copied(document["table"], tuple(document["columns"]), self._of(document["table"]))
        if document.get("rows") != self._rows:
            raise self._damaged()

    def _of(self, name: str) -> Iterator[bytes]:
        while (row := self._read()) != END:
            self._rows[name] += 1
            yield row

    def _line(self) -> dict[str, Any]:
        try:
            document = json.loads(self._read())
        except ValueError:
            raise self._damaged() from None
        if not isinstance(document, dict):
            raise self._damaged()
        return document

    def _read(self) -> bytes:
        try:
            row = self._file.readline()
        except (OSError, EOFError, zlib.error):
            raise self._damaged() from None
        if not row.endswith(b"\n"):
            raise self._damaged()
        return row

    def _damaged(self) -> IntegrityError:
        return IntegrityError("HUB-B403", path=self._path, reason="copy")


def check_copy(file: Path, path: str) -> Head:
    """Read every row of a copy. Raises as `Reading`."""
    with Reading(file, path) as reading:
        for copied in reading.tables():
            for _ in copied.rows:
                pass
        return reading.head
