"""`hub connector test`: cases beside a mapping say what must become of rows; what a mapping does otherwise is told."""

import json
from pathlib import Path

import pytest

from connectors.forms.identity import check_character
from tests.connectors.books import Cells, book
from tests.connectors.rig import COLUMNS, MAPPING, number
from tests.typed import Hub

HEAD = ",".join((*COLUMNS, "expect"))
FINE = "PG1,张三丰,{id},出院评估,2026-05-01,适合,1,220102"


@pytest.fixture
def folder(typed: Hub, tmp_path: Path) -> Path:
    """A connector with the mapping of assessments, drafted from its source and then written out."""
    source = tmp_path / "assessments.csv"
    source.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    words = ("--from", str(source), "--name", "assessments", "--publisher", "health", "--area", "220102")
    code, _, error = typed("connector", "new", *words)
    assert code == 0, error
    found = tmp_path / "home" / "edges" / "assessments"
    mapping(found)
    (found / "codes").mkdir()
    (found / "codes" / "conclusion.csv").write_text("值,代码\n适合,true\n不适合,false\n", encoding="utf-8")
    return found


def mapping(folder: Path, old: str = "", new: str = "") -> None:
    """Write the mapping, with one thing changed in it."""
    text = MAPPING.format(on_change="correct", on_vanish="nothing")
    assert old in text
    (folder / "mapping.toml").write_text(text.replace(old, new) if old else text, encoding="utf-8")


def cases(folder: Path, *lines: str, head: str = HEAD) -> None:
    """Write the file of cases."""
    (folder / "cases.csv").write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")


def row(expect: str, **changed: str) -> str:
    """A fine row, or one with other cells, and what is expected of it."""
    cells = dict(zip(COLUMNS, FINE.format(id=number(1)).split(","), strict=True)) | changed
    return ",".join((*cells.values(), '"' + expect.replace('"', '""') + '"'))


ALL = (
    row("health.DischargeAssessed suitable=true risk=1 occurred_on=2026-05-01 persons=patient"),
    row("health.OutpatientAssessed suitable=false", 评估类型="复诊评估", 评估结论="不适合"),
    row("HUB-C104 证件号码", 证件号码="1.60101E+17"),
    row("HUB-C146 评估编号", 评估编号=""),
    row("HUB-C140", 评估结论="看情况"),
    row("not_selected not_test", 姓名="测试"),
)


def test_cases_that_hold_pass_and_every_ending_can_be_expected(typed: Hub, folder: Path) -> None:
    """An event with its fields and persons, another section's, two kinds of refusal, a key, and a rule: exit 0."""
    cases(folder, *ALL)
    code, out, error = typed("connector", "test", "assessments")
    assert (code, error) == (0, "")
    assert out.splitlines()[-1] == "6 cases: 6 as expected, 0 differ, 0 say nothing yet"


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        ('op = "equals"\nvalue = "出院评估"', 'op = "not_equals"\nvalue = "出院评估"', 2, "not_selected"),
        ('tokens = { resident_id = "证件号码" }', 'tokens = { passport = "证件号码" }', 2, "HUB-C101"),
        ('risk = "风险等级"\n\n[[event]]', "risk = { constant = 2 }\n\n[[event]]", 2, "risk: 1 <> 2"),
        ('column = "姓名"\nop', 'column = "评估编号"\nop', 7, "not_selected <> health.DischargeAssessed"),
    ],
)
def test_a_mapping_that_does_otherwise_is_told_at_the_line(
    typed: Hub, folder: Path, old: str, new: str, line: int, fault: str
) -> None:
    """Whatever is changed in a mapping is told by the case that it concerns, and the command ends with 3."""
    cases(folder, *ALL)
    mapping(folder, old, new)
    code, out, error = typed("connector", "test", "assessments", "--json")
    assert (code, "HUB-C365" in error) == (3, True)
    differing = {one["line"]: one for one in json.loads(out)["cases"] if one["verdict"] == "differs"}
    assert fault in differing[line]["found"] + " ".join(differing[line]["faults"])


def test_what_was_found_may_be_copied_into_the_file(typed: Hub, folder: Path) -> None:
    """A case that says ? is told; with what was told in its place it passes, for every ending."""
    opened = [line.rsplit(',"', 1)[0] + ',"?"' for line in ALL]
    cases(folder, *opened)
    code, out, _ = typed("connector", "test", "assessments", "--json")
    assert code == 3
    found = [one["found"] for one in json.loads(out)["cases"]]
    cases(folder, *(line[:-3] + '"' + told.replace('"', '""') + '"' for line, told in zip(opened, found, strict=True)))
    assert typed("connector", "test", "assessments")[0] == 0


