"""Sheets as people write them: deep headers, a sheet a month, a column a month, hidden rows, old formats, passwords."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlwt

from connectors.sources import open_source, parse_source
from connectors.sources import sheet as sheets
from connectors.sources.grid import ranges
from connectors.sources.months import month_of
from connectors.sources.parts import Parts
from connectors.sources.spec import ASKED
from hub.core.errors import DataError
from tests.connectors.books import Cells, book, locked, read

DEEP: Cells = [
    ["2025年服务登记"],
    ["序号", "基本信息", None, None, "服务", None],
    [None, "姓名", "证件", None, "日期", "次数"],
    [None, None, "类型", "号码", None, None],
    [1, "甲", "身份证", "n1", "2025-06-05", 2],
    [2, "乙", "护照", "n2", "2025-06-06", 3],
]
DEEP_MERGES = ["A1:F1", "A2:A4", "B2:D2", "E2:F2", "B3:B4", "C3:D3", "E3:E4", "F3:F4"]


def test_a_header_of_three_merged_rows_is_joined(tmp_path: Path) -> None:
    """Names of a deep header are joined from above; a part from below names a column where it occurs once."""
    book(tmp_path / "a.xlsx", {"s": DEEP}, {"s": DEEP_MERGES})
    rows, _ = read(tmp_path, ["序号", "基本信息/姓名", "证件/类型", "号码", "服务/次数"])
    assert rows[0] == ("sites", 5, ("A", "B", "C", "D", "F"), (1, "甲", "身份证", "n1", 2))
    assert len(rows) == 2


@pytest.mark.parametrize("merges", [[], DEEP_MERGES])
def test_a_declared_depth_is_taken(tmp_path: Path, merges: list[str]) -> None:
    """Where the rows of a header are declared, they are joined with and without merged cells."""
    book(tmp_path / "a.xlsx", {"s": DEEP}, {"s": merges})
    rows, _ = read(tmp_path, ["基本信息/证件/号码"], header_row=2, header_rows=3)
    assert [row[3] for row in rows] == [("n1",), ("n2",)]


def test_a_lower_name_that_stands_twice_names_no_column(tmp_path: Path) -> None:
    """Which of two dates is meant, only the name above says: the lower one alone is told as missing."""
    head: Cells = [
        ["编号", "首次", None, "末次", None],
        [None, "日期", "结果", "日期", "结果"],
        ["a", "b", "c", "d", "e"],
    ]
    book(tmp_path / "a.xlsx", {"s": head}, {"s": ["A1:A2", "B1:C1", "D1:E1"]})
    with pytest.raises(DataError) as stop:
        read(tmp_path, ["编号", "日期"])
    assert stop.value.code in ("HUB-C201", "HUB-C202")
    assert read(tmp_path, ["编号", "末次/日期"])[0][0][3] == ("a", "d")


MONTHLY: Cells = [["2025年服务月报"], ["编号", "日期"], ["a", "x"], ["合计", 1]]


def test_a_sheet_a_month_knows_its_month_and_name(tmp_path: Path) -> None:
    """Month, name and title of a sheet become columns of its rows; the year may stand in the title alone."""
    book(tmp_path / "a.xlsx", {"3月": MONTHLY, "说明": [["无"]], "十二月份": MONTHLY})
    rows, source = read(
        tmp_path,
        ["编号", "月", "表", "题"],
        sheets=["*月", "*月份"],
        month_column="月",
        sheet_column="表",
        title_column="题",
    )
    assert [row[0:2] + row[3] for row in rows] == [
        ("sites", 3, "a", date(2025, 3, 1), "3月", "2025年服务月报"),
        ("sites.2", 3, "a", date(2025, 12, 1), "十二月份", "2025年服务月报"),
    ]
    assert rows[0][2] == ("A", "", "", "")
    assert source.complete


def test_a_sheet_about_two_months_stops(tmp_path: Path) -> None:
    """A title of another month than the sheet's name is somebody's mistake: no row gets a guessed month."""
    book(tmp_path / "a.xlsx", {"3月": [["2025年2月服务月报"], *MONTHLY[1:]]})
    with pytest.raises(DataError) as stop:
        read(tmp_path, ["编号"], sheets=["*月"], month_column="月")
    assert str(stop.value) == "HUB-C294 alias=sites"


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("2025年3月",), date(2025, 3, 1)),
        (("2025.03",), date(2025, 3, 1)),
        (("202512",), date(2025, 12, 1)),
        (("２０２５年十一月",), date(2025, 11, 1)),
        (("3月", "2025年度"), date(2025, 3, 1)),
        (("3月", "2025年3月服务月报"), date(2025, 3, 1)),
        (("2025-3月",), date(2025, 3, 1)),
        (("2025-12月份", "2025年服务月报"), date(2025, 12, 1)),
        (("2025年1-3月",), None),
        (("2025-1-3月",), None),
        (("202510-12月",), None),
        (("2025年服务", "2025至3月"), None),
        (("3月",), None),
        (("1-3月", "2025"), None),
        (("一至三月", "2025"), None),
        (("3月", "2024-2025年度"), None),
        (("3月", "2025年2月"), None),
        (("13月", "2025年"), None),
        (("第20250312号",), None),
        ((None, 3), None),
    ],
)
def test_one_month_or_none(texts: tuple[Any, ...], found: date | None) -> None:
    """A month is taken where there is one, never where there are none or two."""
    assert month_of(texts) == found


WIDE: Cells = [["站点", "1月", "2月", "合计"], ["甲站", 3, None, 3], ["乙站", "4", 5, 9], ["合计", 7, 5, 12]]
TURN = {"columns": ["*月"], "name": "月份", "value": "次数", "year": "年度"}


def test_a_column_a_month_becomes_a_row_a_month(tmp_path: Path) -> None:
    """Each filled cell is a row with its Excel row and its own letter; empty cells are counted, none is lost."""
    book(tmp_path / "a.xlsx", {"2024": WIDE, "2025": [[*WIDE[0][:3], "3月"], ["丙站", 1, 2, 6]]})
    rows, source = read(tmp_path, ["站点", "月份", "次数"], sheets=["20*"], sheet_column="年度", unpivot=TURN)
    assert sorted((row[0], row[1], row[2][2], *row[3]) for row in rows) == [
        ("sites", 2, "B", "甲站", date(2024, 1, 1), 3),
        ("sites", 3, "B", "乙站", date(2024, 1, 1), "4"),
        ("sites", 3, "C", "乙站", date(2024, 2, 1), 5),
        ("sites.2", 2, "B", "丙站", date(2025, 1, 1), 1),
        ("sites.2", 2, "C", "丙站", date(2025, 2, 1), 2),
        ("sites.2", 2, "D", "丙站", date(2025, 3, 1), 6),
    ]
    assert source.complete
    assert source.not_data == 2  # the total, and the empty cell of February


def test_csv_columns_are_turned_too(tmp_path: Path) -> None:
    """A CSV file with a column a month is read like a sheet; without a year the name stays a text."""
    (tmp_path / "a.csv").write_text("站点,1月,2月\n甲,1,2\n乙,3\n", encoding="utf-8")
    turn = {name: value for name, value in TURN.items() if name != "year"}
    rows, _ = read(tmp_path, ["月份", "次数"], kind="csv", path="a.csv", unpivot=turn)
    assert [row[3] for row in rows] == [("1月", "1"), ("2月", "2")]
    with pytest.raises(DataError) as stop:
        read(tmp_path, ["月份"], kind="csv", path="a.csv", unpivot={**turn, "columns": ["*季度"]})
    assert stop.value.code == "HUB-C295"


def test_a_broken_row_is_refused_once_however_many_columns_turn(tmp_path: Path) -> None:
    """A row that cannot be split is one broken row, also of a source whose columns are turned."""
    (tmp_path / "a.csv").write_text("站点,1月,2月\n甲,1,2,3\n", encoding="utf-8")
    spec = parse_source({"kind": "csv", "alias": "a", "path": "a.csv", "unpivot": {**TURN, "year": ""}})
    with open_source(spec, tmp_path, names=["月份"]) as source:
        source.columns()
        assert sum(len(chunk.broken) for chunk in source.rows()) == 1


HIDDEN: Cells = [["编号"], ["a"], ["b"], ["c"], ["d"]]


def test_hidden_rows_and_sheets_are_read_and_named(tmp_path: Path) -> None:
    """Hidden rows, and hidden sheets that are declared, are data; others stay unread; the report says which."""
    kept = {"1月": HIDDEN, "2月": HIDDEN, "旧": HIDDEN}
    book(tmp_path / "a.xlsx", kept, hidden_rows=[3, 4], hidden_sheets=["2月", "旧"])
    rows, source = read(tmp_path, ["编号"], sheets=["*月"])
    assert len(rows) == 8
    found = dict(source.description)
    assert found["hidden_rows_read"] == "sites 3-4; sites.2 3-4"
    assert (found["hidden_sheets_read"], found["hidden_sheets_left"]) == ("2", "3")
    assert "旧" not in str(found)


def test_hidden_rows_and_sheets_are_left_where_declared(tmp_path: Path) -> None:
    """With `hidden = leave` they are passed over, counted and named."""
    book(tmp_path / "a.xlsx", {"1月": HIDDEN, "2月": HIDDEN}, hidden_rows=[3, 4], hidden_sheets=["2月"])
    rows, source = read(tmp_path, ["编号"], sheets=["*月"], hidden="leave")
    assert [row[1] for row in rows] == [2, 5]
    assert source.not_data == 2
    found = dict(source.description)
    assert (found["hidden_rows_left"], found["hidden_sheets_left"]) == ("sites 3-4", "2")


def test_a_merged_cell_that_begins_in_a_hidden_row_still_holds(tmp_path: Path) -> None:
    """The value of a merged cell holds for its visible rows, though the row that it stands in is hidden and left."""
    cells: Cells = [["站", "编号"], ["甲站", "a"], [None, "b"], [None, "c"], ["乙站", "d"]]
    book(tmp_path / "a.xlsx", {"s": cells}, {"s": ["A2:A4"]}, hidden_rows=[2])
    rows, _ = read(tmp_path, ["站", "编号"], hidden="leave")
    assert [row[3] for row in rows] == [("甲站", "b"), ("甲站", "c"), ("乙站", "d")]


def test_a_reader_blind_to_hidden_rows_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both laws above kill a look into the file that sees no hidden row."""
    monkeypatch.setattr(Parts, "facts", lambda parts, place: sheets.Facts())
    for law in (test_hidden_rows_and_sheets_are_read_and_named, test_hidden_rows_and_sheets_are_left_where_declared):
        with pytest.raises((AssertionError, KeyError)):
            law(tmp_path)


