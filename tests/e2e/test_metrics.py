"""What `/metrics` of `hub serve` tells is what connectors and intake did."""

import io
from collections import Counter
from pathlib import Path

import pytest

from hub import wiring
from hub.cli.serve import ENDINGS, Turn
from hub.demo.edges import EDGES
from hub.installation import Installation
from hub.telemetry.metrics import Observer
from tests.e2e.rig import NAMES, Home, Model

pytestmark = pytest.mark.slow
AGENCY = {edge.connector: edge.agency for edge in EDGES}


def value(observer: Observer, metric: str, **labels: str) -> float:
    """What is exposed; 0 for what was never counted."""
    return observer._registry.get_sample_value(metric, labels) or 0


def turned(home: Home, feed: bool) -> tuple[Observer, Counter[tuple[str, str]]]:
    """A hub that serves while connectors run: its metrics, and rows by agency and ending as the connectors report."""
    rows: Counter[tuple[str, str]] = Counter()
    with Installation(home.settings) as hub:
        hub.announce()
        observer = Observer(io.StringIO())
        turn = Turn(hub, wiring.open_intake(home.settings, hub.log), observer)
        for name, report in zip(NAMES, home.feed() if feed else (), strict=False):
            ends = report.rows
            sums = {"not_selected": sum(ends.not_selected.values()), "refused": sum(ends.refused.values())}
            told = {"published": ends.published, "unchanged": ends.unchanged, **sums}
            rows.update({(AGENCY[name], ending): number for ending, number in told.items()})
        while turn() > 0:
            pass
    return observer, rows


def test_rows_are_counted_by_agency_and_ending(model: Model, tmp_path: Path) -> None:
    """Each row that a connector read is counted once, under its agency and how it ended; refused ones, too."""
    home = model.twin(tmp_path / "home")
    home.grow()
    observer, rows = turned(home, feed=True)
    agencies = set(AGENCY.values())
    found = {(a, e): value(observer, "hub_rows_total", publisher=a, type=e) for a in agencies for e in ENDINGS}
    assert found == {place: rows[place] for place in found}
    assert sum(rows[agency, "refused"] for agency in agencies), "no row was refused"


def test_a_process_counts_from_its_start(model: Model, tmp_path: Path) -> None:
    """What intake refused and appended before is in its totals, and in no counter of a process that begins now."""
    home = model.twin(tmp_path / "home")
    home.grow()
    observer, _ = turned(home, feed=True)
    with Installation(home.settings) as hub:
        intake = wiring.open_intake(home.settings, hub.log)
        totals = {agency: intake.totals(agency) for agency in intake.agencies()}
    for agency, counts in totals.items():
        assert value(observer, "hub_events_total", publisher=agency) == counts["appended"]
    again, _ = turned(home, feed=False)
    assert all(value(again, "hub_events_total", publisher=agency) == 0 for agency in totals)
