"""A secured broker: an agency writes to its own ingress and reads its own outcomes, and nobody else is let in."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub import wiring
from hub.adapters.kafka import address, causes
from hub.adapters.kafka.log import KafkaLog
from hub.adapters.kafka.rights import Right, compare_rights, of_agencies
from hub.adapters.kafka.topics import KafkaTopics
from hub.cli.main import run
from hub.config import load
from hub.core.errors import DataError, IntegrityError, NotPermitted, Unreachable
from hub.core.record import Record
from tests.connectors.rig import Rig, row
from tests.kafka.broker import free_port
from tests.kafka.secured import ADMIN, AGENCY, Authority, SecuredBroker

TOPICS = {"persons": 1, "ingress.hospital": 1, "outcomes.hospital": 1, "ingress.other": 1, "outcomes.other": 1}
ONE = [Record(b"c", b"", b"frame")]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """One secured node."""
    found = SecuredBroker(tmp_path_factory.mktemp("secured"))
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def prefix(broker: SecuredBroker) -> str:
    """A log with two agencies, its topics and rights applied as code."""
    with closing(KafkaTopics(broker.address("log"), TOPICS, 0, True)) as topics:
        before = topics.differences()
        assert {each.what for each in before} == {"missing", "right"}
        assert {each.refused for each in before if each.wanted.startswith("User:admin")} == {False}
        topics.apply(before)
        assert topics.differences() == []
    return "log"


@pytest.mark.slow
def test_a_connector_runs_where_it_may_only_write(broker: SecuredBroker, tmp_path: Path) -> None:
    """A run, a second one and one after intake answered work with an agency's rights, which do not read its ingress."""
    topics = {"persons": 1, "ingress.hospital": 1, "outcomes.hospital": 1}
    with closing(KafkaTopics(broker.address("runs"), topics, 0, True)) as made:
        made.apply(made.differences())
    with (
        closing(KafkaLog(broker.address("runs"))) as hub,
        closing(KafkaLog(broker.address("runs", AGENCY), make=False, seconds=20)) as log,
    ):
        rig = Rig(tmp_path, log=hub)
        rig.rows(row(1))
        rig.log = log
        assert rig.run().rows.published == 1
        rig.rows(row(1), row(2))
        assert (rig.run().rows.published, len(list(rig.folder.glob("spool.db")))) == (1, 1)
        rig.log = hub
        rig.answer()
        rig.log = log
        report = rig.run()
        assert (report.rows.unchanged, report.waiting, report.blocked) == (2, 0, "")
        for path in rig.folder.glob("spool.db*"):
            path.unlink()
        with pytest.raises(IntegrityError, match="HUB-C407"):
            rig.run()
        rig.run(begin_anew="replaced")
        rig.log = hub
        assert rig.frames()[-1][0].generation == 2


@pytest.mark.slow
@pytest.mark.parametrize("way", ["password", "certificate"])
def test_an_agency_may_use_its_own_two_topics_and_nothing_else(broker: SecuredBroker, prefix: str, way: str) -> None:
    """Writing to its ingress and reading its outcomes work; every other topic, and the other way round, does not."""
    with closing(KafkaLog(broker.address(prefix))) as hub:
        hub.append("outcomes.hospital", 0, ONE)
        before = hub.bounds("ingress.hospital", 0).end
    url = broker.address(prefix, AGENCY) if way == "password" else broker.mutual_address(prefix, AGENCY[0])
    with closing(KafkaLog(url, make=False, seconds=20)) as log:
        assert set(log.topics()) == {"ingress.hospital", "outcomes.hospital"}
        log.append("ingress.hospital", 0, ONE)
        assert log.read("outcomes.hospital", 0, 0, 10)[0] == ONE[0]
        with pytest.raises(NotPermitted):
            log.append("outcomes.hospital", 0, ONE)
        with pytest.raises(DataError, match="HUB-L102"):  # of others it does not even see that they are there
            log.append("ingress.other", 0, ONE)
        with pytest.raises((NotPermitted, Unreachable)):
            log.read("ingress.hospital", 0, 0, 10)
        assert log.identity() == log.cluster.topics()["ingress.hospital"].id
    with closing(KafkaLog(broker.address(prefix))) as hub:
        assert hub.bounds("ingress.hospital", 0).end == before + 1


def ways_not_in(broker: SecuredBroker, prefix: str, folder: Path) -> dict[str, list[str]]:
    """Addresses at which nobody is let in, by the code that names why."""
    name, secret = ADMIN
    alien = Authority("alien")
    alien.issue(name, folder / "alien.pem")
    right, mutual = broker.address(prefix), broker.mutual_address(prefix, name)
    ended = broker.mutual_address(prefix, name).replace(f"{broker.folder}/{name}.pem", f"{folder}/ended.pem")
    broker.authority.issue(name, folder / "ended.pem", -1)
    return {
        "HUB-L569": [broker.address(prefix, ca="other.pem"), right.partition("?")[0]],
        "HUB-L570": [right.replace("127.0.0.1", "localhost")],
        "HUB-L573": [mutual.replace("://", f"://{name}:{secret}@")],
        "HUB-L574": [mutual.partition("&")[0], mutual.replace(f"{broker.folder}/{name}", f"{folder}/alien"), ended],
        "HUB-L575": [broker.address(prefix, (name, "wrong-secret")), broker.address(prefix, ("nobody", secret))],
        "HUB-L576": [right.replace(f"{name}:{secret}@", "")],
        "HUB-L577": [f"kafka://127.0.0.1:{broker.port}/{prefix}"],
        "HUB-L503": [right.replace(str(broker.port), str(free_port()))],
    }


