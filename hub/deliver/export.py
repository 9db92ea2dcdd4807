"""A view as a file: every row of one moment in a stable order, with the positions and the digest that belong to it."""

import csv
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from hub.core.digest import encode_row, tree_root
from hub.core.errors import NotPermitted
from hub.ports.views import Snapshot

FORMS: Final = ("csv", "jsonl")


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object:
        """Take them."""
        ...


class Exported(NamedTuple):
    """What was written: rows, offsets by partition, digest of the rows (tree of SHA-256), SHA-256 of the bytes."""

    view: str
    rows: int
    positions: dict[str, list[int]]
    digest: str
    sha256: str


def export(
    snapshot: Snapshot, view: str, columns: Sequence[str], groups: Sequence[str], form: str, sink: Sink
) -> Exported:
    """Write a view as UTF-8: csv (RFC 4180, a header line) or jsonl (an object a line).

    The digest is over the rows in the order written, each under `hub.core.digest.encode_row`, whatever the form.
    """
    hashed = sha256()

    def put(data: bytes) -> None:
        hashed.update(data)
        sink.write(data)

    if form == "csv":
        put(_csv_line(columns))

    def leaves() -> Iterator[bytes]:
        for row in snapshot.rows(view, columns):
            put(_csv_line(row) if form == "csv" else _json_line(columns, row))
            yield encode_row(row)

    root, count = tree_root(leaves())
    positions = {group: list(snapshot.positions(group).values()) for group in groups}
    return Exported(view, count, positions, root.hex(), hashed.hexdigest())


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
