"""Late, corrected, retracted, held and parked events: one mechanism (law 7, law 8)."""

import random
from pathlib import Path

import pytest

from hub.adapters.memory.log import MemoryLog
from hub.adapters.sql.store import SqliteStore
from hub.core.errors import IntegrityError
from hub.core.frame import CORRECTS, KIND_EVENT, KIND_SUBJECT, PATIENT, Ref
from hub.core.partition import partition_of
from hub.flow import folding
from hub.flow.advance import Worker
from hub.flow.group import Group
from tests.flow.sample import DAY, record, subject
from tests.flow.toy import MARKETS, PERSONS, PersonFold
from tests.flow.world import SIZES, World

PERSON = subject(7)
PLACE = partition_of(PERSON, SIZES["persons"])


def application(number: int, day: int, corrects: bytes | None = None, id: bytes = b"", type: str = "") -> object:
    """An application of the person, perhaps one that corrects another event."""
    refs = [Ref(PATIENT, KIND_SUBJECT, PERSON)]
    if corrects:
        refs.append(Ref(CORRECTS, KIND_EVENT, corrects))
    name = type or "agency.ApplicationFiled"
    return record(name, number, PERSON, id=id, refs=tuple(refs), occurred_on=day)


def dates(records: list[object], fetch: int = 100) -> str:
    """The dates of applications in the order in which the fold took them."""
    world = World(MemoryLog())
    world.log.append("persons", PLACE, records)  # type: ignore[arg-type]
    worker = Worker(world.groups[0], world.log, world.store, world.system)
    while worker.advance(PLACE, fetch):
        pass
    return " ".join(row[6].strip() for row in world.store.scan("persons", "person"))


def test_a_fold_takes_events_by_date_however_they_arrive() -> None:
    """Any order of arrival and any size of fetch gives the fold of the sorted history."""
    days = [DAY + offset for offset in (0, 3, 1, 4, 2)]
    for seed in range(10):
        arrival = random.Random(seed).sample(days, len(days))
        found = dates([application(i + 1, day) for i, day in enumerate(arrival)], fetch=1 + seed % 3)
        assert found == " ".join(map(str, sorted(days)))


def test_a_correction_stands_in_for_its_target_wherever_it_is() -> None:
    """A corrected event is left out, whether its correction comes after it or before it."""
    first, other = b"a" * 16, b"b" * 16
    plain = application(1, DAY, id=first), application(2, DAY + 5, id=other)
    assert dates([*plain, application(3, DAY + 9, corrects=first)], 1) == f"{DAY + 5} {DAY + 9}"
    early = [application(1, DAY + 9, corrects=first), application(2, DAY + 5), application(3, DAY, id=first)]
    assert dates(early, 1) == dates(early, 3) == f"{DAY + 5} {DAY + 9}"


def test_a_retracted_event_never_was() -> None:
    """A retraction takes its target out and is no event of its own."""
    records = [application(1, DAY, id=b"a" * 16), application(2, DAY + 1)]
    records.append(application(3, DAY + 2, corrects=b"a" * 16, type="agency.Retracted"))
    assert dates(records, 1) == f"{DAY + 1}"


def test_folding_only_what_is_newest_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that never folds again gives the order of arrival, and the law sees it."""
    monkeypatch.setattr(folding.Folding, "_again", lambda self, key, items: False)
    with pytest.raises(AssertionError):
        test_a_fold_takes_events_by_date_however_they_arrive()


def counts(world: World) -> dict[str, int]:
    """The third sum of law 8, of the person's partition."""
    found = world.kept("persons", PLACE).counts
    return {name: found.get(name, 0) for name in ("accepted", "visible", "parked", "held")}


def run(world: World, records: list[object]) -> None:
    """Append and read."""
    world.log.append("persons", PLACE, records)  # type: ignore[arg-type]
    worker = Worker(world.groups[0], world.log, world.store, world.system)
    while worker.advance(PLACE, 2):
        pass


