"""Who edits a mapping says nothing anew of rows that did not change; `--remap` corrects what they said (issue 5)."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sources import open_source
from hub.core.errors import DataError
from hub.core.frame import CORRECTS, pack_edge_event
from tests.connectors.rig import CODEC, MAPPING, Rig, row

BASE = MAPPING.format(on_change="correct", on_vanish="retract")
RISK = 'risk = "风险等级"\n\n[[event]]', "risk = { constant = 3 }\n\n[[event]]"
"""Another value for a field of the ward's assessments."""
OTHERS = 'value = "测试"', 'value = "张三丰"'
"""Rules that select other rows."""
WARD = 'value = "出院评估"', 'value = "入院评估"'
"""The ward's assessments are no longer wanted."""
OWN = ("agency.RunFinished", "agency.SourceStarted")


def edited(*changes: tuple[str, str], base: str = BASE) -> str:
    """The mapping with some of its text changed."""
    for old, new in changes:
        assert old in base
        base = base.replace(old, new)
    return base


def standing(rig: Rig) -> list[Any]:
    """The facts that stand once corrections and retractions are taken: type, fields without salt and time, persons."""
    found: dict[bytes, Any] = {}
    for header, entries, persons in rig.frames():
        for entry in entries:
            kind, fields = CODEC.decode(entry.value)
            for ref in entry.refs:
                if ref.role == CORRECTS:
                    del found[ref.value]  # KeyError: it corrects what does not stand
            if kind.type not in (*OWN, "agency.Retracted"):
                who = tuple((role, persons[at][1]) for role, at in entry.persons)  # tokens are of each rig's own key
                said = kind.type, fields[1:3], fields[4:], who
                found[pack_edge_event(header.generation, entry.number)] = said
    return sorted(found.values(), key=repr)


def fresh(folder: Path, mapping: str, rows: list[dict[str, str]]) -> list[Any]:
    """The facts of a connector that never knew another mapping."""
    rig = Rig(folder)
    rig.mapping(mapping)
    rig.rows(*rows)
    rig.run()
    return standing(rig)


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """A connector that has read six rows."""
    rig = Rig(tmp_path)
    rig.mapping(BASE)
    rig.rows(*(row(n) for n in range(6)))
    assert rig.run().rows.published == 6
    return rig


def test_editing_alone_says_nothing_and_a_remap_corrects(tmp_path: Path, rig: Rig) -> None:
    """A field with another value: no event until --remap, which corrects every row once; then nothing is left."""
    before = rig.types()
    rig.mapping(edited(RISK))
    for _ in range(2):
        report = rig.run()
        assert (report.rows.unchanged, report.events, report.stale) == (6, 0, 6)
    assert rig.types() == before
    report = rig.run(remap=True)
    assert (report.rows.published, report.stale) == (6, 0)
    assert standing(rig) == fresh(tmp_path / "other", edited(RISK), [row(n) for n in range(6)])
    for options in ({}, {"remap": True}):
        report = rig.run(**options)
        assert (report.rows.unchanged, report.events, report.stale) == (6, 0, 0)


def test_what_changed_in_the_source_is_read_by_the_mapping_in_force(rig: Rig) -> None:
    """With an edited mapping, a new row and a changed one are said by it at once; those that did not change are not."""
    rig.mapping(edited(RISK))
    rig.rows(row(0, 评估结论="不适合"), *(row(n) for n in range(1, 8)))
    report = rig.run()
    assert (report.rows.published, report.rows.unchanged, report.stale) == (3, 5, 5)
    risks = sorted(fields[fields.index("public_health") :][-1] for _, _, fields, _ in standing(rig))
    assert risks == [1] * 5 + [3] * 3


def test_rows_that_an_edit_leaves_out_are_taken_back_by_a_remap_alone(rig: Rig) -> None:
    """A rule that selects none of the known rows: they stand until --remap retracts them."""
    for change in (OTHERS, WARD):
        rig.mapping(edited(change))
        report = rig.run()
        assert (report.events, report.stale, len(standing(rig))) == (0, 6, 6)
    rig.run(remap=True)
    assert standing(rig) == []


def test_an_edit_that_is_taken_back_leaves_nothing_to_say(rig: Rig) -> None:
    """Edited, run, and edited back: no row is stale any more, and a remap says nothing."""
    rig.mapping(edited(RISK))
    assert rig.run().stale == 6
    rig.mapping(BASE)
    assert rig.run().stale == 0
    assert rig.run(remap=True).events == 0


def test_a_remap_corrects_also_where_changes_are_new_events(tmp_path: Path) -> None:
    """With on_change = event, a changed row says something new; a remap takes the place of what was said."""
    rig = Rig(tmp_path / "one")
    rig.mapping(MAPPING.format(on_change="event", on_vanish="nothing"))
    rig.rows(row(1))
    rig.run()
    rig.mapping(edited(RISK, base=MAPPING.format(on_change="event", on_vanish="nothing")))
    rig.run(remap=True)
    assert len(standing(rig)) == 1


def test_a_dry_remap_counts_and_changes_nothing(rig: Rig) -> None:
    """--dry-run --remap tells how many rows would be corrected; the next run still has them to tell."""
    rig.mapping(edited(RISK))
    before = rig.types()
    assert rig.run(remap=True, dry_run=True).rows.published == 6
    assert rig.types() == before
    assert rig.run().stale == 6


