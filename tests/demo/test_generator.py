"""The synthetic agencies: the same every time, growing day by day, and nobody real."""

import csv
import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from hub.core.calendar import day_of
from hub.core.errors import DataError
from hub.data import SYNTHETIC_PROVINCES
from hub.demo.answers import Offer, answer_offers, waiting_people
from hub.demo.generate import generate
from hub.demo.people import check_character, id_number, index_of, person
from hub.demo.plan import plan_of, step_days
from hub.demo.planted import planted
from hub.demo.tables import ANSWERS, CERTIFICATES, PATIENTS, SERVICE, STEPS, TABLES

GOLIVE = day_of(date(2026, 3, 2))
PEOPLE = 120
STEP_DAYS = step_days(plan_of(PEOPLE, 7, GOLIVE))


def _grow(folder: Path, until: int, seed: int = 7, people: int = PEOPLE) -> dict[str, int]:
    return generate(folder, people, seed, until, golive=GOLIVE).rows


def _rows(folder: Path) -> dict[str, dict[str, tuple[object, ...]]]:
    """Rows by table and key, of the database and the text files."""
    found: dict[str, dict[str, tuple[object, ...]]] = {}
    for name, table in TABLES.items():
        path = folder / table.path
        if table.kind == "sqlite":
            with sqlite3.connect(path) as db:
                found[name] = {str(row[0]): row for row in db.execute(f'SELECT * FROM "{name}"')}
        elif table.kind == "csv":
            with path.open(encoding=table.encoding, newline="") as file:
                found[name] = {row[0]: tuple(row) for row in list(csv.reader(file))[1:]}
        elif table.kind == "jsonl":
            lines = path.read_text(encoding="utf-8").splitlines()
            found[name] = {line[len(table.key) + 6 :].split('"')[0]: (line,) for line in lines}
    return found


def _digests(folder: Path) -> dict[str, str]:
    """What stands in every source file; of the database its rows, because a file of pages remembers its past."""
    files = {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix != ".db"}
    files["hospital"] = repr([_rows(folder)[name] for name in ("患者", "康复评估", "随访", "住院")]).encode()
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """Two worlds of one seed are equal file by file after history and a step; another seed differs in every agency."""
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        _grow(tmp_path / name, GOLIVE - 1, seed)
        _grow(tmp_path / name, STEP_DAYS[0], seed)
    first, second, other = (_digests(tmp_path / name) for name in "abc")
    assert first == second
    assert {name for name in first if first[name] == other[name]} <= {"SYNTHETIC.txt", "推荐答复.jsonl"}


def test_steps_grow_and_keep_what_was_there(tmp_path: Path) -> None:
    """Each live step keeps every row of the one before but cleared doubles, adds some, and changes a few."""
    _grow(tmp_path, GOLIVE - 1)
    before = _rows(tmp_path)
    added = changed = 0
    for day in STEP_DAYS:
        _grow(tmp_path, day)
        after = _rows(tmp_path)
        for name, rows in before.items():
            gone = rows.keys() - after[name].keys()
            assert all(key.endswith("-2") for key in gone), name  # rows typed twice that somebody found
            added += len(after[name].keys() - rows.keys())
            changed += sum(after[name][key] != row for key, row in rows.items() if key not in gone)
        before = after
    assert added > 20
    assert changed > 2


def test_one_leap_and_five_steps_end_alike(tmp_path: Path) -> None:
    """What stands in the sources at the end does not depend on how often somebody looked."""
    _grow(tmp_path / "leap", STEP_DAYS[-1])
    for day in (GOLIVE - 1, *STEP_DAYS):
        _grow(tmp_path / "steps", day)
    assert _rows(tmp_path / "leap") == _rows(tmp_path / "steps")


def test_a_second_call_for_the_same_day_writes_nothing(tmp_path: Path) -> None:
    """Growing to a day that is reached already touches no file."""
    _grow(tmp_path, STEP_DAYS[0])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.suffix != ".db"}
    assert not any(_grow(tmp_path, STEP_DAYS[0]).values())
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.suffix != ".db"}


def test_a_first_load_that_was_cut_off_is_done_again(tmp_path: Path) -> None:
    """A history interrupted half way ends like one that was not."""
    _grow(tmp_path / "whole", GOLIVE - 1)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "cut", PEOPLE, 7, GOLIVE - 1, golive=GOLIVE, progress=stop)
    _grow(tmp_path / "cut", GOLIVE - 1)
    assert _rows(tmp_path / "cut") == _rows(tmp_path / "whole")


def test_another_plan_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """A folder made for so many people is not silently mixed with another world."""
    _grow(tmp_path, GOLIVE - 1)
    with pytest.raises(DataError) as caught:
        _grow(tmp_path, GOLIVE - 1, people=PEOPLE + 1)
    assert caught.value.code == "HUB-D101"


