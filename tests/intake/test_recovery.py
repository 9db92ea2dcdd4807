"""Intake after kills, doubtful appends and restored files: the facts of an undisturbed run, or exit 4 (law 12)."""

import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.memory.log import MemoryLog, seeded
from hub.core.errors import AppendUncertain, DataError, IntegrityError, Unreachable
from hub.core.record import Record
from hub.intake.intake import Intake
from hub.ports.intake import Connector
from hub.ports.log import Log
from tests.flow.sample import fields
from tests.intake.build import AGENCY, Crash, Edge, Fact, FaultyLog, Installation, Say
from tests.intake.laws import law_one_outcome_a_frame, law_sums

FILED, LEFT = "health.PatientFiled", "health.DischargeAssessed"
FRAMES = 12
DAY = int(fields("agency.RunFinished").occurred_on)


def feed(home: Installation, count: int = FRAMES, start: int = 0) -> None:
    """Frames of two connectors: new and known persons, both topics, refused events, repeats."""
    edges = [Edge(home, name) for name in ("one", "two")]
    for n in range(start + count):
        edge = edges[n % 2]
        says = [Say(FILED, (f"p{n}",)), Say(LEFT, (f"p{n // 2}",)), Say("agency.RunFinished"), Say(FILED)]
        raw = edge.frame(*says)
        if n >= start:
            edge.deliver(raw)
            if n % 3 == 0:
                edge.deliver(raw)


def twins(folder: Path, name: str, model: Installation, log: Log | None = None) -> Installation:
    """An installation with the keys, connectors and log of another, and nothing done yet."""
    shutil.copytree(model.folder / "hub/keys", folder / name / "hub/keys")
    shutil.copytree(model.folder / "vault/keys", folder / name / "vault/keys")
    home = Installation(folder / name, log or FaultyLog())
    for connector in model.store.registry()[1]:
        home.store.register(connector)
    home.log.append(f"ingress.{AGENCY}", 0, model.log.parts[f"ingress.{AGENCY}", 0])
    return home


def law_undisturbed(home: Installation, facts: list[Fact]) -> None:
    """A reader of persons and markets accepts the facts of a run that nothing disturbed, in the same order."""
    assert home.facts() == facts
    assert [pace.heard for pace in home.store.paces()] == [DAY, DAY], "the end of a run was forgotten"
    law_one_outcome_a_frame(home, FRAMES)
    law_sums(home)


@pytest.fixture
def undisturbed(tmp_path: Path) -> Installation:
    """An installation in which nothing went wrong."""
    home = Installation(tmp_path / "undisturbed")
    feed(home)
    home.drain()
    return home


STEPS = ("intend", "resolve", "persons", "markets", "outcomes", "commit")


def kill_at(home: Installation, step: str, after: bool) -> Callable[[], None]:
    """The process dies when it comes to a step, before or after the step took effect. Returns what ends that."""
    if step in ("persons", "markets", "outcomes"):

        def fault(topic: str, records: Sequence[Record]) -> Sequence[Record] | None:
            if topic.startswith(step):
                if after:
                    index = (topic, partitions[0]) if topic != f"outcomes.{AGENCY}" else (topic, 0)
                    home.log.parts[index].extend(records)
                raise Crash
            return None

        partitions = [0]
        append = home.log.append

        def noting(topic: str, partition: int, records: Sequence[Record]) -> int:
            partitions[0] = partition
            return append(topic, partition, records)

        home.log.fault, home.log.append = fault, noting  # type: ignore[method-assign]

        def mend() -> None:
            home.log.fault, home.log.append = (lambda topic, records: None), append  # type: ignore[method-assign]

        return mend
    owner: Any = home.vault if step == "resolve" else home.store
    real = getattr(owner, step)

    def dies(*given: Any) -> None:
        if after:
            real(*given)
        raise Crash

    setattr(owner, step, dies)
    return lambda: None


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_at_any_boundary_changes_no_fact(
    tmp_path: Path, undisturbed: Installation, step: str, after: bool
) -> None:
    """Died before or after any step, twice in a row, intake goes on to the undisturbed facts."""
    home = twins(tmp_path, "home", undisturbed)
    home.intake.advance(AGENCY, 7)
    for _ in range(1 if step == "intend" else 2):  # an intent is written once
        mend = kill_at(home, step, after)
        with pytest.raises(Crash):
            home.intake.advance(AGENCY, 7)
        mend()
        home.close()
        home.open()
    home.drain(9)
    law_undisturbed(home, undisturbed.facts())
    assert home.vault.counts() == undisturbed.vault.counts()


