"""A mapping as a workbook and back: nothing is lost on the way (issue 5, part 3)."""

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.books.mapping_book import BEFORE, read_book, read_folder, said, take, write_book
from connectors.books.mapping_sheet import Files, files_of, grids
from connectors.books.sheet_text import cell_list, cell_value, list_cell, value_cell
from connectors.edge import MAPPING as FILE
from connectors.mapping.file import load_mapping, parse_mapping
from connectors.mapping.language import OPS, TOKENS, Cell, Document, GuardLimits, Mapping, Person, Rule, Section
from connectors.mapping.text import mapping_text
from connectors.sources import parse_source
from hub.core.errors import DataError
from hub.workbook import Page, write
from tests.connectors.test_mapping_page import written as page_of
from tests.typed import Hub

ROOT = Path(__file__).parents[2]
DEMO = sorted((ROOT / "connectors").glob("*_demo/*.toml"))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["true", "FALSE", "007", "12", "-1", '"', '""', "-", " a", "a ", "a\nb", "_x000D_", "=1+1", "[x]", "{", "'", "1e5"]
)
values = texts | st.integers(-(2**53), 2**53) | st.booleans()
sources = st.sampled_from(
    [
        {"kind": "csv", "alias": "a", "path": "a.csv", "encoding": "gb18030", "columns": {"甲.乙": "text"}},
        {
            "kind": "sql",
            "alias": "a",
            "url": "sqlite:///x.db",
            "table": "t",
            "key": ["k", "7"],
            "hours": ["01:00-05:00"],
        },
        {"kind": "excel", "alias": "a", "path": "{a}.xlsx", "sheets": ["*月", "true"], "header_rows": 2}
        | {"unpivot": {"columns": ["*月"], "name": "月", "value": "值"}},
        {"kind": "folder", "alias": "a", "path": "in", "files": "csv", "delimiter": ";", "quiet_seconds": 5},
    ]
)


@st.composite
def cells(draw: Any, token: str = "") -> Cell:
    """A cell as the file can say it."""
    if token:
        return Cell(column=draw(texts.filter(bool)), kind=TOKENS[token][1])
    if draw(st.booleans()):
        return Cell(constant=draw(values))
    more = {name: draw(texts) for name in ("kind", "split")} | {"default": draw(st.none() | values)}
    more |= {"other": draw(st.none() | texts), "per": draw(st.integers(0, 9)), "age": draw(st.booleans())}
    return Cell(column=draw(texts.filter(bool)), **more)


@st.composite
def mappings(draw: Any) -> Mapping:
    """Any mapping that its file can say, whether or not the schemas take it."""

    def several(of: Any, most: int = 3) -> tuple[Any, ...]:
        return tuple(draw(st.lists(of, max_size=most)))

    def named(of: Any) -> dict[str, Any]:
        return draw(st.dictionaries(texts, of, max_size=3))

    rules = {}
    for name in named(st.just(0)):
        op = draw(st.sampled_from(OPS))
        given = () if "empty" in op else (draw(texts),) if op in ("before", "after") else (draw(texts), *several(texts))
        rules[name] = Rule(name, draw(texts), op, given)
    persons = {}
    for role in draw(st.sets(st.sampled_from(["patient", "guardian"]))):
        tokens = {name: draw(cells(name)) for name in sorted(draw(st.sets(st.sampled_from(list(TOKENS)), max_size=2)))}
        document = None if tokens and draw(st.booleans()) else Document(draw(texts), draw(texts), "")
        persons[role] = Person(
            role, tuple(tokens.items()), document, tuple(named(cells()).items()), draw(st.booleans())
        )
    sections = tuple(
        Section(
            name, draw(texts), several(texts), named(cells()),
            draw(st.none() | st.just(()) | st.just(("patient", "x"))), named(cells()),
            draw(st.sampled_from(["event", "correct"])), draw(texts), named(cells()),
        )
        for name in draw(st.sets(texts, min_size=1, max_size=3))
    )  # fmt: skip
    common = {name: draw(cells()) for name in sorted(draw(st.sets(st.sampled_from(["area", "occurred_on"]))))}
    return Mapping(
        draw(texts), draw(st.integers(0, 9)), parse_source(draw(sources)), several(texts), several(texts), rules,
        persons, common, sections, {}, GuardLimits(draw(st.integers(0, 9)), 5), draw(st.integers(0, 9)), "",
        draw(st.sampled_from(["", "daily", "10"])),
    )  # fmt: skip


