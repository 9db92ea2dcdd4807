"""Cases and markets in the real loop, over memory and SQLite."""

import random
from pathlib import Path

import pytest

from hub.adapters.memory.store import MemoryStore
from projections.dictionary import VIEWS, view
from projections.profiles import load
from tests.projections.engine import Engine
from tests.projections.test_simulation import (
    START,
    _peaceful_start,
    closed_gates,
    person_history,
    site_history,
)
from tests.projections.world import person_fact, subject


def lived(engine: Engine, seed: int, length: int = 120) -> None:
    """A random history, fed and decided in turns."""
    rnd = random.Random(seed)
    engine.tell(*_peaceful_start(rnd))
    engine.run(START)
    seen, day = [], START
    for number in range(1, length):
        if rnd.random() < 0.3:
            engine.tell(site_history(rnd, day, number))
        else:
            one = person_history(rnd, day - rnd.choice((0, 0, 4)), number, seen)
            seen.append(one)
            engine.tell(one)
        if rnd.random() < 0.15:
            day += rnd.choice((0, 1, 20))
            engine.run(day, rnd.choice((1, 3, 5000)))
    engine.run(day + 1)


@pytest.mark.parametrize("seed", range(4))
def test_a_rebuild_is_bit_equal_on_both_stores(tmp_path: Path, seed: int) -> None:
    """Same log, same rows: live on SQLite, rebuilt on SQLite and in memory, whatever the size of a fetch."""
    engine = Engine(load(), START, tmp_path)
    lived(engine, seed)
    contents = engine.contents()
    assert engine.rebuilt(MemoryStore(engine.projections)) == contents
    assert engine.rebuilt(engine.sqlite(tmp_path, "shadow"), 1000) == contents
    assert {row.state for row in engine.rows("persons", "case")} - {"none"}


def parked(engine: Engine) -> int:
    """How many events wait for a consent."""
    return sum(engine.store.begin("persons", partition).counts.get("parked", 0) for partition in range(2))


def test_a_later_consent_lets_in_what_was_parked() -> None:
    """Behind a closed gate an upload waits, is counted as parked, and takes effect when consent comes."""
    engine = Engine(closed_gates(), START)
    who = subject(1)
    filed = person_fact("agency.ApplicationFiled", START, who, 1, channel="B", applicant_kind="patient", severe=True)
    engine.tell(filed, person_fact("agency.ApplicationRegistered", START + 1, who, 2))
    engine.run(START + 1)
    assert engine.rows("persons", "case")[0].state == "applied"
    assert parked(engine) == 1
    engine.tell(
        person_fact(
            "agency.ConsentGranted", START + 3, who, 3, purpose="referral_upload", patient=True, guardian_status="named"
        )
    )
    engine.run(START + 3)
    assert engine.rows("persons", "case")[0].state == "registered"
    assert parked(engine) == 0
    assert engine.rebuilt(MemoryStore(engine.projections)) == engine.contents()


def test_no_two_views_share_a_reference(tmp_path: Path) -> None:
    """One person has in every public view another pseudonym, and nothing else there tells who it is."""
    engine = Engine(load(), START, tmp_path)
    lived(engine, 3)
    store = engine.sqlite(tmp_path, "views")
    seen: dict[str, str] = {}
    for one in VIEWS:
        store.connection.execute(f"CREATE VIEW {one.name} AS {one.select()}")
        cursor = store.connection.execute(f"SELECT * FROM {one.name}")
        names = [each[0] for each in cursor.description]
        rows = cursor.fetchall()
        assert names == [column.name for column in one.columns]
        assert rows, f"{one.name} shows nothing"
        refs = {value for row in rows for name, value in zip(names, row, strict=True) if name in one.refs}
        assert bool(refs) == bool(one.refs)
        assert not {value for value in refs if seen.setdefault(value, one.name) != one.name}
        text = repr(rows)
        assert not [who for who in range(9) if subject(who).hex() in text or repr(subject(who)) in text]
    assert store.connection.execute("SELECT count(*) FROM v_case_v1 WHERE case_ref IS NULL").fetchone() == (0,)


def test_every_column_is_documented_in_both_languages() -> None:
    """The dictionary leaves no column without meaning, privacy class and transform, and no date of a person a day."""
    for one in VIEWS:
        assert all((one.zh, one.en))
        assert view(one.name) is one
        for column in one.columns:
            assert all((column.zh, column.en, column.transform))
            assert column.privacy in ("plain", "quasi", "sensitive")
            assert not (one.domain and "date(" in column.sql), f"{one.name}.{column.name} tells a day"
    domains = [one.domain for one in VIEWS if one.domain]
    assert len(domains) == len(set(domains)), "two views share a domain of pseudonyms"
