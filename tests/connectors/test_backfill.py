"""A backfill: lots beside runs, killed and resumed, within bounds; nothing is lost and nothing is said twice."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.backfill.backfill import Filled, backfill
from connectors.backfill.pace import Pace
from connectors.sources import Bounds, open_walk
from connectors.sources.spec import OutsideSpec
from connectors.spool import Spool
from connectors.spool.refusals import Refusals
from hub.core.errors import DataError, HubError, Unreachable
from tests.connectors.rig import COLUMNS, MAPPING, Rig, row

ROWS = 23


class Table(Rig):
    """An edge whose source is a table with a column of changes."""

    def __init__(self, folder: Path, cursor: bool = True, kind: str = "TEXT", **options: Any) -> None:
        super().__init__(folder, **options)
        text = MAPPING.format(on_change="correct", on_vanish="nothing").replace('kind = "csv"', 'kind = "sql"')
        settings = 'url = "sqlite:///h.db"\ntable = "assessments"\nkey = "评估编号"\n'
        self.mapping(text.replace('path = "assessments.csv"', settings + ('cursor = "更新"' if cursor else "")))
        names = ", ".join(f'"{name}" {kind}' for name in COLUMNS)
        self.sql(f'CREATE TABLE assessments ({names}, "更新" TEXT)')
        self.told: list[Filled] = []

    def sql(self, statement: str, *rows: tuple[Any, ...]) -> None:
        """Say something to the database."""
        with closing(sqlite3.connect(self.folder / "h.db")) as connection, connection:
            connection.executemany(statement, rows or [()])

    def put(self, *rows: dict[str, str], changed: str = "2026-05-01") -> None:
        """Write rows, or write over those of the same key."""
        for one in rows:
            self.sql('DELETE FROM assessments WHERE "评估编号" IS ?', (one["评估编号"],))
        marks = ", ".join("?" * (len(COLUMNS) + 1))
        self.sql(f"INSERT INTO assessments VALUES ({marks})", *((*one.values(), changed) for one in rows))

    def is_over(self) -> bool:
        """Whether a backfill came to its end, as the spool has it."""
        with Spool(self.edge().spool_path, "hospital-1") as spool:
            return bool(spool.state.backfill) and not spool.state.filling

    def fill(self, stop_after: int = -1, **options: Any) -> Filled:
        """A backfill, asked to stop after so many lots."""
        lots = iter(range(10_000))
        pace = options.pop("pace", None) or Pace(lambda _: next(lots) == stop_after)
        return backfill(self.edge(lock=True), self.log, self.system, pace, tell=self.told.append, **options)


def sums(filled: Filled) -> tuple[int, int, int, dict[str, int], dict[str, int]]:
    rows = filled.run.rows
    return rows.read, rows.published, rows.unchanged, rows.not_selected, rows.refused


def mixed() -> list[dict[str, str]]:
    """Rows of every ending: one is not selected, one has a bad number, one an empty key, one is there twice."""
    rows = [row(n) for n in range(ROWS)]
    rows[4]["姓名"] = "测试"
    rows[9]["证件号码"] = "1.60101E+17"
    return rows


@pytest.mark.usefixtures("small")
def test_a_backfill_says_what_one_run_would_say(tmp_path: Path) -> None:
    """Lots give the same facts and the same sums as one run, and a run afterwards has nothing new to say."""
    whole, many = Table(tmp_path / "a"), Table(tmp_path / "b")
    for rig in (whole, many):
        rig.put(*mixed())
        rig.sql('INSERT INTO assessments SELECT * FROM assessments WHERE "评估编号" = ?', ("PG00002",))
        rig.put(row(77, 姓名="张三丰") | {"评估编号": ""})
    report, filled = whole.run(), many.fill()
    assert filled.stands == "over"
    assert sums(filled) == (
        report.rows.read, report.rows.published, report.rows.unchanged, report.rows.not_selected, report.rows.refused,
    )  # fmt: skip
    assert filled.run.rows.refused == {"HUB-C104": 1, "HUB-C146": 1}
    assert len(many.told) > 3
    assert {fact[1:2] for fact in many.facts()} == {fact[1:2] for fact in whole.facts()}
    assert sum(many.facts().values()) == sum(whole.facts().values()) == ROWS - 2
    again = many.run(full=True)
    assert (again.rows.published, again.rows.read) == (0, report.rows.read)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.usefixtures("small")
def test_killed_at_any_step_a_backfill_loses_nothing_and_says_nothing_twice(tmp_path: Path) -> None:
    """Whatever step a process dies at, the next one ends with the facts, sums and numbers of one that lived."""
    model = Table(tmp_path / "model")
    model.put(*mixed())
    wanted = sums(model.fill())
    steps = 0
    for dies_at in range(10_000):
        rig, left = Table(tmp_path / f"{dies_at}"), iter(range(10_000))

        def hop(step: str, left: Any = left, dies_at: int = dies_at) -> None:
            if next(left) == dies_at:
                raise Killed

        rig.put(*mixed())
        try:
            rig.fill(hop=hop)
        except Killed:
            steps += 1
        else:
            break
        rig.answer()
        over = rig.is_over()
        filled = rig.fill()
        again = (ROWS, 0, ROWS - 2, *wanted[3:])
        assert sums(filled) == (again if over else wanted)
        assert filled.run.made == sum(1 for _ in rig.types())
        assert {fact[1:2] for fact in rig.facts()} == {fact[1:2] for fact in model.facts()}
        assert max(rig.facts().values()) == 1
    assert steps > 20


@pytest.mark.usefixtures("small")
def test_a_stopped_backfill_goes_on_where_it_was(tmp_path: Path) -> None:
    """Asked to stop it ends after a lot; the next process reads none of its rows again, and counts them all."""
    rig = Table(tmp_path)
    rig.put(*mixed())
    first = rig.fill(stop_after=1)
    assert (first.stands, first.run.rows.read, first.left) == ("stopped", 12, ROWS - 12)
    rig.told.clear()
    second = rig.fill()
    assert (second.stands, second.run.rows.read, second.before) == ("over", ROWS, 12)
    assert second.run.rows.unchanged == 0
    third = rig.fill()
    assert (third.run.rows.read, third.run.rows.unchanged, third.run.rows.published) == (ROWS, ROWS - 2, 0)


@pytest.mark.usefixtures("small")
def test_rows_that_come_meanwhile_are_published_by_runs_in_between(tmp_path: Path) -> None:
    """A run between two lots publishes what is new and reads nothing old; the rest is the backfill's, each row once."""
    rig = Table(tmp_path)
    rig.put(*mixed()[:-1], changed="2026-04-01")
    rig.put(mixed()[-1], changed="2026-05-01")
    rig.fill(stop_after=0)
    rig.put(row(500), row(501), changed="2026-05-20")
    rig.put(row(20, 风险等级="3"), changed="2026-05-21")
    live = rig.run()
    assert (live.rows.read, live.rows.published, live.full) == (4, 4, False)
    filled = rig.fill()
    assert filled.stands == "over"
    assert sum(rig.facts().values()) == ROWS - 2 + 2
    assert max(rig.facts().values()) == 1
    after = rig.run(full=True)
    assert (after.rows.published, after.vanished) == (0, 0)


