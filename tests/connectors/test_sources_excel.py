"""Workbooks as people keep them."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from connectors.sources import open_source, parse_source, sheet
from connectors.sources.grid import letter
from hub.core.errors import DataError
from tests.connectors.books import book

Read = tuple[list[tuple[str, tuple[str, ...], int, tuple[object, ...]]], Any]


def read(folder: Path, names: list[str], **section: object) -> Read:
    spec = parse_source({"kind": "excel", "alias": "sites", "path": "a.xlsx", **section})
    with open_source(spec, folder, names=names) as source:
        columns = [column.name for column in source.columns()]
        at = [columns.index(name) for name in names]
        rows = [
            (chunk.alias, tuple(chunk.places[i] for i in at), row.number, tuple(row.values[i] for i in at))
            for chunk in source.rows()
            for row in chunk.rows
        ]
        return rows, source


STATION: list[list[object]] = [
    ["朝阳区精康服务登记表"],
    ["序号", "证件号", "残疾情况", None, "服务\n日期", None],
    [None, None, "类别", "等级", None, None],
    [1, "160101199003070010", 6, "一级", date(2025, 6, 5), "备注"],
    [2, 1.60101199003070e17, 6, "二级", datetime.fromisoformat("2025-06-05T14:03:00"), None],
    ["小计", None, 2, None, None, None],
    [None, None, None, None, None, None],
    [3, "x", 6.5, True, "2025.6.5", None],
    ["合  计", None, 3, None, None, None],
    ["制表人:张三", None, None, None, None, None],
]
MERGES = ["A1:F1", "C2:D2", "A2:A3", "B2:B3", "E2:E3"]


def test_a_station_sheet_is_found_under_its_title(tmp_path: Path) -> None:
    """Title, merged header, subtotal and foot are told from data; rows and columns carry Excel's own names."""
    book(tmp_path / "a.xlsx", {"6月": STATION}, {"6月": MERGES})
    rows, source = read(tmp_path, ["证件号", "类别", "服务日期"])
    assert rows == [
        ("sites", ("B", "C", "E"), 4, ("160101199003070010", 6.0, date(2025, 6, 5))),
        ("sites", ("B", "C", "E"), 5, (1.60101199003070e17, 6.0, datetime.fromisoformat("2025-06-05T14:03:00"))),
        ("sites", ("B", "C", "E"), 8, ("x", 6.5, "2025.6.5")),
    ]
    assert source.complete
    assert source.not_data == 4


def test_a_reader_that_reads_past_the_foot_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a reader that takes totals for data."""
    monkeypatch.setattr(sheet, "foot", lambda row: "")
    with pytest.raises(AssertionError):
        test_a_station_sheet_is_found_under_its_title(tmp_path)


def test_both_names_of_a_double_header_work(tmp_path: Path) -> None:
    """A column under a merged cell is called by its lower name, or by both where the lower one occurs twice."""
    double: list[list[object]] = [["首次", None, "末次", None], ["日期", "结果", "日期", "结果"], ["a", "b", "c", "d"]]
    book(tmp_path / "a.xlsx", {"s": double}, {"s": ["A1:B1", "C1:D1"]})
    rows, _ = read(tmp_path, ["首次/日期", "末次/结果"])
    assert rows == [("sites", ("A", "D"), 3, ("a", "d"))]
    book(tmp_path / "a.xlsx", {"s": double})
    assert read(tmp_path, ["首次/结果", "末次/日期"])[0] == [("sites", ("B", "C"), 3, ("b", "c"))]


def test_a_double_header_is_whole_whatever_is_wanted(tmp_path: Path) -> None:
    """The names of a merged header do not depend on which of them a mapping reads, or on whether one reads any."""
    book(tmp_path / "a.xlsx", {"s": STATION}, {"s": MERGES})
    for names in ([], ["序号"], ["证件号", "残疾情况/等级"], ["残疾情况/类别"]):
        with open_source(
            parse_source({"kind": "excel", "alias": "s", "path": "a.xlsx"}), tmp_path, names=names
        ) as source:
            found = [column.name for column in source.columns()]
            assert found == ["序号", "证件号", "残疾情况/类别", "残疾情况/等级", "服务日期"]


def test_a_first_row_of_data_is_never_taken_for_names(tmp_path: Path) -> None:
    """Where nothing is wanted yet, no fuller row below the header, and no row under a gap, becomes column names."""
    rows: list[list[object]] = [["名单"], ["姓名", "证件号", None], ["张三", "x", "备注"], ["李四", "y", "备注"]]
    for merges in ([], ["A1:C1"], ["A1:C1", "B2:C2"]):
        book(tmp_path / "a.xlsx", {"s": rows}, {"s": merges})
        with open_source(parse_source({"kind": "excel", "alias": "s", "path": "a.xlsx"}), tmp_path) as source:
            assert [column.name for column in source.columns()] == ["姓名", "证件号"]


def test_sheets_are_chosen_by_name_or_pattern(tmp_path: Path) -> None:
    """Sheets of a pattern are read in the workbook's order, each with its own columns and its number as alias."""
    sheets: dict[str, list[list[object]]] = {
        "1月": [["甲", "乙"], ["a", "b"]],
        "说明": [["无关"]],
        "2月": [["表"], ["乙", "丙", "甲"], ["d", "x", "c"]],
    }
    book(tmp_path / "a.xlsx", sheets)
    rows, source = read(tmp_path, ["甲", "乙"], sheets=["*月"])
    assert rows == [("sites", ("A", "B"), 2, ("a", "b")), ("sites.2", ("C", "A"), 3, ("c", "d"))]
    assert source.complete


