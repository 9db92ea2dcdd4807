"""CSV and JSON lines: encodings, headers, broken rows, cut ends."""

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from connectors.sources import CHUNK, open_source, parse_source
from connectors.sources.csv import CsvSource
from connectors.sources.declared import settings_of
from connectors.sources.files import Text, stamp_of
from connectors.sources.spec import FILES, KINDS
from hub.core.errors import DataError

PERSON = "160101199003070010"
HEAD = "证件号,姓名,等级\r\n"


def drain(section: dict[str, object], folder: Path, **options: object) -> SimpleNamespace:
    """Everything one read of a source gives."""
    with open_source(parse_source({"alias": "fed", **section}), folder, **options) as source:  # type: ignore[arg-type]
        columns = source.columns()
        assert not source.complete
        chunks = list(source.rows())
        return SimpleNamespace(
            columns=columns,
            chunks=chunks,
            rows=[tuple(row) for chunk in chunks for row in chunk.rows],
            broken=[one for chunk in chunks for one in chunk.broken],
            complete=source.complete,
            reason=source.reason and source.reason.code,
            full=source.full,
            cursor=source.cursor,
            not_data=source.not_data,
            description=dict(source.description),
        )


def write(folder: Path, data: bytes, name: str = "a.csv") -> dict[str, object]:
    (folder / name).write_bytes(data)
    return {"kind": "jsonl" if name.endswith("jsonl") else "csv", "path": name}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found_and_stated(tmp_path: Path, encoding: str, delimiter: str) -> None:
    """A file reads alike in every encoding and delimiter that agencies write, and what was found is said."""
    text = (HEAD + "x,买买提·㐀䶮,1\r\n").replace(",", delimiter)
    got = drain(write(tmp_path, text.encode(encoding)), tmp_path, names=["证件号"])
    assert got.rows == [(2, ("x", "买买提·㐀䶮", "1"))]
    assert [column.name for column in got.columns] == ["证件号", "姓名", "等级"]
    assert got.description["encoding"] == encoding.removesuffix("-sig")
    assert got.description["byte_order_mark"] == ("yes" if encoding in ("utf-8-sig", "utf-16") else "no")
    assert got.description["delimiter"] == {"\t": "tab"}.get(delimiter, delimiter)
    assert got.complete
    assert got.full


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_found(tmp_path: Path, encoding: str) -> None:
    """A text whose program forgot the mark of UTF-16 is still read, and what was found is said."""
    got = drain(write(tmp_path, "id,name,level\r\nx,张,1\r\n".encode(encoding)), tmp_path, names=["id"])
    assert got.rows == [(2, ("x", "张", "1"))]
    assert got.description["encoding"] == encoding
    cut = drain(write(tmp_path, "id,name,level\r\nx,张,1\r\n".encode(encoding)[:-3]), tmp_path, names=["id"])
    assert (cut.complete, cut.reason) == (False, "HUB-C210")


