"""`kill -9` at random moments of `hub connector run` and `hub serve`: the promises (i) to (iii) hold all the same."""

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.laws import law_at_rest
from tests.e2e.rig import NAMES, Home, Model, anonymous, decided, facts

pytestmark = pytest.mark.slow

WRITTEN: Final = (
    *(f"{name}.db-wal" for name in ("hub/intake", "hub/log", "hub/views", "vault/vault")),
    *(f"edges/{name}/spool.db{ending}" for name in NAMES for ending in ("", "-shm", "-wal")),
)
"""By name: a look at the folders, hundreds of times a second, would take the time of whoever is looked at."""


def dies(home: Home, command: list[str], changes: int, whole: bool = True, seconds: float = 8) -> bool:
    """Start a command and kill it when it has changed our files so often; returns whether it was at work then.

    One that changes nothing is killed after so many `seconds`. With `whole` its children are killed, too; else they
    must end by themselves, since nobody knows of them any more.
    """
    said = home.folder / "said"
    with said.open("ab") as out:
        before, seen, until = written(home), 0, time.monotonic() + seconds
        process = subprocess.Popen(command, env=home.environment, stdout=out, stderr=out, start_new_session=True)
        while seen < changes and process.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
            now = written(home)
            if now != before:
                seen, before, until = seen + 1, now, time.monotonic() + 2
        alive = process.poll() is None
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL) if whole else process.kill()
        process.wait(30)
    assert gone(process.pid, 60), "children outlive the hub"
    assert alive or process.returncode in (0, 7), f"exit {process.returncode}\n{said.read_text()[-2000:]}"
    return alive and seen > 0


def written(home: Home) -> list[tuple[int, int]]:
    """Sizes and times of everything in which a database keeps what it was told last."""
    found = []
    for name in WRITTEN:
        with suppress(FileNotFoundError):
            about = os.stat(f"{home.folder}/{name}")
            found.append((about.st_size, about.st_mtime_ns))
    return found


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
    for _ in model.steps[:3]:
        home.grow()
        for _ in range(4):
            names = chance.sample(NAMES, len(NAMES))
            killed += dies(home, home.command("connector", "run", *names), chance.randint(1, 60))
            if chance.random() < 0.5:
                home.drain(chance.choice([7, 5000]), chance.choice([3, 5000]))
        home.feed()
        home.drain()
        home.tick()
    while home.done < len(model.steps):
        home.step()
    assert killed >= 5, "no kill met a connector at work"
    ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    law_at_rest(home)


def test_a_service_that_is_killed_ends_with_the_same_decisions(model: Model, tmp_path: Path) -> None:
    """Killed again and again in intake, fold, decision and relay, the hub decides what an undisturbed one decides."""
    home, chance, killed = model.twin(tmp_path / "twin"), random.Random(5), 0
    for _ in model.steps[:3]:
        home.grow()
        home.feed()
        for _ in range(3):
            fetch = chance.choice([5, 40, 5000])
            flags = ["--set", "serve.port=0", "--set", f"flow.fetch={fetch}"]
            command = [*home.command("serve", "--no-connectors"), *flags]
            killed += dies(home, command, chance.randint(1, 60))
        home.drain()
        home.tick()
    while home.done < len(model.steps):
        home.step()
    assert killed >= 4, "no kill met a service at work"
    ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    law_at_rest(home)


def test_a_service_with_connectors_that_is_killed_loses_nothing(model: Model, tmp_path: Path) -> None:
    """Killed with its connectors, or without them, at random moments: the facts of agencies, and every law."""
    home, chance, killed, sizes = model.twin(tmp_path / "twin"), random.Random(3), 0, [0]
    for _ in model.steps[:2]:
        home.grow()
        command = [*home.command("serve", "--every", "1"), "--set", "serve.port=0", "--set", "serve.pause_ms=20"]
        for whole in (True, False):
            killed += dies(home, command, chance.randint(1, 120), whole)
            sizes.append(len(home.facts()))
        home.feed()
        home.drain()
        home.tick()
    while home.done < len(model.steps):
        home.step()
    assert sorted(sizes) == sizes, "a kill lost a fact that had been there"
    assert killed >= 2, "no kill met a service at work"
    assert anonymous(home.facts()) == anonymous(facts(model.home))
    law_at_rest(home)
