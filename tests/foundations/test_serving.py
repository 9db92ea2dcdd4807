import io
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hub.cli.main import explain
from hub.cli.main import run as run_word
from hub.cli.serve import Turn
from hub.cli.serving import PAUSES, Service
from hub.config import load
from hub.core.errors import IntegrityError, Unreachable
from hub.installation import Installation
from hub.intake.agencies import Agencies
from hub.intake.intake import Progress
from hub.ports.intake import Pace
from hub.telemetry.metrics import Observer
from tests.foundations.silent import Silent


class Kept:
    """Children that are as told."""

    def __init__(self, waiting: Mapping[str, int] | None = None) -> None:
        self.looks = 0
        self._waiting = waiting or {}

    def look(self) -> None:
        """Count."""
        self.looks += 1

    def waiting(self) -> Mapping[str, int]:
        """As told."""
        return self._waiting


def service(*results: int | Exception, kept: Kept | None = None) -> Service:
    """A service whose rounds end as listed, one after the other."""
    rest = iter(results)

    def round() -> int:
        result = next(rest)
        if isinstance(result, Exception):
            raise result
        return result

    return Service(round, dict, kept or Kept(), Silent())


def codes(running: Service) -> list[str]:
    """Codes of the reasons of not being ready."""
    return [error.code for error in running.reasons()]


def ready_only_after_a_round(make: Callable[..., Service]) -> None:
    """The law: not ready before the first whole round, nor while something does not answer; ready after it does."""
    running = make(3, Unreachable("HUB-L502"), 0)
    assert codes(running) == ["HUB-G540"]
    running.turn(1)
    assert codes(running) == []
    running.turn(1)
    assert codes(running) == ["HUB-L502"]
    running.turn(1)
    assert codes(running) == []


def test_the_hub_is_ready_when_its_last_round_was_done() -> None:
    """Readiness follows what really happened, not that the process runs."""
    ready_only_after_a_round(service)


def test_the_law_of_readiness_kills_a_service_that_is_ready_from_the_start() -> None:
    """A mutant that takes a running process for a ready one is caught."""

    class Mutant(Service):
        def reasons(self) -> list[Unreachable]:
            return []

    def mutant(*results: int | Exception) -> Service:
        return Mutant(lambda: 0, dict, Kept(), Silent())

    with pytest.raises(AssertionError):
        ready_only_after_a_round(mutant)


def test_pauses_grow_while_something_does_not_answer_and_start_again_after() -> None:
    """A dependency that is down is asked less and less often; work that is there is done without a pause."""
    down = Unreachable("HUB-L502")
    running = service(*[down] * 6, 5, 0, down)
    assert [running.turn(0.5) for _ in range(9)] == [*PAUSES, PAUSES[-1], PAUSES[-1], 0.0, 0.5, PAUSES[0]]


def test_a_connector_that_waits_for_a_person_is_a_reason() -> None:
    """The hub says which connector does not run, and with which exit code it ended."""
    running = service(0, kept=Kept({"hospital": 3}))
    running.turn(1)
    assert [error.place for error in running.reasons()] == [{"connector": "hospital", "exit": 3}]
    told = explain(running.reasons()[0])
    assert set(told) == {"code", "exit", "what", "where", "why", "fix"}
    assert "hospital" in str(told["why"])


def test_a_service_ends_between_two_rounds_when_asked() -> None:
    """Asked to stop, it begins no further round, looks after its children until then, and logs both ends."""
    stream, stop, kept = io.StringIO(), threading.Event(), Kept()
    rounds = []

    def round() -> int:
        rounds.append(1)
        if len(rounds) == 3:
            stop.set()
        return 1

    Service(round, lambda: {"case": 7}, kept, observer := Observer(stream)).run(stop, 60)
    assert (len(rounds), kept.looks) == (3, 3)
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["started", "stopped"]
    assert b'hub_lag_records{type="case"} 7.0' in observer.exposition()
    assert b'hub_fetch_seconds_count{type="round"} 3.0' in observer.exposition()