@pytest.mark.slow
@pytest.mark.parametrize("code", ["L569", "L570", "L573", "L574", "L575", "L576", "L577", "L503"])
def test_who_is_not_let_in_is_told_why(broker: SecuredBroker, prefix: str, tmp_path: Path, code: str) -> None:
    """Another authority, another name, a wrong password, no certificate: each has a code and a remedy of its own, and
    nothing tells a secret."""
    for url in ways_not_in(broker, prefix, tmp_path)[f"HUB-{code}"]:
        with pytest.raises(Unreachable) as caught:
            KafkaLog(url, make=False, seconds=4)
        assert (caught.value.code, caught.value.exit_code) == (f"HUB-{code}", 5), url.partition("@")[2]
        assert "secret" not in str(caught.value.place)


@pytest.mark.slow
def test_a_mechanism_that_brokers_lack_and_a_port_in_clear_are_told(
    broker: SecuredBroker, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for a mechanism that the brokers do not have, or for TLS where there is none, is told that and not of
    passwords."""
    for module in (address, causes):
        monkeypatch.setattr(module, "SCRAM", "SCRAM-SHA-256")
    with pytest.raises(Unreachable, match="HUB-L572"):
        KafkaLog(broker.address(prefix), make=False, seconds=4)
    with pytest.raises(Unreachable, match="HUB-L571"):
        KafkaLog(broker.address(prefix).replace(str(broker.port), str(broker.controller)), make=False, seconds=4)


@pytest.mark.slow
def test_the_hub_works_on_a_secured_broker_by_configuration(
    broker: SecuredBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`log.url` with a user, and the password in a file, are all it takes; the password is shown nowhere."""
    (tmp_path / "password").write_text(ADMIN[1], encoding="utf-8")
    url = f"kafka+tls://{ADMIN[0]}@127.0.0.1:{broker.port}/configured?ca={broker.folder}/ca.pem"
    flags = ["--set", f"log.url={url}", "--set", "log.password_file=password", "--home", str(tmp_path)]
    assert run(["init", *flags]) == 0
    assert run(["topics", "plan", "--single-node", "--json", "--home", str(tmp_path)]) == 0
    assert run(["config", "show", "--home", str(tmp_path)]) == 0
    with closing(wiring.open_log(load(tmp_path).database("log"), make=False)) as log:
        assert set(log.topics()) == {"persons", "markets"}
    said = capsys.readouterr()
    assert ADMIN[1] not in said.out + said.err


@pytest.mark.slow
def test_who_may_not_see_configurations_is_told_so(broker: SecuredBroker) -> None:
    """Who has every right but that to see configurations is refused by name; no difference is made up."""
    with closing(KafkaLog(broker.address("seen"))) as log:
        log.create("persons", 1)
        rights = [("persons", "READ"), ("persons", "WRITE"), ("hub.identity", "READ")]
        log.cluster.permit(Right(f"User:{AGENCY[0]}", *each) for each in rights)
    with (
        closing(KafkaTopics(broker.address("seen", AGENCY), {"persons": 1}, 0, True)) as topics,
        pytest.raises(NotPermitted, match="HUB-L601"),
    ):
        topics.differences()


def test_rights_are_compared_both_ways() -> None:
    """What an agency lacks is granted; what it has beside that is named for a person to take away."""
    wanted = of_agencies(TOPICS)
    assert Right("User:hospital", "ingress.hospital", "WRITE") in wanted
    assert not any(right.topic in ("persons", "markets") for right in wanted)
    assert list(compare_rights(wanted, wanted)) == []
    more = wanted | {
        Right("User:hospital", "persons", "READ"),
        Right("User:*", "*", "READ"),
        Right("User:x", "persons", "READ"),
    }
    assert [each.what for each in compare_rights(wanted, more)] == ["too_much", "too_much"]
    less = set(sorted(wanted)[1:])
    (lacking,) = compare_rights(wanted, less)
    assert (lacking.what, lacking.by_hand) == ("right", False)
    assert [each.what for each in compare_rights(wanted, None)] == ["open"]


def test_files_of_a_url_are_read_before_anybody_is_asked(tmp_path: Path) -> None:
    """A certificate that is not there, or is none, is named by its place in the URL."""
    (tmp_path / "no.pem").write_text("nothing", encoding="utf-8")
    for query, name in ((f"ca={tmp_path}/none.pem", "ca"), (f"cert={tmp_path}/no.pem", "cert")):
        with pytest.raises(DataError) as caught:
            KafkaLog(f"kafka+tls://127.0.0.1:1/x?{query}", seconds=1)
        assert (caught.value.code, caught.value.place) == ("HUB-L112", {"file": name})
