"""A view as a file: every row of one moment in a stable order, with the positions and the digest that belong to it."""

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from hub.core.digest import encode_row, tree_root
from hub.core.errors import DataError, NotPermitted
from hub.ports.views import Snapshot

if TYPE_CHECKING:
    from hub.workbook import Streamed

FORMS: Final = ("csv", "jsonl", "xlsx")


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object:
        """Take them."""
        ...


class Field(NamedTuple):
    """A column of the file: its name in the view, what stands at its head, and whether its texts are days."""

    name: str
    title: str
    day: bool = False


class Exported(NamedTuple):
    """What was written: rows, offsets by partition, digest of the rows (tree of SHA-256), SHA-256 of the bytes.

    `sheets` is how many a workbook took; 0 for what is no workbook.
    """

    view: str
    rows: int
    positions: dict[str, list[int]]
    digest: str
    sha256: str
    sheets: int = 0


def export(
    snapshot: Snapshot, view: str, fields: Sequence[Field], groups: Sequence[str], form: str, sink: Sink,
    most: int = 0,
) -> Exported:  # fmt: skip
    """Write a view: csv (UTF-8, RFC 4180, a header line), jsonl (UTF-8, an object a line), or xlsx.

    The digest is over the rows in the order written, each under `hub.core.digest.encode_row`, whatever the form; the
    members of jsonl are always named as the view names them. `most` is how many rows a sheet of a workbook has; without
    it, as many as a sheet can have. Raises DataError HUB-P372 for a workbook where what writes one is not installed.
    """
    hashed = sha256()

    def put(data: bytes) -> None:
        hashed.update(data)
        sink.write(data)

    names = [field.name for field in fields]
    book = _book(view, fields, most) if form == "xlsx" else None
    if form == "csv":
        put(_csv_line([field.title for field in fields]))

    def leaves() -> Iterator[bytes]:
        for row in snapshot.rows(view, names):
            if book is not None:
                book.append(_typed(fields, row))
            else:
                put(_csv_line(row) if form == "csv" else _json_line(names, row))
            yield encode_row(row)

    root, count = tree_root(leaves())
    if book is not None:
        book.save(_Put(put))
    positions = {group: list(snapshot.positions(group).values()) for group in groups}
    return Exported(view, count, positions, root.hex(), hashed.hexdigest(), book.sheets if book else 0)


def _book(view: str, fields: Sequence[Field], most: int) -> "Streamed":
    try:
        from hub.workbook import LAST_ROW, Streamed  # so that nobody waits for it who wants no workbook
    except ModuleNotFoundError:
        raise DataError("HUB-P372") from None
    return Streamed(view, [field.title for field in fields], most or LAST_ROW)


class _Put(NamedTuple):
    """A function as a sink."""

    write: Callable[[bytes], None]


def _typed(fields: Sequence[Field], row: Sequence[Any]) -> list[Any]:
    """A row whose days are days."""
    return [
        date.fromisoformat(value) if field.day and value is not None else value
        for field, value in zip(fields, row, strict=True)
    ]


@contextmanager
def opened(path: Path | None) -> Iterator[Sink]:
    """Standard output, or a file that is there whole or not at all. Raises NotPermitted HUB-P610."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file = part.open("xb")
    except OSError:
        raise NotPermitted("HUB-P610") from None
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _csv_line(row: Sequence[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerow(row)
    return text.getvalue().encode()


def _json_line(columns: Sequence[str], row: Sequence[Any]) -> bytes:
    return json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False).encode() + b"\n"
