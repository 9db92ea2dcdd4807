"""Change events: each once and in order, what was deleted, what a snapshot shows, and what may never be passed over."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.sources import Cursor, open_source, open_walk, parse_source
from connectors.sources import read_so_far as read_so_far_module
from hub.core.errors import DataError
from tests.connectors.changes import AT, KEY, TYPES, VALUES, event, lines, said, whole
from tests.connectors.rig import MAPPING, Rig, keep_places_early, row
from tests.connectors.test_run import HOPS, Killed, facts_law, killer, twins

SECTION = {"kind": "debezium", "alias": "changes", "path": "changes.jsonl"}


def told(rig: Rig, on_vanish: str = "retract", on_change: str = "correct", **changed: Any) -> Rig:
    """The rig with a mapping that reads change events."""
    text = MAPPING.format(on_change=on_change, on_vanish=on_vanish)
    begin, end = text.index("[source]"), text.index("[rule.not_test]")
    settings = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in {**SECTION, **changed}.items()]
    rig.mapping(text[:begin] + "[source]\n" + "\n".join(settings) + "\n\n" + text[end:])
    return rig


def put(rig: Rig, *messages: Any, append: bool = True) -> None:
    """More of the file."""
    lines(rig.folder / SECTION["path"], *messages, append=append)


def read(
    folder: Path, after: Cursor | None = None, names: Any = (), **changed: Any
) -> tuple[list[Any], list[Any], Any]:
    """Rows and deleted rows as (turn, number, cells), and the source."""
    source = open_source(parse_source({**SECTION, **changed}), folder, names=names, after=after, now_ms=lambda: AT)
    with source:
        source.columns()
        rows, gone = [], []
        for chunk in source.rows(after):
            rows += [(chunk.turn, one.number, one.values) for one in chunk.rows]
            gone += [(chunk.turn, one.number, one.values) for one in chunk.gone]
        return rows, gone, source


def test_each_change_is_told_once_and_in_order(tmp_path: Path) -> None:
    """Created, changed twice, deleted and created again within one read: each is said, none is taken for a double."""
    rig = told(Rig(tmp_path))
    put(rig, said("r", row(1)), said("r", row(2)))
    assert rig.run().rows.published == 2
    put(rig, said("u", row(1, 风险等级="2")), said("u", row(1, 风险等级="3")), said("d", row(2)), said("x", row(2)))
    put(rig, said("c", row(2, 风险等级="4")), said("c", row(3)))
    report = rig.run()
    assert (report.rows.published, report.rows.refused, report.vanished, report.not_data) == (4, {}, 1, 1)
    risks = [fields[5] for kind, fields, _, _ in sorted(rig.facts(), key=str) if kind == "health.DischargeAssessed"]
    assert len(risks) == 6
    assert rig.types().count("agency.Retracted") == 1
    again = rig.run()
    assert (again.rows.read, again.vanished) == (0, 0)


@pytest.mark.parametrize("hop", HOPS)
def test_a_kill_at_any_hop_loses_and_doubles_nothing(tmp_path: Path, hop: str) -> None:
    """Killed at any step and run again, the facts are those of a calm run."""
    calm, storm = map(told, twins(tmp_path))
    first = [said("r", row(n)) for n in range(30)]
    second = [said("u", row(n % 20, 风险等级=str(2 + n // 20))) for n in range(40)]
    for some in (first, [*second, *(said("d", row(n)) for n in range(3))]):
        for rig in (calm, storm):
            put(rig, *some)
        calm.run()
        with pytest.raises(Killed):
            storm.run(hop=killer(hop))
        storm.run()
        facts_law(storm.facts(), calm.facts())
    assert calm.types().count("agency.Retracted") == 3
    assert len(calm.types()) - 3 == 30 + 40 + 3  # of the connector itself: it began, and two runs ended


def test_a_place_kept_apart_from_its_rows_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a spool that keeps the place before the rows are safe."""
    keep_places_early(monkeypatch)
    with pytest.raises(AssertionError, match="lost or doubled"):
        test_a_kill_at_any_hop_loses_and_doubles_nothing(tmp_path, "before commit")


