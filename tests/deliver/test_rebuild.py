"""The laws of a rebuild: bit-equal, behind a fence, killed anywhere, and nothing hidden."""

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.sql import shadowed
from hub.adapters.sql.switch import SqliteShadows
from hub.core.errors import IntegrityError, Unreachable
from hub.deliver import rebuild as rebuild_module
from hub.deliver.rebuild import Difference
from hub.flow.advance import Worker
from hub.flow.clock import heard, tick
from hub.flow.relay import relay
from projections.profiles import load
from tests.deliver.rig import Filled, law_views_follow_from_the_log
from tests.projections.engine import CODEC, Engine
from tests.projections.test_simulation import START
from tests.projections.world import person_fact, subject

LATER = START + 400


class Killed(BaseException):
    """The process ends here: nothing of it runs any more."""


def test_a_rebuild_is_bit_equal_and_leaves_positions_and_outbox(tmp_path: Path) -> None:
    """What was made again equals what memory makes of the log; positions and outboxes are those from before."""
    filled = Filled(tmp_path)
    before = filled.dump("position", "outbox", "name")
    found = filled.rebuilding().rebuild()
    assert found.switched
    assert not found.differences
    assert found.live == found.shadow
    assert filled.dump("position", "outbox", "name") == before
    law_views_follow_from_the_log(filled)


def test_a_store_that_lags_is_made_again_up_to_where_it_stood(tmp_path: Path) -> None:
    """Records that the live store has not read are not read for it, and an outbox that is full stays full."""
    filled = Filled(tmp_path)
    engine = filled.engine
    engine.tell(person_fact("agency.ApplicationFiled", LATER, subject(77), 90_001, area="220102"))
    engine.system.day = LATER
    before = filled.dump("position", "outbox")
    found = filled.rebuilding().rebuild()
    assert found.switched
    assert filled.dump("position", "outbox") == before


def test_damage_is_found_named_and_mended_only_when_accepted(tmp_path: Path) -> None:
    """A row changed by hand is named by table, row and field, never by value; a plain rebuild hides nothing."""
    filled = Filled(tmp_path)
    filled.damage()
    (difference,) = filled.rebuilding().compare().differences
    assert difference[:2] == ("persons", "case")
    assert difference.fields == ("holder",)
    damaged = filled.engine.contents()
    refused = filled.rebuilding().rebuild()
    assert not refused.switched
    assert "FORGED" not in repr(refused)
    assert filled.engine.contents() == damaged
    assert filled.rebuilding().rebuild(accept_difference=True).switched
    assert filled.rebuilding().compare().differences == []
    law_views_follow_from_the_log(filled)


def test_a_row_too_many_and_a_wrong_pseudonym_are_found(tmp_path: Path) -> None:
    """A row that only one side has is told without fields; pseudonyms, outside of every digest, are compared, too."""
    filled = Filled(tmp_path)
    run = filled.store.connection.execute
    rows = run("SELECT count(*) FROM persons_count").fetchone()[0]
    run("INSERT INTO persons_count VALUES (99, 'x', 1)")
    run("UPDATE persons_name SET value = zeroblob(16) WHERE id = (SELECT min(id) FROM persons_name)")
    found = filled.rebuilding().compare().differences
    assert Difference("persons", "count", rows + 1, ()) in found
    assert Difference("persons", "name", 1, ("value",)) in found


def test_after_a_mended_store_life_goes_on(tmp_path: Path) -> None:
    """Workers go on from the switched tables: new persons get new keys, and rows still follow from the log."""
    filled = Filled(tmp_path)
    filled.damage()
    filled.rebuilding().rebuild(accept_difference=True)
    filled.engine.tell(person_fact("agency.ApplicationFiled", LATER, subject(78), 90_002, area="220102"))
    filled.engine.run(LATER)
    law_views_follow_from_the_log(filled)


class Hasty(SqliteShadows):
    """While a rebuild is about to switch, the live store goes on, a few times."""

    def __init__(self, filled: Filled, times: int) -> None:
        super().__init__(filled.store, filled.open)
        self.filled, self.times, self.number = filled, times, 0

    def switch(self, groups: Sequence[str]) -> bool:
        """Somebody was faster."""
        if self.number < self.times:
            self.number += 1
            day = LATER + self.number
            one = person_fact(
                "agency.ApplicationFiled", day, subject(80 + self.number), 90_100 + self.number, area="220102"
            )
            self.filled.engine.tell(one)
            self.filled.engine.run(day)
        return super().switch(groups)


def test_a_store_that_goes_on_is_caught_up_with(tmp_path: Path) -> None:
    """However often the live store goes on before the fence, what is switched to stands at its position."""
    filled = Filled(tmp_path)
    hasty = Hasty(filled, 3)
    assert filled.rebuilding(hasty).rebuild().switched
    assert hasty.number == 3
    law_views_follow_from_the_log(filled)


