"""Records that somebody deleted on the brokers behind the back of those who read them long ago."""

import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient, TopicPartition

from hub.adapters.kafka.log import KafkaLog
from hub.core.calendar import iso
from tests.e2e.rig import Home, Model
from tests.kafka.broker import Broker
from tests.worker.rig import BEFORE_ALL, Workers, twin_fed

pytestmark = pytest.mark.slow


def test_a_worker_names_a_partition_that_lost_its_beginning(
    model: Model, broker: Broker, names: Iterator[str], tmp_path: Path
) -> None:
    """It has read beyond, and is not ready: a truth that is kept for ever can no longer be read again. So does `hub
    serve`. Ingress, which is not kept for ever, may lose its beginning."""
    url = f"{broker.url}/{next(names)}"
    home = twin_fed(model, tmp_path / "home", url)
    with (
        Workers(home, BEFORE_ALL) as workers,
        closing(KafkaLog(url)) as log,
        closing(KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{broker.port}")) as admin,
    ):
        workers.start(0)
        workers.settle()
        place = next(n for n in range(log.topics()["persons"]) if log.bounds("persons", n).end > 4)
        ingress = next(topic for topic in log.topics() if topic.startswith("ingress.") and log.bounds(topic, 0).end > 1)
        native = log.cluster.address.native
        admin.delete_records({TopicPartition(native(ingress), 0): 1})
        time.sleep(12)  # two looks
        assert workers.get("/health/ready")[0] == 200
        admin.delete_records({TopicPartition(native("persons"), place): 4})
        until = time.monotonic() + 30
        while workers.get("/health/ready")[0] == 200:
            assert time.monotonic() < until, "nobody noticed"
            time.sleep(0.5)
        (reason,) = json.loads(workers.get("/health/ready")[1])["reasons"]
        assert (reason["code"], reason["where"]) == ("HUB-L405", {"topic": "persons", "partition": place, "offset": 4})
        assert workers.stop(0) == 0, "it goes on with what comes"
        assert reason in served(home)


def served(home: Home) -> list[dict[str, Any]]:
    """Why `hub serve` is not ready, once it has looked at the log."""
    command = [*home.command("serve", "--no-connectors"), "--set", "serve.port=0"]
    environment = home.environment | {"HUB_HUB_CLOCK_DAY": iso(BEFORE_ALL)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while (line := json.loads(process.stderr.readline()))["event"] != "listening":
            continue
        try:
            while True:
                reasons = ready(f"http://127.0.0.1:{line['port']}/health/ready")
                if not any(one["code"] == "HUB-G540" for one in reasons):
                    return reasons
                time.sleep(0.5)
        finally:
            process.terminate()
            assert process.wait(40) == 0


def ready(url: str) -> list[dict[str, Any]]:
    """The reasons of one answer."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return list(json.load(answer)["reasons"])
    except urllib.error.HTTPError as refused:
        return list(json.load(refused)["reasons"])