@pytest.mark.slow
@given(mappings())
@settings(max_examples=60, deadline=None)
def test_any_mapping_is_the_same_after_its_file_and_after_its_sheets(mapping: Mapping) -> None:
    """A mapping -> TOML -> mapping, and mapping -> sheets -> mapping, are equal down to what is a number or a text."""
    assert repr(files_of(grids(Files(mapping, {}, None))).mapping) == repr(mapping)
    again = parse_mapping(tomllib.loads(mapping_text(mapping)), b"", lambda path: b"")
    assert repr(again._replace(hash="")) == repr(mapping)


@given(st.lists(values, max_size=4), st.lists(texts, max_size=4))
def test_a_value_in_a_cell_is_what_it_was(some: list[Any], several: list[str]) -> None:
    """No text becomes a number, a boolean or another text by standing in a cell."""
    assert repr([cell_value(value_cell(value)) for value in some]) == repr(some)
    assert list(cell_list(list_cell(several))) == several


@pytest.mark.slow
@given(mapping=mappings())
@settings(max_examples=25, deadline=None)
def test_no_sheet_changes_by_being_saved(tmp_path_factory: pytest.TempPathFactory, mapping: Mapping) -> None:
    """What stands in a real workbook is read from it letter by letter, whatever the mapping says."""
    from connectors.books.mapping_sheet import FIELDS
    from connectors.books.sheet_text import shown
    from connectors.sources.excel import read_cells

    path = tmp_path_factory.mktemp("book") / "m.xlsx"
    sheets = grids(Files(mapping, {}, "a,b\n1,\n"))
    write(path, [Page(name, grid, [10]) for name, grid in sheets.items()])
    found = {name: [[shown(cell) for cell in row] for row in rows] for name, rows in read_cells(path).items()}
    assert FIELDS in found
    assert repr(files_of(found)) == repr(files_of(sheets))


@pytest.mark.parametrize("path", DEMO, ids=[path.stem for path in DEMO])
def test_every_mapping_of_the_repository_goes_through_a_workbook(path: Path, tmp_path: Path) -> None:
    """Mapping, code tables and cases of a folder are equal after a workbook, which a folder takes back unchanged."""
    folder = tmp_path / "edge"
    shutil.copytree(path.parent / "codes", folder / "codes")
    shutil.copy(path, folder / FILE)
    columns = load_mapping(folder).columns()
    (folder / "cases.csv").write_text(",".join([*columns, "expect"]) + "\n" + "," * len(columns) + "?\n", "utf-8")
    before = (folder / FILE).read_bytes()
    write_book(folder, tmp_path / "m.xlsx")
    assert said(read_book(tmp_path / "m.xlsx")) == said(read_folder(folder))
    assert take(folder, read_book(tmp_path / "m.xlsx")) == []
    assert (folder / FILE).read_bytes() == before
    (folder / FILE).write_text(mapping_text(load_mapping(folder)), "utf-8")
    assert said(read_book(tmp_path / "m.xlsx")) == said(read_folder(folder))


def edited(tmp_path: Path, sheet: str, cell: str, value: object) -> tuple[Path, Path]:
    """The folder of the page's example, and its workbook after somebody typed into one cell."""
    folder = page_of(tmp_path)[0].folder
    path = tmp_path / "m.xlsx"
    write_book(folder, path)
    book = openpyxl.load_workbook(path)
    book[sheet][cell] = value
    book.save(path)
    return folder, path


