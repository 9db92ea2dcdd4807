"""`hub connector diff`: what a new mapping would make of the source is counted before anything is sent."""

import json
from pathlib import Path

import pytest

from tests.connectors.rig import COLUMNS, MAPPING, row
from tests.typed import Hub

PLAIN = MAPPING.format(on_change="correct", on_vanish="nothing")


@pytest.fixture
def folder(typed: Hub, tmp_path: Path) -> Path:
    """A connector with ten rows: seven of the ward, two of the clinic, one that is refused."""
    rows = [row(n) for n in range(7)] + [row(n, 评估类型="复诊评估", 评估结论="不适合") for n in (7, 8)]
    rows.append(row(9, 评估结论="看情况"))
    source = tmp_path / "assessments.csv"
    lines = [",".join(COLUMNS), *(",".join(each.values()) for each in rows)]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = ("--from", str(source), "--name", "assessments", "--publisher", "health", "--area", "220102")
    assert typed("connector", "new", *words)[0] == 0
    found = tmp_path / "home" / "edges" / "assessments"
    (found / "mapping.toml").write_text(PLAIN.replace('"assessments.csv"', json.dumps(str(source))), encoding="utf-8")
    (found / "codes").mkdir()
    (found / "codes" / "conclusion.csv").write_text("值,代码\n适合,true\n不适合,false\n", encoding="utf-8")
    return found


def changes(
    typed: Hub, folder: Path, old: str, new: str, table: str = ""
) -> tuple[dict[tuple[str, str, str], int], int]:
    """The differences of a mapping in which one thing was changed, and the rows that stay the same."""
    text = (folder / "mapping.toml").read_text(encoding="utf-8")
    assert old in text
    other = folder.parent.parent / "next" / "new.toml"
    (other.parent / "codes").mkdir(parents=True)
    if table:
        (other.parent / "codes" / "conclusion.csv").write_text(table, encoding="utf-8")
    other.write_text(text.replace(old, new), encoding="utf-8")
    code, out, error = typed("connector", "diff", "assessments", str(other), "--json")
    assert (code, error) == (0, "")
    told = json.loads(out)
    assert told["rows"] == 10
    return {(one["before"], one["after"], one["what"]): one["rows"] for one in told["changes"]}, told["same"]


def test_a_mapping_that_reads_the_same_changes_nothing(typed: Hub, folder: Path) -> None:
    """A remark or another version: all rows are the same, the refused one, too."""
    assert changes(typed, folder, "version = 1", "version = 2 # next spring") == ({}, 10)


CLINIC = 'type = "health.OutpatientAssessed"'
OTHERS = "discharge / clinic"
DIFFERENCES = [
    (
        'risk = "风险等级"\n\n[[event]]', "risk = { constant = 2 }\n\n[[event]]",
        {("published", "published", "health.DischargeAssessed risk"): 7}, 3,
    ),
    (
        'value = "出院评估"', 'value = "入院评估"',
        {("published", "not_selected", OTHERS): 7, ("refused", "not_selected", OTHERS): 1}, 2,
    ),
    (
        'name = { column = "姓名", kind = "name" }', 'phone = { column = "姓名", kind = "phone" }',
        {("published", "refused", "HUB-C101"): 9}, 1,
    ),
    (
        CLINIC, 'type = "health.DischargeAssessed"\nname = "clinic"',
        {("published", "", "health.OutpatientAssessed"): 2, ("", "published", "health.DischargeAssessed"): 2}, 8,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "told", "same"), DIFFERENCES)
def test_every_difference_is_counted_by_the_rows_that_show_it(
    typed: Hub, folder: Path, old: str, new: str, told: dict[tuple[str, str, str], int], same: int
) -> None:
    """A field, an ending, another event: each with its number of rows, and the rest is the same."""
    assert changes(typed, folder, old, new) == (told, same)


def test_a_changed_code_table_is_a_changed_mapping(typed: Hub, folder: Path) -> None:
    """A table beside the new mapping is read instead of the connector's: a refused row is published, two change."""
    table = "值,代码\n适合,true\n不适合,true\n看情况,false\n"
    found, left = changes(typed, folder, "version = 1", "version = 2", table)
    assert found == {
        ("published", "published", "health.OutpatientAssessed suitable"): 2,
        ("refused", "published", "HUB-C140"): 1,
    }
    assert left == 7


def test_another_identity_is_a_difference_though_no_field_differs(typed: Hub, folder: Path) -> None:
    """What the vault is told of a person is compared, too: it is counted as `who`, and nothing of it is shown."""
    found, same = changes(typed, folder, 'identity = { name = { column = "姓名", kind = "name" } }\n', "")
    types = ("health.DischargeAssessed who", 7), ("health.OutpatientAssessed who", 2)
    assert found == {("published", "published", what): rows for what, rows in types}
    assert same == 1


def test_nothing_is_published_and_another_key_is_told(typed: Hub, folder: Path) -> None:
    """The spool is not even made; with another key every row is a new one, which is said."""
    other = folder / "other.toml"
    text = (folder / "mapping.toml").read_text(encoding="utf-8")
    other.write_text(text.replace('key = ["评估编号"]', 'key = ["证件号码"]'), encoding="utf-8")
    code, out, _ = typed("connector", "diff", "assessments", str(other))
    assert (code, "rows 10 = same 10 + other 0" in out, "every row is new" in out) == (0, True, True)
    assert not (folder / "spool.db").exists()


def test_a_mapping_that_does_not_fit_is_refused_by_name(typed: Hub, folder: Path) -> None:
    """A new mapping is judged as any other before the first row."""
    (folder / "other.toml").write_text("id = 3", encoding="utf-8")
    code, _, error = typed("connector", "diff", "assessments", str(folder / "other.toml"))
    assert (code, "HUB-C2" in error) == (3, True)
