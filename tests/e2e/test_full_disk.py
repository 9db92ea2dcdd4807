"""A disk that is full, in the edge and in the hub: told as such, nothing lost, and all goes on when there is room.

A limit on the size of files stands for the disk: the operating system refuses a write in the middle of a transaction.
"""

import os
import random
import resource
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.laws import law_at_rest
from tests.e2e.rig import Home, Model, anonymous, decided, facts

pytestmark = pytest.mark.slow
DONE, AWAY = 0, 5


def confined(size: int) -> None:
    """In the child, before the program: no file grows beyond so many bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def largest(home: Home) -> int:
    """The size of the largest file that an installation writes to."""
    return max(path.stat().st_size for path in home.folder.rglob("*.db*"))


def refused(home: Home, size: int) -> bool:
    """Run all connectors where no file may grow beyond that; whether one said that it could not write."""
    done = subprocess.run(
        home.command("connector", "run"), env=home.environment, capture_output=True, text=True, timeout=120,
        preexec_fn=partial(confined, size),
    )  # fmt: skip
    assert done.returncode in (DONE, AWAY), f"exit {done.returncode}\n{done.stderr[-2000:]}"
    assert "HUB-G001" not in done.stderr
    return done.returncode == AWAY


def waits(home: Home, size: int, seconds: float = 12) -> bool:
    """Serve there; whether the hub said that something does not answer. It ends well when it is asked to."""
    said = home.folder / "said"
    before = said.stat().st_size if said.exists() else 0
    command = [*home.command("serve", "--no-connectors"), "--set", "serve.port=0", "--set", "flow.fetch=40"]
    with said.open("ab") as out:
        process = subprocess.Popen(
            command, env=home.environment, stdout=out, stderr=subprocess.STDOUT, preexec_fn=partial(confined, size)
        )
        until, told = time.monotonic() + seconds, False
        while not told and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
            told = b'"unreachable"' in said.read_bytes()[before:]
        process.terminate()
        code = process.wait(40)
    text = said.read_text(encoding="utf-8")[before:]
    assert code in (DONE, AWAY), f"exit {code}\n{text[-2000:]}"
    assert "HUB-G001" not in text
    return told or code == AWAY


@pytest.mark.skipif(os.name == "nt", reason="RLIMIT_FSIZE")
def test_a_full_disk_loses_and_doubles_nothing(model: Model, tmp_path: Path) -> None:
    """Refused writes of random sizes in edges and hub; with room again, facts and decisions of an undisturbed run."""
    home, chance, met = model.twin(tmp_path / "twin"), random.Random(2), [0, 0]
    for _ in model.steps[:2]:
        home.grow()
        for _ in range(3):
            met[0] += refused(home, chance.randint(20_000, 400_000))
        home.feed()
        for _ in range(2):
            met[1] += waits(home, largest(home) * chance.randint(50, 101) // 100)
        home.drain()
        home.tick()
    while home.done < len(model.steps):
        home.step()
    assert min(met) >= 2, f"no refused write met a program at work: {met}"
    ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    law_at_rest(home)
