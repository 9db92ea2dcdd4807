"""Damaged and odd workbooks, as their owner meets them: each ends with a code and a remedy; nothing is lost."""

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.connectors.books import Cells, book, locked, repacked
from tests.connectors.rig import number
from tests.typed import Hub

MAPPING = """
id = "month"
version = 1
key = ["编号"]
[source]
kind = "excel"
alias = "month"
path = "month.xlsx"
sheets = ["*月"]
[person.patient.tokens]
resident_id = "证件号码"
[common]
legal_basis = { constant = "public_health" }
area = { constant = "220102" }
occurred_on = { column = "日期", kind = "KIND" }
[[event]]
type = "agency.IdentityDeclared"
"""
HEAD = ["编号", "证件号码", "日期"]
PERSON = number(7)


def rows(*changed: Any, date_cell: Any = "2026-05-01") -> Cells:
    """A header and three rows of which the second has another number or day."""
    found: Cells = [HEAD, ["r1", number(1), date_cell], ["r2", PERSON, date_cell], ["r3", number(3), date_cell]]
    if changed:
        found[2] = list(changed)
    return found


@pytest.fixture
def month(typed: Hub, tmp_path: Path) -> Path:
    """The workbook of a connector that is there; its mapping takes identities."""
    (tmp_path / "a.csv").write_text("编号,证件号码\n", encoding="utf-8")
    assert typed("connector", "new", "--from", str(tmp_path / "a.csv"), "--name", "month", "--area", "220102")[0] == 0
    path = next(path.parent for path in tmp_path.rglob("edge.toml")) / "month.xlsx"
    mapped(path)
    return path


def mapped(path: Path, kind: str = "date", more: str = "") -> None:
    text = MAPPING.replace("KIND", kind)
    path.with_name("mapping.toml").write_text(text.replace("sheets", f"{more}\nsheets"), encoding="utf-8")


def run(typed: Hub) -> tuple[int, str]:
    """Exit code and all that is printed of a run without sending."""
    code, out, error = typed("connector", "run", "month", "--dry-run")
    shown = out + error
    assert "Traceback" not in shown
    assert PERSON not in shown
    return code, shown


WHOLE: list[tuple[str, Callable[[Path], object], str]] = [
    ("no file", lambda path: path.unlink(), "HUB-C206"),
    ("empty file", lambda path: path.write_bytes(b""), "HUB-C212"),
    ("half a file", lambda path: path.write_bytes(path.read_bytes()[:2_000]), "HUB-C212"),
    ("no sheet part", lambda path: repacked(path, {"xl/worksheets/sheet1.xml": b""}), "HUB-C2"),
    ("CSV renamed", lambda path: path.write_text("编号,证件号码\n1," + PERSON, encoding="utf-8"), "HUB-C291"),
    ("locked", lambda path: locked(path, "x"), "HUB-C211"),
    ("a sheet renamed", lambda path: book(path, {"说明": rows()}), "HUB-C213"),
    (
        "a column renamed",
        lambda path: book(path, {"5月": [["编号", "身份证号", "日期"], ["a", PERSON, "x"]]}),
        "HUB-C20",
    ),
    ("a column twice", lambda path: book(path, {"5月": [[*HEAD, "日期"], ["a", PERSON, "x", "y"]]}), "HUB-C205"),
    ("no header", lambda path: book(path, {"5月": [["a", PERSON, "2026-05-01"]]}), "HUB-C204"),
    ("an empty sheet", lambda path: book(path, {"5月": []}), "HUB-C204"),
]


@pytest.mark.parametrize(("spoil", "code"), [one[1:] for one in WHOLE], ids=[one[0] for one in WHOLE])
def test_a_spoilt_workbook_stops_with_what_mends_it(
    typed: Hub, month: Path, spoil: Callable[[Path], object], code: str
) -> None:
    """A workbook that cannot be read whole stops its run with exit 3, a code and a remedy, and no value."""
    book(month, {"5月": rows()})
    spoil(month)
    ended, shown = run(typed)
    assert ended == 3
    assert code in shown
    assert re.search(r"fix|remedy|办法|mends", shown, re.IGNORECASE) or len(shown.splitlines()) >= 3


