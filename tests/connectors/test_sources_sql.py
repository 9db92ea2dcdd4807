"""Databases, tried on SQLite and compiled for the others."""

import sqlite3
import traceback
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from connectors.sources import CHUNK, Chunk, Cursor, Source, open_source, parse_source, statements
from connectors.sources import sql as sql_module
from connectors.sources.pages import not_before
from connectors.sources.source import CursorValue
from connectors.sources.watermark import Watermark
from hub.core.errors import DataError, HubError, Unreachable

PERSON = "160101199003070010"


def database(folder: Path, rows: list[tuple[str | None, str, str | None]]) -> None:
    with sqlite3.connect(folder / "h.db") as connection:
        connection.execute("DROP TABLE IF EXISTS 患者")
        connection.execute(
            "CREATE TABLE 患者 (编号 TEXT, 身份证号 VARCHAR(18), 更新时间 TEXT, 年龄 INTEGER, 建档 DATE)"
        )
        connection.executemany("INSERT INTO 患者 VALUES (?, ?, ?, 30, '2025-01-01')", rows)
    connection.close()


def opened(folder: Path, *names: str, today: int | None = None, **section: object) -> Source:
    spec = parse_source({"kind": "sql", "alias": "hospital", "url": "sqlite:///h.db", **section})
    return open_source(spec, folder, names=names, today=today)


def numbers(chunks: list[Chunk]) -> list[object]:
    return [row.values[0] for chunk in chunks for row in chunk.rows]


def test_a_table_is_read_whole_with_its_types(tmp_path: Path) -> None:
    """A table with Chinese names gives its columns before any row, then every row, and is complete at the end."""
    database(tmp_path, [("1", PERSON, "2025-06-05"), ("2", PERSON, None)])
    with opened(tmp_path, table="患者", key="编号") as source:
        assert [tuple(column) for column in source.columns()] == [
            ("编号", "text"),
            ("身份证号", "text"),
            ("更新时间", "text"),
            ("年龄", "number"),
            ("建档", "date"),
        ]
        chunks = list(source.rows())
        assert [tuple(row) for row in chunks[0].rows] == [
            (1, ("1", PERSON, "2025-06-05", 30, "2025-01-01")),
            (2, ("2", PERSON, None, 30, "2025-01-01")),
        ]
        assert source.complete
        assert source.full
        assert source.cursor is None
        assert "SELECT" in source.description["sql"]


def test_a_query_with_colons_and_percents_is_taken_literally(tmp_path: Path) -> None:
    """A SELECT is sent as its author wrote it, without reading colons or percent signs as parameters."""
    database(tmp_path, [("1", PERSON, "2025-06-05 :x 100%")])
    query = "SELECT 编号, 更新时间 AS t FROM 患者 WHERE 更新时间 LIKE '% :x 100%' ;"
    with opened(tmp_path, "编号", "t", query=query) as source:
        assert [column.name for column in source.columns()] == ["编号", "t"]
        assert numbers(list(source.rows())) == ["1"]


def cursor_law(folder: Path) -> None:
    """A second read sees all rows from the cursor less the lag on, and no earlier one."""
    database(folder, [(str(n), PERSON, f"2025-06-{n:02d} 08:00:00") for n in range(1, 21)] + [("x", PERSON, None)])
    section = {"table": "患者", "cursor": "更新时间", "key": ["编号"], "lag_days": 3}
    with opened(folder, **section) as source:
        assert len(numbers(list(source.rows()))) == 21
        assert source.full
        after = source.cursor
    assert after == Cursor("2025-06-20 08:00:00")
    with opened(folder, **section) as source:
        assert numbers(list(source.rows(after))) == ["17", "18", "19", "20"]
        assert not source.full
        assert source.complete
        assert source.cursor == after


def test_a_cursor_narrows_the_next_read_by_no_more_than_declared(tmp_path: Path) -> None:
    """A second read sees all rows from the cursor less the lag on, and no earlier one."""
    cursor_law(tmp_path)


def test_a_source_without_lag_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a source that forgets the lag."""
    monkeypatch.setattr(Watermark, "begin", lambda self, value: value)
    with pytest.raises(AssertionError):
        cursor_law(tmp_path)


def pages_law(folder: Path) -> None:
    """Pages hold each row once, even if thousands share one cursor value."""
    database(
        folder, [(f"{n:05d}", PERSON, "2025-06-05" if n < 2 * CHUNK else "2025-06-06") for n in range(2 * CHUNK + 7)]
    )
    with opened(folder, table="患者", cursor="更新时间", key="编号") as source:
        chunks = list(source.rows(Cursor("2025-06-05")))
    assert numbers(chunks) == [f"{n:05d}" for n in range(2 * CHUNK + 7)]
    assert [row.number for chunk in chunks for row in chunk.rows] == list(range(1, 2 * CHUNK + 8))


def test_pages_hold_each_row_once(tmp_path: Path) -> None:
    """Pages hold each row once, even if thousands share one cursor value."""
    pages_law(tmp_path)


def test_pages_by_the_cursor_alone_are_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a page that begins strictly after the last cursor value and forgets the key."""
    monkeypatch.setattr(statements, "not_before", lambda order, last, _: order[0] > sa.literal(last[0]))
    with pytest.raises(AssertionError):
        pages_law(tmp_path)


