"""A workbook made from a mapping, filled in by hand, read by that mapping; and the receipt that goes back."""

import gc
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.sources.spec import ASKED
from hub import workbook
from hub.core.errors import DataError
from hub.workbook import Page, Streamed, write
from tests.connectors.books import book, locked
from tests.connectors.rig import number
from tests.typed import Hub

MAPPING = """
id = "patients"
version = 1
key = ["编号"]
on_change = "correct"

[source]
kind = "excel"
alias = "monthly"
path = "month.xlsx"
sheets = ["*月"]
{more}

[rule.mine]
column = "类型"
op = "in"
values = ["门诊", "出院"]

[person.patient.tokens]
resident_id = "证件号码"

[common]
legal_basis = {{ constant = "public_health" }}
area = "区划"
occurred_on = "日期"

[[event]]
type = "health.OutpatientAssessed"
when = ["mine"]
[event.fields]
suitable = {{ column = "{conclusion}", codes = "codes/conclusion.csv" }}
"""
NAMES = ["编号", "类型", "区划", "日期", "结论", "证件号码"]


@pytest.fixture
def edge(typed: Hub, tmp_path: Path) -> Path:
    """The folder of a connector that reads a monthly workbook."""
    (tmp_path / "a.csv").write_text("编号,证件号码\n", encoding="utf-8")
    assert typed("connector", "new", "--from", str(tmp_path / "a.csv"), "--name", "monthly", "--area", "220102")[0] == 0
    folder = next(path.parent for path in tmp_path.rglob("edge.toml"))
    (folder / "codes").mkdir()
    (folder / "codes" / "conclusion.csv").write_text("值,代码\n适合,true\n不适合,false\n", encoding="utf-8")
    mapped(folder)
    return folder


def mapped(folder: Path, more: str = "", conclusion: str = "结论") -> None:
    (folder / "mapping.toml").write_text(MAPPING.format(more=more, conclusion=conclusion), encoding="utf-8")


def fill(path: Path, rows: list[dict[str, Any]], head: int = 1) -> None:
    """Type rows into the first sheet, below its header, as a person does."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    at = {str(sheet.cell(head, column).value): column for column in range(1, sheet.max_column + 1)}
    for place, row in enumerate(rows, head + 1):
        for name, value in row.items():
            sheet.cell(place, at[name], value)
    book.save(path)


def typed_row(n: int, **changed: Any) -> dict[str, Any]:
    row = {
        "编号": f"B{n}",
        "类型": "门诊",
        "区划": "220102",
        "日期": date(2026, 5, n),
        "结论": "适合",
        "证件号码": number(n),
    }
    return row | changed


def sheet_of(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).worksheets[0].values)


def test_what_a_template_asks_for_is_what_its_mapping_reads(typed: Hub, edge: Path) -> None:
    """A template that somebody fills in is read by its own mapping, with nothing else done to either."""
    path = edge / "month.xlsx"
    code, out, error = typed("connector", "template", "monthly", "--xlsx", str(path))
    assert code == 0, error
    assert "6 columns, 2 of them with choices" in out
    fill(path, [typed_row(1), typed_row(2, 结论="不适合", 日期="2026.5.2")])
    assert typed("connector", "check", "monthly")[0] == 0
    code, out, _ = typed("connector", "run", "monthly", "--dry-run")
    assert "read 2 = published 2 + unchanged 0 + not selected 0 + refused 0" in out


def test_a_template_keeps_numbers_as_text_and_offers_what_may_be_chosen(typed: Hub, edge: Path) -> None:
    """Columns of numbers are text down to the last row, lists hold the code table, and what is needed is said."""
    path = edge / "month.xlsx"
    typed("connector", "template", "monthly", "--xlsx", str(path))
    book = openpyxl.load_workbook(path)
    fill_in, how, lists = book.worksheets
    head = [cell.value for cell in fill_in[1]]
    assert sorted(head) == sorted(NAMES)
    letters = {name: cell.column_letter for name, cell in zip(head, fill_in[1], strict=True)}
    assert fill_in.column_dimensions[letters["证件号码"]].number_format == "@"
    assert fill_in.column_dimensions[letters["日期"]].number_format == "yyyy-mm-dd"
    rules = {str(rule.sqref)[0]: rule for rule in fill_in.data_validations.dataValidation}
    assert rules[letters["结论"]].formula1.startswith(f"'{lists.title}'!$")
    assert rules[letters["证件号码"]].formula1 is None
    assert {row[0] for row in lists.iter_cols(min_row=2, values_only=True)} == {"适合", "门诊"}
    needed = {row[0]: row[1] for row in how.iter_rows(min_row=2, max_row=7, values_only=True)}
    assert (needed["编号"], needed["证件号码"], needed["结论"]) == ("yes", "yes", "depends")


def test_a_template_has_the_header_where_its_mapping_looks(typed: Hub, edge: Path) -> None:
    """A declared row and depth of the header, and a month in the sheet's name, are kept by the template."""
    mapped(edge, "header_row = 3\nheader_rows = 2\nmonth_column = '月'", "评估/结论")
    path = edge / "month.xlsx"
    assert typed("connector", "template", "monthly", "--xlsx", str(path))[0] == 0
    assert openpyxl.load_workbook(path).sheetnames[0] == "2026年5月"
    fill(path, [typed_row(1)], head=4)
    assert "read 1 = published 1" in typed("connector", "run", "monthly", "--dry-run")[1]


