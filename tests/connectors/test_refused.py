"""A refused row waits sealed at the edge, is tried again, and closes by itself (law 8)."""

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from connectors.rows.prints import Prints, RowNames
from connectors.run import refused
from connectors.spool import RefusedRow, Spool
from hub.core.errors import DataError
from tests.connectors.rig import Rig, number, row


def waiting(rig: Rig) -> list[RefusedRow]:
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        return refused.listed(spool.refused())


def closes_law(rig: Rig) -> None:
    assert waiting(rig) == [], "a row that is valid now is still listed as refused"


def test_a_refused_row_tells_code_and_place_and_keeps_its_bytes_sealed(tmp_path: Path) -> None:
    """Code, alias, row and column are told; the row itself opens with its daily key only and is nowhere in clear."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2, 证件号码=number(2)[:15] + "000"))
    rig.run()
    (one,) = waiting(rig)
    assert (one.code, one.alias, one.row, one.column) == ("HUB-C104", "assessments", 3, "C")
    assert refused.open_row(rig.keys, one).cells[2] == number(2)[:15] + "000"
    rig.keys.destroy(f"rows-{one.day}")
    with pytest.raises(DataError):
        refused.open_row(rig.keys, one)


def test_a_refused_row_closes_by_itself_when_it_arrives_valid(tmp_path: Path) -> None:
    """The same source row, mended at its source, is published and no longer listed."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2, 评估日期="2026-02-30"))
    rig.run()
    assert len(waiting(rig)) == 1
    rig.rows(row(1), row(2))
    report = rig.run()
    assert (report.rows.published, report.closed) == (1, 1)
    closes_law(rig)


def test_the_law_notices_a_refused_row_that_never_closes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: where valid rows close nothing and gone rows neither, the law accuses."""
    rig = Rig(tmp_path)
    rig.rows(row(2, 评估日期="2026-02-30"))
    rig.run()
    rig.rows(row(2))
    monkeypatch.setattr(refused.RefusedRows, "valid", lambda *_: None)
    monkeypatch.setattr(refused.RefusedRows, "gone", lambda *_: None)
    rig.run()
    with pytest.raises(AssertionError):
        closes_law(rig)


def test_a_refused_row_is_retried_after_a_change_of_mapping_without_reading_the_source(tmp_path: Path) -> None:
    """When the code table learns the value, the sealed row is published though its source is gone."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2, 评估结论="基本适合"))
    rig.run()
    rig.codes("适合,true\n不适合,false\n基本适合,true\n")
    (rig.folder / "assessments.csv").unlink()
    report = rig.run(read=False)
    assert (report.retried.read, report.retried.published) == (1, 1)
    closes_law(rig)
    assert sum(rig.facts().values()) == 2
    rig.rows(row(1), row(2, 评估结论="基本适合"))
    assert rig.run().rows.unchanged == 2


def test_a_retry_tells_the_column_that_is_wrong_now(tmp_path: Path) -> None:
    """Refused again for another column, a row is told under that one: by name, and by letter once it is read."""
    rig = Rig(tmp_path)
    rig.rows(row(1, 评估结论="基本适合", 风险等级="9"))
    rig.run()
    assert [one.column for one in waiting(rig)] == ["F"]
    rig.codes("适合,true\n不适合,false\n基本适合,true\n")
    rig.run(read=False)
    assert [(one.code, one.column) for one in waiting(rig)] == [("HUB-C143", "风险等级")]
    rig.run()
    assert [(one.code, one.column) for one in waiting(rig)] == [("HUB-C143", "G")]


def test_a_discarded_row_is_not_listed_again(tmp_path: Path) -> None:
    """Given up, the same content stays refused and counted, but nobody is asked again until it changes."""
    rig = Rig(tmp_path)
    rig.rows(row(1, 评估结论="不详"))
    rig.run()
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        refused.discard(spool, [1])
        assert spool.one_refused(1).sealed == b""
    assert rig.run().rows.refused == {"HUB-C140": 1}
    assert waiting(rig) == []
    rig.rows(row(1, 评估结论="未知"))
    rig.run()
    assert len(waiting(rig)) == 1


