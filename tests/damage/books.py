"""Workbooks: other files under their name, damaged archives, archives made to hurt, sheets as people keep them."""

import io
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from tests.connectors.books import locked, repacked
from tests.damage.catalogue import Damage, Do
from tests.damage.rows import COLUMNS, HURT, SOUND, rows
from tests.damage.sources import section
from tests.damage.texts import AT, zipped
from tests.damage.world import World

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
TAIL = b"</sheetData></worksheet>"


def raw(make: Callable[[], bytes], kind: str = "excel") -> Do:
    """Write these bytes as the workbook."""
    return lambda world: world.source(kind).write_bytes(make())


def parts(name: str, data: Callable[[], bytes]) -> Do:
    """The same workbook with another part."""
    return lambda world: repacked(world.source("excel"), {name: data()})


def cut(share: float, kind: str = "excel") -> Do:
    """The first part of the file."""
    return lambda world: os.truncate(world.source(kind), int(world.source(kind).stat().st_size * share))


def sheet(change: Callable[[Any], object]) -> Do:
    """The same workbook, changed as a person changes it."""

    def do(world: World) -> None:
        made = openpyxl.load_workbook(world.source("excel"))
        change(made)
        made.save(world.source("excel"))

    return do


def flipped(kind: str, at: float, count: int) -> Do:
    """Some bytes turned over."""

    def do(world: World) -> None:
        data = bytearray(world.source(kind).read_bytes())
        begin = int(len(data) * at)
        data[begin : begin + count] = bytes(255 - one for one in data[begin : begin + count])
        world.source(kind).write_bytes(bytes(data))

    return do


def bomb(world: World) -> None:
    """A picture of 300 MB of noughts in a file of 300 KB."""
    with (
        zipfile.ZipFile(world.source("excel"), "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/media/image1.png", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(bytes(1 << 20))


def lying(world: World) -> None:
    """A sheet that is larger than the archive says."""
    path = world.source("excel")
    repacked(path, {SHEET: HEAD + b"<row r='1'/>" * 100_000 + TAIL})
    data = path.read_bytes()
    entry = data.rindex(SHEET.encode()) - 46
    path.write_bytes(data[: entry + 24] + struct.pack("<I", 1_000) + data[entry + 28 :])


def nested() -> bytes:
    """Archives in archives."""
    inner = bytes(10 << 20)
    for number in range(6):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for copy in range(4):
                archive.writestr(f"{number}-{copy}.zip", inner)
        inner = out.getvalue()
    return inner


def laughs() -> bytes:
    """Entities that grow tenfold nine times."""
    lines = ["<!ENTITY l0 'ha'>", *(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))]
    return f"<?xml version='1.0'?><!DOCTYPE w [{''.join(lines)}]><workbook xmlns='{MAIN}'>&l9;</workbook>".encode()


OUTSIDE = b"<?xml version='1.0'?><!DOCTYPE w [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><workbook>&x;</workbook>"
FAR = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def _other(name: str, data: bytes, found: str) -> Damage:
    return Damage(f"book: {name} under its name", "HUB-C291", raw(lambda: data), "excel", where={**AT, "found": found})


def _part(name: str, code: str, do: Do, kind: str = "excel", **where: Any) -> Damage:
    return Damage(f"book: {name}", code, do, kind, where={**AT, **where})


def _locked(world: World) -> None:
    locked(world.source("excel"), "p")


def _wrong_password(world: World) -> None:
    (world.given / "word").write_text("q", encoding="utf-8")
    world.mapping(section("excel", 'password_file = "../../given/word"'))
    _locked(world)


def _no_password(world: World) -> None:
    world.mapping(section("excel", 'password_file = "../../given/nothing"'))
    _locked(world)


def _set(column: str, value: Any) -> Do:
    """One cell of the damaged row."""
    return sheet(lambda made: made.active.cell(HURT + 1, COLUMNS.index(column) + 1, value))


def _errors(world: World) -> None:
    """A formula whose result is an error, as Excel stores it."""
    at = chr(65 + COLUMNS.index("证件号码"))
    path = world.source("excel")
    with zipfile.ZipFile(path) as archive:
        text = archive.read(SHEET).decode()
    begin = text.index(f'<c r="{at}{HURT + 1}"')
    end = text.index("</c>", begin) + 4
    cell = f'<c r="{at}{HURT + 1}" t="e"><f>VLOOKUP(1,A1:B2,9)</f><v>#REF!</v></c>'
    repacked(path, {SHEET: (text[:begin] + cell + text[end:]).encode()})


def _row(name: str, code: str, do: Do, *at: tuple[int, str], read: int = SOUND) -> Damage:
    return Damage(f"book: {name}", code, do, "excel", 0, rows=at, read=read)


def _two_tables(made: Any) -> None:
    made.active.append(["合计", 6])
    for one in rows()[:2]:
        made.active.append([str(one[name]) for name in COLUMNS])


def _merged(made: Any) -> None:
    made.active.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(COLUMNS))