def test_a_full_read_says_nothing_anew(tmp_path: Path) -> None:
    """A read of all that is kept tells what rows are by now: states that they had on the way are not said again."""
    rig = told(Rig(tmp_path))
    put(rig, said("c", row(1)), said("c", row(2)), said("c", row(3)))
    rig.run()
    put(rig, said("u", row(1, 风险等级="2")), said("u", row(1, 风险等级="3")), said("d", row(2)))
    rig.run()
    before = rig.types()
    report = rig.run(full=True)
    assert (report.rows.unchanged, report.rows.published, report.vanished) == (2, 0, 0)
    assert rig.types() == before
    put(rig, said("d", row(3)), said("u", row(1)))
    report = rig.run(full=True)
    assert (report.rows.published, report.vanished) == (1, 1)


def test_a_deleted_row_that_was_refused_waits_for_nobody(tmp_path: Path) -> None:
    """What was wrong with a row ends with it, and with the state that was right again."""
    rig = told(Rig(tmp_path))
    put(rig, said("c", row(1, 评估结论="不详")), said("c", row(2, 评估结论="不详")))
    assert rig.run().open == 2
    put(rig, said("d", row(1)), said("u", row(2, 评估结论="？")), said("u", row(2)))
    assert rig.run().open == 0


SNAPSHOT = ("first", "true", "true", "last")


def snapshot(rows: list[dict[str, str]], marks: Any = SNAPSHOT) -> list[Any]:
    return [said("r", one, snapshot=mark) for one, mark in zip(rows, marks, strict=True)]


@pytest.mark.parametrize("full", [False, True])
def test_a_whole_snapshot_shows_what_vanished(tmp_path: Path, full: bool) -> None:
    """Rows that a snapshot lacks, from its first mark to its last, are gone, even such as changed just before it."""
    rig = told(Rig(tmp_path))
    put(rig, *snapshot([row(n) for n in range(4)]), said("c", row(5)))
    rig.run()
    put(rig, said("u", row(0, 风险等级="2")), *snapshot([row(n) for n in range(1, 5)]), said("c", row(6)))
    report = rig.run(full=full)
    assert report.vanished == 2
    assert rig.types().count("agency.Retracted") == 2
    assert rig.run(full=True).vanished == 0


@pytest.mark.parametrize("marks", [("true",) * 4, ("first", "true", "true", "true"), ("true", "true", "true", "last"),
                                   ("incremental",) * 4])  # fmt: skip
def test_half_a_snapshot_shows_nothing_vanished(tmp_path: Path, marks: Any) -> None:
    """A snapshot without its first or its last mark, or with a row that cannot be read, proves nothing."""
    rig = told(Rig(tmp_path))
    put(rig, *[said("c", row(n)) for n in range(9)])
    rig.run()
    put(rig, *snapshot([row(n) for n in range(4)], marks))
    assert rig.run().vanished == 0
    some = snapshot([row(n) for n in range(4)])
    put(rig, some[0], some[1], (None, "no event"), some[3])
    assert rig.run().vanished == 0


def test_a_truncated_table_has_no_rows_and_the_guard_stands_before_it(tmp_path: Path) -> None:
    """A truncation takes all rows away, and publishes nothing until their owner says so; a mass of deletions, too."""
    rig = told(Rig(tmp_path))
    put(rig, *[said("c", row(n)) for n in range(40)])
    rig.run()
    path = rig.folder / SECTION["path"]
    calm = path.read_bytes()
    for fatal in ([(None, event("t", None))], [said("d", row(n)) for n in range(40)]):
        path.write_bytes(calm)
        put(rig, *fatal)
        with pytest.raises(DataError) as stop:
            rig.run()
        assert (stop.value.code, stop.value.place["lost"]) == ("HUB-C301", 40)
    put(rig, said("c", row(7)))
    assert rig.run(accept_vanished=40).vanished == 40
    assert rig.run(full=True).rows.unchanged == 1


def test_what_is_no_change_event_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    """Rubbish between events is a refused row each, sealed; it is not read again, and hides nothing."""
    rig = told(Rig(tmp_path))
    path = rig.folder / SECTION["path"]
    put(rig, said("c", row(1)), (None, {"op": "q"}), said("z", row(2)), (None, None), said("c", row(3)))
    with path.open("ab") as file:
        file.write(b"{broken\n\n" + b'"text"\n')
    put(rig, (None, event("d", None, None)), said("c", row(4)), (None, event("m", None)))
    report = rig.run()
    assert (report.rows.published, report.rows.refused, report.not_data) == (3, {"HUB-C131": 5}, 2)
    assert rig.run().rows.read == 0


