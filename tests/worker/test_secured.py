"""Workers on brokers that let in only who has a name: by configuration alone, the same facts and decisions."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hub import wiring
from hub.adapters.faust.consumer import FetchConsumer
from hub.adapters.kafka.log import KafkaLog
from hub.adapters.kafka.rights import Right
from hub.core.errors import NotPermitted
from tests.e2e.laws import law_sums
from tests.e2e.rig import Model, anonymous, decided, facts
from tests.kafka.secured import AGENCY, SecuredBroker
from tests.worker.backlog import FETCH, SESSION, Slow
from tests.worker.rig import Workers, step, twin_on

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """One node with TLS, passwords and client certificates."""
    broker = SecuredBroker(tmp_path_factory.mktemp("secured") / "broker")
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def given(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL without its password, which goes into the environment as a user gives it."""
    scheme, rest = address.split("://")
    who, at, place = rest.rpartition("@")
    name, _, secret = who.partition(":")
    if secret:
        monkeypatch.setenv("HUB_LOG_PASSWORD", secret)
    return f"{scheme}://{name}{at}{place}"


@pytest.mark.parametrize("way", ["password", "certificate"])
def test_workers_do_their_work_on_a_secured_broker(
    model: Model, secured: SecuredBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """With TLS and SCRAM, or a client certificate, two workers do the first step as the embedded hub does it."""
    address = secured.address(f"way-{way}") if way == "password" else secured.mutual_address(f"way-{way}", "admin")
    home = twin_on(model, tmp_path / "home", given(address, monkeypatch))
    step(home, (0, 1))
    ours, theirs = home.facts(), facts(model.folder / "after-1")
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    home.feed()  # takes the answers
    law_sums(home)
    assert b"admin-secret" not in (home.folder / "said").read_bytes()


def test_a_worker_that_is_not_let_in_says_so(
    model: Model, secured: SecuredBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password ends the worker with a code and without the password."""
    home = twin_on(model, tmp_path / "home", given(secured.address("wrong"), monkeypatch))
    home.grow()
    monkeypatch.setenv("HUB_LOG_PASSWORD", "no-such-secret")
    with Workers(home, home.day) as workers:
        workers.start(0)
        code = workers.ended(0, 90)
    said = (home.folder / "said").read_text(encoding="utf-8")
    assert code in (5, 6)
    assert "HUB-L6" in said or "HUB-L5" in said
    assert "no-such-secret" not in said


@pytest.fixture(params=["password", "certificate"])
def groupless(secured: SecuredBroker, request: pytest.FixtureRequest) -> str:
    """The log of somebody who may read its topic, and not the workers' consumer group."""
    with closing(KafkaLog(secured.address("group"))) as log:
        log.create("persons", 1)
        log.cluster.permit([Right(f"User:{AGENCY[0]}", "persons", "READ")])
    by_password = request.param == "password"
    return secured.address("group", AGENCY) if by_password else secured.mutual_address("group", AGENCY[0])


def test_a_worker_without_a_right_to_its_group_says_so(groupless: str) -> None:
    """Who may not read the workers' consumer group ends with 6 and is told which group, instead of waiting silently."""
    until = time.monotonic() + 40
    with pytest.raises(NotPermitted) as refused:
        wiring.fetches(groupless, FETCH, SESSION).run(Slow, lambda: time.monotonic() > until)
    error = refused.value
    assert (error.code, error.exit_code, error.place["group"]) == ("HUB-L567", 6, "group.hub.worker")


def test_a_worker_that_got_nothing_yet_ends_when_asked(groupless: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before partitions are shared out for the first time, whoever is asked to stop does so."""
    monkeypatch.setattr(FetchConsumer, "refusal", lambda self: None)
    began = time.monotonic()
    wiring.fetches(groupless, FETCH, SESSION).run(Slow, lambda: time.monotonic() > began + 2)
    assert time.monotonic() < began + 10