def _header(old: str, new: object) -> Do:
    return sheet(lambda made: made.active.cell(1, COLUMNS.index(old) + 1, new))


def _only_chart(made: Any) -> None:
    made.create_chartsheet("c")
    made.active.sheet_state = "hidden"


def _declared(more: str) -> Do:
    return lambda world: world.mapping(section("excel", more))


def _xls(at: bytes, after: int, put: bytes) -> Do:
    def do(world: World) -> None:
        data = bytearray(world.source("xls").read_bytes())
        begin = data.index(at) + len(at) + after
        data[begin : begin + len(put)] = put
        world.source("xls").write_bytes(bytes(data))

    return do


BOOKS: list[Damage] = [
    _other("CSV", b"a,b\r\n1,2\r\n", "CSV"),
    _other("HTML", b"<html><table><tr><td>1</td></tr></table></html>", "HTML"),
    _other("XML", b'<?xml version="1.0"?><Workbook/>', "XML"),
    _other("a PDF", b"%PDF-1.7\n", "PDF"),
    _other("an XLSB", zipped("xl/workbook.bin"), "XLSB"),
    _other("an ODS", zipped("content.xml"), "ODS"),
    _other("a Word document", zipped("word/document.xml"), "Word"),
    _other("archives in archives", nested(), "ZIP"),
    _other("a RAR archive", b"Rar!\x1a\x07\x01\x00" + bytes(50), "RAR"),
    _part("no byte in it", "HUB-C212", raw(lambda: b"")),
    _part("only nought bytes", "HUB-C212", raw(lambda: bytes(9_000))),
    _part("cut at a tenth", "HUB-C212", cut(0.1)),
    _part("cut at the half", "HUB-C212", cut(0.5)),
    _part("cut before its directory", "HUB-C212", cut(0.99)),
    _part("bytes turned over in the directory", "HUB-C212", flipped("excel", 0.97, 60)),
    _part("old format, cut at the half", "HUB-C212", cut(0.5, "xls"), "xls"),
    _part("old format, cut in its header", "HUB-C212", lambda world: os.truncate(world.source("xls"), 300), "xls"),
    _part("old format, says 4 billion rows", "HUB-C212", _xls(b"\x00\x02\x0e\x00", 4, b"\xff\xff\xff\xff"), "xls"),
    _part("old format, says 2 billion texts", "HUB-C212", _xls(b"\xfc\x00", 6, b"\xff\xff\xff\x7f"), "xls"),
    _part("old format, says 2 billion sectors", "HUB-C212", _xls(b"\xd0\xcf\x11\xe0", 40, b"\xff\xff\xff\x7f"), "xls"),
    _part("a picture packed a thousandfold", "HUB-C292", bomb, limit=1024),
    _part("a sheet larger than it says", "HUB-C212", lying),
    _part("entities that laugh", "HUB-C212", parts("xl/workbook.xml", laughs)),
    _part("an entity that reads a file of the machine", "HUB-C212", parts("xl/workbook.xml", lambda: OUTSIDE)),
    _part("a sheet with entities", "HUB-C204", parts(SHEET, lambda: laughs().replace(b"workbook", b"worksheet"))),
    _part("two cells in opposite corners", "HUB-C293", parts(SHEET, lambda: HEAD + FAR + TAIL), rows=1_048_576),
    _part("XML of the workbook is cut", "HUB-C212", parts("xl/workbook.xml", lambda: b"<workbook><sheets>")),
    _part(
        "XML of a sheet is cut", "HUB-C212", parts(SHEET, lambda: HEAD + b"<row r='1'><c r='A1' t='inlineStr'><is><t>x")
    ),
    _part("texts of the workbook are gone", "HUB-C212", parts("xl/sharedStrings.xml", lambda: b"")),
    _part(
        "no sheet in it",
        "HUB-C213",
        parts("xl/workbook.xml", lambda: f'<workbook xmlns="{MAIN}"><sheets/></workbook>'.encode()),
    ),
    _part("nothing but a chart", "HUB-C213", sheet(_only_chart)),
    _part("locked", "HUB-C211", _locked),
    _part("locked, and another password", "HUB-C290", _wrong_password),
    _part("locked, and the password file is gone", "HUB-C224", _no_password),
    _part("a sheet renamed", "HUB-C213", _declared('sheet = "三月"'), missing=1),
    _part("an empty sheet", "HUB-C204", sheet(lambda made: made.active.delete_rows(1, 99))),
    _part("no header", "HUB-C204", sheet(lambda made: made.active.delete_rows(1))),
    _part("a header merged over all columns", "HUB-C202", sheet(_merged)),
    _part("a column renamed", "HUB-C201", _header("证件号码", "证件号"), column="证件号码"),
    _part("a formula as the name of a column", "HUB-C202", _header("残疾证号", '=HYPERLINK("http://x.example","a")')),
    _part("a number as the name of a column", "HUB-C202", _header("残疾证号", 7)),
    _part("two columns of one name", "HUB-C205", _header("备注", "结论"), column="结论"),
    _part("a column retyped", "HUB-C203", _declared('[source.columns]\n"风险" = "number"'), column="风险"),
    _part("no month in the sheet's name", "HUB-C294", _declared('month_column = "月"')),
    _part(
        "no column to be turned",
        "HUB-C295",
        _declared('[source.unpivot]\ncolumns = ["*年"]\nname = "年"\nvalue = "数"'),
        pattern="*年",
    ),
    _row(
        "a link formula without a result for a number",
        "HUB-C145",
        _set("证件号码", '=HYPERLINK("http://x.example","1")'),
        (4, "C"),
    ),
    _row("a DDE formula without a result for a date", "HUB-C141", _set("日期", "=cmd|'/c calc'!A0"), (4, "G")),
    _row("a formula without a result for the key", "HUB-C146", _set("编号", "=1+1"), (4, "A")),
    _row("a formula that failed for a number", "HUB-C145", _errors, (4, "C")),
    _row("true for a number", "HUB-C118", _set("证件号码", True), (4, "C")),
    _row("a cell of 32,767 characters for a name", "HUB-C110", _set("姓名", "欧" * 32_767), (4, "B")),
    _row("a second table below the total", "HUB-C132", sheet(_two_tables), (9, ""), (10, ""), read=SOUND + 2),
]


def huge(path: Path) -> int:
    """A workbook whose one sheet is more than 1 GiB of XML, packed as sheets are; how large it is on the disk."""
    made = openpyxl.Workbook()
    made.active.append(list(COLUMNS))
    made.save(path)
    with zipfile.ZipFile(path) as old:
        whole = {name: old.read(name) for name in old.namelist() if name != SHEET}
    cells = [f"<row>{''.join(f'<c><v>{n * 7 % 10}</v></c>' for _ in COLUMNS)}</row>" for n in range(10_000)]
    lines = "".join(cells).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in whole.items():
            archive.writestr(name, data)
        with archive.open(SHEET, "w", force_zip64=True) as part:
            part.write(HEAD)
            for _ in range((1 << 30) // len(lines) + 1):
                part.write(lines)
            part.write(TAIL)
    return path.stat().st_size