@pytest.mark.parametrize(
    ("start", "found"), [(b"PK\x03\x04", "Excel"), (b"\xd0\xcf\x11\xe0", "Excel"), (b"%PDF-1.7", "PDF")]
)
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_workbook_under_a_texts_name_is_named(tmp_path: Path, name: str, start: bytes, found: str) -> None:
    """A workbook that was renamed to csv is told as one, not as a text of a strange encoding."""
    with pytest.raises(DataError) as stop:
        drain(write(tmp_path, start + bytes(range(256)) * 9, name), tmp_path)
    assert str(stop.value) == f"HUB-C216 alias=fed found={found}"


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_a_line_without_an_end_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is one endless line is not taken into memory: it is refused by the row at which that begins."""
    monkeypatch.setattr("connectors.sources.files._BLOCK", 1_000)
    monkeypatch.setattr("connectors.sources.files.LONGEST", 5_000)
    assert drain(write(tmp_path, b"id,name\nx,y\n" + b"x,y\n" * 9_000), tmp_path).complete
    with pytest.raises(DataError) as stop:
        drain(write(tmp_path, b"id,name\nx,y\n" + b"x" * 9_000, name), tmp_path)
    assert str(stop.value) == "HUB-C217 alias=fed row=3 limit=0"


def test_row_numbers_are_those_of_a_spreadsheet(tmp_path: Path) -> None:
    """Titles, blank lines and the header count as rows; a line end inside quotation marks does not."""
    data = '二季度名单,,\n,,\n证件号,姓名,等级\na,"张\n三",1\n\nb,李四,2\n合计,,2\n制表人,,\n'.encode()
    got = drain(write(tmp_path, data), tmp_path, names=["证件号"])
    assert got.rows == [(4, ("a", "张\n三", "1")), (6, ("b", "李四", "2"))]
    assert got.not_data == 3
    assert got.chunks[0].places == ("A", "B", "C")
    assert got.complete


LINES = [
    *("a,张,1", "b,李,2", "小计,,3", " ,,", ",无编号,4", "c,王", "d,赵,5,6", "站,周,7", "e,吴,8", "合计,,9", "f,郑,1"),
    *("甲,,", "g,王,2"),
]


@pytest.mark.parametrize("turn", range(len(LINES)))
def test_rows_are_judged_alike_however_they_come(tmp_path: Path, turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a line is does not depend on how many are looked at together: totals, blanks, broken rows, any of them."""
    lines = [f"x{number},y,0" for number in range(9)] + LINES[turn:] + LINES[:turn]
    section = write(tmp_path, (HEAD + "\r\n".join(lines) + "\r\n").encode())
    whole = drain(section, tmp_path)
    for size in (1, 2, 3, 5):
        monkeypatch.setattr("connectors.sources.csv.CHUNK", size + 2)
        cut = drain(section, tmp_path)
        assert (cut.rows, cut.not_data, cut.complete) == (whole.rows, whole.not_data, whole.complete)
        assert [tuple(one)[:2] for one in cut.broken] == [tuple(one)[:2] for one in whole.broken]


CUT: list[tuple[str, bytes]] = [
    ("inside a row", (HEAD + "a,b,1\r\nc,d").encode()),
    ("inside a quotation", (HEAD + 'a,b,1\r\nc,"d,1\r\n').encode()),
    ("inside a character", (HEAD + "a,b,1\r\nc,d,三").encode()[:-1]),
    ("inside a GB18030 character", (HEAD + "a,b,1\r\nc,d,三").encode("gb18030")[:-1]),
]


@pytest.mark.parametrize(("where", "data"), CUT, ids=[where for where, _ in CUT])
def test_a_cut_end_makes_the_read_incomplete(tmp_path: Path, where: str, data: bytes) -> None:
    """A file that ends in the middle of something is never complete, and its whole rows are still read."""
    got = drain(write(tmp_path, data), tmp_path, names=["证件号"])
    assert (got.complete, got.reason) == (False, "HUB-C210")
    assert got.rows[0] == (2, ("a", "b", "1"))


