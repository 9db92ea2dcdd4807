"""Reading real databases: what is sent is what was printed, with no more rights than were printed, and nothing else."""

import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors.sources import CHUNK, After, Cursor, database, open_walk, parse_source, session, statements
from connectors.sources.database import engine_for
from connectors.sources.sql import SqlSource
from hub.core.errors import DataError, Unreachable
from tests.databases.bases import TESTED, Base, Maria, Postgres, shape
from tests.postgres.server import Server

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {"table": "患者", "cursor": "更新时间", "key": ["编号"], "lag_days": 3}
DAY = "2025-06-05 08:00:00"
WRAPPED = {"BEGIN", "BEGIN (implicit)", "COMMIT", "ROLLBACK"}
NIGHT_MS = 16 * 3_600_000  # midnight in Shanghai
NOON_MS = 4 * 3_600_000

SERVERS = pytest.mark.parametrize("base", [*(name for name in TESTED if name != "sqlite"), "odbc"], indirect=True)
"""SQLite has neither accounts nor a clock of its own."""


def granted(base: Base, *names: str, **settings: Any) -> None:
    """Run the printed script of rights as the database's owner would."""
    for line in base.explained(*names, **settings).grants:
        base.do(line.replace("<address of the connector>", "%"))


def ready(base: Base, rows: list[tuple[Any, ...]], *names: str, **settings: Any) -> None:
    """The table filled, and the reader's rights given."""
    base.fill(rows)
    granted(base, *(names or ("姓名",)), **(settings or SETTINGS))


def read(base: Base, folder: Path, after: Cursor | None = None, **settings: Any) -> list[tuple[object, ...]]:
    """The rows of one read."""
    with base.opened(folder, "姓名", now_ms=lambda: NOON_MS, **(settings or SETTINGS)) as source:
        return [row.values for chunk in source.rows(after) for row in chunk.rows]


def printed_law(base: Base, folder: Path) -> None:
    """A server hears no statement that was not printed, and each printed one is sent by some read."""
    ready(base, [(f"{n:05d}", "某", "x", DAY) for n in range(CHUNK + 7)])
    base.listen()
    assert len(read(base, folder)) == CHUNK + 7
    assert len(read(base, folder, Cursor(base.moment(DAY)))) == CHUNK + 7  # type: ignore[arg-type]
    found = base.explained("姓名", **SETTINGS)
    ours = {shape(one) for part in (found.columns, found.whole, found.later, found.following) for one in part}
    told = {one for one in base.told() if one not in WRAPPED and not one.startswith(("FETCH", "CLOSE"))}
    assert told - ours - set(map(shape, found.login)) == set()
    assert ours - told == set()


def test_what_is_printed_is_what_is_sent(base: Base, tmp_path: Path) -> None:
    """A server hears no statement that was not printed, and each printed one is sent by some read."""
    printed_law(base, tmp_path)


def walked(base: Base, folder: Path, after: After, most: int = 10_000) -> tuple[list[tuple[object, ...]], After]:
    """The rows of so many pieces of a walk, three rows each, and where it stands then."""
    spec, rows = parse_source(base.section(**SETTINGS)), list[tuple[object, ...]]()
    with open_walk(spec, folder, names=["姓名"], key=["编号"], today=None, now_ms=lambda: NOON_MS) as walk:
        assert walk.count() > 0
        mark = walk.mark()
        assert mark is not None
        assert mark.value == base.moment(DAY)
        for piece in islice(walk.pieces(after, 3), most):
            rows, after = [*rows, *(row.values for row in piece.chunk.rows)], piece.after
    return rows, after


def test_a_walk_has_each_row_once_and_sends_what_is_printed(base: Base, tmp_path: Path) -> None:
    """Page after page by the key, rows of one key and rows without any among them, in one process or in many."""
    rows: list[tuple[Any, ...]] = [(f"{n:05d}", f"人{n}", "x", DAY) for n in range(20)]
    rows += [(None, f"空{n}", "x", DAY) for n in range(4)] + [("00007", f"同{n}", "x", DAY) for n in range(5)]
    ready(base, rows)
    base.listen()
    once, _ = walked(base, tmp_path, ())
    assert Counter(row[-1] for row in once) == Counter(row[1] for row in rows)
    found: list[tuple[object, ...]] = []
    after: After = ()
    for _ in range(len(rows)):
        some, after = walked(base, tmp_path, after, 1)
        found += some
    assert Counter(found) == Counter(once)
    printed = base.explained("姓名", **SETTINGS)
    ours = {shape(one) for part in (printed.columns, printed.walk) for one in part}
    told = {one for one in base.told() if one not in WRAPPED and not one.startswith(("FETCH", "CLOSE"))}
    assert told - ours - set(map(shape, printed.login)) == set()