def test_what_a_fold_cannot_take_is_held_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception holds that key in order, other keys go on, and appended = visible + parked + held."""
    evolve = PersonFold.evolve

    def failing(self: PersonFold, row: object, event: object) -> object:
        if event.fields.occurred_on == DAY + 13:  # type: ignore[attr-defined]
            raise ValueError
        return evolve(self, row, event)  # type: ignore[arg-type]

    monkeypatch.setattr(PersonFold, "evolve", failing)
    world = World(MemoryLog())
    other = next(subject(i) for i in range(8, 99) if partition_of(subject(i), SIZES["persons"]) == PLACE)
    records = [application(1, DAY), application(2, DAY + 13), application(3, DAY + 14)]
    run(world, [*records, record("agency.ApplicationFiled", 4, other)])
    assert counts(world) == {"accepted": 4, "visible": 2, "parked": 0, "held": 2}
    assert [row[3] for row in world.store.scan("persons", "person")] == [1, 1]
    assert world.rebuilt()[0] == world.digests()[0]


def test_the_consent_gate_parks_until_consent_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed gate keeps an event out of the rows and counts it; what opens the gate folds the key again."""
    monkeypatch.setattr(PersonFold, "visible", lambda self, row, event: row.told > 0 or event.type == "hub.NeedOpened")
    monkeypatch.setattr(PersonFold, "reopens", lambda self, event: event.type == "hub.NeedOpened")
    world = World(MemoryLog())
    run(world, [application(1, DAY + 1), application(2, DAY + 2)])
    assert counts(world) == {"accepted": 2, "visible": 0, "parked": 2, "held": 0}
    run(world, [application(3, DAY, type="hub.NeedOpened")])
    assert counts(world) == {"accepted": 3, "visible": 3, "parked": 0, "held": 0}
    assert [row[3] for row in world.store.scan("persons", "person")] == [2]
    assert world.rebuilt()[0] == world.digests()[0]


def test_another_log_is_refused() -> None:
    """A store that followed one log refuses another, one that was cut short, and one whose last record differs."""
    for code, records in (("HUB-P420", []), ("HUB-P421", []), ("HUB-P421", [1]), ("HUB-P422", [1, 3])):
        world = World(MemoryLog())
        run(world, [application(1, DAY), application(2, DAY)])
        other = MemoryLog()
        World(other)
        if code != "HUB-P420":
            other.identity = world.log.identity  # type: ignore[method-assign]
        other.append("persons", PLACE, [application(n, DAY) for n in records])  # type: ignore[misc]
        with pytest.raises(IntegrityError, match=code):
            Worker(world.groups[0], other, world.store, world.system).advance(PLACE)


def test_an_older_store_catches_up() -> None:
    """A store restored from an earlier day reads to the end before it decides, and loses and doubles nothing."""
    from tests.flow.test_loop import LAWS

    for seed in range(25):
        world = World(MemoryLog(), seed=seed)
        for _ in range(60):
            world.act()
        older = {place: kept.copy() for place, kept in world.store._kept.items()}  # type: ignore[attr-defined]
        for _ in range(60):
            world.act()
        world.store._kept = older  # type: ignore[attr-defined]
        world.start()
        for _ in range(40):
            world.act()
        world.settle()
        for law in LAWS:
            law(world)


def test_a_thousand_keys_are_folded_again_in_one_fetch(tmp_path: Path) -> None:
    """However many keys a fetch finds late, each is folded again, on SQLite too."""
    people = [subject(n) for n in range(4000) if partition_of(subject(n), SIZES["persons"]) == PLACE][:1200]
    records = [record("agency.ApplicationFiled", n + 1, who, occurred_on=DAY + 1) for n, who in enumerate(people)]
    late = [record("agency.ApplicationFiled", n + 1201, who, occurred_on=DAY) for n, who in enumerate(people)]
    world = World(MemoryLog(), SqliteStore(tmp_path / "views.db", [PERSONS, MARKETS]))
    world.log.append("persons", PLACE, [*records, *late])
    worker = Worker(world.groups[0], world.log, world.store, world.system)
    while worker.advance(PLACE, 1200):
        pass
    assert {row[6] for row in world.store.scan("persons", "person")} == {f" {DAY} {DAY + 1}"}


def test_a_number_with_other_bytes_is_a_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that comes again is counted; another one under its number stops a group that looks."""
    world = World(MemoryLog())
    run(world, [application(1, DAY), application(2, DAY + 1), application(1, DAY)])
    assert counts(world)["accepted"] == 2
    fork = application(2, DAY + 2)
    with pytest.raises(IntegrityError, match="HUB-P412"):
        run(world, [fork])
    monkeypatch.setattr(Group, "_require_same", lambda self, unit, partition, repeats: None)
    run(world, [])
    assert counts(world)["accepted"] == 2