def test_a_case_may_have_a_day_of_its_own(typed: Hub, folder: Path) -> None:
    """A row dated after the day on which it is judged is refused: the file says which day that is."""
    mapping(folder, 'occurred_on = "评估日期"', 'occurred_on = { column = "评估日期", kind = "date" }')
    cases(
        folder, row("health.DischargeAssessed") + ",2026-05-01", row("HUB-C105 评估日期") + ",2026-04-30",
        head=HEAD + ",today",
    )  # fmt: skip
    code, out, error = typed("connector", "test", "assessments")
    assert (code, error) == (0, ""), out


@pytest.mark.parametrize(
    ("lines", "head", "code", "told"),
    [
        ((), HEAD.replace("姓名,", ""), "HUB-C362", "姓名"),
        ((), HEAD.replace(",expect", ""), "HUB-C362", "expect"),
        ((row("health.DischargeAssesed"),), HEAD, "HUB-C363", "health.DischargeAssessed"),
        ((row("health.DischargeAssessed riks=1"),), HEAD, "HUB-C363", "risk"),
        ((row('health.DischargeAssessed risk="1'),), HEAD, "HUB-C363", "line 2"),
        ((row(""),), HEAD, "HUB-C363", "line 2"),
        ((row("?") + ",1",), HEAD, "HUB-C361", "line 2"),
        ((row("?") + ",soon",), HEAD + ",today", "HUB-C363", "today"),
    ],
)
def test_a_file_that_says_nothing_clear_is_refused_at_its_place(
    typed: Hub, folder: Path, lines: tuple[str, ...], head: str, code: str, told: str
) -> None:
    """A missing column, a type, field or day that there is not, quotes and cells too many: told with the nearest."""
    cases(folder, *lines, head=head)
    exit_code, _, error = typed("connector", "test", "assessments")
    assert (exit_code, code in error, told in error) == (3, True, True), error


def test_a_real_number_is_refused_and_never_shown(typed: Hub, folder: Path) -> None:
    """Cases are handed on: a number of a province that exists is refused, in any column, and not a digit is told."""
    real = "220102" + "19700101001"
    real += check_character(real)
    lines = [row("?", **changed) for changed in ({"证件号码": real}, {"姓名": real}, {"姓名": f"某人({real})"})]
    for line in (*lines, row(f"HUB-C104 {real}"), row(f"某人{real}")):
        cases(folder, line)
        code, out, error = typed("connector", "test", "assessments")
        assert (code, "HUB-C364" in error, real in out + error) == (3, True, False)


def test_a_draft_has_first_cases_that_run(typed: Hub, tmp_path: Path) -> None:
    """`new` writes two cases: one says nothing yet, one is refused for a number that a spreadsheet has damaged."""
    source = tmp_path / "patients.csv"
    source.write_text("患者编号,姓名,证件号码,居住区划,建档日期\n", encoding="utf-8")
    assert typed("connector", "new", "--from", str(source), "--name", "patients", "--area", "220102")[0] == 0
    code, out, _ = typed("connector", "test", "patients", "--json")
    told = json.loads(out)
    assert (code, told["passed"], told["open"], told["differ"]) == (3, 1, 1, 0)
    assert told["cases"][0]["found"].startswith("agency.IdentityDeclared ")


def test_the_first_cases_fit_merged_headers_changes_and_the_own_area(typed: Hub, tmp_path: Path) -> None:
    """What `new` takes a column for, the cases have a sample of: the damaged number is what refuses the second."""
    head: Cells = [
        ["编号", "服务对象", None, "登记", None, "居住区划"],
        [None, "姓名", "证件号码", "建档日期", "更新时间", None],
        ["a", "甲", "x", "2026-05-01", "2026-05-01 08:00", "500106"],
    ]
    source = book(tmp_path / "a.xlsx", {"s": head}, {"s": ["A1:A2", "B1:C1", "D1:E1", "F1:F2"]})
    assert typed("connector", "new", "--from", str(source), "--name", "deep", "--area", "500106")[0] == 0
    told = json.loads(typed("connector", "test", "deep", "--json")[1])
    assert (told["passed"], told["open"], told["differ"]) == (1, 1, 0)
    assert "area=500106" in told["cases"][0]["found"]


def test_without_cases_the_command_says_how_to_write_them(typed: Hub, folder: Path) -> None:
    """No file: exit 3, and what stands in one."""
    (folder / "cases.csv").unlink()
    code, _, error = typed("connector", "test", "assessments")
    assert (code, "HUB-C360" in error, "expect" in error) == (3, True, True)
