"""Outcomes are taken exactly next, and a spool that lost its memory finds out what waits in the log (laws 3, 12)."""

import random
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import connectors.run.outcomes
from connectors.spool import Spool
from hub.adapters.memory.log import MemoryLog
from hub.core.errors import IntegrityError, NotPermitted, Unreachable
from hub.core.frame import unpack_frame
from hub.core.outcome import Outcome, pack_outcome, unpack_outcome
from hub.core.record import Record
from hub.flow.accept import NEXT, accept_frame
from hub.ports.spools import Reached
from tests.connectors.rig import CODEC, Rig, row

FRAMES = 8
INGRESS, OUTCOMES = "ingress.hospital", "outcomes.hospital"


def published(folder: Path, frames: int = FRAMES) -> tuple[Rig, list[Record]]:
    """A connector that sent frames, each with a row, and the outcomes that it has not seen; the third is refused."""
    rig = Rig(folder)
    for count in range(1, frames + 1):
        rig.rows(*[row(n) for n in range(1, count + 1)])
        rig.run()
    rig.answer(lambda entry: "HUB-I323" if ":4:" in entry.place else "")
    outcomes = rig.log.read(OUTCOMES, 0, 0, 1000)
    put_log(rig)
    return rig, outcomes


def put_log(rig: Rig) -> None:
    """Another copy of the log, whose outcomes are still to come."""
    log, rig.log = rig.log, MemoryLog(identity=rig.log.identity())
    for topic in (INGRESS, OUTCOMES):
        rig.log.create(topic, 1)
    rig.log.append(INGRESS, 0, log.read(INGRESS, 0, 0, 1000))


def totals(rig: Rig) -> tuple[int, int, int]:
    with Spool(rig.folder / "spool.db", "hospital-1", write=False) as spool:
        return spool.state.appended, spool.state.refused, len(spool.refused())


