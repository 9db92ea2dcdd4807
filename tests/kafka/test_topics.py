"""`hub topics plan | apply | check`: what is refused, and that applying makes what was planned and nothing else."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from hub.adapters.kafka.cluster import CONFIGS
from hub.adapters.kafka.log import KafkaLog
from hub.adapters.kafka.topics import DAY_MS, Found, Wanted, compare, configs_of
from hub.cli.main import run
from tests.conformance.log_laws import everything, records
from tests.kafka.broker import Broker

WANTED = Wanted(8, 3, -1)
GOOD = Found(8, 3, "id", "id", 0, configs_of(WANTED))


def what(found: Found | None, topic: str = "persons", wanted: Wanted = WANTED) -> dict[str, bool]:
    """What differs, and whether a hub refuses to work so."""
    return {each.what: each.refused for each in compare(topic, wanted, found)}


def configured(**changes: str) -> Found:
    """A good topic with other configurations."""
    return GOOD._replace(configs={**GOOD.configs, **{key.replace("_", "."): to for key, to in changes.items()}})


def test_nothing_differs_in_a_topic_as_it_should_be() -> None:
    """A topic that was made as we make them has no difference, whether its log is kept for ever or for days."""
    assert what(GOOD) == {}
    days = Wanted(1, 3, 30 * DAY_MS)
    assert what(GOOD._replace(partitions=1, configs=configs_of(days)), "ingress.a", days) == {}


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        (None, "missing"),
        (configured(cleanup_policy="compact"), "compacted"),
        (configured(cleanup_policy="compact,delete"), "compacted"),
        (configured(retention_ms="604800000"), "retention"),
        (configured(retention_bytes="1000000"), "retention"),
        (configured(message_timestamp_type="CreateTime"), "clock"),
        (configured(min_insync_replicas="1"), "min_isr"),
        (configured(max_message_bytes="1048588"), "small"),
        (configured(unclean_leader_election_enable="true"), "unclean"),
        (GOOD._replace(replicas=2), "replicas"),
        (GOOD._replace(partitions=9), "partitions"),
        (GOOD._replace(begin=1), "beginning"),
        (GOOD._replace(id="other"), "again"),
        (GOOD._replace(id=""), "again"),
        (GOOD._replace(registered=""), "unregistered"),
    ],
)
def test_what_may_lose_reorder_or_misdate_records_is_refused(found: Found | None, difference: str) -> None:
    """Each way in which a canonical topic may not be is found, alone, and refused."""
    assert what(found) == {difference: True}


def test_one_node_may_have_one_replica() -> None:
    """Where one node was asked for, one replica is enough, and nothing else is forgiven."""
    one = Wanted(8, 1, -1)
    found = GOOD._replace(replicas=1, configs=configs_of(one))
    assert what(found, wanted=one) == {}
    assert what(found) == {"replicas": True, "min_isr": True}
    assert what(configured(retention_ms="1"), wanted=one) == {"retention": True}


def test_frames_may_be_kept_longer_but_not_shorter() -> None:
    """An ingress topic that keeps for longer is only told of; one that keeps for shorter is refused."""
    days = Wanted(8, 3, 30 * DAY_MS)
    assert what(GOOD, "ingress.a", days) == {"longer": False}
    assert what(configured(retention_ms=str(31 * DAY_MS)), "ingress.a", days) == {"longer": False}
    assert what(configured(retention_ms=str(29 * DAY_MS)), "ingress.a", days) == {"retention": True}
    assert what(GOOD._replace(begin=7), "ingress.a") == {}


def _home(folder: Path, url: str) -> Path:
    folder.mkdir()
    (folder / "hub.toml").write_text(f'format = 1\n[log]\nurl = "{url}"\n', encoding="utf-8")
    return folder


def _run(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> tuple[int, Any, str]:
    code = run(["topics", *words, "--home", str(home), "--json"])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out else None, told.err


def _whats(rows: Any) -> set[tuple[str, str]]:
    return {(row["topic"], row["what"]) for row in rows}


@pytest.mark.slow
def test_apply_makes_what_was_planned(
    broker: Broker, names: Iterator[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan changes nothing; applied, it makes the topics of the installation, and check agrees."""
    url = f"{broker.url}/{next(names)}"
    home = _home(tmp_path / "home", url)
    missing = {(topic, "missing") for topic in ("hub.identity", "persons", "markets")}
    for _ in range(2):
        code, rows, _ = _run(capsys, home, "plan", "--single-node")
        assert (code, _whats(rows)) == (0, missing)
    code, _, error = _run(capsys, home, "check", "--single-node")
    assert code == 3
    assert "HUB-L110" in error
    code, done, _ = _run(capsys, home, "apply", "--single-node")
    assert (code, _whats(done["done"]), done["left"]) == (0, missing, [])
    assert _run(capsys, home, "check", "--single-node")[:2] == (0, [])
    code, rows, _ = _run(capsys, home, "check")
    assert code == 3
    assert {what for _, what in _whats(rows)} == {"replicas", "min_isr"}
    with closing(KafkaLog(url, make=False)) as log:
        assert log.topics() == {"markets": 4, "persons": 8}


