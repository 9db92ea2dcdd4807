"""The bench of workers runs on a real broker and its numbers add up. Nothing is asserted about time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import publishing, scaling, worker
from tests.kafka.broker import Broker
from tests.kafka.conftest import broker, brokers, names
from tests.postgres.conftest import server
from tests.postgres.server import Server

__all__ = ["broker", "brokers", "names", "server"]

pytestmark = pytest.mark.slow


def test_bench_of_workers_adds_up(broker: Broker, names: Iterator[str], tmp_path: Path) -> None:
    """Every mode takes every event of the same load, and the ratios follow from what is printed beside them."""
    result = worker.measure(tmp_path, f"{broker.url}/{next(names)}", 500, 1)
    assert set(result["cpu"]) == {*worker.MODES, *publishing.PUBLISHERS}
    assert result["events"] >= 500 - 500 // 20
    assert all(spent > 0 for spent in (*result["cpu"].values(), *result["wall"].values()))
    assert result["plumbing"] == pytest.approx(result["cpu"]["worker"] - result["cpu"]["alone"])
    assert result["rebuild x ordinary"] == pytest.approx(result["wall"]["ordinary"] / result["wall"]["rebuild"])
    assert 0 < result["plumbing within"] < result["cpu"]["worker"]
    assert worker.table(result).count("\n") > len(worker.MODES)


def test_bench_of_scaling_adds_up(broker: Broker, names: Iterator[str], server: Server, tmp_path: Path) -> None:
    """One worker, and two that share the partitions, take everything that waits."""
    total, wall = scaling.measure(tmp_path, f"{broker.url}/{next(names)}", server, 200, 1, scaling.STORES[1:])
    assert total >= 200 - 200 // 20
    assert set(wall) == {("postgresql", count) for count in scaling.COUNTS}
    assert all(seconds > 0 for each in wall.values() for seconds in each)
