"""Consents that were signed on paper: a workbook of them lets in what waited for want of consent."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.mapping.file import load_mapping
from hub.core.calendar import iso
from hub.core.frame import GUARDIAN, PATIENT
from projections import profiles
from tests.connectors.rig import number
from tests.e2e.rig import facts
from tests.sites.world import START, County

HEADS = {
    "who": "证件号码 ID number",
    "purpose": "用途 purpose",
    "by": "签署人 signed by",
    "on": "签署日期 signed on",
    "until": "有效期至 valid until",
    "guardian": "监护人情况 guardian",
    "guardian_no": "监护人证件号码 guardian's ID number",
    "scan": "扫描件编号 scan",
}
TYPES = ("agency.SourceStarted", "agency.RunFinished", "agency.ConsentGranted", "agency.Retracted")


@pytest.fixture
def county(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> County:
    """A county whose policy asks for a consent before a referral; three people were registered without one."""
    files = profiles.files()
    national = files["national"].decode()
    closed = national.replace('key = "consent_referral"\nvalue = "open"', 'key = "consent_referral"\nvalue = "closed"')
    assert closed != national
    monkeypatch.setattr(profiles, "files", lambda: {**files, "national": closed.encode()})
    one = County(tmp_path / "home", capsys, monkeypatch)
    one.sites(3)
    one.needy(1, 2, 3)
    one.play()
    one.ready("consents", "consents", "street-office", "agency", TYPES, ())
    return one


def counts(county: County) -> dict[str, int]:
    """What the hub counts of persons' events."""
    return {row["name"]: row["total"] for row in county.view("v_count_v1") if row["part"] == "persons"}


class Papers:
    """The workbook that `hub connector template` wrote, filled in."""

    def __init__(self, county: County, path: Path) -> None:
        self.county, self.path = county, path
        code, _, err = county.typed("connector", "template", "consents", "--xlsx", str(path))
        assert code == 0, err
        self.book = openpyxl.load_workbook(path)
        self.sheet = self.book.worksheets[0]
        self.heads = {cell.value: cell.column for cell in self.sheet[1]}

    def row(self, at: int, person: int, **cells: Any) -> None:
        """One paper: signed by the person today, for referral, without an end, unless told otherwise."""
        whole = {
            "who": number(person), "purpose": "转介信息上传", "by": "本人", "on": iso(START), "until": None,
            "guardian": "依法不需要", "guardian_no": None, "scan": f"S-{at:04d}",
        }  # fmt: skip
        for name, value in (whole | cells).items():
            self.sheet.cell(at, self.heads[HEADS[name]]).value = value

    def taken(self, receipts: Path | None = None) -> tuple[dict[str, int], list[list[Any]]]:
        """Bring it to the connector, in one command; endings of its rows and the lines of the receipt."""
        self.book.save(self.path)
        words = ("--receipts", str(receipts)) if receipts else ()
        code, out, err = self.county.typed("connector", "take", "consents", str(self.path), *words, "--json")
        assert code == 0, err
        self.county.drain()
        (run,) = json.loads(out)["runs"]
        rows = run["rows"]
        lines: list[list[Any]] = []
        if receipts:
            path = max(receipts.iterdir())
            lines = [list(row) for row in openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True)]
        return {"published": rows["published"], "unchanged": rows["unchanged"], **rows["refused"]}, lines


def test_what_was_parked_for_want_of_consent_is_let_in(county: County, tmp_path: Path) -> None:
    """Registrations wait, counted as parked; with the papers of two people theirs count, and one goes on waiting."""
    before = counts(county)
    assert before["parked"] == 3
    assert not list(county.view("v_waiting_v1"))
    papers = Papers(county, tmp_path / "papers.xlsx")
    papers.row(2, 1)
    papers.row(3, 2, by="监护人", guardian="已确定", guardian_no=number(77), until=iso(START + 365))
    receipts = tmp_path / "receipts"
    assert papers.taken(receipts)[0] == {"published": 2, "unchanged": 0}
    after = counts(county)
    assert after["parked"] == 1
    assert after["accepted"] == after["visible"] + after["parked"] + after["held"]
    assert [row["state"] for row in county.view("v_waiting_v1")] == ["offered", "offered"]
    granted = [fact for fact in facts(county.home) if fact.type == "agency.ConsentGranted"]
    assert sorted([role for role, _, _ in fact.refs] for fact in granted) == [[PATIENT], [PATIENT, GUARDIAN]]


def test_the_same_papers_twice_say_nothing_twice_and_a_mended_one_corrects(county: County, tmp_path: Path) -> None:
    """A row is known by its scan and purpose: the same is unchanged, another date corrects, more rows are added."""
    papers = Papers(county, tmp_path / "papers.xlsx")
    papers.row(2, 1)
    assert papers.taken()[0] == {"published": 1, "unchanged": 0}
    assert papers.taken()[0] == {"published": 0, "unchanged": 1}
    papers.row(2, 1, until=iso(START - 1), on=iso(START - 9))  # it had ended before anything was uploaded
    papers.row(3, 2, scan="S-0002", purpose="接受服务")  # the same paper, another purpose
    assert papers.taken()[0] == {"published": 2, "unchanged": 0}
    assert counts(county)["parked"] == 3