def test_a_fence_that_asks_for_no_position_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant that switches whatever the positions are loses rows, and the law sees it."""
    filled = Filled(tmp_path)
    hasty = Hasty(filled, 1)
    work = filled.rebuilding(hasty)
    monkeypatch.setattr(shadowed, "at_same_positions", lambda *_: True)
    work.rebuild()
    with pytest.raises(AssertionError):
        law_views_follow_from_the_log(filled)


def test_a_switch_that_moves_nothing_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant whose switch leaves the live rows does not mend damage, and the law sees it."""
    filled = Filled(tmp_path)
    filled.damage()
    monkeypatch.setattr(shadowed, "_replace", lambda *_: None)
    filled.rebuilding().rebuild(accept_difference=True)
    with pytest.raises(AssertionError):
        law_views_follow_from_the_log(filled)


def test_a_store_that_never_stands_still_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many tries the rebuild gives up, and nothing was changed."""
    monkeypatch.setattr(rebuild_module, "TRIES", 3)
    filled = Filled(tmp_path)
    with pytest.raises(Unreachable, match="HUB-P503"):
        filled.rebuilding(Hasty(filled, 99)).rebuild()
    law_views_follow_from_the_log(filled)


def test_another_worker_at_work_all_the_time(tmp_path: Path) -> None:
    """A second connection advances in a thread of its own during the rebuild; at rest all rows follow from the log."""
    filled = Filled(tmp_path)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            engine = Engine(load(), START, tmp_path)
            engine.log = filled.engine.log
            engine.workers = [Worker(group, engine.log, engine.store, engine.system) for group in engine.groups]
            engine.numbers = filled.engine.numbers
            for number in range(1, 15):
                one = person_fact(
                    "agency.ApplicationFiled", LATER, subject(100 + number), 91_000 + number, area="220102"
                )
                engine.tell(one)
                engine.run(LATER + number // 5, 3)
            engine.store.close()
        except BaseException as error:  # noqa: BLE001  told by the test, whatever it is
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    found = filled.rebuilding().rebuild()
    thread.join()
    assert failures == []
    assert found.switched
    assert filled.rebuilding().compare().differences == []
    law_views_follow_from_the_log(filled)


class Mortal(SqliteShadows):
    """The process is killed at one of its steps; what would clean up does not run."""

    def __init__(self, filled: Filled, at: str) -> None:
        super().__init__(filled.store, filled.open)
        self.at, self.dead = at, False

    def _die(self, step: str) -> None:
        if self.dead or step == self.at:
            self.dead = True
            raise Killed

    def make(self) -> Any:
        """After the first tables."""
        store = super().make()
        self._die("make")
        return store

    def pair(self, groups: Sequence[str]) -> Any:
        """Folded, not compared."""
        self._die("pair")
        return super().pair(groups)

    def switch(self, groups: Sequence[str]) -> bool:
        """Compared, not switched; or switched, not dropped."""
        self._die("before the switch")
        switched = super().switch(groups)
        self._die("after the switch")
        return switched

    def drop(self) -> None:
        """The dead do not clean up."""
        if not self.dead:
            super().drop()


@pytest.mark.parametrize("at", ["make", "pair", "before the switch", "after the switch"])
def test_a_kill_at_any_step_leaves_the_store_whole(tmp_path: Path, at: str) -> None:
    """Whatever step was the last, live rows are as before, leftovers do no harm, and a further run ends well."""
    filled = Filled(tmp_path)
    before = filled.engine.contents()
    with pytest.raises(Killed):
        filled.rebuilding(Mortal(filled, at)).rebuild()
    assert filled.engine.contents() == before
    assert [name for name in filled.tables() if name.startswith("shadow_")]
    assert filled.rebuilding().rebuild().switched
    law_views_follow_from_the_log(filled)


@pytest.mark.parametrize("table", [1, 4, 9, 15])
def test_a_kill_inside_of_the_switch_changes_nothing(
    tmp_path: Path, table: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All tables change hands or none: a kill between two of them leaves even a damaged store as it was."""
    filled = Filled(tmp_path)
    filled.damage()
    before, replace, done = filled.engine.contents(), shadowed._replace, []

    def dying(*of: Any) -> None:
        done.append(of)
        if len(done) == table:
            raise Killed
        replace(*of)

    monkeypatch.setattr(shadowed, "_replace", dying)
    with pytest.raises(Killed):
        filled.rebuilding().rebuild(accept_difference=True)
    assert filled.engine.contents() == before


