"""The log in one SQLite file: what is appended together is one row, so that a record costs no statement of its own.

    appended(topic, partition, last) -> first, body     last = offset of the row's last record: an index finds the row

`body` is the records one after another, each as its three lengths, key, headers and value. Rows are never changed nor
removed: the tables refuse both (`log_tables.py`). Processes take turns by SQLite's write lock; one object belongs to
one thread.
"""

import sqlite3
import struct
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hub.adapters.sql import formats
from hub.adapters.sql import log_tables as tables
from hub.core.errors import AppendUncertain, DataError, IntegrityError, Unreachable
from hub.core.record import Bounds, Record

FORMAT: Final = formats.newest("log")
PROGRAM: Final = 0x4855424C  # "HUBL": tells a log from our other files
PAGE: Final = 16_384  # rows are large, and a page costs two calls of the system whatever its size
MOST: Final = 1000  # records of one row
MOST_BYTES: Final = 4_000_000  # of values of one row, but for the last: SQLite refuses a blob of 10^9
BUSY_SECONDS: Final = 30
_LENGTHS: Final = struct.Struct(">III")


class SqliteLog:
    """The `Log` port over the file `path`, made when it is not there and `make`. Several processes may use one file.

    Raises DataError HUB-L103 when a newer program made the file, HUB-L104 when it is another database, HUB-L105 when
    there is none to open or it was set aside since, IntegrityError HUB-L402 when it is damaged, Unreachable HUB-L502
    when it cannot be opened.
    """

    def __init__(self, path: Path, make: bool = True) -> None:
        if not make and not path.is_file():
            raise DataError("HUB-L105")
        self._path = path
        self._topics: dict[str, tuple[int, int]] = {}
        self._parsed: dict[tuple[int, int], tuple[int, list[Record]]] = {}
        with _mapped():
            self._connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            with _mapped():
                self._identity = self._open_in_turn()
        except BaseException:
            self._connection.close()
            raise

    def _open_in_turn(self) -> str:
        """SQLite does not wait when two processes switch a new file to WAL at once: the loser tries again."""
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return self._open()
            except sqlite3.OperationalError as error:
                self._roll_back()
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                    raise
            time.sleep(0.01)

    def _open(self) -> str:
        run = self._connection.execute
        run(f"PRAGMA page_size = {PAGE}")  # of a new file; another keeps its own
        run("PRAGMA synchronous = FULL")
        run("BEGIN IMMEDIATE" if not _number(run("PRAGMA user_version")) else "BEGIN")
        found, program = _number(run("PRAGMA user_version")), _number(run("PRAGMA application_id"))
        if found or program or _number(run("SELECT count(*) FROM sqlite_master")):
            if program != PROGRAM:
                raise DataError("HUB-L104")
            if found > FORMAT:
                raise DataError("HUB-L103", found=found, known=FORMAT)
        else:
            for statement in tables.SCHEMA:
                run(statement)
            run(tables.PUT_IDENTITY, (uuid.uuid4().hex,))
            run(f"PRAGMA application_id = {PROGRAM}")
            run(f"PRAGMA user_version = {FORMAT}")
        run("COMMIT")
        run("PRAGMA journal_mode = WAL")
        return str(run(tables.IDENTITY).fetchone()[0])

    def place(self) -> str:
        """The file, by whichever path."""
        found = self._path.stat()
        return f"{found.st_dev}:{found.st_ino}"

    def identity(self) -> str:
        """The id made with the file; a copy of the file has the same."""
        return self._identity

    def create(self, topic: str, partitions: int) -> None:
        """Make a topic. Raises DataError HUB-L101 when it has another number of partitions, or that is below one."""
        if partitions < 1:
            raise DataError("HUB-L101", topic=topic, partitions=partitions, found=0)
        self._require_place()
        with _mapped():
            self._connection.execute(tables.PUT_TOPIC, (topic, partitions))  # the table ignores one that it has
        found = self.topics()[topic]
        if found != partitions:
            raise DataError("HUB-L101", topic=topic, partitions=partitions, found=found)

    def topics(self) -> dict[str, int]:
        """Every topic and its number of partitions, by name."""
        with _mapped():
            rows = self._connection.execute(tables.TOPICS).fetchall()
        self._topics = {name: (id, partitions) for name, id, partitions in rows}
        return {name: partitions for name, _, partitions in rows}

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Append in one transaction, up to `MOST` records a row; returns the offset of the first."""
        self._require_place()
        id = self._id(topic, partition)
        bodies = list(_bodies(records))
        run = self._connection.execute
        with _mapped():
            run("BEGIN IMMEDIATE")
        try:
            first = offset = self._end(id, partition)
            for count, body in bodies:
                run(tables.PUT, (id, partition, offset + count - 1, offset, body))
                offset += count
            run("COMMIT")
        except sqlite3.Error:
            # The commit may have reached the disk before it failed.
            raise AppendUncertain("HUB-L501", topic=topic, partition=partition) from None
        finally:  # after a key press, too: an open transaction would keep every other process out
            self._roll_back()
        return first

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records; the row read last is kept, so that small steps do not take it apart again."""
        id = self._id(topic, partition)
        first, kept = self._parsed.get((id, partition), (0, []))
        start = offset - first
        if limit > 0 and start >= 0 and start + limit <= len(kept):
            return kept[start : start + limit]
        with _mapped():
            found = self._rows(id, partition, offset, limit)
            if not found and not 0 <= offset <= self._end(id, partition):
                raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset)
        if found:
            self._parsed[id, partition] = found[-1]
        records: list[Record] = []
        for first, some in found:
            records += some[offset + len(records) - first :] if not records else some
        return records[: max(limit, 0)]

    def _rows(self, id: int, partition: int, offset: int, limit: int) -> list[tuple[int, list[Record]]]:
        """Rows from the one that holds `offset` on, until they hold `limit` records."""
        found: list[tuple[int, list[Record]]] = []
        if offset < 0 or limit < 1:
            return found
        rows = self._connection.execute(tables.ROWS, (id, partition, offset))
        kept = self._parsed.get((id, partition))
        for first, last, body in rows:
            found.append(kept if kept and kept[0] == first else (first, _unpack(body, last + 1 - first)))
            if last + 1 >= offset + limit:
                break
        rows.close()
        return found

    def bounds(self, topic: str, partition: int) -> Bounds:
        """Nothing is ever removed, so the first offset is 0."""
        id = self._id(topic, partition)
        with _mapped():
            return Bounds(0, self._end(id, partition))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _require_place(self) -> None:
        """Whoever has a file open that was set aside would write what nobody reads. Raises DataError HUB-L105."""
        if not self._path.exists():
            raise DataError("HUB-L105")

    def _end(self, id: int, partition: int) -> int:
        found = self._connection.execute(tables.LAST, (id, partition)).fetchone()[0]
        return 0 if found is None else int(found) + 1

    def _id(self, topic: str, partition: int) -> int:
        """The topic's number. Raises DataError HUB-L102 for what there is not, after looking again."""
        if topic not in self._topics:
            self.topics()
        id, partitions = self._topics.get(topic, (0, 0))
        if not 0 <= partition < partitions:
            raise DataError("HUB-L102", topic=topic, partition=partition)
        return id

    def _roll_back(self) -> None:
        with suppress(sqlite3.Error):  # the caller is about to say that nobody knows; closing rolls back, too
            self._connection.rollback()


