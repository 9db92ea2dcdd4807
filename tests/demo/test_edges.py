"""The demo's edges over six days of growth: every run adds up, and a repeat says nothing."""

import sqlite3
from contextlib import nullcontext
from datetime import date
from pathlib import Path

import pytest

from connectors import edge as edges
from connectors.run.report import RunReport
from connectors.run.run import run
from hub.adapters.files.keys import FileKeys
from hub.adapters.memory.log import MemoryLog
from hub.adapters.system import FixedSystem
from hub.core.calendar import day_of
from hub.demo.edges import AGENCIES, EDGES, install_mapping
from hub.demo.generate import generate
from hub.demo.plan import plan_of, step_days

GOLIVE = day_of(date(2026, 3, 2))
PEOPLE = 150
DAYS = (GOLIVE - 1, *step_days(plan_of(PEOPLE, 7, GOLIVE)))


class Home:
    """All edges of the demo in a folder, with one log."""

    def __init__(self, home: Path) -> None:
        self.home = home
        hub = FileKeys(home / "hub")
        for name in ("hub", "vault"):
            hub.make("wrap", name)
        county = FileKeys(home / "county")
        county.make("secret", "K_edge")
        self.log = MemoryLog()
        for agency in AGENCIES:
            self.log.create(f"ingress.{agency}", 1)
            self.log.create(f"outcomes.{agency}", 1)
        for one in EDGES:
            folder = home / "edges" / one.connector
            install_mapping(one, folder)
            keys = FileKeys(folder / "keys")
            keys.make("secret", "K_edge")
            edges.make_keys(keys)
            spec = edges.EdgeSpec(
                one.connector, one.agency, one.publisher, "", hub.public("hub"), hub.public("vault"), GOLIVE, one.area
            )
            edges.write_spec(folder, spec)

    def run(self, day: int, **options: bool) -> dict[str, RunReport]:
        """Every edge once."""
        found = {}
        for one in EDGES:
            folder = self.home / "edges" / one.connector
            edge = edges.Edge(folder, edges.load_spec(folder), FileKeys(folder / "keys"), nullcontext())
            found[one.connector] = run(edge, self.log, FixedSystem(day), **options)
        return found


@pytest.mark.slow
def test_six_rounds_add_up_and_a_seventh_is_silent(tmp_path: Path) -> None:
    """Rows read are published, unchanged, not selected or refused; rows are mended and vanish."""
    home = Home(tmp_path)
    closed = later = 0
    for day in DAYS:
        generate(tmp_path / "sources", PEOPLE, 7, day, golive=GOLIVE)
        for report in home.run(day).values():
            report.check()
            closed += report.closed
            later += report.events if day >= GOLIVE else 0
    assert later > 100
    assert closed >= 1
    for name, report in home.run(DAYS[-1]).items():
        report.check()
        assert report.events == 0, name
    home.run(DAYS[-1], full=True)
    with sqlite3.connect(tmp_path / "sources" / "health" / "hospital.db") as db:
        db.execute("DELETE FROM 随访 WHERE 随访编号 = (SELECT min(随访编号) FROM 随访 WHERE 作废 = '否')")
    assert home.run(DAYS[-1])["health-follow-ups"].vanished == 0  # a read narrowed by a cursor cannot know
    gone = home.run(DAYS[-1], full=True)["health-follow-ups"]
    assert (gone.vanished, gone.events) == (1, 2)  # the retraction, and the end of the run
    for name, report in home.run(DAYS[-1], full=True).items():
        report.check()
        assert (report.events, report.vanished) == (0, 0), name


def test_every_connector_of_the_demo_has_a_valid_name_and_an_agency() -> None:
    """The table of edges is one that `edge.toml` takes, and each connector occurs once."""
    assert len({one.connector for one in EDGES}) == len(EDGES)
    assert {one.agency for one in EDGES} == set(AGENCIES)
