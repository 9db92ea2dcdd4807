"""The hub's own user with exactly the rights that `hub topics apply` grants: everything that a hub does works."""

from contextlib import closing
from pathlib import Path

import pytest

from hub import wiring
from hub.adapters.kafka.log import KafkaLog
from hub.adapters.kafka.rights import Right
from hub.adapters.kafka.topics import KafkaTopics
from hub.config import FILE
from hub.core.errors import DataError, NotPermitted
from hub.core.record import Record
from tests.e2e.rig import Home, Model, anonymous, decided, facts
from tests.kafka.secured import AGENCY, HUB, SecuredBroker
from tests.worker.rig import BEFORE_ALL, Workers, announce, twin_on, worked
from tests.worker.test_secured import given, secured

__all__ = ["secured"]

pytestmark = pytest.mark.slow


def topics_of(model: Model) -> dict[str, int]:
    """What the model's installation has."""
    with closing(wiring.open_log(Home(model.home, model).settings.database("log"))) as log:
        return log.topics()


def granted(secured: SecuredBroker, prefix: str, topics: dict[str, int]) -> None:
    """What the brokers' administrator does: topics and rights as code, for the hub's user."""
    with closing(KafkaTopics(secured.address(prefix), topics, 0, True, HUB[0])) as made:
        lacking = made.differences()
        assert {each.refused for each in lacking if each.what == "right"} == {True}
        made.apply(lacking)
        assert made.differences() == []


def started(model: Model, secured: SecuredBroker, prefix: str, folder: Path, url: str) -> Home:
    """An installation whose hub has exactly these rights, with a step fed to it."""
    granted(secured, prefix, topics_of(model))
    home = twin_on(model, folder, url)
    home.grow()
    announce(home)
    home.feed()
    return home


def same(model: Model, home: Home) -> None:
    """The facts and decisions of the undisturbed hub."""
    ours, theirs = home.facts(), facts(model.folder / "after-1")
    assert (anonymous(ours), decided(ours)) == (anonymous(theirs), decided(theirs))


def test_a_hub_works_with_the_rights_that_are_granted_as_code(
    model: Model, secured: SecuredBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a user who is no superuser, a worker takes a step; views are compared and made again, topics are planned and
    checked, the log is looked at and copied, and topics of a new agency are made."""
    home = started(model, secured, "exact", tmp_path / "home", given(secured.address("exact", HUB), monkeypatch))
    for day in (BEFORE_ALL, home.day):
        worked(home, day)
    same(model, home)
    for words in (
        ["projection", "lag"], ["projection", "diff"], ["projection", "rebuild"], ["log", "topics"], ["status"],
        ["topics", "plan", "--single-node"], ["topics", "check", "--single-node"],
    ):  # fmt: skip
        home.call(*words)
    copy = f"sqlite:///{tmp_path}/copy.db"
    home.call("log", "copy", home.settings.log_url, copy, home=False)  # the password is in the environment
    home.call("log", "copy", secured.address("exact", HUB), copy, home=False, expect=2)  # and never in what is typed
    with closing(wiring.open_log(home.settings.database("log"))) as log:
        log.create("ingress.another", 1)
        log.append("ingress.another", 0, [Record(b"c", b"", b"frame")])


def test_workers_with_a_certificate_and_these_rights_survive_a_kill(
    model: Model, secured: SecuredBroker, tmp_path: Path
) -> None:
    """Over mTLS, one of two workers is killed in the middle of a step and another one begins: the same facts."""
    home = started(model, secured, "kill", tmp_path / "home", secured.mutual_address("kill", HUB[0]))
    with Workers(home, BEFORE_ALL, "flow.fetch=20") as workers:
        workers.start(0, 1)
        workers.up(0, 1)
        workers.kill(0)
        workers.start(2)
        workers.settle()
        assert {workers.stop(1), workers.stop(2)} == {0}
        assert set(workers.codes()) <= {"HUB-P410", "HUB-I440"}
    worked(home, home.day)
    same(model, home)


def test_an_installation_moves_with_the_rights_that_are_granted_as_code(
    model: Model, secured: SecuredBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`hub move` onto the topics that the administrator made, as the hub's user; afterwards a worker goes on."""
    granted(secured, "moved", topics_of(model))
    home = model.after(1, tmp_path / "home")
    before = home.facts()
    url = given(secured.address("moved", HUB), monkeypatch)
    file = home.folder / "there.toml"
    text = (home.folder / FILE).read_text(encoding="utf-8")
    file.write_text(f'{text}\n[log]\nurl = "{url}"\n', encoding="utf-8")
    home.call("move", str(file))
    assert home.facts() == before
    worked(home, home.day)


def test_nobody_else_has_the_hubs_rights(secured: SecuredBroker) -> None:
    """What is granted for the hub lets an agency do no more than before; rules for everybody are told as too much."""
    topics = {"persons": 1, "ingress.hospital": 1, "outcomes.hospital": 1}
    granted(secured, "alone", topics)
    with (
        closing(KafkaLog(secured.address("alone", AGENCY), make=False, seconds=20)) as log,
        pytest.raises((NotPermitted, DataError)),
    ):
        log.append("persons", 0, [Record(b"c", b"", b"frame")])
    wide = [Right("User:hospital", "hub.worker", "READ", "group"), Right("User:*", "ingress.", "READ", "topics")]
    with closing(KafkaTopics(secured.address("alone"), topics, 0, True, HUB[0])) as made:
        made._cluster.permit(wide)
        found = {(each.what, each.topic, each.found) for each in made.differences()}
    assert found == {
        ("too_much", "group hub.worker", "User:hospital READ"),
        ("too_much", "ingress.*", "User:* READ"),
    }
