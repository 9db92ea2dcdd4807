"""The SQLite log as a file: never changed, shared by processes, whole after a kill, and not taken for another file."""

import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from hub.adapters.sql import log as module
from hub.adapters.sql.log import SqliteLog
from hub.core.errors import AppendUncertain, DataError, IntegrityError, Unreachable
from hub.core.record import Record
from hub.wiring import open_log
from tests.conformance.log_laws import everything, record, records

WRITER = """
import sys
from pathlib import Path
from hub.adapters.sql.log import SqliteLog
from hub.core.record import Record
path, name, many, together = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
log = SqliteLog(Path(path))
log.create("t", 1)
for n in range(many):
    offset = log.append("t", 0, [Record(name.encode(), b"%d" % n, b"%d" % part) for part in range(together)])
    print(offset, flush=True)
"""


def writer(path: Path, name: str, many: int, together: int) -> subprocess.Popen[str]:
    """A process that appends `many` times `together` records and prints each offset it was told."""
    words = [sys.executable, "-c", WRITER, str(path), name, str(many), str(together)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def made(path: Path) -> SqliteLog:
    """A log with three records."""
    log = SqliteLog(path)
    log.create("t", 1)
    log.append("t", 0, records(0, 3))
    return log


def columns(file: sqlite3.Connection) -> dict[str, list[str]]:
    """The names of the columns of every table."""
    tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    return {name: [row[1] for row in file.execute(f"PRAGMA table_info({name})")] for (name,) in tables}


def bodies(file: sqlite3.Connection) -> str:
    """The table that holds the records."""
    (found,) = (table for table, names in columns(file).items() if "body" in names)
    return found


def test_processes_interleave(tmp_path: Path) -> None:
    """Processes that make and write one log at once each get their offsets, and no append is torn by another."""
    path = tmp_path / "log.db"
    running = {name: writer(path, name, 40, 3) for name in ("a", "b")}
    told = {name: list(map(int, each.communicate()[0].split())) for name, each in running.items()}
    assert [each.returncode for each in running.values()] == [0, 0]
    assert sorted(offset for offsets in told.values() for offset in offsets) == list(range(0, 240, 3))
    found = everything(SqliteLog(path))
    for name, offsets in told.items():
        assert offsets == sorted(offsets)
        for n, offset in enumerate(offsets):
            expected = [Record(name.encode(), b"%d" % n, b"%d" % part) for part in range(3)]
            assert found[offset : offset + 3] == expected


def test_a_kill_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """After kill -9 in the middle of appends, all that was acknowledged is there, and nothing is there by halves."""
    path, chance = tmp_path / "log.db", random.Random(7)
    landed = 0
    for life in range(3):
        process = writer(path, f"life {life}", 100_000, 7)
        assert process.stdout
        told = [int(process.stdout.readline()) for _ in range(chance.randrange(1, 25))]
        process.kill()
        told += map(int, process.communicate()[0].split("\n")[:-1])
        assert process.returncode == -signal.SIGKILL
        log = SqliteLog(path)
        found = everything(log)
        log.close()
        new = found[landed:]
        assert told == list(range(landed, landed + 7 * len(told), 7))
        assert 0 <= len(new) - 7 * len(told) <= 7
        assert len(new) % 7 == 0
        assert [(each.headers, each.value) for each in new] == [
            (b"%d" % (n // 7), b"%d" % (n % 7)) for n in range(len(new))
        ]
        landed = len(found)


def test_nothing_is_changed_or_removed(tmp_path: Path) -> None:
    """The file itself refuses UPDATE, DELETE and REPLACE in each of its tables, whichever program asks."""
    made(tmp_path / "log.db").close()
    file = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    tables = columns(file)
    assert len(tables) >= 3
    for table, names in tables.items():
        before = file.execute(f"SELECT * FROM {table}").fetchall()
        assert before
        for statement in (f"UPDATE {table} SET {names[-1]} = {names[-1]}", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="only appended"):
                file.execute(statement)
        with suppress(sqlite3.IntegrityError):
            file.execute(f"REPLACE INTO {table} SELECT * FROM {table}")
        assert file.execute(f"SELECT * FROM {table}").fetchall() == before


def test_together_is_one_row(tmp_path: Path) -> None:
    """What is appended together costs one row a thousand records, and fewer only when they are large."""
    log = SqliteLog(tmp_path / "log.db")
    log.create("t", 3)
    large = Record(b"", b"", b"x" * 1_500_000)
    for partition, some in enumerate([records(0, 1000), records(0, 2001), [large] * 4]):
        log.append("t", partition, some)
        assert everything(log, partition=partition) == some
    file = sqlite3.connect(tmp_path / "log.db")
    rows = file.execute(f"SELECT partition, count(*) FROM {bodies(file)} GROUP BY partition")
    assert rows.fetchall() == [(0, 1), (1, 3), (2, 2)]


def test_a_log_that_was_set_aside_takes_no_more(tmp_path: Path) -> None:
    """Whoever has a log open whose file has another name by now writes nothing there: nobody would ever read it."""
    log = made(tmp_path / "log.db")
    (tmp_path / "log.db").rename(tmp_path / "log.db.aside-1")
    for write in (lambda: log.append("t", 0, records(3, 1)), lambda: log.create("u", 1)):
        with pytest.raises(DataError, match="HUB-L105"):
            write()
    assert everything(log) == records(0, 3)
    assert not (tmp_path / "log.db").exists()


def test_a_newer_file_is_refused_untouched(tmp_path: Path) -> None:
    """A log that a newer program wrote is not opened, and not touched."""
    made(tmp_path / "log.db").close()
    file = sqlite3.connect(tmp_path / "log.db")
    file.execute("PRAGMA user_version = 2")
    file.close()
    before = (tmp_path / "log.db").read_bytes()
    with pytest.raises(DataError, match="HUB-L103") as caught:
        SqliteLog(tmp_path / "log.db")
    assert caught.value.place == {"found": 2, "known": 1}
    assert (tmp_path / "log.db").read_bytes() == before


@pytest.mark.parametrize("version", [0, 1, 2])
def test_another_database_is_refused_untouched(version: int, tmp_path: Path) -> None:
    """A database of another kind is not a log, whatever format number it has."""
    file = sqlite3.connect(tmp_path / "views.db")
    file.execute("CREATE TABLE log (identity TEXT)")
    file.execute(f"PRAGMA user_version = {version}")
    file.close()
    before = (tmp_path / "views.db").read_bytes()
    with pytest.raises(DataError, match="HUB-L104"):
        SqliteLog(tmp_path / "views.db")
    assert (tmp_path / "views.db").read_bytes() == before


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    """A text file is damage, a lacking file is not made when it should be there, a folder cannot be opened."""
    (tmp_path / "text").write_text("姓名,身份证号\n" * 100, encoding="utf-8")
    with pytest.raises(IntegrityError, match="HUB-L402"):
        open_log(f"sqlite:///{tmp_path}/text")
    with pytest.raises(DataError, match="HUB-L105"):
        open_log(f"sqlite:///{tmp_path}/none.db", make=False)
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(Unreachable, match="HUB-L502"):
        open_log(f"sqlite:///{tmp_path}")
    for url in ("redis://host", "kafka://", "kafka://user:x@host", "sqlite:///", "log.db", ""):
        with pytest.raises(DataError, match="HUB-L106"):
            open_log(url)


def test_a_busy_log_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock held by another for longer than the patience is Unreachable: nothing landed, and it works again after."""
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.01)
    log = made(tmp_path / "log.db")
    other = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unreachable, match="HUB-L502") as caught:
        log.append("t", 0, [record(3)])
    assert not isinstance(caught.value, AppendUncertain)
    assert everything(log) == records(0, 3)
    other.execute("ROLLBACK")
    assert log.append("t", 0, [record(3)]) == 3


def test_a_failed_append_is_uncertain_and_says_no_value(tmp_path: Path) -> None:
    """An append that fails after it began is AppendUncertain, has no other error behind it, and the log goes on."""
    log = made(tmp_path / "log.db")
    file = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    file.execute(f"CREATE TRIGGER full BEFORE INSERT ON {bodies(file)} BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(AppendUncertain) as caught:
        log.append("t", 0, records(3, 5))
    assert str(caught.value) == "HUB-L501 topic=t partition=0"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    file.execute("DROP TRIGGER full")
    assert log.append("t", 0, records(3, 5)) == 3
    assert everything(log) == records(0, 5)