def test_a_template_never_overwrites(typed: Hub, edge: Path) -> None:
    """A workbook that is there may be filled in: it stays as it is."""
    path = edge / "month.xlsx"
    path.write_bytes(b"filled in")
    code, _, error = typed("connector", "template", "monthly", "--xlsx", str(path))
    assert code == 3
    assert "HUB-C296" in error
    assert path.read_bytes() == b"filled in"


def test_a_template_of_turned_columns_is_refused(typed: Hub, edge: Path) -> None:
    """A mapping that turns columns does not say which there are: no template is guessed."""
    mapped(edge, "[source.unpivot]\ncolumns = ['*日']\nname = '日'\nvalue = '数'")
    code, _, error = typed("connector", "template", "monthly", "--xlsx", str(edge / "m.xlsx"))
    assert (code, "HUB-C299" in error) == (3, True)


BAD = number(3)[:-1] + ("0" if number(3)[-1] != "0" else "1")


@pytest.mark.parametrize("words", [(), ("--dry-run",)], ids=["run", "dry run"])
def test_a_receipt_says_of_every_row_what_became_of_it(typed: Hub, edge: Path, words: tuple[str, ...]) -> None:
    """Each row read has one line: accepted, not selected by which rule, or refused with column, code, why and fix."""
    path = edge / "month.xlsx"
    typed("connector", "template", "monthly", "--xlsx", str(path))
    rows = [typed_row(1), typed_row(2, 类型="随访"), typed_row(3, 证件号码=BAD), typed_row(4, 结论="=HYPERLINK(1)")]
    fill(path, rows)
    code, out, error = typed("connector", "run", "monthly", "--receipts", str(edge / "回执"), *words)
    assert code == 0, error
    (receipt,) = (edge / "回执").iterdir()
    assert str(receipt) in out
    head, *lines = sheet_of(receipt)
    assert head == ("Source", "Row", "Column", "Ending", "Code", "Why", "What mends it")
    told = [line[:5] for line in lines]
    letter = openpyxl.utils.get_column_letter(list(sheet_of(path)[0]).index("证件号码") + 1)
    assert told[:3] == [
        ("monthly", 2, None, "accepted", None),
        ("monthly", 3, None, "not selected", None),
        ("monthly", 4, letter, "refused", "HUB-C103"),
    ]
    assert lines[1][5] == "not selected by rule mine"
    assert all(lines[2][5:])
    everything = "".join(zipfile.ZipFile(receipt).read(name).decode() for name in zipfile.ZipFile(receipt).namelist())
    assert not [row["证件号码"] for row in rows if row["证件号码"] in everything]


def test_every_run_leaves_a_receipt_of_its_own(typed: Hub, edge: Path) -> None:
    """No receipt takes the place of another; unchanged rows are accepted ones."""
    path = edge / "month.xlsx"
    typed("connector", "template", "monthly", "--xlsx", str(path))
    fill(path, [typed_row(1)])
    for _ in range(2):
        typed("connector", "run", "monthly", "--receipts", str(edge / "回执"))
    first, second = (sheet_of(one) for one in sorted((edge / "回执").iterdir()))
    assert first == second
    assert first[1][:4] == ("monthly", 2, None, "accepted")


