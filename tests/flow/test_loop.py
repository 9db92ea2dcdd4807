"""The laws of the loop, over a world where everything fails that may fail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from hub.adapters.memory.log import MemoryLog
from hub.adapters.sql.store import SqliteStore
from hub.core.errors import IntegrityError
from hub.flow import accept as accept_module
from hub.flow import group as group_module
from hub.flow.accept import AHEAD, NEXT, REPEAT
from hub.flow.decisions import in_flight
from tests.flow.toy import MARKETS, PERSONS, SiteFold
from tests.flow.world import SIZES, World

SEEDS = range(40)


def played(seed: int, steps: int = 150) -> World:
    """A world after many random things and then rest."""
    world = World(MemoryLog(), seed=seed)
    for _ in range(steps):
        world.act()
    world.settle()
    return world


def rows_are_the_fold_of_the_log(world: World) -> None:
    """Law 5."""
    assert world.digests() == world.rebuilt()


def nothing_is_lost_or_doubled(world: World) -> None:
    """Law 3: all that was sent was accepted once, all that was decided was read back once."""
    for (topic, partition), records in world.sent.items():
        unit = world.kept(topic, partition)
        assert unit.accepted.get("intake/a", 0) == len(records)
    for group in world.groups:
        for partition in range(SIZES[group.topic]):
            assert in_flight(group, world.kept(group.name, partition), partition) == 0
    applications = sum(name == "agency.ApplicationFiled" for name, _ in world_events(world))
    people = list(world.store.scan("persons", "person"))
    assert sum(row[3] for row in people) == applications == sum(row[4] for row in people)


def world_events(world: World) -> list[tuple[str, bytes]]:
    """Type and key of every event that was due to be sent."""
    from tests.flow.sample import CODEC

    return [(CODEC.envelope(r.headers).type, r.key) for records in world.sent.values() for r in records]


def no_place_is_given_twice(world: World) -> None:
    """Free places are never under zero, and what both sides say of proposals agrees."""
    sites = [SiteFold.table.row._make(row) for row in world.store.scan("markets", "site")]  # type: ignore[attr-defined]
    matched = sum(bool(row[4]) for row in world.store.scan("markets", "need"))
    declared = sum(name == "stations.CapacityDeclared" for name, _ in world_events(world))
    assert all(site.free >= 0 for site in sites)
    assert sum(site.free for site in sites) == declared - matched
    assert sum(row[5] for row in world.store.scan("persons", "person")) == matched


LAWS = (rows_are_the_fold_of_the_log, nothing_is_lost_or_doubled, no_place_is_given_twice)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law_holds(law: Callable[[World], None]) -> None:
    """Whatever fails on the way, the law holds at rest."""
    for seed in SEEDS:
        law(played(seed))


def killed(laws: tuple[Callable[[World], None], ...]) -> bool:
    """Whether some law sees the difference in some world."""
    for seed in range(60):
        try:
            world = played(seed)
            for law in laws:
                law(world)
        except (AssertionError, IntegrityError):
            return True
    return False


def highest_seen(last: dict[str, int], sender: str, number: int) -> str:
    """The mutant of accept-next: whatever is higher than the last is taken."""
    if number <= last.get(sender, 0):
        return REPEAT
    last[sender] = number
    return NEXT


def everything(last: dict[str, int], sender: str, number: int) -> str:
    """The mutant that takes repeats."""
    last[sender] = max(number, last.get(sender, 0))
    return NEXT


@pytest.mark.parametrize("mutant", [highest_seen, everything])
def test_other_rules_of_acceptance_are_caught(mutant: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """'Highest seen' loses records and 'everything' doubles them, and the laws see it."""
    monkeypatch.setattr(group_module, "accept", mutant)
    assert killed(LAWS)


def test_deciding_while_in_flight_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decider that does not wait for its decisions to be read back says things twice, and the laws see it."""
    monkeypatch.setattr("hub.flow.decisions.in_flight", lambda group, unit, partition: 0)
    assert killed(LAWS)


def test_forgetting_a_copy_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision whose copy is not handed on when it is read back starves the other side, and the laws see it."""
    monkeypatch.setattr(group_module.Group, "_hand_on", lambda self, unit, partition, taken: [])
    assert killed((*LAWS, every_need_is_known_to_the_market))


def every_need_is_known_to_the_market(world: World) -> None:
    """What the cases decided to tell, the market knows."""
    told = sum(row[4] for row in world.store.scan("persons", "person"))
    assert told == len(list(world.store.scan("markets", "need")))


def test_the_market_knows_every_need() -> None:
    """Each need told by a case reaches the market exactly once."""
    for seed in SEEDS:
        every_need_is_known_to_the_market(played(seed))


@pytest.mark.parametrize("fetch", [1, 2, 3, 1000])
def test_rows_do_not_depend_on_the_size_of_a_fetch(fetch: int) -> None:
    """A rebuild gives the same rows, integer keys included, whatever the size of its fetches."""
    for seed in range(8):
        world = played(seed)
        assert world.rebuilt(fetch) == world.digests()


def test_sqlite_and_memory_give_the_same_rows(tmp_path: Path) -> None:
    """The same log folds to bit-equal rows in both stores, and a world living on SQLite obeys the same laws."""
    for seed in range(5):
        world = World(MemoryLog(), SqliteStore(tmp_path / f"{seed}.db", [PERSONS, MARKETS]), seed)
        for _ in range(150):
            world.act()
        world.settle()
        for law in LAWS:
            law(world)
        assert world.rebuilt(store=SqliteStore(tmp_path / f"{seed}-again.db", [PERSONS, MARKETS])) == world.digests()


def test_accept_takes_exactly_the_next() -> None:
    """Exactly last + 1 is taken; lower is a repeat, higher is ahead and changes nothing."""
    last: dict[str, int] = {}
    verdicts = [accept_module.accept(last, "a", number) for number in (2, 1, 1, 3, 2, 3)]
    assert verdicts == [AHEAD, NEXT, REPEAT, AHEAD, NEXT, NEXT]
    assert last == {"a": 3}