def hidden_law(folder: Path) -> None:
    """No page hides a row behind one whose key is empty or that another row has, too, and none comes twice."""
    keys: list[str | None] = [None] * 7 + ["same"] * (CHUNK + 3) + [f"z{n:05d}" for n in range(CHUNK)]
    database(folder, [(key, PERSON, "2025-06-05") for key in keys])
    with opened(folder, table="患者", cursor="更新时间", key="编号") as source:
        found = [row for chunk in source.rows(Cursor("2025-06-05")) for row in chunk.rows]
    assert len(found) == len(keys)
    assert Counter(row.values[0] for row in found) == Counter(keys)


def test_a_page_hides_no_row_behind_an_empty_or_doubled_key(tmp_path: Path) -> None:
    """No page hides a row behind one whose key is empty or that another row has, too, and none comes twice."""
    hidden_law(tmp_path)


def test_pages_that_begin_after_the_last_key_are_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a page that begins behind all rows of the last key."""
    after = lambda order, last, _: sa.and_(order[0] == sa.literal(last[0]), order[1] > sa.literal(last[-1]))  # noqa: E731
    monkeypatch.setattr(statements, "not_before", after)
    with pytest.raises(AssertionError):
        hidden_law(tmp_path)


def test_only_the_columns_asked_for_leave_the_database(tmp_path: Path) -> None:
    """A table's other columns are named and never selected; without names asked for, all are there."""
    database(tmp_path, [("1", PERSON, "2025-06-05")])
    with opened(tmp_path, "身份证号", table="患者", key="编号") as source:
        assert [column.name for column in source.columns()] == ["编号", "身份证号"]
        assert "更新时间" in source.others
        assert "更新时间" not in source.description["sql"]
    with opened(tmp_path, table="患者") as source:
        assert not source.others


KEY = st.one_of(st.none(), st.integers(0, 2))


@given(st.lists(st.tuples(st.integers(0, 2), KEY, KEY), unique=True), st.integers(0, 2), KEY, KEY, st.data())
def test_the_keyset_predicate_is_the_order_of_tuples(
    rows: list[tuple[int | None, ...]], first: int, second: int | None, third: int | None, data: st.DataObject
) -> None:
    """OR/AND form selects exactly the tuples that Python holds not to be smaller, also of their beginnings.

    Empty keys are the smallest where a database sorts them first (then no page begins at one), else the greatest.
    """
    nulls_last = data.draw(st.booleans())
    size = data.draw(st.integers(1, 3))
    last = (first, second, third)[:size]
    if not nulls_last and None in last:
        last = last[: last.index(None)]
    rank = lambda row: [(3 if nulls_last else 0, 0) if value is None else (1, value) for value in row]  # noqa: E731
    engine = sa.create_engine("sqlite://")
    table = sa.Table("t", sa.MetaData(), *(sa.Column(name, sa.Integer) for name in "abc"))
    table.create(engine)
    with engine.begin() as connection:
        if rows:
            connection.execute(table.insert(), [dict(zip("abc", row, strict=True)) for row in rows])
        found = connection.execute(sa.select(table).where(not_before(list(table.c), last, nulls_last))).all()
    engine.dispose()
    expected = [row for row in rows if rank(row[: len(last)]) >= rank(last)]
    assert sorted(map(repr, map(tuple, found))) == sorted(map(repr, expected))


def test_nothing_is_ever_written(tmp_path: Path) -> None:
    """The connection of a source refuses to write, and a query that is no single SELECT is not sent."""
    database(tmp_path, [("1", PERSON, "2025-06-05")])
    with opened(tmp_path, table="患者") as source:
        assert isinstance(source, sql_module.SqlSource)
        with source._engine.connect() as connection, pytest.raises(sa.exc.OperationalError):
            connection.exec_driver_sql("DELETE FROM 患者")
    for query in ("DELETE FROM 患者", "SELECT 1; DELETE FROM 患者", "  update 患者 set 年龄 = 1"):
        with pytest.raises(DataError) as stop:
            opened(tmp_path, query=query)
        assert stop.value.code == "HUB-C226"