def test_what_cannot_be_written_is_told_after_the_run(typed: Hub, edge: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt that does not fit or has no place stops nothing: the rows are published and the exit code says so."""
    path = edge / "month.xlsx"
    typed("connector", "template", "monthly", "--xlsx", str(path))
    fill(path, [typed_row(1)])
    (edge / "file").write_text("", encoding="utf-8")
    code, out, error = typed("connector", "run", "monthly", "--receipts", str(edge / "file" / "in"))
    assert (code, "published 1" in out, "HUB-C297" in error) == (3, True, True)
    monkeypatch.setattr(workbook, "LAST_ROW", 1)
    code, out, error = typed("connector", "run", "monthly", "--receipts", str(edge / "回执"))
    assert (code, "unchanged 1" in out, "HUB-C298" in error) == (3, True, True)


FORMULAS = ["=1+1", "+1", "-1", "@x", '=HYPERLINK("http://x.example")', "\t=1", "=cmd|'/c calc'!A0", "a\x00b"]


def test_no_text_is_written_as_a_formula(tmp_path: Path) -> None:
    """What begins like a formula is text in the workbook, marked so that typing into it changes nothing."""
    write(tmp_path / "a.xlsx", [Page("s", [[one] for one in FORMULAS], [9])])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
        assert b'quotePrefix="1"' in book.read("xl/styles.xml")
    cells = list(openpyxl.load_workbook(tmp_path / "a.xlsx").active["A"])
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.quotePrefix for cell in cells] == [True] * 7 + [False]


def test_a_writer_that_lets_formulas_through_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a writer that hands a text on as it is."""
    monkeypatch.setattr(workbook, "_cell", lambda sheet, value, bold: str(value).replace("\x00", ""))
    with pytest.raises((AssertionError, DataError)):
        test_no_text_is_written_as_a_formula(tmp_path)


def test_whoever_is_asked_for_a_password_types_it_unseen(
    typed: Hub, edge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--unlock` asks for the password of a locked workbook; it is on no command line and in no output."""
    path = edge / "month.xlsx"
    typed("connector", "template", "monthly", "--xlsx", str(path))
    fill(path, [typed_row(1)])
    locked(path, "open sesame 9")
    monkeypatch.setenv(ASKED, "")
    code, _, error = typed("connector", "check", "monthly")
    assert (code, "HUB-C211" in error) == (3, True)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda text: pytest.fail("typed in sight"))
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda text: "open sesame 9")
    code, out, error = typed("connector", "run", "monthly", "--unlock", "--dry-run")
    assert (code, "published 1" in out) == (0, True)
    assert "sesame" not in out + error


def test_a_draft_knows_a_column_by_the_lowest_of_its_names(typed: Hub, tmp_path: Path) -> None:
    """A merged header does not hide what its columns mean; a lower name that stands twice is not guessed from."""
    upper: list[Any] = ["序号", "基本信息", None, "首次", None, "末次", None]
    lower: list[Any] = [None, "姓名", "证件号码", "评估日期", "结论", "评估日期", "结论"]
    areas = ["A1:A2", "B1:C1", "D1:E1", "F1:G1"]
    book(tmp_path / "a.xlsx", {"s": [upper, lower, [1, *"abcdef"]]}, {"s": areas})
    assert typed("connector", "new", "--from", str(tmp_path / "a.xlsx"), "--name", "deep", "--area", "220102")[0] == 0
    drafted = next(tmp_path.rglob("mapping.toml")).read_text(encoding="utf-8")
    assert 'resident_id = "基本信息/证件号码"' in drafted
    assert 'column = "基本信息/姓名"' in drafted
    assert 'occurred_on = "which column?"' in drafted


def test_a_run_waits_for_nothing_that_it_does_not_need() -> None:
    """The command line and a run load no library of workbooks until one is read or written, nothing that reads schemas
    until an event type is named, no kind of source until a mapping has one, no dialect but that of the spool, and
    nothing of intake, the vault or the commands beside it."""
    code = "import sys, hub.cli.connector.run; print([m for m in sys.modules if m in set(sys.argv[1:])])"
    libraries = ["openpyxl", "msoffcrypto", "olefile", "python_calamine", "fastavro"]
    libraries += [f"connectors.sources.{kind}" for kind in ("http", "singer", "debezium", "excel", "jsonl")]
    libraries += [f"sqlalchemy.dialects.{name}" for name in ("postgresql", "mysql", "oracle", "mssql")]
    libraries += [
        "hub.intake.intake",
        "hub.vault.vault",
        "connectors.studio",
        "connectors.drafting",
        "connectors.trial",
    ]
    done = subprocess.run([sys.executable, "-c", code, *libraries], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook that finds no room ends in one message: nothing closes itself afterwards with a stack trace."""
    part = tmp_path / ".a.xlsx.part"
    part.symlink_to("/dev/full")
    monkeypatch.setattr(Path, "with_name", lambda *_: part)
    with pytest.raises(DataError, match="HUB-C297"):
        write(tmp_path / "a.xlsx", [Page("a", [["x" * 50_000]], [10])])
    gc.collect()
    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space"):
        Streamed("a", ["x"]).save(full)
    gc.collect()
    assert list(tmp_path.iterdir()) == []