def test_what_is_typed_into_a_workbook_becomes_the_mapping(tmp_path: Path) -> None:
    """A changed code, case and setting are written into the files they belong to, and what the mapping was is kept."""
    folder, path = edited(tmp_path, "代码 1 conclusion", "B3", True)
    before = (folder / FILE).read_bytes()
    assert take(folder, read_book(path)) == ["codes/conclusion.csv"]
    assert load_mapping(folder).tables["codes/conclusion.csv"]["暂不适合"] == "true"
    book = openpyxl.load_workbook(path)
    assert book["设置 settings"]["A3"].value == "version"
    book["设置 settings"]["B3"] = 2
    book["用例 cases"]["I2"] = "?"
    book.save(path)
    assert take(folder, read_book(path)) == ["cases.csv", FILE]
    assert load_mapping(folder).version == 2
    assert (folder / BEFORE).read_bytes() == before


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "code"),
    [
        ("字段 fields", "A1", "x", "HUB-C370"),
        ("代码表 tables", "B2", "none", "HUB-C370"),
        ("字段 fields", "B5", "nobody", "HUB-C371"),
        ("字段 fields", "D2", "occurred_on", "HUB-C371"),
        ("字段 fields", "H2", '"open', "HUB-C371"),
        ("设置 settings", "A2", "ids", "HUB-C371"),
        ("规则 rules", "C2", "same", "HUB-C241"),
        ("用例 cases", "C3", "110101199001010015", "HUB-C364"),
        ("代码表 tables", "A2", "../edge.toml", "HUB-C252"),
    ],
)
def test_nothing_of_a_workbook_is_left_out_silently(
    tmp_path: Path, sheet: str, cell: str, value: str, code: str
) -> None:
    """A row that belongs to nothing, a name said twice, a lost header or table is refused, and no file is changed."""
    folder, path = edited(tmp_path, sheet, cell, value)
    with pytest.raises(DataError) as caught:
        take(folder, read_book(path))
    assert caught.value.code == code


def test_a_workbook_writes_nothing_but_code_tables_of_the_folder(tmp_path: Path) -> None:
    """A path that leads out of the folder, or to a file that is no code table, is refused."""
    folder = page_of(tmp_path)[0].folder
    found = read_folder(folder)
    for name in ("../out.csv", "edge.toml", "/tmp/out.csv"):
        mapping = found.mapping._replace(tables={name: {"x": "true"}})
        with pytest.raises(DataError) as caught:
            take(folder, Files(mapping, {name: "a,b\nx,true\n"}, None))
        assert caught.value.code == "HUB-C373"


def test_what_a_workbook_cannot_hold_is_not_written(tmp_path: Path) -> None:
    """A text that a cell would cut off makes no workbook, and no file is left that says less."""
    folder = page_of(tmp_path)[0].folder
    text = (folder / FILE).read_text("utf-8").replace('value = "测试"', f'value = "{"长" * 40_000}"')
    (folder / FILE).write_text(text, "utf-8")
    with pytest.raises(DataError) as caught:
        write_book(folder, tmp_path / "m.xlsx")
    assert caught.value.code == "HUB-C372"
    assert not (tmp_path / "m.xlsx").exists()


def source_row(path: Path, name: str) -> int:
    """The row of a setting in the sheet of settings."""
    sheet = openpyxl.load_workbook(path)["设置 settings"]
    return next(row for row, (cell,) in enumerate(sheet.iter_rows(max_col=1, values_only=True), 1) if cell == name)


