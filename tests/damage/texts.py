"""Files of text, CSV and JSON lines: encodings, headers, lines, cuts, and what is no text at all."""

import codecs
import io
import json
import os
import zipfile
from collections.abc import Callable

from tests.damage.catalogue import Damage, Do
from tests.damage.rows import COLUMNS, HURT, SOUND, row, rows
from tests.damage.sources import place, section, text_of, write_jsonl
from tests.damage.world import World

HEAD = ",".join(COLUMNS)


def raw(make: Callable[[], bytes], kind: str = "csv") -> Do:
    """Write these bytes as the source."""

    def do(world: World) -> None:
        world.source(kind).write_bytes(make())

    return do


def line(n: int, **changed: object) -> str:
    """A row as a line of CSV."""
    return text_of([row(n, **changed)]).splitlines()[1]


def lines(*some: str, end: str = "\r\n") -> bytes:
    """A file of lines."""
    return "".join(one + end for one in some).encode()


def all_lines(**changed: object) -> list[str]:
    """The file as it is, line by line."""
    return text_of(rows(**changed)).splitlines()


def header(old: str, new: str) -> Do:
    """The same file with another header."""
    return raw(lambda: lines(HEAD.replace(old, new, 1), *all_lines()[1:]))


def joined(n: int, end: bytes) -> bytes:
    """The first n lines as UTF-8, and the rest as these bytes."""
    return "".join(one + "\r\n" for one in all_lines()[: n + 1]).encode() + end


def _put(world: World, make: Callable[[], object]) -> None:
    world.source("csv").unlink()
    make()


AT = {"alias": "visits"}
HURT_ROW = (place("csv", "", HURT),)