@pytest.mark.slow
def test_apply_mends_configurations_and_loses_nothing(
    broker: Broker, names: Iterator[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What somebody set wrongly is refused, set right again, and every record is still there."""
    url = f"{broker.url}/{next(names)}"
    home = _home(tmp_path / "home", url)
    assert _run(capsys, home, "apply", "--single-node")[0] == 0
    with (
        closing(KafkaLog(url)) as log,
        closing(KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{broker.port}")) as admin,
    ):
        log.append("persons", 3, records(0, 10))
        wrong = {"cleanup.policy": "compact", "retention.ms": "604800000", "message.timestamp.type": "CreateTime"}
        native = log.cluster.address.native("persons")
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, native, wrong)])
        code, rows, _ = _run(capsys, home, "check", "--single-node")
        assert (code, _whats(rows)) == (3, {("persons", each) for each in ("compacted", "retention", "clock")})
        assert _run(capsys, home, "apply", "--single-node")[0] == 0
        assert _run(capsys, home, "check", "--single-node")[:2] == (0, [])
        now = log.cluster.configs(["persons"])["persons"]
        assert {key: now[key] for key in CONFIGS} == CONFIGS
        assert everything(log, "persons", 3) == records(0, 10)


@pytest.mark.slow
def test_another_topic_under_an_old_name_is_exit_4(
    broker: Broker, names: Iterator[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A canonical topic that was made again, or lost its beginning, is refused by name: no configuration mends that."""
    url = f"{broker.url}/{next(names)}"
    home = _home(tmp_path / "home", url)
    assert _run(capsys, home, "apply", "--single-node")[0] == 0
    with (
        closing(KafkaLog(url)) as log,
        closing(KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{broker.port}")) as admin,
    ):
        log.append("markets", 1, records(0, 10))
        native = log.cluster.address.native
        admin.delete_records({TopicPartition(native("markets"), 1): 4})
        code, _, error = _run(capsys, home, "check", "--single-node")
        assert (code, json.loads(error)["error"]["where"]) == (4, {"topic": "markets", "offset": 4})
        admin.delete_topics([native("persons")])
        code, _, error = _run(capsys, home, "apply", "--single-node")
        assert (code, json.loads(error)["error"]["code"]) == (4, "HUB-L404")
        assert "persons" not in log.topics(), "nothing was made in its place"
        admin.create_topics({native("persons"): {"num_partitions": 8}}, wait_for_metadata=True)
        for word in ("check", "apply"):
            code, _, error = _run(capsys, home, word, "--single-node")
            assert (code, json.loads(error)["error"]["where"]) == (4, {"topic": "persons"})


@pytest.mark.slow
def test_init_makes_the_topics_that_lack(
    broker: Broker, names: Iterator[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`hub init` makes an installation whose log is on Kafka; made again, it finds the topics there."""
    url = f"{broker.url}/{next(names)}"
    home = _home(tmp_path / "home", url)
    made = []
    for _ in range(2):
        assert run(["init", "--home", str(home)]) == 0
        made.append(capsys.readouterr().out.count(f"+ {url} "))
    assert made == [2, 0]
    assert run(["log", "topics", "--home", str(home), "--json"]) == 0
    partitions = json.loads(capsys.readouterr().out)["partitions"]
    assert {(each["topic"], each["end"]) for each in partitions} == {("persons", 0), ("markets", 0)}
    assert len(partitions) == 12


@pytest.mark.slow
def test_apply_never_makes_a_topic_that_nobody_can_append_to(
    broker: Broker, names: Iterator[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two in-sync replicas are not asked of a topic that has one: that is left to hands, and appending goes on."""
    url = f"{broker.url}/{next(names)}"
    home = _home(tmp_path / "home", url)
    assert _run(capsys, home, "apply", "--single-node")[0] == 0
    with (
        closing(KafkaLog(url, seconds=10)) as log,
        closing(KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{broker.port}")) as admin,
    ):
        native = log.cluster.address.native("persons")
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, native, {"retention.ms": "1000000"})])
        code, told, _ = _run(capsys, home, "apply")
        assert code == 3
        assert _whats(told["done"]) == {("persons", "retention")}
        assert {what for _, what in _whats(told["left"])} == {"replicas", "min_isr"}
        assert all(each["by_hand"] for each in told["left"])
        assert log.append("persons", 0, records(0, 1)) == 0


def test_a_log_in_a_file_has_no_topics_to_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without Kafka there is nothing to plan, and that is said, not shown as an empty plan."""
    home = _home(tmp_path / "home", "sqlite:///hub/log.db")
    code, _, error = _run(capsys, home, "plan")
    assert code == 3
    assert "HUB-L111" in error


@pytest.mark.slow
def test_ingress_outlives_an_outage_and_a_backup(
    broker: Broker, names: Iterator[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ingress that would be gone when intake is back from the stated outage, with the stated backup, is refused."""
    home = _home(tmp_path / "home", f"{broker.url}/{next(names)}")
    stated = ("--single-node", "--set", "log.outage_days=20", "--set", "log.backup_days=9")
    for word in ("plan", "apply", "check"):
        code, _, error = _run(capsys, home, word, *stated, "--set", "log.ingress_days=28")
        assert (code, json.loads(error)["error"]["code"]) == (3, "HUB-L563")
        assert json.loads(error)["error"]["where"]["needed"] == 29
    assert _run(capsys, home, "apply", *stated, "--set", "log.ingress_days=29")[0] == 0
    assert _run(capsys, home, "check", *stated, "--set", "log.ingress_days=0")[0] == 0


@pytest.mark.slow
def test_fewer_brokers_than_replicas_are_named(
    broker: Broker, names: Iterator[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On one broker `apply` without --single-node makes nothing, and says how many brokers there are and are needed."""
    home = _home(tmp_path / "home", f"{broker.url}/{next(names)}")
    code, _, error = _run(capsys, home, "apply")
    assert code == 3
    assert "HUB-L568" in error
    assert {row["what"] for row in _run(capsys, home, "plan", "--single-node")[1]} == {"missing"}