def test_a_line_that_is_still_written_waits(tmp_path: Path) -> None:
    """Half a line at the end is not taken, neither as a row nor as rubbish."""
    path = tmp_path / SECTION["path"]
    lines(path, said("c", row(1)), said("c", row(2)))
    text = path.read_bytes()
    path.write_bytes(text[:-30])
    rows, _, source = read(tmp_path)
    assert [number for _, number, _ in rows] == [1]
    path.write_bytes(text)
    assert [number for _, number, _ in read(tmp_path, source.cursor)[0]] == [2]


@pytest.mark.parametrize("spoil", ["shorter", "other", "gone"])
def test_changes_that_went_by_unread_are_told(tmp_path: Path, spoil: str) -> None:
    """A file that was begun anew, or lacks what was read last, stops the run: what lay between was lost."""
    rig = told(Rig(tmp_path))
    put(rig, said("c", row(1)), said("c", row(2)))
    rig.run()
    path = rig.folder / SECTION["path"]
    if spoil == "shorter":
        lines(path, said("c", row(1)))
    elif spoil == "other":
        lines(path, *[said("c", row(n)) for n in range(5, 9)])
    else:
        path.unlink()
    with pytest.raises(DataError) as stop:
        rig.run()
    assert stop.value.code == ("HUB-C206" if spoil == "gone" else "HUB-C397")


def test_a_mark_that_is_not_compared_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law above kills a reader that believes any file that is long enough."""
    monkeypatch.setattr(read_so_far_module, "_mark", lambda one: "")
    with pytest.raises(BaseException, match="DID NOT RAISE"):
        test_changes_that_went_by_unread_are_told(tmp_path, "other")


def test_a_changed_table_stops_the_read(tmp_path: Path) -> None:
    """A column that the mapping reads and an event lacks is told with the nearest name, and nothing is published."""
    rig = told(Rig(tmp_path))
    put(rig, said("c", row(1)))
    rig.run()
    before = rig.types()
    renamed = {name.replace("评估结论", "评估结果"): value for name, value in row(2).items()}
    put(rig, said("u", row(1, 风险等级="2")), said("c", renamed))
    with pytest.raises(DataError) as stop:
        rig.run()
    assert str(stop.value) == "HUB-C201 alias=changes column=评估结论 nearest=评估结果"
    assert rig.types() == before
    put(rig, said("c", renamed), append=False)
    with pytest.raises(DataError) as stop:
        rig.run(full=True)
    assert stop.value.code == "HUB-C201"


def test_the_key_of_the_mapping_is_the_messages(tmp_path: Path) -> None:
    """Messages that name their rows by other columns than the mapping are refused, also where they change to it."""
    rig = told(Rig(tmp_path))
    put(rig, ({"id": 5}, event("c", row(1) | {"id": 5})))
    with pytest.raises(DataError) as stop:
        rig.run()
    assert stop.value.code == "HUB-C396"
    put(rig, said("c", row(1)), ({"id": 5}, event("c", row(2) | {"id": 5})), append=False)
    with pytest.raises(DataError) as stop:
        rig.run()
    assert stop.value.code == "HUB-C396"
    told(rig, key=[KEY])
    put(rig, (None, event("c", row(1))), (None, event("d", None, row(1))), (None, event("c", row(2))), append=False)
    report = rig.run()
    assert (report.rows.published, report.not_data) == (1, 1)


def test_values_are_read_as_the_schema_says(tmp_path: Path) -> None:
    """Days, moments, times, amounts and truth come as what they are, and each column has its type."""
    lines(tmp_path / SECTION["path"], whole("c", VALUES))
    rows, _, source = read(tmp_path, names=[*TYPES, "source.ts_ms"])
    types = {column.name: column.type for column in source.columns()}
    assert list(types.values()) == ["number", "text", "date", "date", "date", "time", "number", "boolean", "date"]
    assert dict(zip(types, rows[0][2], strict=True)) == {
        "id": 7, "name": "某", "day": date(2025, 5, 1), "seen": datetime.fromisoformat("2025-05-01T00:00:00.000001"),
        "zoned": datetime(2025, 5, 1, tzinfo=UTC), "clock": time(1), "fee": Decimal("123.45"), "alive": True,
        "source.ts_ms": datetime(2025, 5, 1, tzinfo=UTC),
    }  # fmt: skip
    lines(tmp_path / SECTION["path"], whole("c", VALUES), whole("u", VALUES | {"id": 8, "day": "x"}))
    with open_source(parse_source(SECTION), tmp_path) as source:
        source.columns()
        [chunk] = source.rows()
        assert [one.number for one in chunk.broken] == [2]


def test_a_key_column_that_becomes_a_day_ends_no_read(tmp_path: Path) -> None:
    """Each look at the messages reads them alike, though the type of the table's key is told only late among them."""
    days = [*range(20_000, 20_250), 20_300, 20_300]
    values = [
        event("c", VALUES | {"day": day}) if day < 20_250 else whole("u", VALUES | {"day": day})[1] for day in days
    ]
    lines(tmp_path / SECTION["path"], *(({"day": day}, value) for day, value in zip(days, values, strict=True)))
    rows, _, _ = read(tmp_path, names=["day"], columns={"day": "any"})
    assert [number for _, number, _ in rows] == [*range(1, 251), 252]