@pytest.mark.usefixtures("small")
def test_a_row_that_changes_behind_a_backfill_is_said_by_the_next_run(tmp_path: Path) -> None:
    """A row that was read early and changes before the backfill ends is corrected by the runs that go on beside it."""
    rig = Table(tmp_path)
    rig.put(*mixed())
    rig.fill(stop_after=0)
    rig.put(row(1, 风险等级="4"), changed="2026-05-20")
    rig.fill()
    assert rig.run().rows.published == 1
    assert [fact[1][-1] for fact in rig.facts() if fact[3]] == [4]


@pytest.mark.usefixtures("small")
def test_a_row_tried_again_beside_a_backfill_is_no_second_row(tmp_path: Path) -> None:
    """What a run tried again and the source changed since is one row for the backfill that reads it then."""
    rig = Table(tmp_path)
    rig.put(*(row(n) for n in range(ROWS)))
    rig.fill(stop_after=0)
    rig.put(row(20, 评估结论="待定"), changed="2026-05-20")
    rig.put(row(21, 风险等级="3"), changed="2026-05-25")
    assert rig.run().rows.refused
    rig.codes("适合,true\n不适合,false\n待定,false\n")
    assert rig.run().retried.published == 1
    rig.put(row(20, 风险等级="2"), changed="2026-05-20")
    assert rig.fill().run.rows.refused == {}


@pytest.mark.usefixtures("small")
def test_a_row_tried_again_in_vain_is_no_second_row(tmp_path: Path) -> None:
    """A known row that is refused once more when it is tried again may be mended in the source by then."""
    rig = Table(tmp_path, cursor=False)
    rig.put(*(row(n) for n in range(ROWS)))
    rig.run()
    rig.put(row(20, 评估结论="待定"))
    assert rig.run().rows.refused
    rig.codes("适合,true\n不适合,false\n也许,false\n")
    rig.put(row(20, 风险等级="2"))
    mended = rig.run()
    assert (mended.retried.refused, mended.rows.refused) == ({"HUB-C140": 1}, {})
    assert mended.rows.published == 1


