"""What a draft knows of columns by their names, and what it brings with it (issue 5, part 3)."""

import csv
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import Workbook

from connectors.drafting.draft import FIELDS, draft, draft_codes, meaning_of, synonyms
from connectors.drafting.ready_codes import ready_codes
from connectors.forms.canonical import canonical
from connectors.mapping.code_table import parse_codes
from connectors.mapping.file import load_mapping
from connectors.rows.cells import fitting
from connectors.rows.contract import contract_of
from connectors.sources import Column
from hub.events import KINDS
from tests.typed import Hub

ROOM = Path(__file__).parents[2] / "connectors" / "drafting"
TYPES = [type for type in KINDS if not type.startswith("hub.")]
SECTION: dict[str, object] = {"kind": "csv", "alias": "a", "path": "a.csv"}


def rows(name: str) -> list[list[str]]:
    """The lines of a table of the program, without its header."""
    return list(csv.reader((ROOM / name).read_text("utf-8").splitlines()))[1:]


def test_each_spelling_means_one_thing() -> None:
    """No spelling stands twice, or in both tables: whether a column is a key or a field never depends on order."""
    spelled = [line[0].upper() for name in ("synonyms.csv", FIELDS) for line in rows(name)]
    assert sorted(spelled) == sorted(set(spelled))
    assert [meaning_of(name) for name in ("XM", "患者姓名", "SFZH", "GMSFHM", "居民身份证号")] == [
        "name", "name", "resident_id", "resident_id", "resident_id",
    ]  # fmt: skip


@pytest.mark.parametrize("meaning", sorted(set(synonyms().values())))
def test_what_a_column_means_has_a_place_in_a_draft(meaning: str) -> None:
    """Each meaning of the table is one that a draft puts somewhere."""
    sql = {"kind": "sql", "alias": "a", "url": "sqlite:///a.db", "table": "t"}
    names = [
        next(name for name, one in synonyms().items() if one == wanted)
        for wanted in {"guardian_id": 0, "resident_id": 0, meaning: 0}
    ]
    text = draft("d", sql, [Column(name) for name in names], "agency.IdentityDeclared", "220102")
    assert all(f'"{name}"' in text for name in names)


def test_each_synonym_of_a_field_names_one_that_an_event_has() -> None:
    """No spelling leads to a field that no released type has."""
    known = {name for type in TYPES for name in contract_of(type).targets}
    assert {meaning for _, meaning in rows(FIELDS)} <= known
    assert {field for field, _, _ in rows("ready_codes.csv")} <= set(synonyms(FIELDS).values())


def test_every_ready_code_fits_its_field() -> None:
    """Each code that a draft brings is one that its field takes, and each table can be read."""
    count = 0
    for type in TYPES:
        columns = [Column(name) for name, _ in rows(FIELDS)]
        for path, text in draft_codes(columns, type).items():
            target = contract_of(type).targets[Path(path).stem]
            for code in parse_codes(path, text.encode()).values():
                fitting(code, target, "")
                count += 1
    assert count > 300


def test_a_list_is_known_by_its_words_and_by_its_codes() -> None:
    """A source that writes the words of our list, or its codes, needs no table of its own."""
    target = contract_of("health.FollowUpRecorded").targets["stability"]
    found = {
        canonical("code", value, today=0, column=""): code for value, code in ready_codes("stability", target).items()
    }
    written = (canonical("code", value, today=0, column="") for value in ("基本 稳定", "Fairly_Stable"))
    assert tuple(found[value] for value in written) == ("fairly_stable", "fairly_stable")


def test_a_draft_fills_the_fields_of_its_event_and_runs(typed: Hub, tmp_path: Path) -> None:
    """From names such as 评估结论 and FXDJ comes a mapping that is right as it stands, with its code tables."""
    (tmp_path / "a.csv").write_text(
        "评估编号,姓名,证件号码,评估日期,评估结论,FXDJ,居住区划,备注\n"
        "1,张三丰,160101197001010015,2026-05-01,暂不适合,2级,220102,\n",
        encoding="utf-8",
    )
    words = ["--name", "first", "--area", "220102", "--publisher", "health", "--type", "health.DischargeAssessed"]
    assert typed("connector", "new", "--from", str(tmp_path / "a.csv"), *words)[0] == 0
    assert typed("connector", "check", "first")[0] == 0
    folder = next(tmp_path.rglob("mapping.toml")).parent
    assert load_mapping(folder).tables["codes/risk.csv"]["2级"] == "2"
    code, out, _ = typed("connector", "run", "first", "--dry-run")
    assert (code, "published 1" in out) == (0, True), out
    assert "# Columns not used: 备注" in (folder / "mapping.toml").read_text("utf-8")