WHOLE = [
    Damage("csv: no byte in it", "HUB-C204", raw(lambda: b""), where=AT),
    Damage("csv: one blank line", "HUB-C204", raw(lambda: b"\r\n"), where=AT),
    Damage("csv: no header", "HUB-C204", raw(lambda: lines(*all_lines()[1:])), where=AT),
    Damage("csv: only nought bytes", "HUB-C204", raw(lambda: bytes(3000)), where=AT),
    Damage(
        "csv: header of merged cells", "HUB-C204", raw(lambda: lines("病人信息" + "," * 13, *all_lines()[1:])), where=AT
    ),
    Damage("csv: another table", "HUB-C204", raw(lambda: lines("品名,单价,数量", "茶,3,4")), where=AT),
    Damage(
        "csv: a column renamed",
        "HUB-C201",
        header("证件号码", "证件号"),
        where={**AT, "column": "证件号码", "nearest": "证件号"},
    ),
    Damage("csv: a column gone", "HUB-C202", header("残疾证号,", ""), where={**AT, "column": "残疾证号"}),
    Damage("csv: two columns of one name", "HUB-C205", header("备注", "结论"), where={**AT, "column": "结论"}),
    Damage(
        "csv: UTF-8 with its mark, and GB18030 in it",
        "HUB-C207",
        raw(lambda: codecs.BOM_UTF8 + joined(2, line(3).encode("gb18030") + b"\r\n")),
        where={**AT, "row": 4},
    ),
    Damage(
        "csv: two programs wrote it",
        "HUB-C215",
        raw(lambda: joined(2, line(3).encode("gb18030") + b"\r\n\xff\xff\r\n")),
        where=AT,
    ),
    Damage(
        "csv: declared GB18030 and is not",
        "HUB-C207",
        lambda world: (world.sound("csv", 'encoding = "gb18030"'), raw(lambda: joined(6, b"\xff\xff\r\n"))(world)),
        where=AT,
        mend=lambda world: world.sound("csv"),
    ),
    Damage(
        "csv: UTF-16 that is cut in a character",
        "HUB-C302",
        raw(lambda: text_of(rows()).encode("utf-16")[:-1]),
        where={**AT, "reason": "HUB-C210"},
    ),
    Damage(
        "csv: UTF-16 with half a pair",
        "HUB-C207",
        raw(lambda: codecs.BOM_UTF16_LE + text_of(rows()).encode("utf-16-le") + b"\x00\xdc\r\x00\n\x00"),
        where=AT,
    ),
    Damage(
        "csv: cut in a row",
        "HUB-C302",
        raw(lambda: joined(5, line(6)[:60].encode())),
        where={**AT, "reason": "HUB-C210"},
    ),
    Damage("csv: cut in a quotation", "HUB-C302", raw(lambda: joined(5, b'"PG-7')), where={**AT, "reason": "HUB-C210"}),
    Damage(
        "csv: cut in a character",
        "HUB-C302",
        raw(lambda: joined(5, line(6).encode()[:14])),
        where={**AT, "reason": "HUB-C210"},
    ),
    Damage(
        "csv: a quotation in the middle that never closes",
        "HUB-C302",
        raw(lambda: lines(*all_lines()[:3], '"' + line(3), *all_lines()[4:])),
        where={**AT, "reason": "HUB-C210"},
    ),
    Damage(
        "csv: a quotation of 20 MB",
        "HUB-C209",
        raw(lambda: lines(*all_lines(), '"' + line(3)) + b"x\r\n" * 7_000_000),
        where={**AT, "row": SOUND + 2},
    ),
    Damage(
        "csv: no line end where one is required",
        "HUB-C302",
        lambda world: (
            world.sound("csv", 'final_newline = "required"'),
            raw(lambda: text_of(rows()).strip().encode())(world),
        ),
        where={**AT, "reason": "HUB-C210"},
    ),
    Damage(
        "csv: a line of 32 MB",
        "HUB-C217",
        raw(lambda: lines(*all_lines()) + b"x" * (32 << 20)),
        where={**AT, "row": SOUND + 2},
    ),
    Damage(
        "csv: a workbook under its name",
        "HUB-C216",
        raw(lambda: zipped("xl/workbook.xml")),
        where={**AT, "found": "Excel"},
    ),
    Damage("csv: a PDF under its name", "HUB-C216", raw(lambda: b"%PDF-1.7\n" * 40), where={**AT, "found": "PDF"}),
    Damage(
        "csv: declared number and is text",
        "HUB-C203",
        lambda world: world.sound("csv", '[source.columns]\n"风险" = "number"'),
        mend=lambda world: world.sound("csv"),
        where={**AT, "column": "风险"},
    ),
    Damage(
        "csv: header_row below the header",
        "HUB-C204",
        lambda world: world.sound("csv", "header_row = 3"),
        mend=lambda world: world.sound("csv"),
        where=AT,
    ),
    Damage(
        "csv: all rows gone but the header",
        "HUB-C301",
        raw(lambda: lines(HEAD)),
        where={**AT, "lost": SOUND},
        lived=True,
    ),
    Damage("csv: nothing but totals", "HUB-C301", raw(lambda: lines(HEAD, "合计,6" + "," * 12)), where=AT, lived=True),
    Damage(
        "csv: half an export", "HUB-C301", raw(lambda: lines(*all_lines()[:2])), where={**AT, "lost": 5}, lived=True
    ),
]