@pytest.mark.usefixtures("small")
def test_without_a_cursor_runs_wait_for_the_backfill(tmp_path: Path) -> None:
    """Where no column tells what is new, a run beside a backfill reads nothing and says so; a full one reads all."""
    rig = Table(tmp_path, cursor=False)
    rig.put(*mixed())
    rig.fill(stop_after=0)
    waits = rig.run()
    assert (waits.rows.read, waits.description) == (0, {"backfill": "waits"})
    assert rig.run(full=True).rows.published == ROWS - 2 - 6 + 1
    filled = rig.fill()
    assert filled.run.rows.unchanged > 0
    assert sum(rig.facts().values()) == ROWS - 2
    assert rig.run().rows.read == ROWS


@pytest.mark.usefixtures("small")
def test_a_backfill_that_nobody_goes_on_with_silences_no_source(tmp_path: Path) -> None:
    """Left for more than a day, it is named by the run that would wait for it; a full run ends the wait."""
    rig = Table(tmp_path, cursor=False)
    rig.put(*mixed())
    rig.fill(stop_after=0)
    rig.system.day += 1
    assert rig.run().description == {"backfill": "waits"}
    rig.system.day += 1
    with pytest.raises(DataError, match="HUB-C451"):
        rig.run()
    rig.fill(stop_after=0)
    assert rig.run().description == {"backfill": "waits"}
    rig.system.day += 9
    assert rig.run(full=True).rows.read == ROWS
    assert rig.run().rows.read == ROWS


@pytest.mark.usefixtures("small")
def test_a_backfill_ends_where_the_connector_is_begun_anew(tmp_path: Path) -> None:
    """A process that goes on with the incarnation before would hide what the new one has read: it says so and stops."""
    rig = Table(tmp_path, cursor=False)
    rig.put(*mixed())

    def rest(seconds: float) -> bool:
        assert rig.run(begin_anew="restored").rows.read == ROWS
        return False

    with pytest.raises(DataError, match="HUB-C450"):
        rig.fill(pace=Pace(rest))
    with Spool(rig.edge().spool_path, "hospital-1") as spool:
        assert (spool.state.generation, spool.state.filling, spool.state.backfill) == (2, 0, "")
    assert rig.run().rows.read == ROWS


@pytest.mark.usefixtures("small")
def test_keys_that_are_empty_or_not_unique_hide_no_row(tmp_path: Path) -> None:
    """Rows of one key over the end of a page, and rows without any, are read once each, also by another process."""
    rig = Table(tmp_path)
    rig.put(*mixed())
    for _ in range(4):
        rig.sql('INSERT INTO assessments SELECT * FROM assessments WHERE "评估编号" = ? LIMIT 1', ("PG00002",))
    rig.sql('UPDATE assessments SET "评估编号" = NULL WHERE "评估编号" IN (?, ?)', *[("PG00007", "PG00008")])
    rig.sql('UPDATE assessments SET "风险等级" = ? WHERE rowid = (SELECT max(rowid) FROM assessments)', ("3",))
    rows = 0
    filled = rig.fill(stop_after=0)
    while filled.stands != "over":
        assert filled.run.rows.read > rows
        rows = filled.run.rows.read
        filled = rig.fill(stop_after=0)
    assert filled.run.rows.read == ROWS + 4 == filled.of
    assert filled.run.rows.refused == {"HUB-C104": 1, "HUB-C146": 2, "HUB-C147": 1}


@pytest.mark.usefixtures("small")
def test_bounds_by_key_and_by_day_leave_the_rest_alone(tmp_path: Path) -> None:
    """A part is what lies from its begin on and before its end, in the order of the key or of the cursor."""
    rig = Table(tmp_path)
    rig.put(*(row(n) for n in range(10)), changed="2026-04-01")
    rig.put(*(row(n) for n in range(10, ROWS)), changed="2026-05-01")
    assert rig.fill(bounds=Bounds(False, "PG00005", "PG00009")).run.rows.published == 4
    part = rig.fill(bounds=Bounds(True, "2026-04-15", "2026-06-01"))
    assert (part.of, part.run.rows.published) == (ROWS - 10, ROWS - 10)
    assert rig.fill(bounds=Bounds(True, "", "2026-04-15")).run.rows.published == 6
    counted = Table(tmp_path / "counted", kind="INTEGER")
    with pytest.raises(DataError, match="HUB-C421"):
        counted.fill(bounds=Bounds(False, "A1"))