REFUSALS = {
    "a number with a slip": ({"who": number(1)[:-1] + "0"}, "HUB-C103", "who"),
    "no number": ({"who": None}, "HUB-C145", "who"),
    "a purpose that is none": ({"purpose": "其他"}, "HUB-C140", "purpose"),
    "a signer that is none": ({"by": "邻居"}, "HUB-C140", "by"),
    "signed tomorrow": ({"on": iso(START + 1)}, "HUB-C105", "on"),
    "no such day": ({"on": "2026-02-30"}, "HUB-C102", "on"),
    "ended before it began": ({"until": iso(START - 1)}, "HUB-C439", "until"),
    "guardian missing": ({"guardian": "缺失"}, "HUB-C140", "guardian"),
    "guardian not told": ({"guardian": None}, "HUB-C141", "guardian"),
    "guardian signed without a number": ({"by": "监护人", "guardian": "已确定"}, "HUB-C145", "guardian_no"),
    "guardian signed though none is needed": (
        {"by": "监护人", "guardian": "依法不需要", "guardian_no": number(77)}, "HUB-C140", "guardian",
    ),
    "no scan": ({"scan": None}, "HUB-C141", "scan"),
}  # fmt: skip


@pytest.mark.parametrize("what", list(REFUSALS))
def test_a_paper_that_is_wrong_is_refused_in_its_row_and_column(county: County, tmp_path: Path, what: str) -> None:
    """Each slip has its code in its place on the receipt, without what stands there; the other papers go on."""
    cells, code, head = REFUSALS[what]
    papers = Papers(county, tmp_path / "papers.xlsx")
    papers.row(2, 1)
    papers.row(3, 2, **cells)
    papers.row(4, 3)
    endings, lines = papers.taken(tmp_path / "receipts")
    assert endings == {"published": 2, "unchanged": 0, code: 1}
    letter = openpyxl.utils.get_column_letter(papers.heads[HEADS[head]])
    assert [(line[1], line[2], line[4]) for line in lines if line[4]] == [(3, letter, code)]
    assert not [line for line in lines if number(2) in json.dumps(line, default=str)]
    papers.row(3, 2)
    assert papers.taken()[0]["published"] == 1
    assert counts(county)["parked"] == 0


def test_one_scan_for_two_people_is_refused(county: County, tmp_path: Path) -> None:
    """Two rows of one scan and purpose that say different things: which is right, only a person knows."""
    papers = Papers(county, tmp_path / "papers.xlsx")
    papers.row(2, 1, scan="S-1")
    papers.row(3, 2, scan="S-1")
    papers.row(4, 3, scan="S-3")
    papers.row(5, 3, scan="S-3")  # typed twice, the same
    endings, _ = papers.taken()
    assert (endings["published"], endings["unchanged"]) == (2, 1)
    assert sum(endings.values()) == 4


def test_no_number_name_or_scan_leaves_the_agency(county: County, tmp_path: Path) -> None:
    """Of what stands in the workbook nothing is found in what the hub wrote, the log included; a control is found."""
    papers = Papers(county, tmp_path / "papers.xlsx")
    papers.row(2, 1, scan="KX-2026-PAPER-77", by="监护人", guardian="已确定", guardian_no=number(77))
    papers.taken()
    hub = [path for path in (county.home / "hub").rglob("*") if path.is_file()]
    raw = b"".join(path.read_bytes() for path in hub) + (county.home / "vault/vault.db").read_bytes()
    for planted in (number(1), number(77), "KX-2026-PAPER-77"):
        assert planted.encode() not in raw
    assert b"agency.ConsentGranted" in raw


def test_a_file_that_the_folder_would_not_take_is_not_put_there(county: County, tmp_path: Path) -> None:
    """Its name must be one that the next run finds: another is refused before anything is copied, and a file that
    waits under the same name is not overwritten."""
    edge = county.home / "edges/consents"
    settings = edge / "mapping.toml"
    text = settings.read_text(encoding="utf-8")
    assert 'pattern = "*.xls*"' in text
    settings.write_text(text.replace('pattern = "*.xls*"', 'pattern = "consents_*.xlsx"'), encoding="utf-8")
    folder = edge / str(load_mapping(edge).source.path)
    papers = Papers(county, tmp_path / "papers.xlsx")
    papers.row(2, 1)
    papers.book.save(papers.path)
    before = sorted(folder.rglob("*"))
    code, _, err = county.typed("connector", "take", "consents", str(papers.path))
    assert (code, "HUB-C460" in err) == (3, True)
    assert sorted(folder.rglob("*")) == before
    papers.path = tmp_path / "consents_may.xlsx"
    assert papers.taken()[0] == {"published": 1, "unchanged": 0}
    (folder / papers.path.name).write_bytes(b"waits")
    code, _, err = county.typed("connector", "take", "consents", str(papers.path))
    assert (code, "HUB-C461" in err) == (3, True)
    assert (folder / papers.path.name).read_bytes() == b"waits"
