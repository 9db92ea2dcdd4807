"""Partitions that no process has are named by every process that runs, whatever it has itself."""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import Model
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, twin_fed

pytestmark = pytest.mark.slow


def test_a_worker_names_what_nobody_has_and_forgets_it_when_somebody_does(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """One process has intake alone, and nobody the rest: it is ready, and its notices and metrics name the rest, until
    another one takes that."""
    home = twin_fed(model, tmp_path / "home", f"{broker.url}/{next(names)}")
    with Workers(home, BEFORE_ALL, "worker.patience_seconds=10") as workers:
        workers.start(0, fault="intake")
        while "HUB-L560" not in workers.get("/health/ready")[1]:
            assert workers.processes[0].poll() is None
            time.sleep(0.5)
        status, answer = workers.get("/health/ready")
        places = {one["where"]["partition"].split("/")[0] for one in json.loads(answer)["notices"]}
        assert (status, places) == (200, {"persons", "markets"})
        assert 'hub_untaken_since_seconds{type="persons/' in workers.get("/metrics")[1]
        first = f"http://127.0.0.1:{workers.port()}/health/ready"
        workers.start(1)
        workers.settle()
        while b"HUB-L560" in urllib.request.urlopen(first, timeout=10).read():
            time.sleep(0.5)
        assert workers.stop(1) == 0
        assert workers.stop(0) == 0