ROWS: list[tuple[str, Cells, str, str]] = [
    ("an ID that lost its digits", rows("r2", float(PERSON[:17] + "0"), "2026-05-01"), "HUB-C104", "B"),
    ("a day that is none", rows("r2", PERSON, "2026-02-30"), "HUB-C102", "C"),
    ("a bare day count", rows("r2", PERSON, 46143), "HUB-C112", "C"),
    ("an empty ID", rows("r2", None, "2026-05-01"), "HUB-C1", "B"),
    ("an empty key", rows(None, PERSON, "2026-05-01"), "HUB-C146", "A"),
    ("a key twice", rows("r1", PERSON, "2026-05-02"), "HUB-C147", "A"),
    ("a wrong encoding", rows("r2", "锟斤拷", "2026-05-01"), "HUB-C107", "B"),
    ("a failed formula", rows("r2", PERSON, "=1/0"), "HUB-C141", "C"),
    ("a moved cell", rows("r2", "2026-05-01", PERSON), "HUB-C1", ""),
]


@pytest.mark.parametrize(("cells", "code", "column"), [one[1:] for one in ROWS], ids=[one[0] for one in ROWS])
def test_a_spoilt_row_is_refused_at_its_place(typed: Hub, month: Path, cells: Cells, code: str, column: str) -> None:
    """One bad cell refuses its row, at Excel's own row and column; the others are published and the sum holds."""
    book(month, {"5月": [["月报"], *cells, ["合计", 3]]})
    ended, shown = run(typed)
    assert ended == 0
    assert "read 3 = published 2 + unchanged 0 + not selected 0 + refused 1" in shown
    assert code in shown
    typed("connector", "run", "month")
    (where,) = re.findall(r"month:(\d+):([A-Z]*)", typed("refused", "list")[1])
    assert where[0] == "4"
    assert where[1].startswith(column)


def test_numbers_as_text_and_text_as_numbers_are_one(typed: Hub, month: Path) -> None:
    """A key or day kept as number, as text or with a green triangle is the same fact: nothing is said twice."""
    for cells in (rows(), rows("r2", f" {PERSON}\u200b", datetime.fromisoformat("2026-05-01T00:00:00"))):
        for one in cells[1:]:
            one[0] = {"r1": "1", "r2": "2", "r3": "3"}[one[0]]
        book(month, {"5月": cells})
        typed("connector", "run", "month")
    for one in cells[1:]:
        one[0] = float(one[0])
    book(month, {"5月": cells})
    assert "read 3 = published 0 + unchanged 3" in run(typed)[1]


@pytest.mark.parametrize("from_1904", [False, True])
def test_a_bare_day_count_is_read_by_the_epoch_that_is_named(typed: Hub, month: Path, from_1904: bool) -> None:
    """Where days stand as bare numbers, `check` says from when the workbook counts, and that kind reads them."""
    made = openpyxl.Workbook()
    made.active.title = "5月"
    if from_1904:
        made.epoch = CALENDAR_MAC_1904
    days = (date(2026, 5, 1) - (date(1904, 1, 1) if from_1904 else date(1899, 12, 30))).days
    for row in rows(date_cell=days):
        made.active.append(row)
    made.save(month)
    assert f"days_from: {1904 if from_1904 else 1900}" in typed("connector", "check", "month")[1]
    mapped(month, "date_1904" if from_1904 else "date_1900")
    assert "read 3 = published 3" in run(typed)[1]


def test_hidden_rows_are_told_by_every_run(typed: Hub, month: Path) -> None:
    """A run says which hidden rows it read, and with `hidden = leave` which it left."""
    book(month, {"5月": rows()}, hidden_rows=[3])
    ended, shown = run(typed)
    assert ended == 0
    assert "hidden rows, read like others: month 3" in shown
    mapped(month, more='hidden = "leave"')
    ended, shown = run(typed)
    assert "read 2 = published 2" in shown
    assert "hidden rows, left (hidden = leave): month 3" in shown
