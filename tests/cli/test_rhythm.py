"""From a mapping to `hub status`: who declared a rhythm and does not keep it is named, at the hub and at the edge."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from hub import wiring
from hub.cli.main import explain
from hub.cli.serve import Turn
from hub.config import load
from hub.core.calendar import calendar_of
from hub.core.errors import HubError
from hub.data import calendar
from hub.installation import Installation
from hub.intake.rhythm import Watch, standing
from hub.ports.intake import Pace
from hub.telemetry.metrics import Observer, exposing
from tests.connectors.rig import number
from tests.typed import Hub

TODAY = "2026-05-27"  # a Wednesday


@pytest.fixture
def connector(typed: Hub, tmp_path: Path) -> list[str]:
    """A connector that declares a rhythm; the words that register it."""
    lines = ("患者编号,姓名,证件号码,居住区划,建档日期", f"P1,张三丰,{number(1)},220102,2026-01-05")
    source = tmp_path / "ward.csv"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert typed("connector", "new", "--from", str(source), "--name", "ward", "--area", "220102")[0] == 0
    path = tmp_path / "home" / "edges" / "ward" / "mapping.toml"
    path.write_text('rhythm = "working_days"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    code, _, error = typed("connector", "run", "ward")
    assert code == 0
    words = next(line for line in error.splitlines() if "hub agency add" in line).split()
    assert words[-2:] == ["--rhythm", "working_days"], "the rhythm of the mapping is carried by the line that registers"
    return words[1:]


def status(typed: Hub, *words: str) -> dict[str, Any]:
    code, out, _ = typed("status", "--json", *words)
    assert code == 0
    (one,) = json.loads(out)["connectors"]
    return dict(one)


def taken(home: Path, day: str = TODAY) -> Turn:
    """What `hub serve` does until nothing is left."""
    settings = load(home, {"HUB_HUB_CLOCK_DAY": day})
    with Installation(settings) as hub:
        intake = wiring.open_intake(settings, hub.log)
        hub.announce()
        turn = Turn(hub, intake, Observer(io.StringIO()))
        while turn():
            pass
    return turn


def test_who_is_late_is_named_with_the_day_since_when(
    typed: Hub, connector: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that intake took counts from its day; two working days without one are told, and the exit code stays 0."""
    assert typed(*connector)[0] == 0
    assert status(typed)["last_run"] is None
    taken(tmp_path / "home")
    found = status(typed)
    assert (found["last_run"], found["due"], found["late_working_days"]) == (TODAY, "2026-05-28", None)
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", "2026-06-01")  # a Monday
    found = status(typed)
    assert (found["due"], found["late_working_days"], found["error"]["code"]) == ("2026-05-28", 2, "HUB-I380")
    code, out, _ = typed("status")
    assert code == 0
    assert "late 1" in out
    assert "HUB-I380" in out
    assert "due by 2026-05-28, and 2 working days" in out
    (edge,) = json.loads(typed("connector", "status", "--json")[1])
    assert (edge["last_run"], edge["due"], edge["late_working_days"]) == (TODAY, "2026-05-28", 2)
    assert "late: was due by 2026-05-28" in typed("connector", "status")[1]
    assert [error.code for error in taken(tmp_path / "home", "2026-06-01").watch.notices()] == ["HUB-I380"]
    assert "迟报" in typed("status", "--lang", "zh")[1]
    assert typed("connector", "run", "ward")[0] == 0
    (edge,) = json.loads(typed("connector", "status", "--json")[1])
    assert (edge["last_run"], edge["late_working_days"]) == ("2026-06-01", None)


def test_who_never_ran_is_judged_from_the_day_of_the_declaration(
    typed: Hub, connector: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence from the first day on is found, too; declaring the same again does not begin the time anew."""
    assert typed(*connector)[0] == 0
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", "2026-05-29")
    assert typed(*connector)[0] == 0
    assert status(typed)["due"] == "2026-05-28"
    assert status(typed)["late_working_days"] == 1
    assert typed(*connector[:-2])[0] == 0  # registered without a rhythm: nobody is called late
    assert status(typed)["rhythm"] == ""
    assert status(typed)["error"] is None


def test_a_rhythm_that_nobody_knows_is_not_registered(typed: Hub, connector: list[str]) -> None:
    """Exit 2, and nothing is registered."""
    code, _, error = typed(*connector[:-1], "dayly")
    assert (code, "HUB-I208" in error) == (2, True)
    assert json.loads(typed("status", "--json")[1])["connectors"] == []


def test_a_watch_tells_readiness_and_metrics_and_forgets_who_ran() -> None:
    """Who is late is a notice and a number of working days under its agency, until it ran."""
    paces, day = [Pace("ward", "clinic", "daily", 0, 20_600)], 20_603
    watch = Watch(lambda: paces, lambda: day, calendar())
    answer = exposing(Observer(io.StringIO()), list, watch.notices)
    watch.look()
    (notice,) = watch.notices()
    assert (notice.code, explain(notice)["where"]) == (
        "HUB-I380",
        {"connector": "ward", "agency": "clinic", "rhythm": "daily", "due": "2026-05-28", "days": 1},
    )
    line = b'hub_late_working_days{publisher="clinic",type="ward"}'
    assert line + b" 1.0" in answer()
    paces[0] = paces[0]._replace(heard=20_603)
    watch.look()
    assert watch.notices() == ()
    assert line not in answer()


@pytest.mark.parametrize(
    ("heard", "code"), [(20_604, None), (20_605, "HUB-I381"), (20_700, "HUB-I381"), (0, "HUB-I380")]
)
def test_a_run_from_the_future_is_no_excuse(heard: int, code: str | None) -> None:
    """A connector whose clock is ahead is named, not believed for as long as its clock is ahead."""
    found = standing(Pace("ward", "clinic", "daily", 20_000, heard), 20_603, calendar())
    assert (found.error.code if found.error else None) == code


def test_a_calendar_that_ends_is_told_and_stops_nothing() -> None:
    """Without a calendar for the year nobody is called late or in time: the missing year is named."""
    found = standing(Pace("ward", "clinic", "working_days", 0, 20_600), 20_603, calendar_of([]))
    assert isinstance(found.error, HubError)
    assert (found.error.code, found.late) == ("HUB-G111", None)
