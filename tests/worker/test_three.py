"""Three brokers of which some end, while connectors publish and workers read, fold and decide: nothing lost or twice.

Every topic has three replicas, of which two must have a record. One broker less is not noticed; two less, and nobody is
told that a record was taken before it is safe; all of them less is a pause. Every test ends with the facts and the
decisions of an undisturbed embedded run, and every law.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from connectors.run.run import run
from hub import wiring
from hub.adapters.kafka.cluster import CONFIGS
from hub.adapters.kafka.log import KafkaLog
from hub.adapters.kafka.topics import KafkaTopics
from hub.cli.main import run as typed
from hub.core.errors import AppendUncertain, Unreachable
from tests.conformance.log_laws import everything, records
from tests.e2e.rig import NAMES, Home, Model
from tests.kafka.broker import VERSIONS
from tests.kafka.three import Three
from tests.worker.rig import BEFORE_ALL, Workers, announce, twin_on
from tests.worker.test_demo import same_as
from tests.worker.test_kills import changed
from tests.worker.trouble import TROUBLES, Troubled, befalling, followers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

OLDEST = pytest.param(VERSIONS[0], marks=pytest.mark.storm)
AWAY = frozenset(("HUB-L501", "HUB-L502", "HUB-G542"))
"""What a worker may say of brokers that are away."""


@pytest.fixture(scope="module", params=[VERSIONS[-1], OLDEST])
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """The newest version, and the oldest when there is time."""
    three = Three(tmp_path_factory.mktemp(f"three-{request.param}"), request.param)
    try:
        yield three.start()
    finally:
        three.kill(*three.running())


@pytest.fixture
def three(cluster: Three) -> Iterator[Three]:
    """The cluster, which is whole again afterwards."""
    yield cluster
    cluster.start()


@pytest.fixture
def home(model: Model, three: Three, names: Iterator[str], tmp_path: Path) -> Home:
    """An installation whose agencies have not published yet."""
    return twin_on(model, tmp_path / "home", f"{three.url}/{next(names)}")


def native(home: Home, topic: str) -> str:
    """The name of a topic in the cluster."""
    return f"{home.settings.log_url.rpartition('/')[2]}.{topic}"


def publish(home: Home, three: Three, trouble: str) -> None:
    """A step's connectors, in whose appends trouble begins; who is told that one may have failed is run again."""
    settings, begun = home.settings, threading.Event()

    def befall() -> None:
        assert begun.wait(60), "nobody appended"
        TROUBLES[trouble](three, native(home, "ingress.health"))

    with befalling(befall), closing(wiring.open_log(settings.database("log"))) as log:
        troubled: Any = Troubled(log, 3, begun.set)
        for name in NAMES:
            with suppress(Unreachable):
                run(wiring.open_edge(settings, name), troubled, wiring.system_of(settings))
    patiently(home.feed)


def patiently(act: Callable[[], object]) -> None:
    """Do something, again while the brokers do not answer, as `hub serve` does; on a busy machine they may be slow."""
    for _ in range(3):
        with suppress(Unreachable):
            act()
            return
        time.sleep(1)
    act()


def ended_well(model: Model, home: Home) -> None:
    """The steps that are left, and then the facts and decisions of the undisturbed run, and every law."""
    while home.done < len(model.steps):
        home.grow()
        for act in (lambda: announce(home), home.feed, home.drain, home.tick):
            patiently(act)
    same_as(model, home)


def worked_through(home: Home, three: Three, trouble: str, day: int, changes: int) -> None:
    """Two workers do all there is by a day; trouble comes when they have begun, and they end well."""
    with Workers(home, day, "flow.fetch=7", "worker.processes=2") as workers:
        workers.start(0, supervised=True)
        assert changed(home, changes, 90), "nobody was at work"
        TROUBLES[trouble](three, native(home, "persons"))
        workers.settle(300)
        assert workers.stop(0) == 0
        assert set(workers.codes()) <= AWAY | {"HUB-P410", "HUB-I440"}


STORMY = [pytest.param(name, marks=pytest.mark.storm) for name in TROUBLES if name != "leader"]


@pytest.mark.parametrize("trouble", ["leader", *STORMY])
def test_brokers_that_end_cost_nothing(model: Model, three: Three, home: Home, trouble: str) -> None:
    """Trouble while connectors publish, while workers take it in, and while they decide."""
    for publishing in (trouble, ""):
        home.grow()
        patiently(lambda: announce(home))
        publish(home, three, publishing) if publishing else patiently(home.feed)
    worked_through(home, three, trouble, BEFORE_ALL, 15)
    worked_through(home, three, trouble, home.day, 3)
    ended_well(model, home)


