"""The peer of the benches: the package `eventsourcing` appending the same bytes to SQLite, a hundred at a time."""

import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

HUNDRED = 100


def append(path: Path, events: Sequence[tuple[bytes, int, bytes]], many: int = HUNDRED) -> float:
    """Append (16-byte stream, version, bytes) to a new database, `many` a transaction; returns CPU seconds.

    WAL, synchronous=FULL.
    """
    datastore = SQLiteDatastore(str(path))
    recorder = SQLiteApplicationRecorder(datastore)
    recorder.create_table()
    with datastore.transaction(commit=False) as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2, "the peer must keep what it acknowledged"
    stored = [StoredEvent(UUID(bytes=stream), version, "event", state) for stream, version, state in events]
    began = time.process_time()
    for at in range(0, len(stored), many):
        recorder.insert_events(stored[at : at + many])
    spent = time.process_time() - began
    datastore.close()
    return spent