def test_a_mistyped_date_does_not_carry_the_cursor_away(tmp_path: Path) -> None:
    """A cursor value after tomorrow is not the newest: all rows behind it would be passed over for ever."""
    database(tmp_path, [("1", PERSON, "2025-06-05"), ("2", PERSON, "2205-06-05")])
    today = (date(2025, 6, 6) - date(1970, 1, 1)).days
    with opened(tmp_path, table="患者", cursor="更新时间", today=today) as source:
        list(source.rows())
        assert source.cursor == Cursor("2025-06-05")


@pytest.mark.parametrize(
    "value",
    ["2025-06-05", 7, 7.5, date(2025, 6, 5), datetime.fromisoformat("2025-06-05T14:03:02.000007"), Decimal("12.50")],
)
def test_a_cursor_survives_the_spool(value: CursorValue) -> None:
    """What a cursor is written as is what it is read as, type included."""
    loaded = Cursor.load(Cursor(value).dump())
    assert loaded == Cursor(value)
    assert type(loaded.value) is type(value)


@pytest.mark.parametrize("text", ["", "null", "[]", '["date", "x"]', '["list", 1]', '["Decimal", "x"]'])
def test_a_spoilt_cursor_is_told_without_its_text(text: str) -> None:
    """A stored cursor that cannot be read is a DataError."""
    with pytest.raises(DataError) as stop:
        Cursor.load(text)
    assert str(stop.value) == "HUB-C227"


CASES: list[tuple[dict[str, object], tuple[str, ...], str, type[HubError]]] = [
    ({"table": "患着"}, (), "HUB-C228 alias=hospital table=患着 nearest=患者", DataError),
    ({"table": "患者"}, ("身份证号码",), "HUB-C201 alias=hospital column=身份证号码 nearest=身份证号", DataError),
    (
        {"table": "患者", "columns": {"年龄": "text"}},
        (),
        "HUB-C203 alias=hospital column=年龄 declared=text found=number",
        DataError,
    ),
    ({"query": "SELECT nothing FROM 患者"}, (), "HUB-C225 alias=hospital", DataError),
    ({"table": "x", "url": "sqlite:///none.db"}, (), "HUB-C206 alias=hospital", DataError),
    ({"table": "x", "url": "dm://h/db"}, (), "HUB-C222 alias=hospital driver=dm", DataError),
    ({"table": "x", "url": "not a url"}, (), "HUB-C221 alias=hospital", DataError),
    ({"table": "x", "url": "postgresql://u:secret@h/db"}, (), "HUB-C223 alias=hospital", DataError),
    (
        {"table": "x", "password_env": "HUB_TEST_NOT_SET"},
        (),
        "HUB-C224 alias=hospital setting=HUB_TEST_NOT_SET",
        DataError,
    ),
    ({"table": "患者", "cursor": "身份证号", "lag_days": 1}, (), "HUB-C229 alias=hospital column=身份证号", DataError),
]


@pytest.mark.parametrize(("section", "names", "text", "kind"), CASES, ids=[case[2].split()[0] for case in CASES])
def test_each_failure_has_its_code_and_no_value(
    tmp_path: Path, section: dict[str, object], names: tuple[str, ...], text: str, kind: type[HubError]
) -> None:
    """Failures of a database are ours, with alias and column, and nothing of a row, an address or a password."""
    database(tmp_path, [("1", PERSON, "2025-06-05")])
    with pytest.raises(kind) as stop, opened(tmp_path, *names, **section) as source:
        list(source.rows(Cursor(PERSON) if "cursor" in section else None))
    assert str(stop.value) == text
    printed = "".join(traceback.format_exception(stop.value))
    assert PERSON not in printed
    assert "secret" not in printed


def test_a_locked_database_is_unreachable(tmp_path: Path) -> None:
    """Somebody else's lock is a dependency that does not answer, not the agency's mistake, and not the network's."""
    database(tmp_path, [("1", PERSON, "2025-06-05")])
    holder = sqlite3.connect(tmp_path / "h.db", isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with (
            pytest.raises(Unreachable) as stop,
            opened(tmp_path, table="患者", url="sqlite:///h.db?timeout=0") as source,
        ):
            list(source.rows())
    finally:
        holder.close()
    assert stop.value.code == "HUB-C485"


def test_a_cursor_of_mixed_types_is_refused(tmp_path: Path) -> None:
    """Numbers and texts in one cursor column have no newest; the run stops without showing either."""
    database(tmp_path, [("1", PERSON, "2025-06-05")])
    query = "SELECT 1 AS c UNION ALL SELECT 更新时间 FROM 患者"
    with pytest.raises(DataError) as stop, opened(tmp_path, query=query, cursor="c") as source:
        list(source.rows())
    assert str(stop.value) == "HUB-C229 alias=hospital column=c"
