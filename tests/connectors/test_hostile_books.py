"""Workbooks that somebody made to hurt, or that were hurt on their way: each ends with a code, none opens too much."""

import io
import random
import resource
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from connectors.sources import opening, parts
from hub.core.errors import DataError
from tests.connectors.books import book, locked, read, repacked
from tests.connectors.test_sheets import HIDDEN, old

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
TAIL = b"</sheetData></worksheet>"


def refused(folder: Path, **section: Any) -> str:
    """The code and places of the error that a read ends with."""
    with pytest.raises(DataError) as stop:
        read(folder, [], **section)
    return str(stop.value)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A small sound workbook."""
    return book(tmp_path / "a.xlsx", {"s": HIDDEN})


def test_a_zip_bomb_is_not_opened(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook too large unpacked, or packed suspiciously well, is refused by what its directory says."""
    monkeypatch.setattr(parts, "MOST_BYTES", 1 << 20)
    repacked(sound, {"xl/media/image1.png": b"x" * (2 << 20)})
    assert refused(sound.parent) == "HUB-C292 alias=sites limit=1"
    monkeypatch.undo()
    monkeypatch.setattr(parts, "_LARGE", 1 << 20)
    assert refused(sound.parent) == "HUB-C292 alias=sites limit=1024"


def test_a_part_larger_than_it_says_is_found_by_unpacking(sound: Path) -> None:
    """A directory that lies about a sheet's size hides nothing: unpacking stops where the lie ends."""
    repacked(sound, {SHEET: HEAD + b"<row r='1'/>" * 100_000 + TAIL})
    data = sound.read_bytes()
    entry = data.rindex(SHEET.encode()) - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    sound.write_bytes(data[: entry + 24] + struct.pack("<I", 1_000) + data[entry + 28 :])
    assert refused(sound.parent) == "HUB-C212 alias=sites"
    with sound.open("rb") as file, pytest.raises(DataError):  # before a reader of workbooks ever sees it
        parts.Parts("sites", file).facts(0)


WIDE = [
    b'<row r="1"><c r="1"/><c r="AAB1"/></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">' + b"<c><v>1</v></c>" * 3_000 + b"</row>",
    b"<row r='1'><c s='1' r='XFD1'><v>1</v></c></row><row r='2'><c s='1' r='A1048576'><v>1</v></c></row>",
]