def zipped(name: str) -> bytes:
    """An archive with one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, b"x")
    return out.getvalue()


def _rows(
    name: str, code: str, *some: str, read: int = SOUND, at: tuple[int, ...] = (HURT + 1,), **more: object
) -> Damage:
    return Damage(name, code, raw(lambda: lines(*some)), exit=0, rows=tuple((n, "") for n in at), read=read, **more)  # type: ignore[arg-type]


BROKEN = [
    _rows("csv: a delimiter too many", "HUB-C130", *all_lines()[:3], line(3) + ",x", *all_lines()[4:]),
    _rows("csv: a delimiter too few", "HUB-C130", *all_lines()[:3], line(3).rpartition(",")[0], *all_lines()[4:]),
    _rows(
        "csv: a line end in the middle of a row",
        "HUB-C130",
        *all_lines()[:3],
        line(3)[:40],
        line(3)[40:],
        *all_lines()[4:],
        read=SOUND + 1,
        at=(4, 5),
    ),
    _rows(
        "csv: another delimiter from the middle on",
        "HUB-C130",
        *all_lines()[:4],
        *(one.replace(",", ";") for one in all_lines()[4:]),
        at=(5, 6, 7),
    ),
    _rows(
        "csv: a second table below the total",
        "HUB-C132",
        *all_lines()[:3],
        "合计,2" + "," * 12,
        *all_lines()[3:],
        at=(5, 6, 7, 8),
    ),
    Damage(
        "csv: the header again in the middle",
        "HUB-C102",
        raw(lambda: lines(*all_lines()[:4], HEAD, *all_lines()[4:])),
        exit=0,
        rows=((5, "G"),),
        read=SOUND + 1,
    ),
    Damage(
        "csv: a mark of UTF-8 in the middle",
        "HUB-C102",
        raw(lambda: joined(3, codecs.BOM_UTF8 + lines(HEAD, *all_lines()[4:]))),
        exit=0,
        rows=((5, "G"),),
        read=SOUND + 1,
    ),
    Damage(
        "csv: two rows of one key",
        "HUB-C147",
        raw(lambda: lines(*all_lines(), line(HURT, 风险="4"))),
        exit=0,
        rows=((SOUND + 2, "A"),),
        read=SOUND + 1,
    ),
    Damage(
        "csv: three rows of one key",
        "HUB-C147",
        raw(lambda: lines(*all_lines(), line(HURT, 风险="4"), line(HURT, 风险="2"))),
        exit=0,
        rows=((SOUND + 2, "A"), (SOUND + 3, "A")),
        read=SOUND + 2,
    ),
    Damage(
        "csv: cells that moved one to the right",
        "HUB-C102",
        raw(lambda: lines(*all_lines()[:3], ",".join(["PG-7041003", *line(3).split(",")[:-1]]), *all_lines()[4:])),
        exit=0,
        rows=((4, "G"),),
    ),
]


def _json(name: str, code: str, bad: Callable[[], str | bytes], n: int = HURT) -> Damage:
    """One line of JSON lines replaced."""

    def do(world: World) -> None:
        made = [json.dumps(one).encode() for one in rows()]
        text = bad()
        made[n - 1] = text.encode() if isinstance(text, str) else text
        world.source("jsonl").write_bytes(b"\n".join(made) + b"\n")

    return Damage(name, code, do, "jsonl", 0, rows=((n, ""),))


def _nested(depth: int, begin: str, end: str) -> str:
    return json.dumps(row(HURT))[:-1] + ', "x": ' + begin * depth + "1" + end * depth + "}"


JSON = [
    _json("json: a list", "HUB-C131", lambda: "[1, 2]"),
    _json("json: a number", "HUB-C131", lambda: "7"),
    _json("json: a bracket too few", "HUB-C131", lambda: json.dumps(row(HURT))[:-1]),
    _json("json: two objects in a line", "HUB-C131", lambda: json.dumps(row(HURT)) * 2),
    _json("json: single quotation marks", "HUB-C131", lambda: str(row(HURT))),
    _json("json: a comma after the last member", "HUB-C131", lambda: json.dumps(row(HURT))[:-1] + ",}"),
    _json("json: lists, 100,000 deep", "HUB-C131", lambda: _nested(100_000, "[", "]")),
    _json("json: objects, 100,000 deep", "HUB-C131", lambda: _nested(100_000, '{"a":', "}")),
    _json("json: objects, 400 deep", "HUB-C131", lambda: _nested(400, '{"a":', "}")),
    _json("json: lists, 300 deep", "HUB-C131", lambda: _nested(300, "[", "]")),
    _json("json: a member twice", "HUB-C440", lambda: json.dumps(row(HURT))[:-1] + ', "风险": "4"}'),
    _json(
        "json: a member twice, further in", "HUB-C440", lambda: json.dumps(row(HURT))[:-1] + ', "x": {"y": 1, "y": 2}}'
    ),
    _json(
        "json: a number of 5,000 digits", "HUB-C131", lambda: json.dumps(row(HURT))[:-1] + ', "x": ' + "7" * 5_000 + "}"
    ),
    _json("json: a raw control character", "HUB-C131", lambda: json.dumps(row(HURT)).replace("PG-", "PG-\x01")),
    Damage(
        "json: HTML of a login page",
        "HUB-C131",
        raw(lambda: b"<html>\n<body>please log in</body>\n</html>\n", "jsonl"),
        "jsonl",
        0,
        rows=((1, ""), (2, ""), (3, "")),
        read=3,
    ),
    Damage("json: other members", "HUB-C204", raw(lambda: b'{"a": 1}\n{"a": 2}\n', "jsonl"), "jsonl", where=AT),
    Damage(
        "json: a member renamed",
        "HUB-C201",
        lambda world: write_jsonl(
            world.source("jsonl"), [{("区划代码" if k == "区划" else k): v for k, v in one.items()} for one in rows()]
        ),
        "jsonl",
        where={**AT, "column": "区划"},
    ),
    Damage(
        "json: cut in the last line",
        "HUB-C302",
        lambda world: os.truncate(world.source("jsonl"), world.source("jsonl").stat().st_size - 30),
        "jsonl",
        where={**AT, "reason": "HUB-C210"},
    ),
    Damage(
        "json: a workbook under its name",
        "HUB-C216",
        raw(lambda: zipped("xl/workbook.xml"), "jsonl"),
        "jsonl",
        where=AT,
    ),
    Damage(
        "json: one document in many lines",
        "HUB-C302",
        raw(lambda: json.dumps(rows(), indent=1).encode(), "jsonl"),
        "jsonl",
        where={**AT, "reason": "HUB-C210"},
    ),
    Damage(
        "json: declared number and is text",
        "HUB-C203",
        lambda world: world.sound("jsonl", '[source.columns]\n"风险" = "number"'),
        "jsonl",
        mend=lambda world: world.sound("jsonl"),
        where={**AT, "column": "风险"},
    ),
    Damage(
        "json: two programs wrote it",
        "HUB-C215",
        raw(lambda: '{"姓名": 1}\n'.encode() + "张".encode("gb18030") + b"\xff\xff\n", "jsonl"),
        "jsonl",
        where=AT,
    ),
]

PLACES = [
    Damage("file: gone", "HUB-C206", lambda world: world.source("csv").unlink(), where=AT),
    Damage("file: a folder of its name", "HUB-C206", lambda world: _put(world, world.source("csv").mkdir), where=AT),
    Damage(
        "file: a link that leads to itself",
        "HUB-C206",
        lambda world: _put(world, lambda: world.source("csv").symlink_to(world.source("csv"))),
        where=AT,
    ),
    Damage(
        "file: a link that leads nowhere",
        "HUB-C206",
        lambda world: _put(world, lambda: world.source("csv").symlink_to("/nowhere/at/all")),
        where=AT,
    ),
    Damage("file: a pipe", "HUB-C206", lambda world: _put(world, lambda: os.mkfifo(world.source("csv"))), where=AT),
    Damage(
        "file: a link to a device without end",
        "HUB-C206",
        lambda world: _put(world, lambda: world.source("csv").symlink_to("/dev/zero")),
        where=AT,
    ),
    Damage(
        "file: a device as its path",
        "HUB-C206",
        lambda world: world.mapping(section("csv", path="/dev/zero")),
        where=AT,
    ),
    Damage(
        "file: a path with a nought character",
        "HUB-C206",
        lambda world: world.mapping(section("csv", path="a\\u0000.csv")),
        where=AT,
    ),
    Damage(
        "file: a path of 5,000 characters",
        "HUB-C206",
        lambda world: world.mapping(section("csv", path="x" * 5_000)),
        where=AT,
    ),
    Damage(
        "file: a path up and out",
        "HUB-C206",
        lambda world: world.mapping(section("csv", path="../" * 40 + "nowhere.csv")),
        where=AT,
    ),
    Damage(
        "file: a path with a line end and a mark from right to left",
        "HUB-C206",
        lambda world: world.mapping(section("csv", path='a\\n\\u202e\\"fdp.csv')),
        where=AT,
    ),
]

TEXTS: list[Damage] = [*WHOLE, *BROKEN, *JSON, *PLACES]
