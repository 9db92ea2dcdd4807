"""What sources hold that nobody prepared: rows below a total, spoilt text, words among dates, moved cells."""

import json
import sqlite3
from pathlib import Path

import openpyxl
import pytest

from connectors.forms.exposed import names_person
from connectors.forms.organisation import check_character
from connectors.sources import open_source, parse_source
from hub.core.errors import DataError
from tests.connectors.rig import COLUMNS, MAPPING, Rig, number, row

BASE = MAPPING.format(on_change="correct", on_vanish="retract")
FIRST = BASE.split('[[event]]\ntype = "health.OutpatientAssessed"')[0]
SITE = FIRST + '[[event]]\ntype = "stations.OfferAccepted"\nwhen = ["clinic"]\n[event.fields]\nsite = "姓名"\n'
USCC = "92220102MA0KX1YY8"


def lines(*rows: dict[str, str]) -> str:
    return "".join(",".join(one[name] for name in COLUMNS) + "\r\n" for one in rows)


def write_csv(rig: Rig, text: str, encoding: str = "utf-8") -> None:
    (rig.folder / "assessments.csv").write_bytes((",".join(COLUMNS) + "\r\n" + text).encode(encoding))


def test_a_row_below_the_total_is_refused_and_waits(tmp_path: Path) -> None:
    """A second table under 合计 is not passed over: each of its rows ends as refused, and remarks do not."""
    rig = Rig(tmp_path)
    rig.mapping(BASE)
    foot = "合计,2,,,,,,\r\n总计,2,2,2,2,2,2,2\r\n填表人:甲,,,审核人:乙,,,,\r\n"
    write_csv(rig, lines(row(1), row(2)) + foot + lines(row(3), row(4)))
    report = rig.run()
    assert (report.rows.read, report.rows.published, report.rows.refused) == (4, 2, {"HUB-C132": 2})
    assert (report.not_data, report.open) == (3, 2)
    write_csv(rig, lines(row(1), row(2), row(3), row(4)) + foot)
    report = rig.run()
    assert (report.rows.published, report.rows.refused, report.open) == (2, {}, 0)


def test_a_row_below_the_total_of_a_sheet_is_refused(tmp_path: Path) -> None:
    """A workbook's rows below the total are broken rows with their own row numbers, and no remark is."""
    made = openpyxl.Workbook()
    for one in (["编号", "姓名", "数"], ["1", "a", 1], ["合计", None, 1], ["审核人:乙", None, None], ["2", "b", 1]):
        made.active.append(one)
    made.save(tmp_path / "a.xlsx")
    spec = parse_source({"kind": "excel", "alias": "sites", "path": "a.xlsx"})
    with open_source(spec, tmp_path, names=["编号"]) as source:
        source.columns()
        chunks = list(source.rows())
    assert [row.number for chunk in chunks for row in chunk.rows] == [2]
    assert [(one.number, one.error.code) for chunk in chunks for one in chunk.broken] == [(5, "HUB-C132")]


def test_half_a_character_in_json_refuses_its_row(tmp_path: Path) -> None:
    """A lone surrogate or a list, in whatever column, refuses one row and never ends the run."""
    rig = Rig(tmp_path)
    rig.mapping(BASE.replace('kind = "csv"', 'kind = "jsonl"').replace("assessments.csv", "a.jsonl"))
    spoilt: list[dict[str, object]] = [
        {**row(n), name: cell}
        for n, (name, cell) in enumerate(((name, cell) for name in COLUMNS for cell in ("\ud800", ["x"])), 10)
    ]
    text = "".join(json.dumps(one) + "\n" for one in [row(1), *spoilt])
    (rig.folder / "a.jsonl").write_text(text, encoding="utf-8")
    report = rig.run()
    assert report.rows.read == 1 + len(spoilt)
    assert report.rows.published >= 1
    assert sum(report.rows.refused.values()) >= len(spoilt) - 4


def _cursor_rows(folder: Path, times: list[str], **section: object) -> tuple[list[object], object]:
    """The keys that a second read gives, after a first read of all but the last row."""
    spec = {"kind": "sql", "alias": "h", "url": "sqlite:///h.db", "table": "t", "cursor": "at", "key": "id", **section}
    found: list[object] = []
    cursor = None
    for part in (times[:-1], times):
        with sqlite3.connect(folder / "h.db") as connection:
            connection.execute("DROP TABLE IF EXISTS t")
            connection.execute("CREATE TABLE t (id INTEGER, at TEXT)")
            connection.executemany("INSERT INTO t VALUES (?, ?)", enumerate(part))
        connection.close()
        with open_source(parse_source(spec), folder) as source:
            source.columns()
            found = [one.values[0] for chunk in source.rows(cursor) for one in chunk.rows]
            cursor = source.cursor
    return found, cursor


@pytest.mark.parametrize("lag", [0, 3])
def test_a_word_among_dates_does_not_carry_the_cursor_away(tmp_path: Path, lag: int) -> None:
    """A word sorts after every date; were it the cursor, no later row would ever be read."""
    found, _ = _cursor_rows(tmp_path, ["2026-05-01", "未知", "2026-05-09"], lag_days=lag)
    assert 2 in found


@pytest.mark.parametrize("times", [["2026/5/1", "2026/5/10"], ["2026/05/01", "2026-05-10", "2026-05-11"]])
def test_dates_that_do_not_sort_are_no_cursor(tmp_path: Path, times: list[str]) -> None:
    """Dates without noughts, or spelled in two ways, stop the run: read by them, later rows would be lost."""
    with pytest.raises(DataError) as caught:
        _cursor_rows(tmp_path, times)
    assert caught.value.code == "HUB-C229"