def test_days_without_a_schema_are_read_as_declared(tmp_path: Path) -> None:
    """Where no schema comes along, the mapping may say which columns count days and moments."""
    values = {"id": 1, "day": 20_209, "ms": 1_746_057_600_000, "us": 1_746_057_600_000_000}
    lines(tmp_path / SECTION["path"], ({"id": 1}, event("c", values)))
    declared = {"days": ["day"], "milliseconds": ["ms"], "microseconds": "us", "columns": {"day": "date"}}
    rows, _, _ = read(tmp_path, names=["id", "day", "ms", "us"], **declared)
    day = datetime.fromisoformat("2025-05-01")
    assert rows[0][2][:4] == (1, date(2025, 5, 1), day, day)


def test_a_clock_that_is_ahead_is_told_and_stops_nothing(tmp_path: Path) -> None:
    """Places say what was read, no clock: a change dated tomorrow comes once, and those after it, too."""
    path = tmp_path / SECTION["path"]
    lines(path, said("c", row(1), at=AT + 86_400_000))
    rows, _, source = read(tmp_path)
    assert len(rows) == 1
    assert source.description["clock_skew_seconds"] == "86400"
    lines(path, said("c", row(2)), append=True)
    rows, _, source = read(tmp_path, source.cursor)
    assert [number for _, number, _ in rows] == [2]
    assert "clock_skew_seconds" not in source.description


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"path": None}, "HUB-C234"), ({"url": "kafka://127.0.0.1:9/t"}, "HUB-C234"), ({"registry": "x"}, "HUB-C234"),
        ({"path": None, "url": "http://127.0.0.1/t"}, "HUB-C230"),
        ({"path": None, "url": "kafka://secret@127.0.0.1/t"}, "HUB-C230"),
        ({"path": None, "url": "kafka+tls://a:b@127.0.0.1/t"}, "HUB-C230"),
        ({"path": None, "url": "kafka+tls://127.0.0.1/t", "ca_file": "none"}, "HUB-C280"),
        ({"path": None, "url": "kafka://127.0.0.1:9/t", "registry": "http://registry.example.cn"}, "HUB-C278"),
        ({"path": "none"}, "HUB-C206"), ({"timeout_seconds": 0}, "HUB-C230"), ({"lag_days": 1}, "HUB-C231"),
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_is_told(tmp_path: Path, changed: dict[str, Any], code: str) -> None:
    """Addresses with passwords, files that are not there and settings that exclude each other have a code each."""
    section = {name: value for name, value in {**SECTION, **changed}.items() if value is not None}
    with pytest.raises(DataError) as stop:
        open_source(parse_source(section), tmp_path)
    assert stop.value.code == code


@pytest.mark.parametrize("section", [SECTION, {"kind": "singer", "alias": "tap", "path": "tap.jsonl", "stream": "s"}])
def test_a_feed_of_changes_is_no_table_to_walk_through(tmp_path: Path, section: dict[str, Any]) -> None:
    """A backfill, which knows rows and not what became of them, refuses a source that tells of changes."""
    with pytest.raises(DataError, match="HUB-C419"):
        open_walk(parse_source(section), tmp_path, names=(), key=("号",), today=0, now_ms=lambda: AT)