def test_a_shadow_that_lacks_a_table_is_not_switched_to(tmp_path: Path) -> None:
    """A shadow that somebody half removed is refused before a row is touched."""
    filled = Filled(tmp_path)

    class Robbed(SqliteShadows):
        def switch(self, groups: Sequence[str]) -> bool:
            filled.store.connection.execute("DROP TABLE shadow_markets_site")
            return super().switch(groups)

    with pytest.raises(IntegrityError, match="HUB-P431"):
        filled.rebuilding(Robbed(filled.store, filled.open)).rebuild()
    law_views_follow_from_the_log(filled)


def _other_log(filled: Filled) -> None:
    filled.store.connection.execute("UPDATE persons_position SET log = 'other'")


def _newer_store(filled: Filled) -> None:
    for place in filled.engine.log.records:
        del filled.engine.log.records[place][-1:]


def _other_bytes(filled: Filled) -> None:
    filled.store.connection.execute("UPDATE persons_position SET last = zeroblob(32)")


def _other_numbers(filled: Filled) -> None:
    accepted = json.dumps({"intake/a": 1})
    filled.store.connection.execute("UPDATE persons_position SET accepted = ?", (accepted,))


def _numbers_given_before(filled: Filled) -> None:
    """The next decision would take a number that one had before."""
    _remember(filled, "counters", lambda known: known | {"persons/0": known["persons/0"] - 1})


def _a_number_too_many(filled: Filled) -> None:
    """As if a decision were under way that is nowhere: its partition would never decide again."""
    _remember(filled, "counters", lambda known: known | {"persons/0": known["persons/0"] + 1})


def _another_copy(filled: Filled) -> None:
    """The next copy for a market would have a number that nobody waits for."""
    _remember(filled, "counters", lambda known: {log: n + log.startswith("markets") for log, n in known.items()})


def _another_day(filled: Filled) -> None:
    """What is due would be looked at on another day than the log's."""
    _remember(filled, "facts", lambda known: known | {"day": str(int(known["day"]) + 1)})


def _remember(filled: Filled, what: str, change: Callable[[Any], Any]) -> None:
    """Somebody changed what partition 0 remembers beside its rows."""
    run, where = filled.store.connection.execute, "WHERE partition = 0"
    known = json.loads(run(f"SELECT {what} FROM persons_position {where}").fetchone()[0])
    run(f"UPDATE persons_position SET {what} = ? {where}", (json.dumps(change(known)),))


def _trigger(filled: Filled) -> None:
    """Rows that are made again go through it, too."""
    filled.store.connection.execute(
        "CREATE TRIGGER x AFTER INSERT ON persons_case BEGIN UPDATE persons_case SET holder = 'FORGED'; END"
    )


def _altered_salt(filled: Filled) -> None:
    """A byte of a salt: no row follows from it, and nothing else tells that somebody wrote to the log."""
    records = filled.engine.log.records["persons", 0]
    one = records[len(records) // 2]
    salted = one.value[:5] + bytes((one.value[5] ^ 1,)) + one.value[6:]
    records[len(records) // 2] = one._replace(value=salted)


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (_other_log, "HUB-P420"),
        (_newer_store, "HUB-P421"),
        (_other_bytes, "HUB-P422"),
        (_other_numbers, "HUB-P432"),
        (_numbers_given_before, "HUB-P432"),
        (_a_number_too_many, "HUB-P432"),
        (_another_copy, "HUB-P432"),
        (_another_day, "HUB-P432"),
        (_altered_salt, "HUB-P433"),
        (_trigger, "HUB-P521"),
    ],
)
def test_a_store_of_another_log_is_not_compared(tmp_path: Path, harm: Any, code: str) -> None:
    """Where positions cannot meet, the rebuild says why and leaves no shadow."""
    filled = Filled(tmp_path)
    harm(filled)
    with pytest.raises(IntegrityError, match=code):
        filled.rebuilding().rebuild(accept_difference=True)
    assert not [name for name in filled.tables() if name.startswith("shadow_")]


def test_a_decision_under_way_is_no_difference(tmp_path: Path) -> None:
    """Numbered and still in the outbox, or sent and not read back: the log says of neither what was numbered. Nor does
    it say when a store committed."""
    filled = Filled(tmp_path)
    engine = filled.engine
    engine.tell(person_fact("agency.ApplicationFiled", LATER, subject(77), 90_001, area="220102"))
    engine.system.day = LATER
    tick(engine.log, CODEC, engine.system, engine.start, list(heard(engine.groups, engine.log, engine.store)))
    for partition in range(2):
        while engine.workers[0].advance(partition):
            pass
    assert any(filled.store.outgoing("persons", partition, 1) for partition in range(2)), "nothing is under way"
    _remember(filled, "facts", lambda known: known | {"committed": "1"})
    for _ in range(2):
        assert filled.rebuilding().compare().differences == []
        for partition in range(2):
            relay(engine.groups[0], partition, engine.log, engine.store)
    assert not any(filled.store.outgoing("persons", partition, 1) for partition in range(2))
    assert filled.rebuilding().compare().differences == []