def test_an_event_that_the_hub_refuses_is_listed_with_its_row(tmp_path: Path) -> None:
    """An outcome with a code lists the row by alias and number; retried, it is published anew."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2))
    rig.run()
    rig.answer(lambda entry: "HUB-I323" if ":3:" in entry.place else "")
    report = rig.run()
    assert (report.refused, report.appended, report.made) == (1, 3, 4)
    (one,) = waiting(rig)
    assert (one.code, one.alias, one.row) == ("HUB-I323", "assessments", 3)
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        refused.retry(spool, [])
    assert rig.run().rows.published == 1
    closes_law(rig)


def test_rows_that_are_gone_from_a_whole_read_are_no_longer_listed(tmp_path: Path) -> None:
    """A refused row deleted at its source closes, and so does one whose key was mended into another."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(2, 评估编号=""), row(3, 评估结论="不详"))
    rig.run()
    assert {one.code for one in waiting(rig)} == {"HUB-C146", "HUB-C140"}
    rig.rows(row(1), row(2))
    rig.run()
    closes_law(rig)


def test_one_key_with_two_contents_is_refused_once_and_stays_so(tmp_path: Path) -> None:
    """A copy of a row is unchanged; another row under its key is refused, and a second run publishes nothing."""
    rig = Rig(tmp_path)
    rig.rows(row(1), row(1), row(1, 风险等级="3"))
    report = rig.run()
    assert (report.rows.published, report.rows.unchanged, report.rows.refused) == (1, 1, {"HUB-C147": 1})
    before = rig.types()
    rig.run()
    assert rig.types() == before
    assert len(waiting(rig)) == 1


def retried(rig: Rig) -> None:
    """All that waits is marked, and a run tries it."""
    with Spool(rig.folder / "spool.db", "hospital-1") as spool:
        refused.retry(spool, [])
    rig.run(read=False)


def remapped(rig: Rig) -> None:
    """The mapping changes without meaning anything else."""
    path = rig.folder / "mapping.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# another version\n", encoding="utf-8")
    rig.run(read=False)


@pytest.mark.parametrize("again", [retried, remapped])
@pytest.mark.parametrize("second", [row(1, 风险等级="3"), row(1, 评估结论="不详")], ids=["valid", "refused"])
@pytest.mark.parametrize("turned", [False, True], ids=["after", "before"])
def test_a_retry_never_takes_a_second_row_of_a_key_for_what_became_of_the_first(
    tmp_path: Path, again: Callable[[Rig], None], second: dict[str, str], turned: bool
) -> None:
    """Two rows with one key: whichever was published stands, whatever is tried again without reading the source."""
    rig = Rig(tmp_path)
    rows = [row(1), second]
    rig.rows(*reversed(rows) if turned else rows)
    rig.run()
    said = rig.types()
    assert [one.code for one in waiting(rig)] == ["HUB-C147"]
    again(rig)
    assert rig.types() == said, "the second row was published"
    assert [(one.code, one.state) for one in waiting(rig)] == [("HUB-C147", "open")]
    rig.rows(row(2))
    rig.run()
    assert not waiting(rig)


def test_the_daily_key_is_destroyed_when_its_time_is_over(tmp_path: Path) -> None:
    """After the days that an edge keeps refused rows, their key is gone and what it locked, too."""
    rig = Rig(tmp_path)
    rig.rows(row(1, 评估结论="不详"))
    rig.run()
    name = f"rows-{rig.system.today()}"
    assert name in rig.keys.names()
    rig.system = rig.system.on(rig.system.today() + 91)
    rig.run()
    assert name not in rig.keys.names()
    assert len(waiting(rig)) == 1


def test_an_event_of_the_connector_itself_is_no_refused_row(tmp_path: Path) -> None:
    """What the hub refuses of a connector's own events is counted and not listed: no row could ever close it."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    rig.answer(lambda entry: "HUB-I306")
    report = rig.run()
    assert (report.refused, report.open) == (3, 1)
    report.check()


def test_a_day_or_an_id_may_tell_rows_apart(tmp_path: Path) -> None:
    """Cells that a workbook or database holds as days, times or ids name a row as the same text would."""
    prints = Prints(Rig(tmp_path).keys)
    mapping: Any = SimpleNamespace(key=["who", "when"])
    id = UUID(int=7)
    cells = [
        ("a", date(2026, 3, 1)),
        ("a", datetime.fromisoformat("2026-03-01")),
        ("a", "2026-03-01"),
        ("a", date(2026, 4, 1)),
        (id, time(8)),
        (str(id), "08:00:00"),
    ]
    first, same, text, other, known, spelled = RowNames(mapping, ("who", "when"), prints, 0).tokens(cells)
    assert first == same == text != other
    assert known == spelled
    assert isinstance(known, int)