def test_a_missing_declared_sheet_is_incomplete_or_stops(tmp_path: Path) -> None:
    """A full read that lacks a declared sheet is not complete; one that lacks all stops; neither names a sheet."""
    book(tmp_path / "a.xlsx", {"张三": [["甲"], ["a"]]})
    rows, source = read(tmp_path, ["甲"], sheets=["张三", "李四"])
    assert len(rows) == 1
    assert not source.complete
    assert str(source.reason) == "HUB-C213 alias=sites missing=2"
    with pytest.raises(DataError) as stop:
        read(tmp_path, ["甲"], sheet="李四")
    assert str(stop.value) == "HUB-C213 alias=sites missing=1"


def test_every_sheet_must_have_the_wanted_columns(tmp_path: Path) -> None:
    """A column that one month renamed stops the run before the first row of any month."""
    book(tmp_path / "a.xlsx", {"1月": [["甲", "证件号"], ["a", "b"]], "2月": [["甲", "证件号码"], ["a", "b"]]})
    with pytest.raises(DataError) as stop:
        read(tmp_path, ["甲", "证件号"], sheets=["*月"])
    assert str(stop.value) == "HUB-C201 alias=sites.2 column=证件号 nearest=证件号码"


def test_a_retyped_column_stops(tmp_path: Path) -> None:
    """A column declared text in which every cell is a number stops the run; a mixed one does not."""
    book(tmp_path / "a.xlsx", {"s": [["证件号"], [1.6e17], [1.7e17]]})
    with pytest.raises(DataError) as stop:
        read(tmp_path, ["证件号"], columns={"证件号": "text"})
    assert stop.value.code == "HUB-C203"
    book(tmp_path / "a.xlsx", {"s": [["证件号"], [1.6e17], ["x"]]})
    assert len(read(tmp_path, ["证件号"], columns={"证件号": "text"})[0]) == 2


def test_a_cell_merged_downwards_holds_for_all_its_rows(tmp_path: Path) -> None:
    """A site's name merged over its rows is read for each of them."""
    book(
        tmp_path / "a.xlsx",
        {"s": [["站", "人"], ["A 站", "a"], [None, "b"], [None, "c"], ["B 站", "d"]]},
        {"s": ["A2:A4"]},
    )
    assert [row[3] for row in read(tmp_path, ["站", "人"])[0]] == [
        ("A 站", "a"),
        ("A 站", "b"),
        ("A 站", "c"),
        ("B 站", "d"),
    ]


def test_a_table_away_from_the_corner_keeps_its_address(tmp_path: Path) -> None:
    """Empty rows above and columns at the left count, as Excel counts them."""
    made = openpyxl.Workbook()
    made.active["C5"], made.active["D5"], made.active["C6"], made.active["D6"] = "甲", "乙", "a", "b"
    made.save(tmp_path / "a.xlsx")
    assert read(tmp_path, ["甲", "乙"])[0] == [("sites", ("C", "D"), 6, ("a", "b"))]


def test_dates_of_a_1904_workbook_are_the_days_it_shows(tmp_path: Path) -> None:
    """A workbook that counts from 1904 shows the same day here as in Excel."""
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    made.active.append(["日期"])
    made.active.append([date(2025, 6, 5)])
    made.save(tmp_path / "a.xlsx")
    assert read(tmp_path, ["日期"])[0][0][3] == (date(2025, 6, 5),)


def test_what_is_no_workbook_says_so(tmp_path: Path) -> None:
    """A damaged workbook is told by its alias only."""
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 160101199003070010")
    with pytest.raises(DataError) as stop:
        read(tmp_path, [])
    assert str(stop.value) == "HUB-C212 alias=sites"


def test_letters_are_those_of_a_spreadsheet() -> None:
    """Column letters agree with openpyxl's for all columns that a workbook can have."""
    assert [letter(place) for place in range(16_384)] == [get_column_letter(place + 1) for place in range(16_384)]