def test_a_reader_blind_to_cut_ends_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a reader that takes any end of a quotation, and any file, for whole."""
    monkeypatch.setattr(
        CsvSource, "_judge_last", lambda source, number, fields, chunk: source._judge(number, [fields], chunk)
    )
    monkeypatch.setattr(
        "connectors.sources.csv.examine", lambda alias, path, _: Text("utf-8-sig", False, True, stamp_of(path))
    )
    for where, data in CUT[:3]:
        with pytest.raises(AssertionError):
            test_a_cut_end_makes_the_read_incomplete(tmp_path, where, data)


def test_a_missing_last_line_end_is_a_cut_only_where_declared(tmp_path: Path) -> None:
    """Many exporters end without a line end, so that a whole last row is sound unless the source says otherwise."""
    section = write(tmp_path, (HEAD + "a,b,1").encode())
    assert drain(section, tmp_path).complete
    assert drain({**section, "final_newline": "required"}, tmp_path).reason == "HUB-C210"


def test_a_row_of_another_width_is_broken_and_others_go_on(tmp_path: Path) -> None:
    """A shifted row is refused as a row; it is neither guessed nor does it stop the run."""
    got = drain(write(tmp_path, (HEAD + "a,b,1\na,b,c,1\na\nd,e,2\n").encode()), tmp_path)
    assert [row[0] for row in got.rows] == [2, 5]
    assert [(one.number, one.raw, one.error.code) for one in got.broken] == [
        (3, ("a", "b", "c", "1"), "HUB-C130"),
        (4, ("a",), "HUB-C130"),
    ]
    assert got.complete


def test_a_missing_column_stops_before_the_first_row(tmp_path: Path) -> None:
    """A renamed column is told with the nearest name; one without likeness with all names."""
    section = write(tmp_path, (HEAD + f"{PERSON},b,1\n").encode())
    with pytest.raises(DataError) as near:
        drain(section, tmp_path, names=["姓名", "证件号码"])
    assert (near.value.code, near.value.place["nearest"]) == ("HUB-C201", "证件号")
    with pytest.raises(DataError) as far:
        drain(section, tmp_path, names=["姓名", "residence"])
    assert (far.value.code, far.value.place["columns"]) == ("HUB-C202", "证件号, 姓名, 等级")


def test_a_file_without_header_shows_none_of_its_data(tmp_path: Path) -> None:
    """Where no wanted name is found the first row may be a person, and nothing of it is shown."""
    for data in (f"{PERSON},张三,1\n", "张三,2025-06-05,1\n"):
        for names in (["证件号"], []):
            with pytest.raises(DataError) as stop:
                drain(write(tmp_path, data.encode()), tmp_path, names=names)
            assert str(stop.value) == "HUB-C204 alias=fed"


def test_a_doubled_column_is_refused_when_it_is_wanted(tmp_path: Path) -> None:
    """Which of two equal names is meant is not guessed."""
    section = write(tmp_path, "日期,姓名,日期\n1,2,3\n".encode())
    with pytest.raises(DataError) as stop:
        drain(section, tmp_path, names=["日期"])
    assert stop.value.code == "HUB-C205"
    assert drain(section, tmp_path, names=["姓名"]).rows


def test_a_wrong_encoding_stops_with_the_line(tmp_path: Path) -> None:
    """Declared UTF-8 that is none stops the run and says from which line on."""
    section = write(tmp_path, b"a,b\nc,d\n" + "三,四\n".encode("gb18030"))
    with pytest.raises(DataError) as stop:
        drain({**section, "encoding": "utf-8"}, tmp_path)
    assert (stop.value.code, stop.value.place["row"]) == ("HUB-C207", 3)


def test_errors_of_files_never_name_the_file(tmp_path: Path) -> None:
    """File names hold people's names: they stay out of errors and of their printed causes."""
    for kind in ("csv", "jsonl", "excel"):
        with pytest.raises(DataError) as stop:
            open_source(parse_source({"kind": kind, "alias": "fed", "path": "张三.csv"}), tmp_path)
        assert str(stop.value) == "HUB-C206 alias=fed"
        assert stop.value.__suppress_context__


@pytest.mark.parametrize("write_rows", [CHUNK - 1, CHUNK, CHUNK + 1])
def test_chunks_hold_every_row_once(tmp_path: Path, write_rows: int) -> None:
    """Whatever the size of a file, its chunks hold each row once and none is empty."""
    section = write(tmp_path, ("n,x\n" + "".join(f"{n},y\n" for n in range(write_rows))).encode())
    got = drain(section, tmp_path, names=["n"])
    assert [int(values[0]) for _, values in got.rows] == list(range(write_rows))
    assert all(0 < len(chunk.rows) <= CHUNK for chunk in got.chunks)