def test_text_that_is_no_utf8_spoils_its_row_only(tmp_path: Path) -> None:
    """A database text in another encoding refuses its row; the others are read."""
    rig = Rig(tmp_path)
    rig.mapping(
        BASE.replace('kind = "csv"', 'kind = "sql"\nurl = "sqlite:///h.db"\ntable = "t"').replace("path =", "#")
    )
    with sqlite3.connect(rig.folder / "h.db") as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(COLUMNS)})")
        connection.executemany("INSERT INTO t VALUES (?,?,?,?,?,?,?,?)", [tuple(row(n).values()) for n in (1, 2)])
        connection.execute("UPDATE t SET 姓名 = CAST(x'D5C5C8FD' AS TEXT) WHERE 评估编号 = 'PG00002'")
    connection.close()
    report = rig.run()
    assert (report.rows.published, report.rows.refused) == (1, {"HUB-C118": 1})


def test_a_file_put_together_from_two_encodings_names_both_lines(tmp_path: Path) -> None:
    """Where no encoding fits the whole file, the message says how far each of them went."""
    lines = [b"id,name\n", "1,张\n".encode(), "2,张\n".encode("gb18030"), b"3,\x81\x0a"]
    (tmp_path / "a.csv").write_bytes(b"".join(lines))
    with pytest.raises(DataError) as caught:
        open_source(parse_source({"kind": "csv", "alias": "a", "path": "a.csv"}), tmp_path)
    assert caught.value.code == "HUB-C215"
    assert caught.value.place["row"] == 3
    assert caught.value.place["other"] in (2, 4)


def test_a_mark_at_the_start_decides_for_utf8(tmp_path: Path) -> None:
    """A UTF-8 file with its mark and one bad byte stops with its line; it is not read as other characters."""
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbfid,name\r\n1,\xe5\xbc\xa0\xe5\xbc\xa0\r\n2,\xd5\xc5\r\n")
    with pytest.raises(DataError) as caught:
        open_source(parse_source({"kind": "csv", "alias": "a", "path": "a.csv"}), tmp_path)
    assert (caught.value.code, caught.value.place["row"]) == ("HUB-C207", 3)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (number(7), "HUB-C149"),
        (number(7) + "61B1", "HUB-C149"),
        ("13912345678", "HUB-C149"),
        ("联系 13912345678", "HUB-C149"),
        ("欧阳靛青", "HUB-C149"),
        ("S-0001", ""),
        (USCC + check_character(USCC), ""),
    ],
)
def test_a_number_or_name_in_a_wrong_column_never_becomes_payload(tmp_path: Path, cell: str, code: str) -> None:
    """A cell that names a person refuses its row where a payload takes text, and is nowhere in a frame (law 9)."""
    rig = Rig(tmp_path)
    rig.mapping(SITE)
    rig.rows(row(1, 姓名=cell, 评估类型="门诊评估"))
    report = rig.run()
    assert report.rows.refused == ({code: 1} if code else {})
    opened = [entry.value for _, entries, _ in rig.frames() for entry in entries]
    assert any(cell.encode() in value for value in opened) == (not code)


def test_what_names_a_person_is_known_by_its_shape() -> None:
    """A wrong check character changes nothing; codes, hashes and times are not taken for persons."""
    assert names_person("batch", number(1)[:-1] + ("0" if number(1)[-1] != "0" else "1"))
    for harmless in ("20260501", "a139123456780b", "2026-05-01 10:00", "0" * 32, "9122010112345678X1"):
        assert not names_person("batch", harmless)


@pytest.mark.parametrize(
    "token", ['{ constant = "x" }', '{ column = "证件号码", default = "x" }'], ids=["constant", "default"]
)
def test_one_number_cannot_stand_for_many_rows(tmp_path: Path, token: str) -> None:
    """A constant or default as a person's number would make one person of many rows: the mapping is refused."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.mapping(BASE.replace('resident_id = "证件号码"', f"resident_id = {token}"))
    with pytest.raises(DataError) as caught:
        rig.run()
    assert caught.value.code == "HUB-C243"


@pytest.mark.parametrize("area", ["99", "长春市长春市", "", "220102000000"])
def test_a_constant_area_is_a_county(tmp_path: Path, area: str) -> None:
    """An area that is no county code is told by the mapping, not by the hub event by event."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.mapping(BASE.replace('area = "居住区划"', f'area = {{ constant = "{area}" }}'))
    with pytest.raises(DataError) as caught:
        rig.run()
    assert caught.value.code == ("HUB-C493" if area else "HUB-C494")


@pytest.mark.parametrize("text", ["", "junk", "secret", "secret 00ff", "\ufeffsecret"])
@pytest.mark.parametrize("name", ["K_edge", "K_source"])
def test_an_emptied_key_file_is_no_key(tmp_path: Path, name: str, text: str) -> None:
    """A key file that lost its content stops the run: an empty key would name persons in a way anybody can repeat."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    (rig.folder / "keys" / f"{name}.key").write_text(text, encoding="utf-8")
    rig.keys = type(rig.keys)(rig.folder / "keys")
    with pytest.raises(DataError) as caught:
        rig.run()
    assert caught.value.code == "HUB-G122"
    assert rig.records() == []