def test_a_column_that_is_called_otherwise_next_spring_says_nothing(rig: Rig) -> None:
    """Renamed in source and mapping: nobody can tell whether rows changed, so they are read; all say what was said."""
    rig.mapping(edited(("风险等级", "风险")))
    source = rig.folder / "assessments.csv"
    source.write_text(source.read_text(encoding="utf-8").replace("风险等级", "风险"), encoding="utf-8")
    report = rig.run()
    assert (report.rows.unchanged, report.events) == (6, 0)


def test_another_key_is_refused_before_everything_is_published_twice(rig: Rig) -> None:
    """Under another key every known row would be a new one: exit 3, nothing is said; the old key goes on."""
    rig.mapping(edited(('key = ["评估编号"]', 'key = ["证件号码"]')))
    for options in ({}, {"remap": True}):
        with pytest.raises(DataError) as refused:
            rig.run(**options)
        assert refused.value.code == "HUB-C326"
    rig.mapping(BASE)
    assert rig.run().rows.unchanged == 6


def test_a_database_is_asked_for_what_the_former_mapping_read(tmp_path: Path) -> None:
    """A query names the mapping's columns only: those of the former one are read, too, while rows stand by it."""
    rig = Rig(tmp_path)
    with closing(sqlite3.connect(rig.folder / "ward.db")) as db, db:
        columns = ", ".join(f'"{name}" TEXT' for name in row(1))
        db.execute(f"CREATE TABLE ward ({columns})")
        marks = ", ".join("?" * len(row(1)))
        db.executemany(f"INSERT INTO ward VALUES ({marks})", [tuple(row(n).values()) for n in range(4)])
    source = 'kind = "csv"\nalias = "assessments"\npath = "assessments.csv"'
    sql = source, 'kind = "sql"\nalias = "assessments"\nurl = "sqlite:///ward.db"\ntable = "ward"'
    rig.mapping(edited(sql))
    assert rig.run().rows.published == 4
    less = edited(sql, ('risk = "风险等级"', "risk = { constant = 3 }"))
    rig.mapping(less)
    report = rig.run()
    assert (report.rows.unchanged, report.events, report.stale) == (4, 0, 4)
    with closing(sqlite3.connect(rig.folder / "ward.db")) as db, db:
        db.execute('UPDATE ward SET "风险等级" = ?', ("2",))
    assert rig.run().events == 0, "a column that nobody reads any more"
    assert rig.run(remap=True).rows.published == 4


def test_a_source_that_hides_nothing_is_opened_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file gives all its columns: after an edit, too, nobody opens it a second time to ask what else it has."""
    opened: list[Any] = []

    def counting(*values: Any, **named: Any) -> Any:
        opened.append(values)
        return open_source(*values, **named)

    rig.mapping(edited(RISK))
    monkeypatch.setattr("connectors.run.opening.open_source", counting)
    assert (rig.run().stale, len(opened)) == (6, 1)


def test_rows_that_are_read_one_after_the_other_are_all_counted(tmp_path: Path) -> None:
    """With a cursor, the first run after an edit reads a few rows: those of later runs are counted in addition."""
    rig = Rig(tmp_path)
    with closing(sqlite3.connect(rig.folder / "ward.db")) as db, db:
        columns = ", ".join(f'"{name}" TEXT' for name in row(1))
        db.execute(f'CREATE TABLE ward ({columns}, "改于" INTEGER)')
        marks = ", ".join("?" * (len(row(1)) + 1))
        db.executemany(f"INSERT INTO ward VALUES ({marks})", [(*row(n).values(), n) for n in range(9)])
    source = 'kind = "csv"\nalias = "assessments"\npath = "assessments.csv"'
    table = 'url = "sqlite:///ward.db"\ntable = "ward"\ncursor = "改于"\nlag = 3'
    sql = source, f'kind = "sql"\nalias = "assessments"\n{table}'
    rig.mapping(edited(sql))
    rig.run()
    rig.mapping(edited(sql, RISK))
    few = rig.run().stale
    assert 0 < few < 9
    assert rig.run().stale == few
    assert rig.run(full=True).stale == 9
    assert rig.run(remap=True).rows.published == 9


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["risk", "others", "ward", "less", "back"]),
        st.lists(st.integers(0, 4), max_size=2),
        st.booleans(),
    ),
    min_size=1, max_size=5,
)  # fmt: skip
BY_NAME: dict[str, Callable[[], str]] = {
    "risk": lambda: edited(RISK), "others": lambda: edited(OTHERS), "ward": lambda: edited(WARD),
    "less": lambda: BASE[: BASE.rindex("[[event]]")], "back": lambda: BASE,
}  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(EDITS)
def test_after_a_remap_stands_what_a_new_connector_would_say(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, list[int], bool]]
) -> None:
    """Whatever was edited, changed in the source and remapped in between: the last remap leaves the facts of today."""
    folder = tmp_path_factory.mktemp("remap")
    rows = [row(n, 评估类型="出院评估" if n < 3 else "复诊评估") for n in range(5)]
    rig, mapping = Rig(folder / "old"), BASE
    rig.mapping(mapping)
    rig.rows(*rows)
    rig.run()
    for name, touched, remap in edits:
        mapping = BY_NAME[name]()
        for n in touched:
            rows[n] = rows[n] | {"评估结论": "不适合" if rows[n]["评估结论"] == "适合" else "适合"}
        rig.mapping(mapping)
        rig.rows(*rows)
        rig.run(remap=remap)
    rig.run(remap=True)
    assert standing(rig) == fresh(folder / "new", mapping, rows)