def _number(found: sqlite3.Cursor) -> int:
    return int(found.fetchone()[0])


def _bodies(records: Iterable[Record]) -> Iterator[tuple[int, bytes]]:
    """Number of records and body of each row."""
    parts: list[bytes] = []
    count = size = 0
    pack = _LENGTHS.pack
    for key, headers, value in records:
        parts += (pack(len(key), len(headers), len(value)), key, headers, value)
        count += 1
        size += len(value)
        if count == MOST or size >= MOST_BYTES:
            yield count, b"".join(parts)
            parts.clear()
            count = size = 0
    if count:
        yield count, b"".join(parts)


def _unpack(body: bytes, count: int) -> list[Record]:
    """The records of a row. Raises IntegrityError HUB-L402 when they are not as many as its offsets say, or cut."""
    records: list[Record] = []
    lengths, size, add = _LENGTHS.unpack_from, _LENGTHS.size, records.append
    make = tuple.__new__  # half the time of Record(...), which checks what three slices cannot get wrong
    at, end = 0, len(body)
    while at + size <= end:
        key, headers, value = lengths(body, at)
        key_end = at + size + key
        headers_end = key_end + headers
        value_end = headers_end + value
        add(make(Record, (body[at + size : key_end], body[key_end:headers_end], body[headers_end:value_end])))
        at = value_end
    if at != end or len(records) != count:
        raise IntegrityError("HUB-L402", reason="row")
    return records


@contextmanager
def _mapped() -> Iterator[None]:
    """The driver's errors as ours, without their text, which may carry values."""
    try:
        yield
    except sqlite3.Error as error:
        reason = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
        if reason.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise IntegrityError("HUB-L402", reason=reason) from None
        raise Unreachable("HUB-L502", reason=reason) from None
