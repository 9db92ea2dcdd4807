"""A view as a workbook: what a spreadsheet program must not make of it, and as many rows as there are."""

import hashlib
import io
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hub.cli.main import run
from hub.core.digest import encode_row, tree_root
from hub.deliver.export import Exported, Field, export
from hub.workbook import LAST_ROW

FIELDS = (Field("name", "名称"), Field("on", "日期", True), Field("free", "空位"))
HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "\t=1", "2026-03", "2026-03-01", "000123", "1e5", "是")


class Rows:
    """The rows of one view, as a snapshot gives them."""

    def __init__(self, rows: Iterator[tuple[Any, ...]] | list[tuple[Any, ...]]) -> None:
        self._rows = rows

    def rows(
        self, view: str, columns: Sequence[str], where: Mapping[str, Any] | None = None, limit: int = 0
    ) -> Iterator[tuple[Any, ...]]:
        assert (list(columns), where, limit) == (["name", "on", "free"], None, 0)
        return iter(self._rows)

    def positions(self, group: str) -> dict[int, int]:
        return {0: 7}


def written(rows: Any, path: Path, **more: Any) -> Exported:
    """The rows as a workbook on disk."""
    with path.open("wb") as file:
        return export(Rows(rows), "v_test_v1", FIELDS, ["markets"], "xlsx", file, **more)  # type: ignore[arg-type]


def test_every_text_is_text_and_every_day_a_day(tmp_path: Path) -> None:
    """What begins like a formula, and what looks like a number or a day, stands there letter by letter."""
    rows: list[tuple[Any, ...]] = [(text, "2026-03-05", n) for n, text in enumerate(HOSTILE)] + [(None, None, None)]
    found = written(rows, tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["v_test_v1"]
    assert [cell.value for cell in sheet[1]] == ["名称", "日期", "空位"]
    for text, row in zip(HOSTILE, sheet.iter_rows(min_row=2), strict=False):
        assert (row[0].value, row[0].data_type) == (text, "s")
        assert row[0].quotePrefix is (text[0] in "=+-@\t")
        assert (row[1].value, row[1].is_date, row[1].number_format) == (datetime(2026, 3, 5), True, "yyyy-mm-dd")  # noqa: DTZ001
        assert row[2].data_type == "n"
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        assert b"<f>" not in b"".join(parts.read(name) for name in parts.namelist())
    assert found.rows == len(rows)
    assert found.digest == tree_root(map(encode_row, rows))[0].hex()
    assert found.sha256 == hashlib.sha256((tmp_path / "a.xlsx").read_bytes()).hexdigest()
    assert found.positions == {"markets": [7]}


@pytest.mark.parametrize(("rows", "sheets"), [(0, 1), (4, 1), (5, 2), (8, 2), (9, 3)])
def test_what_a_sheet_cannot_hold_stands_in_the_next(tmp_path: Path, rows: int, sheets: int) -> None:
    """No row is lost at the end of a sheet, none stands twice, and each sheet has the header."""
    found = written([(str(n), None, n) for n in range(rows)], tmp_path / "a.xlsx", most=5)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert found.sheets == len(book.sheetnames) == sheets
    cells = [list(sheet.iter_rows(values_only=True)) for sheet in book]
    assert all(sheet[0] == ("名称", "日期", "空位") for sheet in cells)
    assert [row[2] for sheet in cells for row in sheet[1:]] == list(range(rows))


def test_a_long_view_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    """Ten times the rows, the same memory."""

    def peak(rows: int) -> int:
        tracemalloc.start()
        written(((f"站点{n}", "2026-03-05", n) for n in range(rows)), tmp_path / f"{rows}.xlsx")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)  # what is imported and remembered once
    assert peak(20_000) < 1.5 * peak(2_000) + 200_000


def test_a_sheet_ends_where_excel_ends_it() -> None:
    """1,048,576 rows with the header, of which Excel shows no more."""
    assert LAST_ROW == 1_048_576


def test_a_workbook_needs_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody's screen is filled with a packed file."""
    assert run(["projection", "export", "v_site_v1", "--to", "xlsx", "--home", str(tmp_path)]) == 2
    assert "HUB-P370" in capsys.readouterr().err


def test_the_bytes_of_the_other_forms_are_as_they_were() -> None:
    """A csv has the names as its head unless asked, and jsonl names its members by them always."""
    rows = [("a", "2026-03-05", 1)]
    for titles, form, expected in (
        (FIELDS, "csv", "名称,日期,空位\r\na,2026-03-05,1\r\n"),
        ([Field(field.name, field.name) for field in FIELDS], "csv", "name,on,free\r\na,2026-03-05,1\r\n"),
        (FIELDS, "jsonl", '{"name": "a", "on": "2026-03-05", "free": 1}\n'),
    ):
        sink = io.BytesIO()
        assert export(Rows(rows), "v", titles, [], form, sink).sheets == 0  # type: ignore[arg-type]
        assert sink.getvalue().decode() == expected