def test_whoever_waits_out_what_does_not_answer_is_alive() -> None:
    """Within a pause that is longer than anybody's patience it says so each second, and that it waits; then no more."""
    stop, heard = threading.Event(), list[bool]()
    results = iter([Unreachable("HUB-L502")] * 2 + [None])

    def round() -> int:
        if result := next(results):
            raise result
        stop.set()
        return 0

    running = Service(round, dict, Kept(), Silent(), lambda: heard.append(running.waits))
    running.run(stop, 60)
    assert (all(heard[:-1]), heard[-1]) == (True, False)
    heard.clear()
    running._rest(threading.Event(), 1.5)
    assert len(heard) == 3, "once a second, and at the end"


def test_an_integrity_error_ends_the_service() -> None:
    """Only what may answer again is waited for; two histories that disagree stop everything."""
    running = service(IntegrityError("HUB-P421"))
    with pytest.raises(IntegrityError):
        running.run(threading.Event(), 60)


def test_a_fork_stops_its_agency_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One agency's two histories keep no other agency from the hub; every other breach of integrity stops all.

    Once somebody ruled the frame out, the agency goes on without a new start.
    """
    run_word(["init", "--home", str(tmp_path / "hub")])
    with Installation(load(tmp_path / "hub")) as hub:
        hub.announce()
        seen: list[str] = []
        breach, decided = {"code": "HUB-I421"}, set[str]()

        class Two:
            def agencies(self) -> list[str]:
                return ["forked", "whole"]

            def advance(self, agency: str, events: int) -> Progress:
                if agency == "forked":
                    raise IntegrityError(breach["code"], frame="0a1b")
                seen.append(agency)
                return Progress()

            def ruled_out(self, frame: str) -> bool:
                return frame in decided

            def totals(self, agency: str) -> dict[str, int]:
                return {}

            def paces(self) -> list[Pace]:
                return []

        turn = Turn(hub, Two(), Silent())  # type: ignore[arg-type]
        turn()
        turn()
        assert list(turn.stopped) == ["forked"]
        assert seen == ["whole", "whole"]
        decided.add("0a1b")
        breach["code"] = "HUB-I420"
        turn()
        assert [error.code for error in turn.stopped.values()] == ["HUB-I420"], "it went on to the next fork"
        breach["code"] = "HUB-I430"
        with pytest.raises(IntegrityError, match="HUB-I430"):
            Turn(hub, Two(), Silent())()  # type: ignore[arg-type]


def test_a_hub_that_was_stopped_leaves_whole_databases(tmp_path: Path) -> None:
    """After SIGTERM every database is one file: what is copied then, or put back there, is all of it."""
    home = tmp_path / "hub"
    run_word(["init", "--home", str(home)])
    add = ["agency", "add", "ward", "--agency", "ward", "--publisher", "health", "--area", "22"]
    run_word([*add, "--key", "0a" * 32, "--key-check", "0b" * 16, "--home", str(home)])
    command = [sys.executable, "-P", "-m", "hub.cli.main", "serve", "--no-connectors", "--home", str(home)]
    with subprocess.Popen([*command, "--set", "serve.port=0"], stderr=subprocess.PIPE, text=True) as served:
        assert served.stderr is not None
        while "started" not in served.stderr.readline():
            assert served.poll() is None
        assert [path.name for path in home.rglob("*-wal")], "nothing was open"
        served.send_signal(signal.SIGTERM)
        assert served.wait(60) == 0
    assert sorted(path.name for path in home.rglob("*.db*")) == ["intake.db", "log.db", "vault.db", "views.db"]


def test_refusals_are_counted_from_the_start_of_the_process() -> None:
    """What intake refused before, as its totals have it, is in no counter; what it refuses now is, once, by code."""
    totals = {"refused": 7, "HUB-I328": 7}

    class Refusing:
        def advance(self, agency: str, events: int) -> Progress:
            totals["HUB-I328"] += 2
            totals["HUB-I301"] = totals.get("HUB-I301", 0) + 1
            return Progress(frames=1, appended=5)

        def totals(self, agency: str) -> dict[str, int]:
            return dict(totals)

    observer = Observer(io.StringIO())
    agencies = Agencies(Refusing(), observer, 100)  # type: ignore[arg-type]
    for _ in range(2):
        agencies.advance("a")
    told = observer.exposition()
    assert b'hub_refused_total{code="HUB-I328",publisher="a"} 4.0' in told
    assert b'hub_refused_total{code="HUB-I301",publisher="a"} 2.0' in told
    assert b'hub_events_total{publisher="a"} 10.0' in told
