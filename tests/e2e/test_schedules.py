"""The same inputs under other schedules: the same facts, the same rows, the same decisions (promises i to iii)."""

import random
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hub import wiring
from hub.adapters.memory.store import MemoryStore
from hub.demo.play import Play, Step
from hub.installation import Installation
from tests.e2e.laws import digests, law_at_rest, rebuilt
from tests.e2e.rig import CODEC, NAMES, TODAY, Model, accepted, anonymous, decided, facts

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("fetch", [1, 7, 300])
def test_the_size_of_a_fetch_changes_nothing(model: Model, tmp_path: Path, fetch: int) -> None:
    """Views that read one record at a time, or hundreds, come to the same rows and decide the same."""
    home = model.twin(tmp_path / "twin")
    for _ in model.steps:
        home.step(fetch)
    assert home.facts() == facts(model.home)
    law_at_rest(home)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_arrival_changes_no_fact_and_no_decision(model: Model, tmp_path: Path, seed: int) -> None:
    """Connectors in any order, intake and views in between: the same facts, and once all is in, the same decisions."""
    home, chance = model.twin(tmp_path / "twin"), random.Random(seed)
    for _ in model.steps:
        home.grow()
        for name in chance.sample(NAMES, len(NAMES)):
            home.feed([name])
            if chance.random() < 0.4:
                home.drain(chance.choice([3, 100, 5000]), chance.choice([1, 100, 5000]))
        home.drain()
        home.tick()
    ours, theirs = home.facts(), facts(model.home)
    assert ours != theirs, "the order of arrival was not another"
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    law_at_rest(home)


def test_views_rebuilt_from_a_copied_log_are_equal(model: Model, tmp_path: Path) -> None:
    """`hub log copy A B` keeps partitions, offsets and bytes: views made from B are bit-equal, in memory and SQLite."""
    home = model.after(len(model.steps), tmp_path / "home")
    other = tmp_path / "copy.db"
    home.call("log", "copy", str(home.folder / "hub/log.db"), str(other), home=False)
    settings = replace(home.settings, log_url=f"sqlite:///{other}", store_url=f"sqlite:///{tmp_path}/views.db")
    with Installation(home.settings) as ours, Installation(settings) as theirs:
        assert ours.log.identity() != theirs.log.identity()
        live = digests(ours, ours.store)
        assert digests(theirs, rebuilt(theirs, theirs.store)) == live
        assert digests(theirs, rebuilt(theirs, MemoryStore(theirs.projections), 11)) == live


def test_one_record_less_is_another_digest(model: Model, tmp_path: Path) -> None:
    """The comparison sees a log that lacks the last record of one partition."""
    home = model.after(len(model.steps), tmp_path / "home")
    settings = replace(
        home.settings, log_url=f"sqlite:///{tmp_path}/cut.db", store_url=f"sqlite:///{tmp_path}/cut-views.db"
    )
    with Installation(home.settings) as ours, closing(wiring.open_log(settings.database("log"))) as cut:
        for topic, partitions in ours.log.topics().items():
            cut.create(topic, partitions)
            for partition in range(partitions):
                records = ours.log.read(topic, partition, 0, 100_000)
                short = records[:-1] if (topic, partition) == ("persons", 0) else records
                if short:
                    cut.append(topic, partition, short)
        with Installation(settings) as theirs:
            assert digests(theirs, rebuilt(theirs, theirs.store)) != digests(ours, ours.store)


def played(folder: Path, today: int) -> tuple[list[Step], int]:
    """What a play of a day found to do, and how many events it added."""
    play = Play(folder, 60, today, lambda line: None, "en")
    steps = play.steps()
    return steps, sum(play.play(step) for step in steps)


def ends(folder: Path) -> dict[tuple[str, int], int]:
    """The end of every partition of every topic."""
    with closing(wiring.open_log(f"sqlite:///{folder}/hub/log.db", make=False)) as log:
        return {(topic, n): log.bounds(topic, n).end for topic, size in log.topics().items() for n in range(size)}


def test_a_second_play_adds_nothing_and_a_later_one_ticks(tmp_path: Path) -> None:
    """Under the same clock no log gets a record; a later date adds its ticks, and the decisions that follow."""
    home = tmp_path / "home"
    played(home, TODAY)
    before, records = ends(home), accepted(home)
    steps, added = played(home, TODAY)
    assert (len(steps), added, ends(home)) == (1, 0, before)
    _, added = played(home, TODAY + 3)
    old = {record for _, record in records}
    new = Counter((topic, CODEC.envelope(record.headers).type) for topic, record in accepted(home) if record not in old)
    ticks = {key: count for key, count in new.items() if key[1] == "hub.DayTicked"}
    assert ticks == {("persons", "hub.DayTicked"): 3 * 8, ("markets", "hub.DayTicked"): 3 * 4}
    assert added == sum(new.values())
    assert all(type.startswith("hub.") for _, type in new), sorted(new)
    grown = {place for place, end in ends(home).items() if end != before[place]}
    assert {topic for topic, _ in grown} <= {"persons", "markets"}
