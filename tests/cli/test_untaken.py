"""`hub status`, readiness and metrics name what nobody takes, since when; `hub serve` that stands still ends itself."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hub.cli.main import explain
from hub.config import Settings
from hub.installation import Installation
from hub.telemetry.metrics import Observer, exposing
from tests.cli.rig import fed
from tests.projections.test_case import D
from tests.typed import Hub


@pytest.fixture
def unread(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Settings:
    """A hub of day D whose log has records that nobody has taken."""
    settings = fed(tmp_path / "hub", day=D)
    capsys.readouterr()
    return settings


def told(typed: Hub, home: Path) -> dict[str, Any]:
    """Every partition that `hub status` names, with its error."""
    code, out, _ = typed("status", "--json", "--home", str(home))
    assert code == 0
    return {f"{one['topic']}/{one['partition']}": one for one in json.loads(out)["partitions"]}


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four months later."""
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", "2025-02-01")


def test_what_nobody_takes_is_named_with_the_time_since_when(
    typed: Hub, unread: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that have just come are counted; those that nobody took for longer than the patience have HUB-L560."""
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", "2024-10-03")
    assert {place: one["error"] for place, one in told(typed, unread.home).items()}["persons/0"] is None
    later(monkeypatch)
    one = told(typed, unread.home)["persons/0"]
    assert (one["records"], one["error"]["code"]) == (2, "HUB-L560")
    assert one["error"]["where"] == {"partition": "persons/0", "records": 2, "since": "2024-10-04T08:00:00+08:00"}
    code, out, _ = typed("status", "--home", str(unread.home))
    assert (code, "Nobody takes what waits in persons/0: 2 records" in out) == (0, True)
    assert "没有进程在处理" in typed("status", "--home", str(unread.home), "--lang", "zh")[1]


def test_what_is_taken_while_we_look_is_at_work(typed: Hub, unread: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long records have waited: where some are taken between the two looks, somebody is at work."""
    later(monkeypatch)

    def taken(seconds: float) -> None:
        with Installation(unread) as hub:
            (worker,) = [one for one in hub.workers if one.group.name == "persons"]
            assert worker.advance(0, 1) == 1

    monkeypatch.setattr("hub.cli.waiting.time.sleep", taken)
    found = told(typed, unread.home)
    assert (found["persons/0"]["records"], found["persons/0"]["error"]) == (1, None)
    assert found["markets/0"]["error"]["code"] == "HUB-L560"


def test_metrics_and_readiness_tell_it_until_it_is_taken(unread: Settings) -> None:
    """A notice of each partition, and since when as a time; nothing of it once somebody has taken what waited."""
    with Installation(unread) as hub:
        untaken = hub.untaken(dict)
        untaken._patience = -1
        answer = exposing(Observer(io.StringIO()), list, untaken.notices)
        untaken.look()
        notices = [explain(notice) for notice in untaken.notices()]
        assert {"persons/0", "markets/0"} <= {str(notice["where"]["partition"]) for notice in notices}  # type: ignore[index]
        assert b'hub_untaken_since_seconds{type="persons/0"} 1.728e+09' in answer()
        hub.follower().drain()
        untaken.look()
        assert b"hub_untaken_since_seconds{" not in answer()


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["opened", "advanced", "idle"])
def test_a_service_that_gets_nowhere_ends_itself(unread: Settings, fault: str) -> None:
    """Stuck in opening a database or in a fetch, or going round and taking nothing of what waits: 5, and by name."""
    pytest.importorskip("faust")
    command = [sys.executable, "-P", "-m", "tests.worker.sabotage", "serve", "--home", str(unread.home)]
    command += ["--set", "serve.port=0", "--set", "worker.patience_seconds=5"]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "FAULT": fault, "PYTHONPATH": str(root), "HUB_LANG": "en"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)
    assert (done.returncode, "HUB-G542" in done.stderr) == (5, True)