def test_json_lines_are_flat_rows_with_types(tmp_path: Path) -> None:
    """Members of members are columns with dots, absent ones None, and a long number stays exact."""
    data = f'{{"id": {PERSON}, "who": {{"name": "张三"}}, "n": 1}}\n\n{{"id": {PERSON}, "n": null, "late": true}}\n'
    got = drain(write(tmp_path, data.encode(), "a.jsonl"), tmp_path, names=["who.name"])
    assert [tuple(column) for column in got.columns] == [
        ("id", "number"),
        ("who.name", "text"),
        ("n", "number"),
        ("late", "boolean"),
    ]
    assert got.rows == [(1, (int(PERSON), "张三", 1, None)), (3, (int(PERSON), None, None, True))]
    assert (got.complete, got.not_data) == (True, 1)


def test_json_lines_broken_inside_and_cut_at_the_end_differ(tmp_path: Path) -> None:
    """A line that is no object is one broken row; only one without line end at the end is a cut."""
    got = drain(write(tmp_path, b'{"a": 1}\n[2]\n{"a": 3}\n', "a.jsonl"), tmp_path)
    assert [(one.number, one.error.code) for one in got.broken] == [(2, "HUB-C131")]
    assert got.complete
    cut = drain(write(tmp_path, b'{"a": 1}\n{"a": 3', "a.jsonl"), tmp_path)
    assert (cut.complete, cut.reason, len(cut.rows)) == (False, "HUB-C210", 1)


def test_a_type_that_csv_does_not_have_stops(tmp_path: Path) -> None:
    """Of CSV every column is text: a declaration that cannot hold is refused, not passed over."""
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    spec = parse_source({"kind": "csv", "alias": "fed", "path": "a.csv", "columns": {"a": "number", "b": "text"}})
    with pytest.raises(DataError) as stop:
        open_source(spec, tmp_path).columns()
    assert str(stop.value) == "HUB-C203 alias=fed column=a declared=number found=text"


def test_json_lines_retyped_column_stops(tmp_path: Path) -> None:
    """A column that was declared text and holds numbers stops the run before its first row."""
    section = {**write(tmp_path, b'{"a": 1}\n', "a.jsonl"), "columns": {"a": "text"}}
    with pytest.raises(DataError) as stop:
        drain(section, tmp_path)
    assert str(stop.value) == "HUB-C203 alias=fed column=a declared=text found=number"


BAD_SPECS: list[tuple[dict[str, object], str, str]] = [
    ({}, "HUB-C230", "kind"),
    ({"kind": "xml"}, "HUB-C230", "kind"),
    ({"kind": "csv", "alias": "fed"}, "HUB-C233", "path"),
    ({"kind": "csv", "alias": "张三", "path": "a"}, "HUB-C232", "alias"),
    ({"kind": "csv", "alias": "fed", "path": 1}, "HUB-C235", "path"),
    ({"kind": "csv", "alias": "fed", "path": "a", "encodng": "utf-8"}, "HUB-C231", "encodng"),
    ({"kind": "csv", "alias": "fed", "path": "a", "encoding": "latin-1"}, "HUB-C230", "encoding"),
    ({"kind": "csv", "alias": "fed", "path": "a", "columns": {"a": "varchar"}}, "HUB-C230", "columns.a"),
    ({"kind": "sql", "alias": "fed", "url": "sqlite:///a"}, "HUB-C234", "table"),
    ({"kind": "sql", "alias": "fed", "url": "sqlite:///a", "table": "a", "query": "select 1"}, "HUB-C234", "table"),
    ({"kind": "sql", "alias": "fed", "url": "sqlite:///a", "table": "a", "lag_days": 1}, "HUB-C233", "cursor"),
    ({"kind": "sql", "alias": "fed", "url": "sqlite:///a", "table": "a", "lag_days": True}, "HUB-C235", "lag_days"),
]