def not_ready(workers: Workers) -> bool:
    """Whether one that answers says why it does not work; who has just ended is started again within seconds."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError):
            status, why = workers.get("/health/ready")
            return status == 503 and any(code in why for code in (*AWAY, "HUB-G540"))
        time.sleep(0.5)
    return False


@pytest.mark.storm
def test_who_cannot_append_says_so_and_goes_on(model: Model, three: Three, home: Home) -> None:
    """With two of three away a connector ends with 5 and a worker is not ready, each by name; with them back, all is as
    if nothing had been."""
    home.grow()
    patiently(lambda: announce(home))
    patiently(lambda: home.feed(NAMES[1:]))
    three.kill(*followers(three, native(home, "persons")))
    said = home.call("connector", "run", NAMES[0], "--json", expect=5).stderr
    assert json.loads(said)["error"]["code"] in AWAY
    with Workers(home, BEFORE_ALL, "worker.processes=2") as workers:
        workers.start(0, supervised=True)
        while not AWAY & set(workers.codes()):
            time.sleep(0.5)
        assert not_ready(workers)
        three.start()
        patiently(home.feed)
        workers.settle(300)
        assert workers.stop(0) == 0
    patiently(home.tick)
    ended_well(model, home)


def test_a_record_is_safe_when_two_have_it(three: Three, names: Iterator[str]) -> None:
    """One follower less: appended and read. Two less: uncertain, and nothing is said to be safe. Back again: what was
    acknowledged is there, once and in its order, and of what was uncertain all or nothing."""
    url = f"{three.url}/{next(names)}"
    with closing(KafkaLog(url, seconds=8)) as log:
        log.create("persons", 1)
        topic = log.cluster.address.native("persons")
        log.append("persons", 0, records(0, 10))
        one, another = followers(three, topic)
        three.kill(one)
        log.append("persons", 0, records(10, 20))
        assert everything(log, "persons", 0) == records(0, 20)
        three.kill(another)
        with pytest.raises(AppendUncertain, match="HUB-L501"):
            log.append("persons", 0, records(20, 30))
        three.start()
        with closing(KafkaLog(url)) as again:
            known = records(0, 20), records(0, 30)
            assert everything(again, "persons", 0) in known
        three.until(lambda: len(everything(log, "persons", 0)) >= 20, "who read before never reads again")
        assert everything(log, "persons", 0) in known


def told(capsys: pytest.CaptureFixture[str], home: Path, word: str) -> tuple[int, Any, str]:
    """Exit code, what was printed, and the code of the error."""
    code = typed(["topics", word, "--home", str(home), "--json"])
    out, error = capsys.readouterr()
    return code, json.loads(out) if out else None, json.loads(error)["error"]["code"] if error else ""


def test_topics_of_three_brokers(
    three: Three, names: Iterator[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Planned, made and checked without --single-node; one replica in sync is set right. Too few replicas are refused,
    and no second one is asked to be in sync with them, not even where the broker that was asked had not heard of it."""
    url, home = f"{three.url}/{next(names)}", tmp_path / "home"
    home.mkdir()
    (home / "hub.toml").write_text(f'format = 1\n[log]\nurl = "{url}"\n', encoding="utf-8")
    assert {each["what"] for each in told(capsys, home, "plan")[1]} == {"missing"}
    code, done, _ = told(capsys, home, "apply")
    assert (code, len(done["done"]), done["left"]) == (0, 3, [])
    assert told(capsys, home, "check") == (0, [], "")
    with (
        closing(KafkaLog(url)) as log,
        closing(KafkaAdminClient(bootstrap_servers=log.cluster.address.servers)) as admin,
    ):
        assert {topic.replicas for topic in log.cluster.topics().values()} == {3}
        persons, markets = map(log.cluster.address.native, ("persons", "markets"))
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, persons, {"min.insync.replicas": "1"})])

        def checked() -> tuple[int, list[tuple[str, str]], str]:
            code, rows, error = told(capsys, home, "check")
            return code, [(each["topic"], each["what"]) for each in rows or ()], error

        # Any of the three may be asked, and hears of a change when it hears of it.
        three.until(lambda: checked() == (3, [("persons", "min_isr")], "HUB-L110"), "the change is not told", 60)
        assert told(capsys, home, "apply")[0] == 0
        three.until(lambda: checked() == (0, [], ""), "what was mended is not told", 60)
        admin.delete_topics([markets])
        asked = {"num_partitions": 4, "replication_factor": 2, "configs": CONFIGS | {"min.insync.replicas": "2"}}
        admin.create_topics({markets: asked}, wait_for_metadata=True)
        assert told(capsys, home, "check")[::2] == (4, "HUB-L404")
    other = f"{three.url}/{next(names)}"
    (home / "hub.toml").write_text(f'format = 1\n[log]\nurl = "{other}"\n', encoding="utf-8")
    with closing(KafkaLog(other)) as log, closing(KafkaTopics(other, {"persons": 8}, 0, False)) as topics:
        unheard = topics.differences()
        log.cluster.make("persons", 8, replicas=2)
        topics.apply(unheard)

        def left() -> tuple[int, str, set[tuple[str, str, bool]]]:
            code, found, error = told(capsys, home, "apply")
            return code, error, {(each["topic"], each["what"], each["by_hand"]) for each in found["left"]}

        wrong = {("persons", "replicas", True), ("persons", "min_isr", True)}
        three.until(lambda: left() == (3, "HUB-L110", wrong), "too few replicas are not told", 60)