@pytest.mark.parametrize("seed", range(12))
def test_any_schedule_of_failures_gives_the_same_facts(tmp_path: Path, undisturbed: Installation, seed: int) -> None:
    """Appends that land in part, later without earlier, kills and restarts in any order: the undisturbed facts."""
    chance = random.Random(seed)
    home = twins(tmp_path, "home", undisturbed)

    def fault(topic: str, records: Sequence[Record]) -> Sequence[Record] | None:
        dice = chance.random()
        if dice < 0.1:
            raise Crash
        return [each for each in records if chance.random() < 0.6] if dice < 0.35 else None

    home.log.fault = fault
    for _ in range(60):
        try:
            home.intake.advance(AGENCY, chance.choice((1, 5, 20, 100)))
        except AppendUncertain:
            continue
        except Crash:
            home.close()
            home.open()
    home.log.fault = lambda topic, records: None
    home.drain()
    law_undisturbed(home, undisturbed.facts())


@pytest.mark.parametrize("seed", range(5))
def test_the_strict_log_is_served(tmp_path: Path, undisturbed: Installation, seed: int) -> None:
    """Over a log that accuses misuse, gives fewer records and fails in every way it may, the facts are the same."""
    log = MemoryLog()
    home = twins(tmp_path, "home", undisturbed, log)
    log._schedule = seeded(seed, 0.3)
    for _ in range(60):
        try:
            home.intake.advance(AGENCY, 25)
        except Unreachable:
            home.close()
            home.open()
    log._schedule = lambda word: "well"
    home.drain()
    law_undisturbed(home, undisturbed.facts())


class Hasty(Intake):
    """Mutant: tells the outcome before the records are there."""

    def _send(self, state: Any, lanes: Any, outcomes: Any) -> None:
        super()._send(state, [], outcomes)
        super()._send(state, lanes, [])