@pytest.mark.parametrize("base", [name for name in TESTED if name != "sqlite"], indirect=True)
def test_an_account_that_has_all_its_connections_is_waited_for(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that follows another at once, whose connection the server has not seen closed yet, reads all the same;
    where they stay taken, that is said, and no network is blamed."""
    ready(base, [("1", "某", "x", DAY)])
    engine = engine_for(parse_source(base.section(**SETTINGS)), tmp_path)  # type: ignore[arg-type]
    held = [engine.connect() for _ in range(2)]
    timer = threading.Timer(1.0, lambda: [one.close() for one in held])
    timer.start()
    assert len(read(base, tmp_path)) == 1
    timer.join()
    with database.connected(engine), database.connected(engine):
        monkeypatch.setattr(database, "_CROWDED_S", 0.3)
        with pytest.raises(Unreachable) as stop:
            read(base, tmp_path)
    assert stop.value.code == "HUB-C488"


@pytest.mark.parametrize("base", ["postgresql"], indirect=True)
def test_a_statement_that_is_not_printed_is_found_out(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The law above kills a session that asks one thing more."""
    clock = session.Session.clock

    def curious(self: session.Session) -> Any:
        with self.connection().begin():
            self.connection().exec_driver_sql("SELECT 'more'")
        return clock(self)

    monkeypatch.setattr(session.Session, "clock", curious)
    with pytest.raises(AssertionError):
        printed_law(base, tmp_path)


@SERVERS
def test_the_printed_rights_are_enough_and_no_more(base: Base, tmp_path: Path) -> None:
    """An account with the printed rights reads; it reads no other column, and writes nothing."""
    ready(base, [("1", "某", "x", DAY)])
    assert len(read(base, tmp_path)) == 1
    with base.opened(tmp_path, "备注", now_ms=lambda: NOON_MS, **SETTINGS) as source:
        with pytest.raises(DataError) as stop:
            source.columns()
        assert stop.value.code in ("HUB-C225", "HUB-C201")
    with base.opened(tmp_path, "姓名", **SETTINGS) as source:
        assert source.columns()
        assert source.others == ()


def test_no_session_writes_though_its_account_may(base: Base, tmp_path: Path) -> None:
    """A session of a source refuses to write, whatever the rights of its account."""
    ready(base, [("1", "某", "x", DAY)])
    if isinstance(base, Postgres):
        base.do(f"GRANT ALL ON {base.table} TO {base.reader}", f"ALTER ROLE {base.reader} RESET ALL")
    elif isinstance(base, Maria):
        base.do(f"GRANT ALL ON {base.database}.* TO '{base.reader}'@'%'")
    with base.opened(tmp_path, "姓名", **SETTINGS) as source:
        assert isinstance(source, SqlSource)
        source.columns()
        with pytest.raises(sa.exc.DBAPIError):
            source._session.connection().exec_driver_sql(f"DELETE FROM {base.table}")
    assert len(read(base, tmp_path)) == 1


def test_a_read_has_one_connection(base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns, clock and pages of a read share one connection, and the owner's pause lies between two pages."""
    ready(base, [(f"{n:05d}", "某", "x", DAY) for n in range(CHUNK + 7)])
    slept: list[float] = []
    monkeypatch.setattr(session.time, "sleep", slept.append)
    opened: list[object] = []
    after = Cursor(base.moment(DAY))  # type: ignore[arg-type]
    with base.opened(tmp_path, "姓名", now_ms=lambda: NOON_MS, pause_ms=250, **SETTINGS) as source:
        sa.event.listen(source._engine, "connect", lambda raw, _: opened.append(raw))  # type: ignore[attr-defined]
        assert sum(len(chunk.rows) for chunk in source.rows(after)) == CHUNK + 7
    assert len(opened) == 1
    assert slept == [0.25]


def test_pages_hide_no_row(base: Base, tmp_path: Path) -> None:
    """On each product no page hides a row behind an empty or doubled key, and none comes twice."""
    keys: list[str | None] = [None] * 7 + ["same"] * (CHUNK + 3) + [f"z{n:05d}" for n in range(CHUNK)]
    ready(base, [(key, "某", "x", DAY) for key in keys])
    found = read(base, tmp_path, Cursor(base.moment(DAY)))  # type: ignore[arg-type]
    assert Counter(row[0] for row in found) == Counter(keys)


SLOW = {
    "sqlite": "WITH RECURSIVE n(姓名) AS (SELECT 1 UNION ALL SELECT 姓名 + 1 FROM n) SELECT max(姓名) AS 姓名 FROM n",
    "postgresql": "SELECT 'x' || pg_sleep(20) AS 姓名",
    "odbc": "SELECT 'x' || pg_sleep(20) AS 姓名",
    "mariadb": "SELECT SLEEP(20) AS 姓名",
}


def test_an_answer_that_takes_too_long_is_given_up(base: Base, tmp_path: Path) -> None:
    """A statement over its time limit ends as a database that does not answer, and says which setting it was."""
    granted(base, "姓名", **SETTINGS)
    with (
        pytest.raises(Unreachable) as stop,
        base.opened(tmp_path, query=SLOW[base.name], timeout_seconds=1) as source,
    ):
        list(source.rows())
    assert str(stop.value) == "HUB-C270 alias=hospital seconds=1"


def test_the_allowed_hours_end_a_read(base: Base, tmp_path: Path) -> None:
    """Outside of its hours a source is not connected to; inside, a read ends with them and the next one goes on."""
    rows = [(f"{n:05d}", "某", "x", DAY) for n in range(CHUNK + 7)]
    ready(base, [*rows, ("z", "某", "x", "2025-06-09 08:00:00")])
    night = SETTINGS | {"hours": ["22:00-05:00"], "lag_days": 0}
    with base.opened(tmp_path, "姓名", now_ms=lambda: NOON_MS, **night) as source:
        with pytest.raises(Unreachable) as stop:
            source.columns()
        assert stop.value.code == "HUB-C271"
    now = [NIGHT_MS]
    first: list[object] = []
    with base.opened(tmp_path, "姓名", now_ms=lambda: now[0], **night) as source:
        for chunk in source.rows(Cursor(base.moment(DAY))):  # type: ignore[arg-type]
            first += [row.values[0] for row in chunk.rows]
            now[0] = NOON_MS
        assert len(first) == CHUNK
        assert source.description["ended"] == "hours"
        assert source.cursor == Cursor(base.moment(DAY))  # type: ignore[arg-type]
        after = source.cursor
    with base.opened(tmp_path, "姓名", now_ms=lambda: NIGHT_MS, **night) as source:
        second = [row.values[0] for chunk in source.rows(after) for row in chunk.rows]
    assert set(first) | set(second) == {row[0] for row in rows} | {"z"}
    now[0] = NIGHT_MS
    with base.opened(tmp_path, "姓名", now_ms=lambda: now[0], **night) as source:
        chunks = source.rows()
        next(chunks)
        now[0] = NOON_MS
        with pytest.raises(Unreachable) as stop:
            next(chunks)
    assert stop.value.code == "HUB-C273"


@SERVERS
def test_the_watermark_is_by_the_clock_of_the_database(base: Base, tmp_path: Path) -> None:
    """A row dated after the database's now is no watermark, whatever this machine's clock says; their skew is told."""
    ahead = (datetime.now().astimezone() + timedelta(minutes=30)).strftime("%Y-%m-%d %H:%M:%S")
    ready(base, [("1", "某", "x", DAY), ("2", "某", "x", ahead)])
    fast = lambda: int(time.time() * 1000) + 3_000_000_000  # noqa: E731
    with base.opened(tmp_path, "姓名", now_ms=fast, **SETTINGS) as source:
        assert sum(len(chunk.rows) for chunk in source.rows()) == 2
        assert source.cursor == Cursor(datetime.fromisoformat(DAY))
        assert abs(int(source.description["clock_skew_seconds"]) + 3_000_000) < 600


def test_drivers_tell_types_without_a_row(base: Base, tmp_path: Path) -> None:
    """Each product's types have our names, known before the first row; a retyped column stops."""
    granted(base, "姓名", **SETTINGS)
    base.do("CREATE TABLE 型 (a INT, b DECIMAL(9,2), c DATE, d VARCHAR(9), e TIME, f CHAR(3), g TIMESTAMP NULL)")
    granted_again(base, "型")
    with base.opened(tmp_path, "a", "b", "c", "d", "e", "f", "g", table="型") as source:
        assert [column.type for column in source.columns()] == [
            "number", "number", "date", "text", "time", "text", "date",
        ]  # fmt: skip
    with (
        base.opened(tmp_path, "d", table="型", columns={"d": "number"}) as source,
        pytest.raises(DataError) as stop,
    ):
        source.columns()
    assert str(stop.value) == "HUB-C203 alias=hospital column=d declared=number found=text"


def granted_again(base: Base, table: str) -> None:
    """The reader may read all of another table."""
    if isinstance(base, Postgres):
        base.do(f"GRANT SELECT ON {table} TO {base.reader}")
    elif isinstance(base, Maria):
        base.do(f"GRANT SELECT ON {base.database}.{table} TO '{base.reader}'@'%'")


def test_what_is_not_there_is_told_with_the_nearest_name(base: Base, tmp_path: Path) -> None:
    """A missing table or column is named with the one that is meant, on each product; others are listed."""
    granted(base, "姓名", **SETTINGS)
    granted_again(base, base.table)
    cases = {"HUB-C201": ("患者", "姓明"), "HUB-C228": ("患着", "姓名")}
    for code, (table, column) in cases.items():
        with base.opened(tmp_path, column, table=table) as source, pytest.raises(DataError) as stop:
            source.columns()
        assert stop.value.code == code
        assert stop.value.place["nearest"] in ("姓名", "患者")
    with base.opened(tmp_path, "姓名", table="患者") as source:
        source.columns()
        assert set(source.others) == {"编号", "备注", "更新时间"}


def test_a_read_that_nobody_finishes_lets_go(base: Base, tmp_path: Path) -> None:
    """Who looks at a few rows only, as a preview does, waits for no others, and nothing is left open."""
    ready(base, [(f"{n:05d}", "某", "x", DAY) for n in range(3 * CHUNK)])
    with base.opened(tmp_path, "姓名", **SETTINGS) as source:
        chunks = source.rows()
        assert len(next(chunks).rows) == CHUNK
        chunks.close()  # type: ignore[attr-defined]
    assert len(read(base, tmp_path)) == 3 * CHUNK


def index_law(base: Base, folder: Path) -> None:
    """With the printed index, a later page begins in the index where the last one ended, and sorts nothing."""
    ready(base, [(f"{n:05d}", "某", "x", f"2025-06-{1 + n // 100:02d} 08:00:00") for n in range(2500)])
    found = base.explained("姓名", **SETTINGS)
    base.do(*found.indexes)
    plan = base.plan(found.following[-1], base.moment(DAY), "00400")
    assert any(word in plan for word in ("Index Cond", "SEARCH", "range"))
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
    assert "filesort" not in plan


def test_the_printed_index_serves_the_printed_page(base: Base, tmp_path: Path) -> None:
    """With the printed index, a later page begins in the index where the last one ended, and sorts nothing."""
    index_law(base, tmp_path)


@pytest.mark.parametrize("base", ["postgresql"], indirect=True)
def test_a_page_without_a_beginning_is_found_out(base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a predicate that leaves the optimiser to look through the index from its start."""
    whole = statements.not_before
    short = lambda order, last, nulls: getattr(whole(order, last, nulls), "clauses", [whole(order, last, nulls)])[-1]  # noqa: E731
    monkeypatch.setattr(statements, "not_before", short)
    with pytest.raises(AssertionError):
        index_law(base, tmp_path)


ENCODED = "欧阳"


@pytest.mark.parametrize("base", ["sqlite", "mariadb"], indirect=True)
def test_bytes_of_another_encoding_are_read_as_their_text(base: Base, tmp_path: Path) -> None:
    """Columns whose bytes are GBK, in a database that takes them for something else, give the text that was written."""
    raw = ENCODED.encode("gbk").hex()
    settings = {"table": "旧", "encoding": "gb18030", "encoded": ["a"]}
    if isinstance(base, Maria):
        granted(base, "姓名", **SETTINGS)
        base.do("CREATE TABLE 旧 (a VARCHAR(20) CHARACTER SET latin1, b INT)")
        base.do(f"INSERT INTO 旧 VALUES (CONVERT(x'{raw}' USING latin1), 1), (x'81', 2), (NULL, 3)")
        granted_again(base, "旧")
    else:
        base.do("CREATE TABLE 旧 (a TEXT, b INT)", f"INSERT INTO 旧 VALUES (CAST(x'{raw}' AS TEXT), 1)")
        base.do("INSERT INTO 旧 VALUES (CAST(x'81' AS TEXT), 2), (NULL, 3)")
    with base.opened(tmp_path, "a", "b", **settings) as source:
        rows = sorted((row.values for chunk in source.rows() for row in chunk.rows), key=lambda row: str(row[1]))
    assert rows == [(ENCODED, 1), (b"\x81", 2), (None, 3)]


def test_a_database_of_postgresql_without_encoding_is_read(postgresql: Server, tmp_path: Path) -> None:
    """A database of PostgreSQL in SQL_ASCII, which takes any bytes, gives the text that was written in GBK."""
    base = Postgres(postgresql, tmp_path)
    name = f"{base.database}_ascii"
    base.do(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    base.database = name
    raw = ENCODED.encode("gbk").hex()
    base.do("CREATE TABLE old (a text)", "SET client_encoding = 'SQL_ASCII'")
    base.do(f"INSERT INTO old VALUES (convert_from('\\x{raw}', 'SQL_ASCII'))")
    granted(base, "a", table="old")
    section = {"table": "old", "encoding": "gb18030", "encoded": ["a"]}
    url = f"{base.section()['url']}?client_encoding=utf8"
    with base.opened(tmp_path, "a", **section, url=url) as source:
        assert [row.values for chunk in source.rows() for row in chunk.rows] == [(ENCODED,)]