def test_many_runs_of_rows_are_told_shortly() -> None:
    """Rising numbers are told as ranges, and after twenty of them as a count."""
    assert ranges([2, 3, 4, 7, 9, 10]) == "2-4, 7, 9-10"
    assert ranges(range(0, 100, 2)).endswith("38 ... (50)")


def old(path: Path, from_1904: bool = False) -> Path:
    made = xlwt.Workbook()
    made.dates_1904 = from_1904
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for name, visible in (("1月", 0), ("2月", 1)):
        sheet = made.add_sheet(name)
        sheet.visibility = visible
        for place, cell in enumerate(("编号", "日期")):
            sheet.write(1, place, cell)
        for row, cell in enumerate(("a", "b"), 2):
            sheet.write(row, 0, cell)
            sheet.write(row, 1, date(2025, 6, row), day)
        sheet.row(3).hidden = True
    made.save(str(path))
    return path


@pytest.mark.parametrize("from_1904", [False, True])
@pytest.mark.parametrize("name", ["a.xls", "a.et", "a.xlsx"])
def test_old_workbooks_are_read_by_their_content(tmp_path: Path, name: str, from_1904: bool) -> None:
    """The binary format of Excel 97 and WPS is read whatever its name ends in, with its epoch and its hidden rows."""
    shutil.move(old(tmp_path / "old", from_1904), tmp_path / name)
    rows, source = read(tmp_path, ["编号", "日期"], path=name, sheets=["*月"])
    assert [row[1] for row in rows] == [3, 4, 3, 4]
    assert rows[0][2:] == (("A", "B"), ("a", date(2025, 6, 2)))
    found = dict(source.description)
    assert (found["format"], found["days_from"]) == ("xls", "1904" if from_1904 else "1900")
    assert (found["hidden_rows_read"], found["hidden_sheets_read"]) == ("sites 4; sites.2 4", "2")


def test_a_locked_workbook_opens_with_its_password_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password comes from a variable, a file or the one who was asked; none and a wrong one are told apart."""
    locked(book(tmp_path / "a.xlsx", {"1月": HIDDEN}), "钥匙 9")
    monkeypatch.delenv(ASKED, raising=False)
    for word, code in (("", "HUB-C211"), ("other", "HUB-C290")):
        monkeypatch.setenv("BOOK", word)
        with pytest.raises(DataError) as stop:
            read(tmp_path, ["编号"], password_env="BOOK")
        assert str(stop.value) == f"{code} alias=sites"
    monkeypatch.setenv("BOOK", "钥匙 9")
    assert len(read(tmp_path, ["编号"], password_env="BOOK")[0]) == 4
    (tmp_path / "word").write_text("钥匙 9\n", encoding="utf-8")
    assert len(read(tmp_path, ["编号"], password_file="word")[0]) == 4
    monkeypatch.setenv(ASKED, "钥匙 9")
    assert len(read(tmp_path, ["编号"])[0]) == 4
    assert {path.name for path in tmp_path.iterdir()} == {"a.xlsx", "word"}
