"""The tables of the SQLite log, against a program that writes to the file by itself."""

import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from hub.adapters.sql import log_tables as tables
from hub.adapters.sql.log import SqliteLog
from hub.core.errors import IntegrityError
from tests.conformance.log_laws import everything, records

FORGED = {
    "log_one": "INSERT INTO log VALUES ('another log')",
    "topic_new": "REPLACE INTO topic (id, name, partitions) VALUES (1, 'other', 1)",
    "topic_once": "REPLACE INTO topic (name, partitions) VALUES ('t', 7)",
    "appended_next": "REPLACE INTO appended (topic, partition, last, first, body) VALUES (1, 0, 2, 0, x'00')",
    "appended_next (number)": "REPLACE INTO appended VALUES (1, 1, 0, 3, 3, x'00')",
    "appended_next (gap)": "INSERT INTO appended (topic, partition, last, first, body) VALUES (1, 0, 9, 9, x'00')",
    "appended_next (overlap)": "INSERT INTO appended (topic, partition, last, first, body) VALUES (1, 0, 4, 2, x'00')",
    "appended_next (backward)": "INSERT INTO appended (topic, partition, last, first, body) VALUES (1, 0, 1, 3, x'00')",
}


def opened(path: Path) -> sqlite3.Connection:
    """The file of a log with one topic and three records, in the hands of another program."""
    log = SqliteLog(path)
    log.create("t", 1)
    log.append("t", 0, records(0, 3))
    log.close()
    return sqlite3.connect(path, isolation_level=None)


def law_refused(file: sqlite3.Connection, statement: str) -> None:
    """The statement leaves every table as it was."""
    tables = ("log", "topic", "appended")
    before = [file.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    with suppress(sqlite3.IntegrityError):
        file.execute(statement)
    assert [file.execute(f"SELECT * FROM {table}").fetchall() for table in tables] == before


@pytest.mark.parametrize("forged", FORGED)
def test_the_tables_refuse_what_a_log_never_does(forged: str, tmp_path: Path) -> None:
    """No second identity, no topic or row in the place of another, no offset that does not follow the one before."""
    file = opened(tmp_path / "log.db")
    law_refused(file, FORGED[forged])
    file.execute(f"DROP TRIGGER {forged.split()[0]}")
    with pytest.raises(AssertionError):  # the law sees what only this trigger stops
        law_refused(file, FORGED[forged])


def test_rows_are_found_by_the_index(tmp_path: Path) -> None:
    """Neither the end nor a row in the middle costs a walk over the log, however long it is."""
    file = opened(tmp_path / "log.db")
    for statement, values in ((tables.LAST, (1, 0)), (tables.ROWS, (1, 0, 2))):
        (plan,) = file.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
        assert plan[3].startswith("SEARCH appended USING")
        assert "appended_place" in plan[3]


@pytest.mark.parametrize(
    "damage",
    ["substr(body, 1, length(body) - 1)", "substr(body, 1, 5)", "x''", "body || x'00'", "body || body"],
)
def test_a_damaged_row_is_no_row(damage: str, tmp_path: Path) -> None:
    """A row that was cut or grew is damage, exit 4; no record of it is given, and none is counted wrongly."""
    file = opened(tmp_path / "log.db")
    file.execute("DROP TRIGGER appended_no_update")
    file.execute(f"UPDATE appended SET body = CAST({damage} AS BLOB)")
    log = SqliteLog(tmp_path / "log.db")
    with pytest.raises(IntegrityError, match="HUB-L402"):
        log.read("t", 0, 0, 10)


def test_a_damaged_file_is_not_one_that_does_not_answer(tmp_path: Path) -> None:
    """Damage of the file is exit 4, a thing for a person; trying again, as after exit 5, would mend nothing."""
    opened(tmp_path / "log.db").close()
    whole = bytearray((tmp_path / "log.db").read_bytes())
    whole[4096:] = b"\x55" * (len(whole) - 4096)
    (tmp_path / "log.db").write_bytes(whole)
    with pytest.raises(IntegrityError, match="HUB-L402") as caught:
        everything(SqliteLog(tmp_path / "log.db"))
    assert str(caught.value.place["reason"]).startswith("SQLITE_CORRUPT")