@pytest.mark.parametrize("rows", WIDE, ids=["no address", "corner to corner", "without addresses", "other quotes"])
def test_a_sheet_of_two_far_cells_is_not_read(sound: Path, rows: bytes) -> None:
    """Two cells in opposite corners would fill the memory of a reader: the sheet is measured first."""
    repacked(sound, {SHEET: HEAD + rows + TAIL})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refused(sound.parent).startswith("HUB-C293 alias=sites rows=1048576 columns=")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_a_measure_that_counts_nothing_is_found_out(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a measure with another limit; the sheet here is small enough to be read all the same."""
    monkeypatch.setattr(parts, "MOST_CELLS", 1_000)
    repacked(sound, {SHEET: HEAD + b'<row r="9"><c r="A9"><v>1</v></c><c r="EE9"><v>1</v></c></row>' + TAIL})
    assert refused(sound.parent) == "HUB-C293 alias=sites rows=9 columns=135 limit=1000"
    monkeypatch.setattr(parts, "MOST_CELLS", 10_000)
    assert "C293" not in refused(sound.parent)


def test_one_long_text_in_many_cells_is_not_read(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text that is stored once and shown a thousand times is weighed as often as a reader would copy it."""
    names = '<t xml:space="preserve">编号</t>', "<t>" + "x" * 30_000 + "</t>"
    shared = f'<sst xmlns="{MAIN}">' + "".join(f"<si>{name}</si>" for name in names) + "</sst>"
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>1</v></c></row>' for n in range(2, 1_002))
    first = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    made = openpyxl.Workbook()
    made.active.append(["a"])
    made.save(sound)
    repacked(sound, {"xl/sharedStrings.xml": shared.encode(), SHEET: HEAD + (first + cells).encode() + TAIL})
    assert len(read(sound.parent, ["编号"])[0]) == 1_000
    monkeypatch.setattr(parts, "MOST_TEXT", 29_000_000)
    assert refused(sound.parent) == "HUB-C292 alias=sites limit=27"
    for one in ("<v >1</v >", "<f>A1</f><v>1</v>", '<x:v xmlns:x="urn:x">1</x:v>'):
        repacked(sound, {SHEET: HEAD + (first + cells.replace("<v>1</v>", one)).encode() + TAIL})
        assert refused(sound.parent) == "HUB-C292 alias=sites limit=27"


def test_merged_cells_cost_nothing_where_there_are_no_rows(sound: Path) -> None:
    """Cells merged down to the last row that Excel has, hundreds of times, are read for the rows that are there."""
    columns = [get_column_letter(number) for number in range(1, 200)]
    names = "".join(f'<c r="{one}1" t="inlineStr"><is><t>n{one}</t></is></c>' for one in columns)
    first = "".join(f'<c r="{one}2"><v>1</v></c>' for one in columns)
    merges = "".join(f'<mergeCell ref="{one}2:{one}1048576"/>' for one in columns)
    sheet = f'<row r="1">{names}</row><row r="2">{first}</row><row r="3"><c r="A3"><v>1</v></c></row></sheetData>'
    repacked(sound, {SHEET: HEAD + f"{sheet}<mergeCells>{merges}</mergeCells></worksheet>".encode()})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows, _ = read(sound.parent, ["nA", "nGQ"])
    assert [row[3] for row in rows] == [(1.0, 1.0), (1.0, 1.0)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_entities_are_no_part_of_a_workbook(sound: Path) -> None:
    """A part that declares entities of its own is refused before anything could multiply them."""
    laughs = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa">]><workbook>&a;</workbook>'
    repacked(sound, {"xl/workbook.xml": laughs})
    assert refused(sound.parent) == "HUB-C212 alias=sites"


OTHERS: list[tuple[bytes, str]] = [
    (b"\xef\xbb\xbfname,id\r\n", "CSV"),
    ("姓名,证件号\r\n".encode("gb18030"), "CSV"),
    ("姓名\t证件号\r\n".encode("utf-16"), "CSV"),
    (b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
    (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "XML"),
    (b"%PDF-1.7\n", "PDF"),
]


@pytest.mark.parametrize(("data", "found"), OTHERS, ids=[f"{n} {found}" for n, (_, found) in enumerate(OTHERS)])
def test_another_kind_of_file_under_a_workbooks_name_is_named(tmp_path: Path, data: bytes, found: str) -> None:
    """What a file is, its content tells, and the message names it so that its owner knows what to do."""
    (tmp_path / "a.xlsx").write_bytes(data)
    assert refused(tmp_path) == f"HUB-C291 alias=sites found={found}"


@pytest.mark.parametrize(
    ("part", "found"),
    [("xl/workbook.bin", "XLSB"), ("content.xml", "ODS"), ("word/document.xml", "Word"), ("x.txt", "ZIP")],
)
def test_other_archives_are_named(sound: Path, part: str, found: str) -> None:
    """Formats that are not read are refused by their name."""
    repacked(sound, {part: b"x"}, keep=False)
    assert refused(sound.parent) == f"HUB-C291 alias=sites found={found}"


def test_a_formula_is_never_worked_out(tmp_path: Path) -> None:
    """A formula gives its stored result only; one without a result is empty, and the report counts it."""
    made = openpyxl.Workbook()
    for row in (["甲", "乙"], ['=HYPERLINK("http://x.example","y")', "=cmd|'/c calc'!A0"], ["b", "=1+1"]):
        made.active.append(row)
    made.save(tmp_path / "a.xlsx")
    rows, source = read(tmp_path, ["甲", "乙"])
    assert [row[3] for row in rows] == [("b", None)]
    assert source.description["formulas_without_result"] == "3"


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The same bytes cut, or with some of them changed."""
    if chance.random() < 0.4:
        return data[: chance.randrange(len(data))]
    spoilt = bytearray(data)
    for _ in range(chance.choice((1, 3, 20, 200))):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt)


def inside(data: bytes, chance: random.Random) -> bytes:
    """The same archive, sound as such, with one of its parts damaged."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        which = chance.choice(whole.namelist())
        for name in whole.namelist():
            part = whole.read(name)
            new.writestr(name, damaged(part, chance) if name == which else part)
    return out.getvalue()


LIES = {  # where in the bytes of an old workbook, found by what stands before it, and what is put there
    "rows": (b"\x00\x02\x0e\x00", 4, b"\xff\xff\xff\xff"),
    "texts": (b"\xfc\x00", 6, b"\xff\xff\xff\x7f"),
    "column": (b"\xfd\x00\x0a\x00", 2, b"\xff\xff"),
    "sectors": (b"\xd0\xcf\x11\xe0", 40, b"\xff\xff\xff\x7f"),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_old_workbook_that_lies_about_its_size_is_refused(tmp_path: Path, lie: str) -> None:
    """Counts in an old workbook are compared with the file: its reader would ask for the memory and end the process."""
    mark, after, put = LIES[lie]
    data = bytearray(old(tmp_path / "a.xlsx").read_bytes())
    at = data.index(mark) + len(mark) + after
    data[at : at + len(put)] = put
    (tmp_path / "a.xlsx").write_bytes(bytes(data))
    assert refused(tmp_path) == "HUB-C212 alias=sites"


@pytest.mark.parametrize("kind", ["xlsx", "parts of xlsx", "xls", pytest.param("locked", marks=pytest.mark.slow)])
def test_damage_ends_with_a_code_or_a_read(tmp_path: Path, kind: str) -> None:
    """A file cut or changed anywhere is refused with a code that names nothing but its alias, or is still read."""
    path = tmp_path / "a.xlsx"
    if kind == "xls":
        old(path)
    else:
        book(path, {"s": HIDDEN, "t": HIDDEN}, {"s": ["A2:B3"]}, hidden_rows=[3])
    if kind == "locked":
        locked(path, "p")
    (tmp_path / "word").write_text("p", encoding="utf-8")
    data, ends = path.read_bytes(), set()
    for turn in range(15 if kind == "locked" else 60):
        chance = random.Random(turn)
        path.write_bytes((inside if kind.startswith("parts") else damaged)(data, chance))
        try:
            read(tmp_path, ["编号"], sheets=["*"], password_file="word")
            ends.add("read")
        except DataError as error:
            ends.add(error.code)
    assert "HUB-C212" in ends
    assert ends <= {"read", *(f"HUB-C{number}" for number in (201, 202, 204, 211, 212, 213, 290, 291, 292, 293))}


def test_a_workbook_is_limited_before_it_is_looked_into(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file larger than all a workbook may hold is refused without a byte of it."""
    monkeypatch.setattr(opening, "MOST_BYTES", 100)
    assert refused(sound.parent) == "HUB-C292 alias=sites limit=0"
