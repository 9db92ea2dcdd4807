"""`kill -9` at random moments of `hub connector run` and `hub serve`: the promises (i) to (iii) hold all the same."""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.laws import law_at_rest
from tests.e2e.rig import NAMES, Home, Model, anonymous, decided, facts

pytestmark = pytest.mark.slow


def dies(home: Home, command: list[str], seconds: float, whole: bool = True) -> bool:
    """Start a command and kill it after some seconds; returns whether it was still at work.

    With `whole` its children are killed, too; else they must end by themselves, since nobody knows of them any more.
    """
    log = home.folder / "said"
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=home.environment, stdout=out, stderr=out, start_new_session=True)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        alive = process.poll() is None
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL) if whole else process.kill()
        process.wait(30)
    assert gone(process.pid, 30), "children outlive the hub"
    assert alive or process.returncode in (0, 7), f"exit {process.returncode}\n{log.read_text()[-2000:]}"
    return alive


def gone(group: int, seconds: float) -> bool:
    """Wait until no process of a group is left."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_connectors_that_are_killed_neither_lose_nor_double_a_fact(model: Model, tmp_path: Path) -> None:
    """Killed again and again while they read, commit and send, connectors end with the facts of an undisturbed run."""
    home, chance, killed = model.twin(tmp_path / "twin"), random.Random(11), 0
    for _ in model.steps:
        home.grow()
        for _ in range(5):
            names = chance.sample(NAMES, len(NAMES))
            killed += dies(home, home.command("connector", "run", *names), chance.uniform(0.7, 2.5))
            if chance.random() < 0.5:
                home.drain(chance.choice([7, 5000]), chance.choice([3, 5000]))
        home.feed()
        home.drain()
        home.tick()
    assert killed >= 5, "no kill met a connector at work"
    ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    law_at_rest(home)


def test_a_service_that_is_killed_ends_with_the_same_decisions(model: Model, tmp_path: Path) -> None:
    """Killed again and again in intake, fold, decision and relay, the hub decides what an undisturbed one decides."""
    home, chance, killed = model.twin(tmp_path / "twin"), random.Random(5), 0
    sizes: set[int] = set()
    for _ in model.steps:
        home.grow()
        home.feed()
        for _ in range(4):
            fetch = chance.choice([5, 40, 5000])
            command = [
                *home.command("serve", "--no-connectors"),
                "--set",
                "serve.port=0",
                "--set",
                f"flow.fetch={fetch}",
            ]
            killed += dies(home, command, chance.uniform(0.9, 2.2))
            sizes.add(len(home.facts()))
        home.drain()
        home.tick()
    assert killed >= 12, "no kill met a service"
    assert len(sizes) > len(model.steps), "kills met no service at work"
    ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    law_at_rest(home)


def test_a_service_with_connectors_that_is_killed_loses_nothing(model: Model, tmp_path: Path) -> None:
    """Killed with its connectors, or without them, at random moments: the facts of agencies, and every law."""
    home, chance, sizes = model.twin(tmp_path / "twin"), random.Random(3), [0]
    for _ in model.steps[:2]:
        home.grow()
        command = [*home.command("serve", "--every", "1"), "--set", "serve.port=0", "--set", "serve.pause_ms=20"]
        for whole in (True, False):
            dies(home, command, chance.uniform(1.5, 5.0), whole)
            sizes.append(len(home.facts()))
        home.feed()
        home.drain()
        home.tick()
    while home.done < len(model.steps):
        home.step()
    assert sorted(sizes) == sizes, "a kill lost a fact that had been there"
    assert len(set(sizes)) >= 3, "kills met no service at work"
    assert anonymous(home.facts()) == anonymous(facts(model.home))
    law_at_rest(home)