@pytest.mark.usefixtures("small")
def test_another_part_waits_until_the_first_is_over(tmp_path: Path) -> None:
    """An unfinished backfill is not forgotten by a slip: other bounds are refused, unless it is begun anew."""
    rig = Table(tmp_path)
    rig.put(*mixed())
    rig.fill(stop_after=0)
    with pytest.raises(DataError, match="HUB-C423"):
        rig.fill(bounds=Bounds(False, "PG00010"))
    anew = rig.fill(bounds=Bounds(False, "PG00010"), anew=True)
    assert (anew.stands, anew.run.rows.read) == ("over", ROWS - 10)
    without = Table(tmp_path / "without", cursor=False)
    with pytest.raises(DataError, match="HUB-C420"):
        without.fill(bounds=Bounds(True, "2026-01-01"))


@pytest.mark.usefixtures("small")
def test_no_more_waits_for_the_hub_than_is_allowed(tmp_path: Path) -> None:
    """While the hub answers nothing a backfill reads no further, and ends in time; when it answers, it goes on."""
    rig, most = Table(tmp_path), 0
    rig.put(*mixed())
    rests = iter(range(1_000))

    def rest(seconds: float) -> bool:
        nonlocal most
        with Spool(rig.edge().spool_path, "hospital-1", write=False) as spool:
            most = max(most, sum(spool.waiting()))
        if next(rests) % 3 == 2:
            rig.answer()
        return False

    assert rig.fill(pace=Pace(rest, ahead=8)).stands == "over"
    assert 8 <= most <= 8 + 6 + 2
    assert {one.stands for one in rig.told} == {"going", "waits", "over"}
    silent = Table(tmp_path / "silent")
    silent.put(*mixed())
    with pytest.raises(Unreachable, match="HUB-C425"):
        silent.fill(pace=Pace(lambda _: False, ahead=8, patience=0.0))
    assert silent.told[-1].run.rows.read < ROWS


@pytest.mark.usefixtures("small")
def test_an_edited_mapping_ends_a_backfill_and_the_next_goes_on(tmp_path: Path) -> None:
    """No lot is read by two mappings; what the first said stands, and the next process goes on by the new one."""
    rig = Table(tmp_path)
    rig.put(*mixed())
    text = (rig.folder / "mapping.toml").read_text(encoding="utf-8")

    def rest(seconds: float) -> bool:
        rig.mapping(text.replace("version = 1", "version = 2"))
        return False

    with pytest.raises(DataError, match="HUB-C426"):
        rig.fill(pace=Pace(rest))
    filled = rig.fill()
    assert (filled.run.rows.read, filled.run.rows.published) == (ROWS, ROWS - 2)


@pytest.mark.usefixtures("small")
def test_what_a_spool_keeps_of_a_place_tells_nobody_a_key(tmp_path: Path) -> None:
    """Neither a row's key nor the name of a file stands in the spool: the place of a backfill is locked."""
    rig = Table(tmp_path)
    rig.put(*mixed())
    assert rig.fill(stop_after=1).left > 0
    for path in rig.folder.glob("spool.db*"):
        raw = path.read_bytes()
        assert b"PG000" not in raw
        assert b"h.db" not in raw
    with Spool(rig.edge().spool_path, "hospital-1", write=False) as spool:
        assert "assessments" not in spool.state.backfill