def _check_synthetic(numbers: Iterator[str]) -> int:
    """The law of all planted numbers: unassigned province, valid check character, no two alike."""
    seen: set[str] = set()
    for number in numbers:
        assert number[:2] in SYNTHETIC_PROVINCES
        assert number[17] == check_character(number[:17])
        assert number not in seen
        seen.add(number)
    return len(seen)


def test_every_identity_number_is_synthetic_and_unique(tmp_path: Path) -> None:
    """All numbers of patients and guardians use unassigned provinces, valid check characters, and never meet."""
    _grow(tmp_path, GOLIVE - 1)
    count = _check_synthetic(value for kind, value in planted(tmp_path) if kind in ("resident_id", "guardian_id"))
    assert count > PEOPLE


def test_the_law_of_numbers_kills_a_real_province_and_a_wrong_check() -> None:
    """A number of an assigned province, one with a wrong check character, and a repeated one are each noticed."""
    good = id_number("16", 5, 8000, True)
    wrong = good[:17] + ("1" if good[17] != "1" else "2")
    for numbers in ([id_number("11", 5, 8000, True)], [wrong], [good, good]):
        with pytest.raises(AssertionError):
            _check_synthetic(iter(numbers))


def test_a_million_numbers_would_not_meet() -> None:
    """Indexes that share their area ending differ in the sequence number."""
    same_area = [id_number("16", 17 + 10_000 * turn, 8000, male) for turn in range(40) for male in (True, False)]
    assert len(set(same_area)) == 80
    assert all(int(number[16]) % 2 == male for number, male in zip(same_area, [1, 0] * 40, strict=True))


def test_a_number_tells_its_index_to_the_generator() -> None:
    """The stations of the demo find the person of an offer by the number alone."""
    for index in (0, 1, 2, 29_999, 30_000, 123_456, 999_999):
        assert index_of(person(7, index, GOLIVE).id_number) == index


def test_planted_numbers_stand_in_the_sources(tmp_path: Path) -> None:
    """The leak scan looks for what really is there: most planted numbers are found in the agencies' own files."""
    _grow(tmp_path, STEP_DAYS[-1])
    patients = {str(row[5]) for row in _rows(tmp_path)[PATIENTS.name].values()}
    numbers = {value for kind, value in planted(tmp_path) if kind == "resident_id"}
    assert len(numbers) == PEOPLE
    assert len(numbers & patients) > PEOPLE * 0.85
    papers = {value for kind, value in planted(tmp_path) if kind == "certificate"}
    assert papers == set(_rows(tmp_path)[CERTIFICATES.name])


def test_the_usual_dirt_is_there(tmp_path: Path) -> None:
    """Scientific notation, impossible dates, unmapped codes, test rows and rows typed twice all occur."""
    _grow(tmp_path, STEP_DAYS[-1], people=600)
    rows = _rows(tmp_path)
    everything = repr(rows)
    assert "E+17" in everything
    assert any(wrong in everything for wrong in ("2025-02-30", "2025-13-01", "20250631", "2062-03-01", "2025.4.31"))
    assert "音乐律动" in everything or "心理沙盘" in everything
    assert any(row[-2] == "测试" for row in rows[STEPS.name].values())
    assert any(key.endswith("-2") for table in rows.values() for key in table)


def test_a_person_is_the_same_without_those_before() -> None:
    """Person 999,999 can be made alone: nothing depends on an earlier draw."""
    assert person(7, 999_999, GOLIVE) == person(7, 999_999, GOLIVE)
    assert person(7, 999_999, GOLIVE).id_number != person(7, 999_998, GOLIVE).id_number


def test_stations_answer_an_offer_once_and_service_follows(tmp_path: Path) -> None:
    """Most offers are assigned and accepted within two days, and a repeat of the offers adds nothing."""
    _grow(tmp_path, STEP_DAYS[0], people=600)
    waiting = waiting_people(tmp_path)
    site = next(iter(_rows(tmp_path)["站点台账"].values()))[0]
    code = str(site).split('"站点": "')[1].split('"')[0]
    offers = [Offer(f"O-{who.person:04d}", code, who.id_number, STEP_DAYS[0]) for who in waiting]
    assert answer_offers(tmp_path, offers) == len(waiting) > 5
    assert answer_offers(tmp_path, offers) == 0
    _grow(tmp_path, STEP_DAYS[-1], people=600)
    rows = _rows(tmp_path)
    assert len(waiting) * 0.6 < len(rows[ANSWERS.name]) <= len(waiting)
    assigned = [row for row in rows[STEPS.name].values() if str(row[19]).startswith("O-")]
    assert len(waiting) * 0.5 < len(assigned) <= len(waiting)
    later = [row for row in rows[SERVICE.name].values() if code in str(row) and "签订协议" in str(row)]
    assert len(later) >= len(assigned) * 0.5
