"""What one broker made another one may not have heard of yet: whoever asks is not led astray by that."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.kafka.cluster import CONFIGS, Cluster, Topic
from hub.adapters.kafka.log import KafkaLog
from hub.cli.main import run
from tests.conformance.log_laws import records
from tests.kafka.broker import Broker

pytestmark = pytest.mark.slow


def home_of(url: str, home: Path) -> Path:
    """The folder of an installation with this log."""
    home.mkdir()
    (home / "hub.toml").write_text(f'format = 1\n[log]\nurl = "{url}"\n', encoding="utf-8")
    return home


def told(capsys: pytest.CaptureFixture[str], home: Path, word: str) -> tuple[int, Any]:
    """Exit code and what was printed."""
    code = run(["topics", word, "--home", str(home), "--json", "--single-node"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else None


def test_a_broker_that_has_not_heard_yet_is_asked_again(
    broker: Broker,
    names: Iterator[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of several brokers, any may be asked, and may not know yet what another one has just made: apply ends well, and a
    topic that the register knows is not taken for one that was deleted."""
    url = f"{broker.url}/{next(names)}"
    home = home_of(url, tmp_path / "home")
    answer, late = Cluster._told, 0

    def later(self: Cluster) -> dict[str, Topic]:
        """Every other answer lacks a topic that is there."""
        nonlocal late
        late += 1
        return {name: topic for name, topic in answer(self).items() if late % 2 == 0 or name != "persons"}

    monkeypatch.setattr(Cluster, "_told", later)
    code, done = told(capsys, home, "apply")
    assert (code, done["left"]) == (0, [])
    for _ in range(2):
        assert told(capsys, home, "check") == (0, [])
        with closing(KafkaLog(url)) as log:
            log.create("persons", 8)
            assert log.append("persons", 0, records(0, 1)) >= 0


def test_a_configuration_that_another_broker_set_is_asked_for_again(
    broker: Broker,
    names: Iterator[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The broker that is asked after `apply` has set something right may tell of it as it was: it is asked again."""
    url = f"{broker.url}/{next(names)}"
    home = home_of(url, tmp_path / "home")
    assert told(capsys, home, "apply")[0] == 0
    with closing(Cluster(url, 30)) as cluster:
        cluster.alter("persons", CONFIGS | {"retention.ms": "1000"})
    answer, late = Cluster.configs, 0

    def later(self: Cluster, topics: list[str]) -> dict[str, dict[str, str]]:
        """The first answers are those of a broker that has not heard of the change."""
        nonlocal late
        late += 1
        found = answer(self, topics)
        return found if late > 3 else found | {"persons": found["persons"] | {"retention.ms": "1000"}}

    monkeypatch.setattr(Cluster, "configs", later)
    code, done = told(capsys, home, "apply")
    assert (code, done["left"], [each["what"] for each in done["done"]]) == (0, [], ["retention"])
