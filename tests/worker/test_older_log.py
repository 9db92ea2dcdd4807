"""Brokers put back from a backup that is older than what reads them: everybody says so by name, and nobody goes on."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import Home, Model, put_back
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, step, twin_on

pytestmark = pytest.mark.slow
DATABASES = ("hub/intake.db", "vault/vault.db")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Broker]:
    """A broker of this test only: its disk is put back."""
    broker = Broker(tmp_path / "broker").start()
    yield broker
    broker.stop()


@pytest.fixture
def home(model: Model, own: Broker, tmp_path: Path) -> Home:
    """An installation that did two steps, on brokers that know of the first one only."""
    home, data, kept = twin_on(model, tmp_path / "home", f"{own.url}/older"), own.folder / "data", tmp_path / "kept"
    step(home)
    own.stop()
    shutil.copytree(data, kept / "data")
    for name in DATABASES:
        (kept / name).parent.mkdir()
        put_back(name, home.folder, kept)
    own.start()
    step(home)
    own.stop()
    shutil.rmtree(data)
    shutil.move(kept / "data", data)
    own.start()
    return home


def stopped(home: Home) -> set[str]:
    """What a worker says that ends with 4; its supervisor does not start it again."""
    with Workers(home, BEFORE_ALL) as workers:
        workers.said.unlink(missing_ok=True)
        workers.start(0, supervised=True)
        assert workers.ended(0, 90) == 4
        return set(workers.codes())


def test_brokers_that_are_older_than_the_hub_are_refused(home: Home, tmp_path: Path) -> None:
    """Intake that took more than the log holds, and with an intake as old as the log, views that saw more: a worker
    ends with 4 and names which. A connector whose frames are gone reads no row."""
    assert stopped(home) == {"HUB-I433"}
    for name in DATABASES:
        put_back(name, tmp_path / "kept", home.folder)
    assert stopped(home) == {"HUB-P421"}
    assert "HUB-C406" in home.call("connector", "run", "civil-affairs-steps", expect=4).stderr