def test_every_code_table_that_a_draft_names_lies_beside_it(typed: Hub, tmp_path: Path) -> None:
    """Also for a field whose column nobody could guess: the table can be read, and has the codes that it takes."""
    (tmp_path / "a.csv").write_text("序号,公民身份号码,走访日期,方式\n", encoding="utf-8")
    words = ["--name", "first", "--area", "220102", "--publisher", "stations", "--type", "stations.ServiceDelivered"]
    assert typed("connector", "new", "--from", str(tmp_path / "a.csv"), *words)[0] == 0
    folder = next(tmp_path.rglob("mapping.toml")).parent
    draft = (folder / "mapping.toml").read_text("utf-8")
    assert 'occurred_on = "走访日期"' in draft
    tables = {path.relative_to(folder).as_posix() for path in folder.glob("codes/*.csv")}
    assert tables == set(re.findall(r"codes/\w+\.csv", draft)) > {"codes/kind.csv"}
    targets = contract_of("stations.ServiceDelivered").targets
    for path in tables:
        found = parse_codes(path, (folder / path).read_bytes())
        assert set(found.values()) == targets[Path(path).stem].codes


def test_a_database_without_a_table_named_is_told_with_its_tables(typed: Hub, tmp_path: Path) -> None:
    """Who does not know what the database calls them reads it in the message; a person's number is in none."""
    with closing(sqlite3.connect(tmp_path / "库.db")) as database:
        for name in ("康复登记", "字典", "160101197001010015"):
            database.execute(f'CREATE TABLE "{name}" ("登记编号" TEXT, "公民身份号码" TEXT, "登记日期" TEXT)')
    words = ["--name", "first", "--area", "220102", "--publisher", "health"]
    source = ["connector", "new", "--from", f"sqlite:///{tmp_path / '库.db'}"]
    code, _, told = typed(*source, *words)
    assert (code, "HUB-C482" in told) == (3, True), told
    assert "字典, 康复登记" in told
    assert "160101197001010015" not in told
    assert not list(tmp_path.rglob("mapping.toml"))
    assert typed(*source, "康复登记", *words)[0] == 0


def test_rows_of_several_sheets_that_count_from_one_are_told_apart(typed: Hub, tmp_path: Path) -> None:
    """A pattern for sheets makes the sheet's name a part of the key: the first row of March is not that of April."""
    book = Workbook()
    book.remove(book.active)
    for month in (3, 4):
        sheet = book.create_sheet(f"{month}月")
        sheet.append(("序号", "姓名", "身份证号", "走访日期"))
        sheet.append((1, "张三丰", "160101197001010015", f"2026-0{month}-01"))
    book.save(tmp_path / "走访.xlsx")
    words = ["--name", "first", "--area", "220102", "--publisher", "stations"]
    assert typed("connector", "new", "--from", str(tmp_path / "走访.xlsx"), "*月", *words)[0] == 0
    _, told, _ = typed("connector", "test", "first")
    assert "2 cases: 1 as expected, 0 differ, 1 say nothing yet" in told
    code, told, _ = typed("connector", "run", "first", "--dry-run")
    assert (code, "published 2" in told) == (0, True), told


def test_a_remark_in_a_columns_name_hides_not_what_it_is() -> None:
    """Forms write whether a column must be filled, and how, behind its name; spellings with brackets still count."""
    spelled = ("身份证号码（必填）", "*姓名", "证件号码(18位)", "联系电话 [选填]", "残疾证号(20位)", "（必填）")
    assert [meaning_of(name) for name in spelled] == [
        "resident_id",
        "name",
        "resident_id",
        "phone",
        *meant("残疾证号"),
        "",
    ]


def meant(name: str) -> list[str]:
    """What a name means by itself."""
    return [meaning_of(name)]
