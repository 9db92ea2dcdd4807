"""One law over all carriers: whatever happens on the way, the same source ends in the same canonical facts."""

import os
import random
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.run.run import run
from hub import wiring
from hub.adapters.http.log import HttpLog
from hub.core.errors import AppendUncertain, Unreachable
from hub.core.record import Record
from tests.carriers import ways
from tests.e2e.laws import law_sums
from tests.e2e.rig import NAMES, Home, Model, anonymous, decided, facts
from tests.kafka.broker import free_port

pytestmark = pytest.mark.slow

Way = Callable[[Home, random.Random], set[str]]
WAYS: dict[str, Way] = {"straight": ways.straight, "gateway": ways.gateway, "packets": ways.packets}


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """Frames of few events, few of them sent together: there is an order to be lost. Salts follow frames, so always."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.frames.seal.EVENTS", 6)
        patch.setattr("connectors.frames.send.MANY", 4)
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, small: None) -> Model:
    """The embedded run: twenty persons, history and two live steps."""
    return Model(tmp_path_factory.mktemp("model"), 20, 3)


def law_same_facts(home: Home, model: Model) -> None:
    """What agencies said and what the hub decided is that of the undisturbed run, each once; all sums hold."""
    ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    law_sums(home)


def played(home: Home, way: Way, chance: random.Random) -> set[str]:
    """Every step over one carrier: feed, drain, tick, and feed once more, which takes the answers."""
    fates: set[str] = set()
    for _ in home.model.steps:
        home.grow()
        fates |= way(home, chance)
        home.drain()
        home.tick()
        fates |= way(home, chance)
    return fates


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", WAYS)
def test_over_every_carrier_the_same_facts_arrive(model: Model, tmp_path: Path, name: str, seed: int) -> None:
    """Lost, doubled and re-ordered sends end with the same canonical facts and decisions, whatever carried them."""
    home = model.twin(tmp_path / "home")
    fates = played(home, WAYS[name], random.Random(seed))
    assert fates >= ({"missing", "took", "repeat"} if name == "packets" else set(ways.FATES)), "nothing went wrong"
    law_same_facts(home, model)


class Careless(ways.Lossy):
    """Believes that what it sent has landed."""

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        try:
            return super().append(topic, partition, records)
        except Unreachable:
            return self._log.bounds(topic, partition).end


MUTANTS: dict[str, Way] = {
    "straight": lambda home, chance: ways.straight(home, chance, Careless),
    "gateway": lambda home, chance: ways.gateway(home, chance, Careless),
    "packets": lambda home, chance: ways.packets(home, chance, last_round=False),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_carrier_that_loses_a_send_is_found_out(model: Model, tmp_path: Path, name: str) -> None:
    """Mutants: who takes an append for done, or never packs a lost packet again, is accused by the law."""
    home = model.twin(tmp_path / "home")
    home.grow()
    try:
        MUTANTS[name](home, random.Random(4))
        home.drain()
    except Exception:  # noqa: BLE001 - a gap that stops it is as good as an accusation
        return
    theirs = Home(model.folder / "after-1", model, 1).facts()
    assert {fact.id for fact in home.facts("agency/")} != {
        fact.id for fact in theirs if not fact.type.startswith("hub.")
    }


class Served:
    """`hub gateway` in a process of its own, on one port, killed and started again."""

    def __init__(self, home: Home, port: int) -> None:
        self._home, self._port = home, port
        self.kills = 0
        self._start()

    def _start(self) -> None:
        command = self._home.command("gateway", "--set", f"gateway.port={self._port}")
        self._process = subprocess.Popen(
            command, env=self._home.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/health/live", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError):
                assert self._process.poll() is None, "the gateway ended"
                time.sleep(0.05)
        raise AssertionError("the gateway did not start")

    def kill(self) -> None:
        """SIGKILL, in the middle of whatever it does."""
        self._process.send_signal(signal.SIGKILL)
        self.kills += 1

    def again(self) -> None:
        """Start it again once it is gone."""
        self._process.wait(20)
        self._start()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(20)


@pytest.fixture
def served(model: Model, tmp_path: Path) -> Iterator[tuple[Home, Served]]:
    """An installation whose connectors reach it through a gateway's process."""
    home = model.twin(tmp_path / "home")
    home.grow()
    port = free_port()
    found = Served(home, port)
    ways.point(home, f"http://127.0.0.1:{port}")
    yield home, found
    found.stop()


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_gateway_killed_in_the_middle_of_sends_loses_and_doubles_nothing(
    served: tuple[Home, Served], model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL while requests are on their way: every frame stands in the log once, and facts are whole."""
    home, process = served
    chance, asked = random.Random(3), HttpLog._asked
    left = [10]

    def dies(log: HttpLog, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        if method != "POST" or not left[0] or chance.random() < 0.3:
            return asked(log, method, path, body)
        left[0] -= 1
        timer = threading.Timer(chance.choice([0.0, 0.002, 0.004, 0.006, 0.01, 0.02]), process.kill)
        timer.start()
        try:
            return asked(log, method, path, body)
        finally:
            timer.join()
            process.again()

    monkeypatch.setattr(HttpLog, "_asked", dies)
    monkeypatch.setattr("connectors.frames.send.MANY", 2)
    broken = 0
    for name in NAMES:
        edge = wiring.open_edge(home.settings, name)
        with closing(wiring.edge_log(home.settings, edge)) as log:
            while True:
                try:
                    run(edge, log, wiring.system_of(home.settings))
                    break
                except Unreachable as failure:  # a gateway that was gone before it was asked took nothing
                    broken += isinstance(failure, AppendUncertain)
    assert process.kills == 10
    assert broken > 0, "no kill met a request on its way"
    law_each_frame_once(home)
    home.drain()
    home.tick()
    for name in NAMES:
        edge = wiring.open_edge(home.settings, name)
        with closing(wiring.edge_log(home.settings, edge)) as log:
            run(edge, log, wiring.system_of(home.settings))
    theirs = Home(model.folder / "after-1", model, 1).facts()
    assert anonymous(home.facts()) == anonymous(theirs)
    law_sums(home)


def law_each_frame_once(home: Home) -> None:
    """No frame stands in an ingress twice: what was appended before the kill is known after it."""
    with closing(wiring.open_log(home.settings.database("log"), make=False)) as log:
        for topic in log.topics():
            if topic.startswith("ingress."):
                values = [record.value for record in log.read(topic, 0, 0, 100_000)]
                assert len(values) == len(set(values)), topic


def test_a_gateway_that_forgets_what_stands_there_is_found_out(
    served: tuple[Home, Served], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mutant: frames sent twice straight into the log are doubled there, which the law of the kill accuses."""
    home, _ = served
    name = NAMES[0]
    edge = wiring.open_edge(home.settings, name)
    with closing(wiring.edge_log(home.settings, edge)) as log:
        run(edge, log, wiring.system_of(home.settings))
    law_each_frame_once(home)
    with closing(wiring.open_log(home.settings.database("log"), make=False)) as own:
        records: list[Any] = own.read(edge.ingress, 0, 0, 2)
        own.append(edge.ingress, 0, records)
    with pytest.raises(AssertionError):
        law_each_frame_once(home)
