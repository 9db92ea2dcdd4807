"""A site that has only Excel: what it is asked as a workbook, and its answers, through the `hub` command."""

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hub.config import load
from hub.core.calendar import iso
from hub.sites.book import ANSWERS, HEAD
from tests.connectors.rig import number
from tests.sites.world import SITES, START, County

ANSWER_TYPES = (
    *("agency.SourceStarted", "agency.RunFinished", "stations.OfferAccepted", "stations.OfferDeclined"),
    *("stations.HandoverAccepted", "stations.HandoverDeclined"),
)


@pytest.fixture
def county(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> County:
    """Three sites, two of them with room; three people who need one; a desk that may speak for two sites."""
    one = County(tmp_path / "home", capsys, monkeypatch)
    one.sites(3, 3, 0)
    one.needy(1, 2, 3)
    one.play()
    one.ready("answers", "desk", "county-desk", "stations", ANSWER_TYPES, SITES[:2])
    return one


def asked(county: County, site: str = SITES[0]) -> list[dict[str, Any]]:
    """What a site is asked, as JSON."""
    code, out, err = county.typed("site", "inbox", site, "--json")
    assert code == 0, err
    found: list[dict[str, Any]] = json.loads(out)
    return found


class Book:
    """A workbook as a person fills it in: cells by the column's heading and the row's number on the sheet."""

    def __init__(self, county: County, path: Path, site: str = SITES[0]) -> None:
        self.county, self.path = county, path
        code, _, err = county.typed("site", "inbox", site, "--xlsx", str(path))
        assert code == 0, err
        self.book = openpyxl.load_workbook(path)
        self.sheet = self.book[ANSWERS]

    def numbers(self) -> dict[str, int]:
        """Rows by the number that stands in them."""
        return {row[0].value: row[0].row for row in self.sheet.iter_rows(min_row=2) if row[0].value}

    def put(self, row: int, **cells: Any) -> None:
        """Fill cells in: answer, reason, on, code, matter, site."""
        heads = {"answer": 7, "reason": 8, "on": 9, "site": 10, "code": 12, "matter": 1}
        for name, value in cells.items():
            self.sheet.cell(row, heads[name] + 1).value = value

    def accept(self, row: int) -> None:
        """The row's answer is yes, today."""
        self.put(row, answer="接受 accept", on=iso(self.county.day))

    def decline(self, row: int, reason: str | None = "人手不足 no staff") -> None:
        """The row's answer is no, today."""
        self.put(row, answer="谢绝 decline", reason=reason, on=iso(self.county.day))

    def sent(self, *words: str, code: int = 0) -> dict[str, Any]:
        """Save it, read it at the desk, and let the hub do what follows; the sums of that run."""
        self.book.save(self.path)
        found, out, err = self.county.typed("site", "answer", str(self.path), *words, "--json")
        assert found == code, err
        self.county.drain()
        document: dict[str, Any] = json.loads(out)
        return document


def sums(document: dict[str, Any]) -> tuple[int, int, int, dict[str, int]]:
    """Published, unchanged, not selected and refused rows of all runs."""
    rows = [run["rows"] for run in document["runs"]]
    refused: dict[str, int] = {}
    for one in rows:
        for name, n in one["refused"].items():
            refused[name] = refused.get(name, 0) + n
    total = [sum(one[name] for one in rows) for name in ("published", "unchanged")]
    return total[0], total[1], sum(sum(one["not_selected"].values()) for one in rows), refused


def test_an_assignment_that_is_accepted_and_one_that_is_declined(county: County, tmp_path: Path) -> None:
    """The accepted person is in the site's custody, the declined one waits, is offered elsewhere, and nowhere twice."""
    county.on(START + 3)
    county.happen("civil_affairs.CaseAssigned", 1, SITES[0])
    county.happen("civil_affairs.CaseAssigned", 2, SITES[0])
    county.play()
    before = {row["case_ref"]: row["state"] for row in county.cases()}
    assert sorted(before.values()) == ["assigned", "assigned", "offered"]
    county.on(START + 4)
    book = Book(county, tmp_path / "inbox.xlsx")
    yes, no = (one["number"] for one in asked(county) if one["matter"] == "assignment")
    rows = book.numbers()
    assert len(rows) == 3
    book.accept(rows[yes])
    book.decline(rows[no])
    document = book.sent()
    assert sums(document) == (2, 0, 1, {})
    assert document["unanswered"] == [row for name, row in rows.items() if name not in (yes, no)]
    after = sorted((row["state"], row["site"]) for row in county.cases())
    assert after == [("accepted", SITES[0]), ("offered", None), ("offered", None)]
    offers = {row["state"]: row["site"] for row in county.view("v_offer_v1") if row["voided_as"] is None}
    assert offers["offered"] == SITES[1] or SITES[1] in [row["site"] for row in county.view("v_offer_v1")]
    site = next(row for row in county.view("v_site_v1") if row["site"] == SITES[0])
    assert (site["free"], site["reserved"]) == (2, 1)
    assert [one["matter"] for one in asked(county)] == ["offer"]
    trail = [line for line in county.view("v_trail_v1") if line["event"].startswith("stations.Offer")]
    assert {(line["asserted_by"], line["status"]) for line in trail} == {("agency/county-desk", "visible")}


def test_an_offer_that_is_declined_goes_to_the_next_site(county: County, tmp_path: Path) -> None:
    """Declining an offer voids it, says why, and the need is proposed to the next best site."""
    book = Book(county, tmp_path / "inbox.xlsx")
    assert [one["matter"] for one in asked(county)] == ["offer"] * 3
    book.decline(2)
    assert sums(book.sent()) == (1, 0, 2, {})
    assert sorted(row["site"] for row in county.view("v_offer_v1")) == [SITES[0], SITES[0], SITES[1]]
    assert len(asked(county)) == 2
    assert len(asked(county, SITES[1])) == 1


def test_the_same_workbook_twice_says_nothing_twice(county: County, tmp_path: Path) -> None:
    """Rows answered once are unchanged, whichever copy they come in; those answered since are added."""
    book = Book(county, tmp_path / "inbox.xlsx")
    book.decline(2)
    assert sums(book.sent()) == (1, 0, 2, {})
    facts = county.typed("event", "tail", "--json", "--limit", "1000")[1].count("stations.OfferDeclined")
    assert sums(book.sent()) == (0, 1, 2, {})
    book.accept(3)
    assert sums(book.sent()) == (1, 1, 1, {})
    assert county.typed("event", "tail", "--json", "--limit", "1000")[1].count("stations.OfferDeclined") == facts == 1


def test_a_workbook_saved_by_another_program_is_read_alike(county: County, tmp_path: Path) -> None:
    """Another sheet order, real dates, blanks around words, a code in two lines: what programs do to cells."""
    book = Book(county, tmp_path / "inbox.xlsx")
    rows = [[cell.value for cell in row] for row in book.sheet.iter_rows()]
    other = openpyxl.Workbook()
    notes = other.active
    notes.title = "Sheet1"
    sheet = other.create_sheet(ANSWERS)
    day = date(2026, 2, 16)
    assert iso(START) == "2026-02-16"
    rows[1][7], rows[1][9] = " 接受  accept ", day
    rows[2][7], rows[2][8], rows[2][9] = "谢绝", "名额已满", "2026年2月16日"
    code = str(rows[3][12])
    rows[3][7], rows[3][9], rows[3][12] = "接受", day, f"{code[:50]}\n{code[50:].lower()} "
    for row in rows:
        sheet.append(row)
    path = tmp_path / "resaved.xlsx"
    other.save(path)
    code_, out, err = county.typed("site", "answer", str(path), "--json")
    assert code_ == 0, err
    assert sums(json.loads(out)) == (3, 0, 0, {})
    county.drain()
    assert len(asked(county)) == 2  # an offer that is accepted stands until it is assigned


def test_an_offer_that_was_accepted_is_not_asked_again(county: County, tmp_path: Path) -> None:
    """The yes is shown with its day until the offer is assigned, and stands in no workbook; then the assignment is
    asked. A workbook that says it again is still the same answer."""
    book = Book(county, tmp_path / "inbox.xlsx")
    number = book.sheet.cell(2, 1).value
    county.on(START + 1)
    book.accept(2)
    assert sums(book.sent()) == (1, 0, 2, {})
    shown = {one["number"]: one["answered_on"] for one in asked(county)}
    assert sorted(shown.values(), key=str) == [iso(START + 1), None, None]
    assert shown[number] == iso(START + 1)
    again = Book(county, tmp_path / "again.xlsx")
    assert again.numbers().keys() == shown.keys() - {number}
    told = county.typed("site", "inbox", SITES[0])[1]
    assert "2 wait for an answer" in told
    assert "1 offers were answered with yes" in told
    assert sums(book.sent()) == (0, 1, 2, {})
    county.on(START + 2)
    for person in (1, 2, 3):
        county.happen("civil_affairs.CaseAssigned", person, SITES[0])
    county.play()
    assert [(one["matter"], one["answered_on"]) for one in asked(county)] == [("assignment", None)] * 3
    assert len(Book(county, tmp_path / "assigned.xlsx").numbers()) == 3


def test_a_yes_to_an_earlier_offer_answers_no_later_one(county: County, tmp_path: Path) -> None:
    """An offer that lapsed although it was accepted is made anew, and the site is asked anew."""
    book = Book(county, tmp_path / "inbox.xlsx")
    book.accept(2)
    book.sent()
    assert len([one for one in asked(county) if one["answered_on"]]) == 1
    before = {one["number"] for one in asked(county)}
    for day in range(START + 1, START + 40):
        county.on(day)
        county.drain()
    found = asked(county)
    assert found
    assert not {one["number"] for one in found} & before
    assert [one["answered_on"] for one in found] == [None] * len(found)


@pytest.mark.parametrize(("lang", "words"), [("en", "2  have no answer yet"), ("zh", "2  尚未答复")])
def test_a_row_without_an_answer_is_told_in_words(county: County, tmp_path: Path, lang: str, words: str) -> None:
    """The sums and the receipt say that a row has no answer, not by which rule of a mapping it was left."""
    book = Book(county, tmp_path / "inbox.xlsx")
    book.accept(2)
    book.book.save(book.path)
    receipts = tmp_path / "receipts"
    told = county.typed("site", "answer", str(book.path), "--receipts", str(receipts), "--lang", lang)[1]
    assert f"    {words}\n" in told
    assert "answered  2" not in told
    (receipt,) = receipts.iterdir()
    why = [row[5].value for row in openpyxl.load_workbook(receipt).active.iter_rows(min_row=3)]
    assert why == [words.partition("  ")[2]] * 2


def test_a_yes_that_came_with_an_identity_number_counts_until_it_is_corrected(county: County) -> None:
    """A station's own system names the person and no offer: said since the offer was made it answers it; a yes of
    before, and one that was corrected away, do not."""
    county.happen("stations.OfferAccepted", 1, SITES[0], START - 1)
    county.happen("stations.OfferAccepted", 2, SITES[0])
    county.play()
    assert sorted(str(one["answered_on"]) for one in asked(county)) == [iso(START), "None", "None"]
    county.rows[-1]["站点"] = SITES[1]
    county.play()
    assert [one["answered_on"] for one in asked(county)] == [None] * 3


REFUSALS = {
    "an unknown word": ({"answer": "也许"}, "HUB-C140", "H"),
    "a decline without a reason": ({"answer": "谢绝 decline", "reason": None}, "HUB-C141", "I"),
    "a reason nobody knows": ({"answer": "谢绝 decline", "reason": "不想要"}, "HUB-C140", "I"),
    "no day": ({"on": None}, "HUB-C141", "J"),
    "a day to come": ({"on": iso(START + 1)}, "HUB-C105", "J"),
    "a code cut off": ({"code": "ABCDEF"}, "HUB-C430", "M"),
    "no code": ({"code": None}, "HUB-C141", "M"),
    "a code of another row": ({"code": 3}, "HUB-C431", "M"),
    "another matter": ({"matter": "移交 hand-over"}, "HUB-C431", "M"),
}


@pytest.mark.parametrize("what", list(REFUSALS))
def test_a_row_that_is_wrong_is_refused_in_its_place_and_can_be_mended(
    county: County, tmp_path: Path, what: str
) -> None:
    """Each slip has a code, a row and a column; the other rows go on; mended and sent again, the row is published."""
    cells, code, column = REFUSALS[what]
    book = Book(county, tmp_path / "inbox.xlsx")
    book.accept(2)
    book.accept(3)
    kept = {name: book.sheet.cell(2, at).value for name, at in (("code", 13), ("matter", 2))}
    if cells.get("code") == 3:
        cells = {"code": book.sheet.cell(3, 13).value}
    book.put(2, **cells)
    receipts = tmp_path / "receipts"
    assert sums(book.sent("--receipts", str(receipts))) == (1, 0, 1, {code: 1})
    (receipt,) = receipts.iterdir()
    line = [cell.value for cell in openpyxl.load_workbook(receipt).active[2]]
    assert (line[1], line[2], line[4]) == (2, column, code)
    book.put(2, **kept, reason=None)
    book.accept(2)
    document = book.sent()
    assert sums(document)[0] == 1, document
    assert county.typed("refused", "list")[1].count(code) == 0


def test_a_remedy_names_the_connector_that_nobody_had_to_type(county: County, tmp_path: Path) -> None:
    """A workbook that cannot be read is told with the command that mends it, and the connector that takes answers."""
    path = tmp_path / "inbox.xlsx"
    book = Book(county, path)
    book.sheet.delete_cols(13)
    book.book.save(path)
    code, _, err = county.typed("site", "answer", str(path))
    assert code == 3
    assert "HUB-C202" in err
    assert "hub connector check desk" in err


def test_a_receipt_speaks_of_the_rows_of_its_own_workbook(county: County, tmp_path: Path) -> None:
    """What is wrong in the second row of one workbook is not said of the second row of the next one."""
    county.happen("civil_affairs.CaseAssigned", 1, SITES[1])
    county.play()
    wrong = Book(county, tmp_path / "wrong.xlsx", SITES[1])
    wrong.put(2, answer="接受 accept", on="next week")
    assert sums(wrong.sent())[2:] == (0, {"HUB-C102": 1})
    sound = Book(county, tmp_path / "sound.xlsx")
    sound.accept(2)
    receipts = tmp_path / "receipts"
    assert sums(sound.sent("--receipts", str(receipts)))[0] == 1
    (receipt,) = receipts.iterdir()
    line = [cell.value for cell in openpyxl.load_workbook(receipt).active[2]]
    assert (line[1], line[3], line[4]) == (2, "accepted", None)
    again = tmp_path / "again"
    wrong.sent("--receipts", str(again))
    (receipt,) = again.iterdir()
    line = [cell.value for cell in openpyxl.load_workbook(receipt).active[2]]
    assert (line[1], line[3], line[4]) == (2, "refused", "HUB-C102")


def test_codes_that_are_forged_strange_or_used_are_refused(county: County, tmp_path: Path) -> None:
    """A code of another site, one of an offer that is gone, one answered otherwise, and one after its last day."""
    strange = Book(county, tmp_path / "other.xlsx", SITES[1])
    assert not strange.numbers()
    book = Book(county, tmp_path / "inbox.xlsx")
    book.decline(2)
    book.sent()
    book.accept(2)
    assert sums(book.sent()) == (0, 0, 2, {"HUB-C433": 1})
    county.happen("civil_affairs.CaseAssigned", 1, SITES[1])
    county.happen("civil_affairs.CaseAssigned", 2, SITES[1])
    county.happen("civil_affairs.CaseAssigned", 3, SITES[1])
    county.play()
    later = Book(county, tmp_path / "later.xlsx", SITES[1])
    assert len(later.numbers()) == 3
    book.decline(2)  # as it was
    book.accept(3)
    book.accept(4)
    found = sums(book.sent())
    assert found == (0, 1, 0, {"HUB-C433": 2})
    county.on(START + 40)
    book.accept(3)
    book.accept(4)
    assert sums(book.sent())[3] == {"HUB-C432": 2}
    swapped = tmp_path / "third.xlsx"
    third = Book(county, swapped, SITES[1])
    third.accept(2)
    third.put(2, site=SITES[0])
    third.sent()
    assert "HUB-I450" in county.typed("agency", "list")[1]
    assert not [row for row in county.cases() if row["state"] == "accepted"]


def test_a_station_answers_by_its_own_connector_where_no_hub_is(county: County, tmp_path: Path) -> None:
    """At an edge nobody knows what is open; intake judges, and the trail shows the station itself."""
    county.ready("answers", "station-1", "station-1", "stations", ANSWER_TYPES, SITES[:1])
    settings = county.home / "edges/station-1/edge.toml"
    text = settings.read_text(encoding="utf-8")
    assert 'log = ""' in text
    log = load(county.home).database("log")
    settings.write_text(text.replace('log = ""', f'log = "{log}"'), encoding="utf-8")  # it sees no views
    book = Book(county, tmp_path / "inbox.xlsx")
    book.decline(2)
    book.sent("--connector", "station-1")
    trail = [line for line in county.view("v_trail_v1") if line["event"] == "stations.OfferDeclined"]
    assert [line["asserted_by"] for line in trail] == ["agency/station-1"]
    assert sums(book.sent("--connector", "station-1")) == (0, 1, 2, {})
    book.accept(2)
    assert sums(book.sent("--connector", "station-1")) == (0, 0, 2, {"HUB-C434": 1})
    book.accept(3)
    assert county.typed("site", "answer", str(book.path))[0] == 3  # two could say it
    assert "HUB-C437" in county.typed("site", "answer", str(book.path))[2]


def test_somebody_who_moves_is_handed_over_by_workbook(county: County, tmp_path: Path) -> None:
    """The new site is asked about the hand-over, accepts it, and has custody from then on."""
    county.happen("civil_affairs.CaseAssigned", 1, SITES[0])
    county.play()
    book = Book(county, tmp_path / "first.xlsx")
    rows = book.numbers()
    for one in asked(county):
        if one["matter"] == "assignment":
            book.accept(rows[one["number"]])
    book.sent()
    county.on(START + 2)
    county.happen("stations.RelocationReported", 1, SITES[0], 去向=COUNTY_NEXT)
    county.play()
    (question,) = [one for one in asked(county, SITES[1]) if one["matter"] == "handover"]
    second = Book(county, tmp_path / "second.xlsx", SITES[1])
    second.accept(second.numbers()[question["number"]])
    assert sums(second.sent())[0] == 1
    assert [(row["state"], row["site"]) for row in county.cases() if row["state"] == "accepted"] == [
        ("accepted", SITES[1])
    ]


COUNTY_NEXT = "220104"


def test_nothing_in_the_workbook_or_on_the_screen_tells_who_it_is(county: County, tmp_path: Path) -> None:
    """Planted numbers, names and pseudonyms occur in no cell, no part of the file and no line; a control is found."""
    path = tmp_path / "inbox.xlsx"
    book = Book(county, path)
    planted = [number(person) for person in (1, 2, 3)] + ["诸葛乙", "诸葛丙", "诸葛丁"]
    planted += [row[name].split("-")[0] for row in county.cases() for name in ("person", "case_ref")]
    planted += [row["offer_ref"].split("-")[0] for row in county.view("v_offer_v1")]
    text = "".join(county.typed("site", "inbox", SITES[0], *more)[1] for more in ((), ("--json",)))
    with zipfile.ZipFile(path) as parts:
        raw = b"".join(parts.read(name) for name in parts.namelist())
    assert book.numbers().keys() <= set(text.replace('"', " ").replace(",", " ").split())
    for value in planted:
        assert value not in text
        assert value.encode() not in raw
    assert next(iter(book.numbers())).encode() in raw


def test_only_the_answer_the_reason_and_the_day_can_be_typed(county: County, tmp_path: Path) -> None:
    """All other cells are locked, choices are lists, and numbers and codes are text."""
    sheet = Book(county, tmp_path / "inbox.xlsx").sheet
    assert sheet.protection.sheet
    assert [cell.value for cell in sheet[1]] == list(HEAD)
    for row in sheet.iter_rows(min_row=2):
        assert [cell.column for cell in row if not cell.protection.locked] == [8, 9, 10]
        assert {cell.data_type for cell in row if cell.value is not None} == {"s"}
    rules = {str(rule.sqref)[0]: rule for rule in sheet.data_validations.dataValidation}
    assert [rules[letter].type for letter in "HI"] == ["list", "list"]


def test_a_single_question_without_an_answer_is_read_as_a_row(county: County, tmp_path: Path) -> None:
    """The first row is the header and no other: one row of nothing but text is an unanswered question."""
    book = Book(county, tmp_path / "inbox.xlsx")
    book.sheet.delete_rows(3, 2)
    document = book.sent()
    assert sums(document) == (0, 0, 1, {})
    assert document["unanswered"] == [2]


def test_an_installation_is_named_by_a_relative_path_as_well(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever stands beside the installation's folder and names it shortly has the workbook read alike; a mapping of
    another connector that is broken holds nothing up."""
    book = Book(county, tmp_path / "inbox.xlsx")
    book.decline(2)
    book.book.save(book.path)
    monkeypatch.chdir(tmp_path)
    (county.home / "edges/office/mapping.toml").write_text("broken", encoding="utf-8")
    code, out, err = county.typed("site", "answer", "inbox.xlsx", "--home", "home", "--json")
    assert code == 0, err
    assert sums(json.loads(out)) == (1, 0, 2, {})


def test_what_no_site_takes_is_asked_of_none(county: County, tmp_path: Path) -> None:
    """Declined by every site with room, a need waits, and nobody is asked again what was answered."""
    for site in SITES[:2]:
        book = Book(county, tmp_path / f"{site}.xlsx", site)
        book.decline(2)
        assert sums(book.sent())[0] == 1
    assert [len(asked(county, site)) for site in SITES[:2]] == [2, 0]
    assert "HUB-P371" in county.typed("site", "inbox", "52220102MJX000009Z")[2]


@pytest.mark.parametrize(("site", "alone"), [(SITES[0], False), (SITES[0], True), (SITES[1], False)])
def test_each_assignment_of_a_case_is_answered_on_its_own(
    county: County, tmp_path: Path, site: str, alone: bool
) -> None:
    """A person who is assigned again to a site that declined is asked about under a new code, whether an offer came
    before or none, and one that no other site got since; at the desk the old code answers the new one no more."""
    if alone:
        county.happen("civil_affairs.SiteSuspended", site=SITES[1])
    county.happen("civil_affairs.CaseAssigned", 1, site)
    county.play()
    seen: set[str] = set()
    former: list[tuple[Book, int]] = []
    for n, answer in enumerate(("decline", "decline", "accept")):
        if n:
            county.on(county.day + 3)
            county.happen("civil_affairs.CaseAssigned", 1, site)
            county.play()
        (question,) = [one for one in asked(county, site) if one["matter"] == "assignment"]
        assert question["number"] not in seen
        seen.add(question["number"])
        book = Book(county, tmp_path / f"{n}.xlsx", site)
        row = book.numbers()[question["number"]]
        for old, was in former:
            old.accept(was)
            published, *_, refused = sums(old.sent())
            assert (published, list(refused)) == (0, ["HUB-C433"])
            assert [one["number"] for one in asked(county, site) if one["matter"] == "assignment"] == [
                question["number"]
            ]
        getattr(book, answer)(row)
        assert sums(book.sent())[::3] == (1, {})
        assert not [one for one in asked(county, site) if one["matter"] == "assignment"]
        former.append((book, row))
    assert [row["site"] for row in county.cases() if row["state"] == "accepted"] == [site]