@pytest.mark.usefixtures("small")
def test_files_of_a_folder_are_walked_through_and_put_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is put away when all of it is committed; killed within one, the next process reads on in it."""
    monkeypatch.setattr("connectors.sources.csv.CHUNK", 3)
    rig = Rig(tmp_path)
    text = MAPPING.format(on_change="event", on_vanish="nothing")
    drop = 'kind = "folder"\nfiles = "csv"\npath = "drop"\nquiet_seconds = 0'
    rig.mapping(text.replace('kind = "csv"\n', "").replace('path = "assessments.csv"', drop))
    (rig.folder / "drop").mkdir()
    for name, numbers in (("a", range(10)), ("b", range(10, 17)), ("c", range(17, ROWS))):
        rig.rows(*(row(n) for n in numbers))
        os.utime((rig.folder / "assessments.csv").rename(rig.folder / "drop" / f"{name}.csv"), (1, 1))
    steps = iter(range(100))

    def hop(step: str) -> None:
        if step == "before commit" and next(steps) == 1:
            raise Killed

    def fill(**options: Any) -> Filled:
        return backfill(rig.edge(), rig.log, rig.system, Pace(lambda _: False), **options)

    with pytest.raises(Killed):
        fill(hop=hop)
    assert not list((rig.folder / "drop").glob("done/*"))
    filled = fill()
    assert (filled.stands, filled.run.rows.read, filled.run.rows.published) == ("over", ROWS, ROWS)
    assert {path.name for path in (rig.folder / "drop" / "done").iterdir()} == {"a.csv", "b.csv", "c.csv"}
    assert (sum(rig.facts().values()), max(rig.facts().values())) == (ROWS, 1)
    with pytest.raises(DataError, match="HUB-C422"):
        fill(bounds=Bounds(False, "A"))


def test_a_file_that_is_cut_says_nothing(tmp_path: Path) -> None:
    """A file is read through before anything of it is said: one that ends in the middle of a line publishes nothing."""
    rig = Rig(tmp_path)
    rig.rows(*(row(n) for n in range(9)))
    path = rig.folder / "assessments.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip()[:-20], encoding="utf-8")
    with pytest.raises(HubError, match="HUB-C210"):
        backfill(rig.edge(), rig.log, rig.system, Pace(lambda _: False))
    assert not rig.records()


@pytest.mark.usefixtures("small")
def test_a_lot_asks_for_no_refused_rows_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows were refused before, a lot holds none of another lot in memory; each is refused once."""
    rig, asked = Table(tmp_path), []
    rig.put(*(row(n, 证件号码="1.60101E+17") for n in range(ROWS)))
    of = Refusals.of

    def few(self: Refusals, tokens: Any) -> Any:
        found = list(of(self, tokens))
        asked.append(len(found))
        return iter(found)

    monkeypatch.setattr(Refusals, "of", few)
    monkeypatch.setattr(Spool, "refused", lambda self: pytest.fail("every refused row was loaded"))
    assert rig.fill().run.rows.refused == {"HUB-C104": ROWS}
    assert max(asked) == 0
    filled = rig.fill()
    assert (filled.run.rows.refused, filled.run.open) == ({"HUB-C104": ROWS}, ROWS)
    assert 0 < max(asked) <= 3


def test_a_source_that_keeps_its_own_place_is_left_to_runs(tmp_path: Path) -> None:
    """A backfill never walks through change events: it would pass over what they tell of rows that are gone."""
    rig = Rig(tmp_path)
    text = MAPPING.format(on_change="correct", on_vanish="nothing").replace('kind = "csv"', 'kind = "singer"')
    rig.mapping(text.replace('path = "assessments.csv"', 'path = "said.jsonl"\nstream = "assessments"'))
    with pytest.raises(DataError, match="HUB-C419"):
        backfill(rig.edge(), rig.log, rig.system, Pace(lambda _: False))
    assert not rig.records()
    outside = OutsideSpec(kind="toy", alias="toy", options={})
    with pytest.raises(DataError, match="HUB-C429"):
        open_walk(outside, rig.folder, names=["a"], key=["a"], today=None, now_ms=None)


@pytest.mark.parametrize("cursor", [True, False])
@pytest.mark.usefixtures("small")
def test_a_row_refused_in_one_lot_and_mended_before_the_next_is_said_once(tmp_path: Path, cursor: bool) -> None:
    """Tried again by a resumed backfill, a known row that an earlier lot of it met is no second row of its own key."""
    rig = Table(tmp_path, cursor=cursor)
    rig.put(*(row(n) for n in range(ROWS)))
    rig.run()
    rig.put(row(1, 评估结论="待定"), changed="2026-05-20")
    assert rig.fill(stop_after=0).run.rows.refused == {"HUB-C140": 1}
    rig.codes("适合,true\n不适合,false\n待定,false\n")
    rig.told.clear()
    assert rig.fill().stands == "over"
    tried = [lot.run.retried for lot in rig.told]
    assert [one.refused for one in tried if one.refused] == []
    assert sum(one.published for one in tried) == 1
    with Spool(rig.edge().spool_path, "hospital-1") as spool:
        assert spool.refused() == []


@pytest.mark.usefixtures("small")
def test_when_an_older_program_read_its_last_lot_nobody_knows(tmp_path: Path) -> None:
    """A spool that does not say it waits for its backfill, whatever the day is."""
    rig = Table(tmp_path, cursor=False)
    rig.put(*mixed())
    rig.fill(stop_after=0)
    with Spool(rig.edge().spool_path, "hospital-1") as spool, spool.transaction():
        spool.save(spool.state._replace(filled=0))
    assert rig.run().description == {"backfill": "waits"}