TAP = {"kind": "singer", "command": ["tap-x"], "stream": "s", "path": None, "encoding": None, "columns": None}


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"path": "other.csv"}, "path"),
        ({"path": "/etc/passwd"}, "path"),
        ({"encoding": "gb18030"}, "encoding"),
        (TAP, "kind"),
        ({"kind": "http", "path": None, "url": "https://elsewhere.example.cn"}, "kind"),
    ],
)
def test_a_signed_workbook_brings_no_other_source_unless_told(
    tmp_path: Path, changes: dict[str, Any], setting: str
) -> None:
    """A workbook with another source than the mapping changes no file, whatever else it says; the cell is named."""
    folder, path = edited(tmp_path, "代码 1 conclusion", "B3", True)
    book = openpyxl.load_workbook(path)
    sheet = book["设置 settings"]
    rows = {row[0].value: row[0].row for row in sheet.iter_rows()}
    for name, value in changes.items():
        row = rows.get(f"source.{name}", sheet.max_row + 1)
        sheet.cell(row, 1).value = None if value is None else f"source.{name}"
        sheet.cell(row, 2).value = json.dumps(value) if isinstance(value, list) else value
    book.save(path)
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    with pytest.raises(DataError) as caught:
        take(folder, read_book(path))
    assert caught.value.code == "HUB-C470"
    assert caught.value.place["setting"] == f"source.{setting}"
    assert caught.value.place["row"] == source_row(path, f"source.{setting}")
    assert before == {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert FILE in take(folder, read_book(path), source_too=True)
    assert load_mapping(folder).source == read_book(path).mapping.source


def test_a_source_of_which_a_setting_was_taken_away_is_another(tmp_path: Path) -> None:
    """A row of the source that lacks in a workbook is named too, without a number: it stands nowhere."""
    folder = page_of(tmp_path)[0].folder
    book = tmp_path / "m.xlsx"
    write_book(folder, book)
    text = (folder / FILE).read_text("utf-8")
    (folder / FILE).write_text(text.replace("[source]\n", '[source]\ndelimiter = ";"\n'), "utf-8")
    with pytest.raises(DataError) as caught:
        take(folder, read_book(book))
    assert (caught.value.code, caught.value.place["setting"], caught.value.place["row"]) == (
        "HUB-C470", "source.delimiter", "-",
    )  # fmt: skip


@pytest.mark.parametrize(("content", "code"), [(b"no workbook", "HUB-C291"), (None, "HUB-C206")])
def test_what_is_no_workbook_is_refused_as_a_source_would_be(tmp_path: Path, content: bytes | None, code: str) -> None:
    """A file of another kind, or none, ends in the code that a source of workbooks has for it."""
    if content is not None:
        (tmp_path / "m.xlsx").write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_book(tmp_path / "m.xlsx")
    assert caught.value.code == code


def test_a_mapping_goes_out_and_back_by_the_command(typed: Hub, tmp_path: Path) -> None:
    """`sheet --xlsx` writes a workbook that `sheet --from` takes back; without either it says what lacks."""
    (tmp_path / "a.csv").write_text("编号,证件号码,登记日期\n", encoding="utf-8")
    assert typed("connector", "new", "--from", str(tmp_path / "a.csv"), "--name", "first", "--area", "220102")[0] == 0
    book = str(tmp_path / "m.xlsx")
    assert typed("connector", "sheet", "first", "--xlsx", book)[0] == 0
    code, out, _ = typed("connector", "sheet", "first", "--from", book)
    assert (code, "nothing was written" in out) == (0, True)
    assert "HUB-C374" in typed("connector", "sheet", "first")[2]
    changed = openpyxl.load_workbook(book)
    changed["设置 settings"].cell(source_row(Path(book), "source.path"), 2).value = "b.csv"
    changed.save(other := str(tmp_path / "n.xlsx"))
    code, _, err = typed("connector", "sheet", "first", "--from", other)
    assert (code, "HUB-C470" in err, "b.csv" in err) == (3, True, False)
    assert typed("connector", "sheet", "first", "--from", other, "--source-too")[0] == 0
    assert "HUB-C296" in typed("connector", "sheet", "first", "--xlsx", book)[2]