@pytest.mark.parametrize(("section", "code", "setting"), BAD_SPECS)
def test_a_wrong_source_section_names_its_setting(section: dict[str, object], code: str, setting: str) -> None:
    """Every mistake in `[source]` is told by the setting that has it."""
    with pytest.raises(DataError) as stop:
        parse_source(section)
    assert (stop.value.code, stop.value.place["setting"]) == (code, setting)


def test_a_file_that_changes_while_it_is_read_is_incomplete(tmp_path: Path) -> None:
    """A full read of a file that someone is still writing never lets rows vanish."""
    for name, line in (("a.csv", b"a,b\n1,2\n"), ("a.jsonl", b'{"a": 1}\n')):
        section = write(tmp_path, line, name)
        with open_source(parse_source({"alias": "fed", **section}), tmp_path) as source:
            for _ in source.rows():
                with (tmp_path / name).open("ab") as file:
                    file.write(line)
            assert not source.complete
            assert source.reason is not None
            assert source.reason.code == "HUB-C214"


def test_json_lines_find_a_rare_member_and_know_an_optional_one(tmp_path: Path) -> None:
    """A wanted member may first appear late; one that no row has stops the run unless it is declared optional."""
    section = write(tmp_path, b'{"a": 1}\n' * 1_500 + b'{"a": 2, "late": 3}\n', "a.jsonl")
    got = drain(section, tmp_path, names=["a", "late"])
    assert got.rows[-1] == (1_501, (2, 3))
    with pytest.raises(DataError) as stop:
        drain(section, tmp_path, names=["a", "never"])
    assert stop.value.code == "HUB-C202"
    got = drain({**section, "optional": ["never"]}, tmp_path, names=["a", "never"])
    assert got.rows[-1] == (1_501, (2, None))


def test_every_documented_source_section_is_sound() -> None:
    """The sections of docs/sources.md are read as they stand, and its list of settings is the real one."""
    page = Path(__file__).parents[2].joinpath("docs", "sources.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    kinds = [parse_source(tomllib.loads(block)["source"]).kind for block in blocks]
    assert set(kinds) == set(KINDS)
    for name in frozenset().union(*map(settings_of, KINDS)):
        assert f"`{name}`" in page, name


def _needed(kind: str) -> dict[str, object]:
    """The least that a kind must be told."""
    more: dict[str, dict[str, object]] = {
        "sql": {"url": "sqlite:///a", "table": "a"},
        "http": {"url": "https://a.example.cn"},
        "folder": {"path": "a", "files": "excel"},
        "singer": {"command": ["tap-a"], "stream": "a"},
        "debezium": {"url": "kafka://a.example.cn/a"},
    }
    return {"kind": kind, "alias": "fed", **more.get(kind, {"path": "a"})}


@pytest.mark.parametrize("kind", KINDS)
def test_a_setting_of_another_kind_is_refused(kind: str) -> None:
    """A kind takes its own settings and no other's; a folder those of its kind of files as well."""
    known = settings_of(kind) | (settings_of("excel") if kind == "folder" else set())
    assert parse_source(_needed(kind)).kind == kind
    for name in frozenset().union(*map(settings_of, KINDS)) - known:
        with pytest.raises(DataError) as stop:
            parse_source(_needed(kind) | {name: "x"})
        assert (stop.value.code, stop.value.place["setting"]) == ("HUB-C231", name)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_a_source_needs_beside_its_data_is_told(kind: str) -> None:
    """Whoever copies a connector learns of every file that its source needs: password, key, whom to trust."""
    known = settings_of(kind) | (settings_of("excel") if kind == "folder" else set())
    named = {name: f"keys/{name}" for name in known if name.endswith("_file")}
    spec = parse_source(_needed(kind) | named)
    assert sorted(spec.beside) == sorted(named.values())
    assert bool(named) == (kind not in FILES or kind == "excel")
