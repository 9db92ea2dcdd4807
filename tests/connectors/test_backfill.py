"""A backfill: lots beside runs, killed and resumed, within bounds; nothing is lost and nothing is said twice."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.backfill import backfill as module
from connectors.backfill.backfill import Filled, backfill
from connectors.backfill.pace import Pace
from connectors.sources import Bounds
from connectors.sources import walk_sql as walks
from connectors.spool import Spool
from hub.core.errors import DataError, HubError, Unreachable
from tests.connectors.rig import COLUMNS, MAPPING, Rig, row

ROWS = 23


class Table(Rig):
    """An edge whose source is a table with a column of changes."""

    def __init__(self, folder: Path, cursor: bool = True, **options: Any) -> None:
        super().__init__(folder, **options)
        text = MAPPING.format(on_change="correct", on_vanish="nothing").replace('kind = "csv"', 'kind = "sql"')
        settings = 'url = "sqlite:///h.db"\ntable = "assessments"\nkey = "评估编号"\n'
        self.mapping(
            text.replace('path = "assessments.csv"', settings + ('cursor = "更新"' if cursor else ""))
        )
        names = ", ".join(f'"{name}" TEXT' for name in COLUMNS)
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

    def fill(self, stop_after: int = -1, **options: Any) -> Filled:
        """A backfill, asked to stop after so many lots."""
        lots = iter(range(10_000))
        pace = options.pop("pace", None) or Pace(lambda _: next(lots) == stop_after)
        return backfill(self.edge(lock=True), self.log, self.system, pace, tell=self.told.append, **options)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lots of six rows, in pages of three."""
    monkeypatch.setattr(module, "LOT", 6)
    monkeypatch.setattr(Pace, "at_once", 3)


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
    whole, lots = Table(tmp_path / "a"), Table(tmp_path / "b")
    for rig in (whole, lots):
        rig.put(*mixed())
        rig.sql('INSERT INTO assessments SELECT * FROM assessments WHERE "评估编号" = ?', ("PG00002",))
        rig.put(row(77, 姓名="张三丰") | {"评估编号": ""})
    report, filled = whole.run(), lots.fill()
    assert filled.stands == "over"
    assert sums(filled) == (
        report.rows.read, report.rows.published, report.rows.unchanged, report.rows.not_selected, report.rows.refused,
    )  # fmt: skip
    assert filled.run.rows.refused == {"HUB-C104": 1, "HUB-C146": 1}
    assert len(lots.told) > 3
    assert {fact[1:2] for fact in lots.facts()} == {fact[1:2] for fact in whole.facts()}
    assert sum(lots.facts().values()) == sum(whole.facts().values()) == ROWS - 2
    again = lots.run(full=True)
    assert (again.rows.published, again.rows.read) == (0, report.rows.read)