def test_an_outcome_before_its_records_is_found_out(
    tmp_path: Path, undisturbed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An intake that answers first loses facts when it dies between the two, and the law sees it."""
    home = twins(tmp_path, "home", undisturbed)
    home.intake = Hasty(home.log, home.vault, home.hub_keys, home.store)
    mend = kill_at(home, "persons", False)
    with pytest.raises(Crash):
        home.intake.advance(AGENCY)
    mend()
    home.close()
    home.open()
    home.drain()
    with pytest.raises((AssertionError, KeyError)):
        law_undisturbed(home, undisturbed.facts())


def saved(home: Installation, part: str) -> Path:
    """A copy of a folder as it is now, as a backup takes it."""
    home.close()
    copy = home.folder / f"{part}-saved"
    shutil.copytree(home.folder / part, copy)
    home.open()
    return copy


def restored(home: Installation, part: str, copy: Path) -> None:
    """The folder as it was when the copy was made."""
    home.close()
    shutil.rmtree(home.folder / part)
    shutil.copytree(copy, home.folder / part)
    home.open()


@pytest.mark.parametrize("events", [0, 1, 17])
def test_a_restored_intake_store_goes_on_from_the_outcomes(
    tmp_path: Path, undisturbed: Installation, events: int
) -> None:
    """A store of an earlier day, even of before the first frame, takes up the outcomes; no fact is lost or doubled."""
    home = twins(tmp_path, "home", undisturbed)
    if events:
        home.intake.advance(AGENCY, events)
    copy = saved(home, "hub")
    home.intake.advance(AGENCY, 11)
    restored(home, "hub", copy)
    home.drain(6)
    assert home.facts() == undisturbed.facts()
    law_one_outcome_a_frame(home, FRAMES)


def test_a_store_restored_when_all_was_done_remembers_every_frame(tmp_path: Path, undisturbed: Installation) -> None:
    """What the outcomes told a restored store is committed even when nothing new came, and repeats stay repeats."""
    home = twins(tmp_path, "home", undisturbed)
    copy = saved(home, "hub")
    home.drain()
    restored(home, "hub", copy)
    assert home.drain().sent == 0
    state = home.store.state(AGENCY)
    assert (state.sequence, len(state.chains)) == (FRAMES, 2)
    (raw, *_) = home.log.parts[f"ingress.{AGENCY}", 0]
    home.log.append(f"ingress.{AGENCY}", 0, [raw])
    assert home.drain().repeat == 4
    law_one_outcome_a_frame(home, FRAMES)


def test_an_older_vault_stops_intake(tmp_path: Path, undisturbed: Installation) -> None:
    """A vault from before the last frames is exit 4: it would make new subjects of known persons."""
    home = twins(tmp_path, "home", undisturbed)
    home.intake.advance(AGENCY, 4)
    copy = saved(home, "vault")
    home.intake.advance(AGENCY, 12)
    restored(home, "vault", copy)
    with pytest.raises(IntegrityError, match="HUB-I434") as stop:
        home.drain()
    assert stop.value.exit_code == 4


def test_an_older_vault_stops_an_older_intake_too(tmp_path: Path, undisturbed: Installation) -> None:
    """Restoring both hides nothing: the outcomes tell how far the vault has to be."""
    home = twins(tmp_path, "home", undisturbed)
    vault, hub = saved(home, "vault"), saved(home, "hub")
    home.drain()
    restored(home, "vault", vault)
    restored(home, "hub", hub)
    with pytest.raises(IntegrityError, match="HUB-I434"):
        home.drain()


def test_a_store_newer_than_its_log_stops(tmp_path: Path, undisturbed: Installation) -> None:
    """An older log, another log, other bytes at the position: exit 4, each with its own code."""
    log = undisturbed.log
    ingress, outcomes = log.parts[f"ingress.{AGENCY}", 0], log.parts[f"outcomes.{AGENCY}", 0]
    whole = list(ingress), list(outcomes)
    for code, frames, answers in (
        ("HUB-I431", whole[0][:-1], whole[1]),
        ("HUB-I432", [*whole[0][:-1], whole[0][0]], whole[1]),
        ("HUB-I433", whole[0], whole[1][:-1]),
    ):
        ingress[:], outcomes[:] = frames, answers
        with pytest.raises(IntegrityError, match=code):
            undisturbed.drain()
    ingress[:], outcomes[:] = whole
    assert undisturbed.drain().frames == 0
    log.identity = lambda: "log-2"  # type: ignore[method-assign]
    with pytest.raises(IntegrityError, match="HUB-I430"):
        undisturbed.drain()


def test_two_intakes_do_not_both_win(tmp_path: Path) -> None:
    """Of two that took the same frames, the second is stopped at its commit."""
    home = Installation(tmp_path)
    feed(home, 2)
    other = Installation(tmp_path, home.log)
    commit = other.store.commit

    def late(*given: Any) -> None:
        home.intake.advance(AGENCY)
        commit(*given)

    other.store.commit = late  # type: ignore[method-assign]
    with pytest.raises(IntegrityError, match="HUB-I440"):
        other.intake.advance(AGENCY)


def test_the_registry_waits_for_a_fetch_that_died(tmp_path: Path) -> None:
    """What was read under one registry is read again under the same; only then may it change."""
    home = Installation(tmp_path)
    feed(home, 3)
    kill_at(home, "commit", False)
    with pytest.raises(Crash):
        home.intake.advance(AGENCY)
    home.close()
    home.open()
    narrowed: Connector = home.store.registry()[1][0]._replace(types="agency.*")
    with pytest.raises(DataError, match="HUB-I351"):
        home.store.register(narrowed)
    home.drain()
    home.store.register(narrowed)
    assert home.store.registry()[1][0].types == "agency.*"


def test_a_registry_that_changes_during_a_fetch_is_read_again(tmp_path: Path) -> None:
    """A fetch that was judged under an older registry is judged anew before anything of it is sent."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say(FILED, ("ann",)))
    intend = home.store.intend

    def changing(agency: str, upto: int, revision: int) -> bool:
        home.store.intend = intend  # type: ignore[method-assign]
        home.store.register(edge.registered._replace(types="agency.*"))
        return intend(agency, upto, revision)

    home.store.intend = changing  # type: ignore[method-assign]
    home.drain()
    assert home.codes() == ["HUB-I321"]


def test_a_vault_that_died_after_its_commit_registers_all_the_same(tmp_path: Path) -> None:
    """Persons that the vault stored before intake died are new again to the same frame, and are registered."""
    home = Installation(tmp_path)
    Edge(home, "c").send(Say(FILED, ("ann",)))
    kill_at(home, "resolve", True)
    with pytest.raises(Crash):
        home.intake.advance(AGENCY)
    home.close()
    home.open()
    assert home.vault.counts()["person"] == 1
    assert home.drain().registered == 1


def test_the_end_of_a_run_is_known_though_its_fetch_was_not_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the outcomes and the commit, intake takes the day of a run from the frames that it answered."""
    home = Installation(tmp_path)
    feed(home)

    def killed(*_: object) -> None:
        raise Crash

    monkeypatch.setattr(home.store, "commit", killed)
    with pytest.raises(Crash):
        home.drain(100_000)
    assert [pace.heard for pace in home.store.paces()] == [0, 0]
    home.close()
    home.open()
    home.drain()
    assert [pace.heard for pace in home.store.paces()] == [DAY, DAY]