def landings(outcomes: Sequence[Record], chance: random.Random) -> list[list[Record]]:
    """What lands of outcomes that intake appends again until it knows that they are there (law 2)."""
    done: list[list[Record]] = []
    at = 0
    while at < len(outcomes):
        size = chance.randint(1, 4)
        some = list(outcomes[at : at + size])
        landed = chance.choice([some, some[: size // 2], some[size // 2 :], [], some * 2])
        done.append(landed)
        if landed[: len(some)] == some:
            at += size
    return done


@pytest.mark.parametrize("seed", range(6))
def test_outcomes_are_taken_exactly_next(tmp_path: Path, seed: int) -> None:
    """Doubled, lost and coming again, later ones first: each outcome counts once, a gap is named until it closes."""
    rig, outcomes = published(tmp_path)
    here: list[int] = []
    for landed in landings(outcomes, random.Random(seed)):
        if landed:
            rig.log.append(OUTCOMES, 0, landed)
            here += [unpack_outcome(record.value).sequence for record in landed]
        last = 0
        for number in here:
            last += number == last + 1
        if max(here, default=0) > last:
            with pytest.raises(Unreachable, match="HUB-C502") as caught:
                rig.run()
            assert (caught.value.place["first"], caught.value.place["last"]) == (last + 1, max(here))
            with pytest.raises(Unreachable, match="HUB-C502"):
                rig.run()  # it is not forgotten
        else:
            rig.run()
        with Spool(rig.folder / "spool.db", "hospital-1", write=False) as spool:
            assert spool.state.sequence == last
    appended, refused, listed = totals(rig)
    assert (refused, listed) == (1, 1)
    assert appended == sum(header.events for header, _, _ in rig.frames()[:FRAMES]) - 1


def test_whoever_takes_the_highest_loses_outcomes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: a reader that takes any higher number passes over those that come again, which the law above accuses."""

    def highest(last: dict[str, int], sender: str, number: int) -> str:
        if number <= last[sender]:
            return "repeat"
        last[sender] = number
        return NEXT

    monkeypatch.setattr(connectors.run.outcomes, "accept", highest)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        test_outcomes_are_taken_exactly_next(tmp_path, 0)


def test_who_begins_anew_misses_no_outcome_after_that(tmp_path: Path) -> None:
    """A new spool goes on after the last outcome taken by accept-next, though later ones had landed before them."""
    rig, outcomes = published(tmp_path)
    rig.log.append(OUTCOMES, 0, [*outcomes[:3], *outcomes[5:7]])
    for anew in ("replaced", ""):
        with pytest.raises(Unreachable, match="HUB-C502"):
            rig.run(begin_anew=anew)
    rig.log.append(OUTCOMES, 0, outcomes[3:])
    rig.run()
    with Spool(rig.folder / "spool.db", "hospital-1", write=False) as spool:
        assert (spool.state.sequence, spool.state.generation) == (len(outcomes), 2)


def delete_spool(rig: Rig) -> None:
    for path in rig.folder.glob("spool.db*"):
        path.unlink()


def law_no_fork(rig: Rig) -> list[tuple[int, int]]:
    """By accept-next every frame is the next or the same again; what an intake takes, in its order."""
    last, taken = (0, 0), {}
    for record in rig.records():
        header = unpack_frame(record.value).header
        place = (header.generation, header.number)
        if accept_frame(last, *place) == NEXT:
            last, taken[place] = place, record.value
        assert place <= last, f"{place} would wait for ever"
        assert taken[place] == record.value, f"a fork at {place}"
    return sorted(taken)


def test_a_spool_deleted_before_intake_answered_is_no_fork(tmp_path: Path) -> None:
    """Its frames in its own ingress mean exit 4 and nothing sent; begun anew it follows them under its own number."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    delete_spool(rig)
    before = rig.records()
    for _ in range(2):
        with pytest.raises(IntegrityError, match="HUB-C407") as caught:
            rig.run()
        assert (caught.value.place["generation"], caught.value.place["frame"]) == (1, 1)
    assert rig.records() == before
    rig.run(begin_anew="replaced")
    assert law_no_fork(rig) == [(1, 1), (2, 1)]
    (first, _, _), (second, entries, _) = rig.frames()
    started = CODEC.decode(entries[0].value)[1]
    assert (started.previous, started.last_number) == (first.incarnation, 1)
    assert second.generation == 2
    assert rig.run().rows.unchanged == 1


def test_a_spool_that_looks_only_at_outcomes_forks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: without a look into the ingress the new spool takes the old one's number, which the law accuses."""
    monkeypatch.setattr("connectors.run.reached._own_frames", lambda edge, log: iter(()))
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    delete_spool(rig)
    rig.run()
    with pytest.raises(AssertionError, match="a fork"):
        law_no_fork(rig)


def refuse(rig: Rig, number: int) -> None:
    """Intake does not take the frame at an offset: nobody registered the connector."""
    record = rig.records()[number]
    header, sequence = unpack_frame(record.value).header, len(rig.log.read(OUTCOMES, 0, 0, 1000)) + 1
    refused = Outcome(
        sequence, number, header.connector, header.incarnation, header.generation, header.number,
        _hash(record), "HUB-I302", 0, 0, (), (),
    )  # fmt: skip
    rig.log.append(OUTCOMES, 0, [Record(record.key, b"", pack_outcome(refused))])


def _hash(record: Record) -> bytes:
    return sha256(record.value).digest()


def test_frames_that_intake_refused_use_no_number_up(tmp_path: Path) -> None:
    """Where all was refused, a new spool begins under the number that intake still waits for, not the next."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    refuse(rig, 0)
    delete_spool(rig)
    rig.run()
    assert [header.generation for header, _, _ in rig.frames()] == [1]
    header = unpack_frame(rig.records()[-1].value).header
    assert (header.generation, header.number) == (1, 1)
    rig.run(begin_anew="replaced")
    assert unpack_frame(rig.records()[-1].value).header.generation == 2


def test_what_somebody_else_wrote_under_its_name_is_not_its_own(tmp_path: Path) -> None:
    """Frames that this connector's key did not sign stop no new spool; intake takes none of them."""
    rig, other = Rig(tmp_path / "a"), Rig(tmp_path / "b")
    for each in (rig, other):
        each.rows(row(1))
    other.run()
    rig.log.append(INGRESS, 0, [*other.records(), Record(b"hospital-1", b"", b"no frame")])
    rig.run()
    assert len(rig.records()) == 3


class Shut(MemoryLog):
    """Brokers that let an agency only write to its ingress."""

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        if topic == INGRESS and not self.open:
            raise NotPermitted("HUB-L601", topic=topic, reason="TopicAuthorizationFailedError")
        return super().read(topic, partition, offset, limit)

    open = False


class Telling(Shut):
    """A log that tells how far a connector came, as the gateway does."""

    told: Reached | None = None

    def reached(self, connector: str) -> Reached | None:
        assert connector == "hospital-1"
        return self.told


def test_where_an_edge_may_only_write_its_runs_go_on(tmp_path: Path) -> None:
    """Secured brokers let nobody read an ingress: a run works without that, and outcomes still tell of a lost spool."""
    log: Any = Shut()
    rig = Rig(tmp_path, log=log)
    rig.rows(row(1))
    rig.run()
    assert rig.run().rows.unchanged == 1
    log.open = True
    rig.answer()
    log.open = False
    delete_spool(rig)
    with pytest.raises(IntegrityError, match="HUB-C407"):
        rig.run()
    rig.run(begin_anew="replaced")
    log.open = True
    assert law_no_fork(rig) == [(1, 1), (2, 1)]


def test_a_log_that_tells_is_asked(tmp_path: Path) -> None:
    """Behind the gateway a new spool asks the hub, which sees what waits."""
    log: Any = Telling()
    rig = Rig(tmp_path, log=log)
    rig.rows(row(1))
    rig.run()
    delete_spool(rig)
    log.open = True
    log.told = Reached(rig.frames()[0][0].incarnation, 1, 1)
    log.open = False
    with pytest.raises(IntegrityError, match="HUB-C407"):
        rig.run()
    rig.run(begin_anew="replaced")
    log.open = True
    assert law_no_fork(rig) == [(1, 1), (2, 1)]


def test_another_log_is_begun_with_the_number_that_it_waits_for(tmp_path: Path) -> None:
    """Moved to a new log, the first generation there is one; nothing of the old log is looked for in it."""
    rig = Rig(tmp_path)
    rig.rows(row(1))
    rig.run()
    rig.log = MemoryLog()
    for topic in (INGRESS, OUTCOMES):
        rig.log.create(topic, 1)

    def stop(hop: str) -> None:
        if hop == "committed":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rig.run(begin_anew="moved", hop=stop)
    rig.run()
    assert law_no_fork(rig) == [(1, 1)]
