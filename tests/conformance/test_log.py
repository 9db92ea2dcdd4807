"""The log port: the strict model and the SQLite file, under one set of laws."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from hub.adapters.memory.log import FATES, Fate, MemoryLog, seeded
from hub.adapters.sql.log import SqliteLog
from hub.core.errors import AppendUncertain, Unreachable
from hub.core.record import Record
from tests.conformance.log_laws import LAWS, Rig, everything, record, records


def memory(tmp_path: Path) -> Rig:
    """The model lives as long as its process, so what comes after is the model itself."""
    return Rig(MemoryLog, lambda log: log, lambda log: log)


def sqlite(tmp_path: Path) -> Rig:
    """A file each; after its process ended it is opened again."""
    numbers, paths = count(), dict[int, Path]()

    def make() -> SqliteLog:
        return opened(tmp_path / f"{next(numbers)}.db")

    def opened(path: Path) -> SqliteLog:
        log = SqliteLog(path)
        paths[id(log)] = path
        kept.append(log)
        return log

    def again(log: object) -> SqliteLog:
        log.close()  # type: ignore[attr-defined]
        return opened(paths[id(log)])

    kept: list[SqliteLog] = []  # so that no id is given twice
    return Rig(make, again, lambda log: opened(paths[id(log)]))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("backend", [memory, sqlite])
def test_log(backend: Callable[[Path], Rig], law: Callable[[Rig], None], tmp_path: Path) -> None:
    """Every law of the log port holds for every backend."""
    law(backend(tmp_path))


@pytest.mark.parametrize("fate", FATES)
def test_an_uncertain_append_lands_as_law_2_allows(fate: Fate) -> None:
    """After an append that raised, all of it is there, or its beginning, or its end without the beginning, or none."""
    log = MemoryLog(lambda word: fate if len(everything(calm)) else "well")
    calm = MemoryLog()
    calm._kept = log._kept
    log.create("t", 1)
    log.append("t", 0, records(0, 2))
    with pytest.raises(AppendUncertain, match="HUB-L501"):
        log.append("t", 0, records(2, 6))
    landed = {"whole": records(2, 6), "part": records(2, 4), "later": records(4, 6), "nothing": []}[fate]
    assert everything(calm) == records(0, 2) + landed


def test_a_schedule_repeats_and_holds_every_fate() -> None:
    """The same seed fails in the same places, and in every way there is."""
    fates = [[choose("append") for _ in range(200)] for choose in (seeded(1), seeded(1), seeded(2))]
    assert fates[0] == fates[1] != fates[2]
    assert set(fates[0]) == {"well", *FATES, "unreachable"}
    read = seeded(3, failing=0.5)
    assert {read("read") for _ in range(100)} == {"well", "fewer", "unreachable"}


def test_a_log_that_does_not_answer_took_nothing() -> None:
    """Unreachable says for certain that nothing landed and nothing was read; the log is as it was."""
    fates: list[Fate] = ["unreachable", "unreachable"]
    log = MemoryLog(lambda word: fates.pop() if fates else "well")
    log.create("t", 1)
    for use in (lambda: log.append("t", 0, records(0, 2)), lambda: log.read("t", 0, 0, 1)):
        with pytest.raises(Unreachable, match="HUB-L502") as caught:
            use()
        assert not isinstance(caught.value, AppendUncertain)
    assert log.append("t", 0, records(0, 1)) == 0
    assert everything(log) == records(0, 1)


def test_a_read_may_give_fewer_and_never_none() -> None:
    """A follower that goes on from what it got reads everything, whatever the schedule gives it."""
    log = MemoryLog(lambda word: "fewer" if word == "read" else "well")
    log.create("t", 1)
    log.append("t", 0, records(0, 10))
    assert log.read("t", 0, 0, 10) == records(0, 5)
    assert everything(log) == records(0, 10)


def test_the_model_accuses_misuse() -> None:
    """What no caller may do is an AssertionError in the model: no bytes, no record, below zero, after closing."""
    log = MemoryLog()
    log.create("t", 1)
    uses: list[Callable[[], object]] = [
        lambda: log.append("t", 0, [Record("text", b"", b"")]),  # type: ignore[arg-type]
        lambda: log.append("t", 0, [Record(b"", b"", bytearray())]),  # type: ignore[arg-type]
        lambda: log.append("t", 0, [(b"", b"", b"")]),  # type: ignore[list-item]
        lambda: log.read("t", 0, -1, 1),
        lambda: log.read("t", 0, 0, 0),
        lambda: log.create("", 1),
    ]
    for use in uses:
        with pytest.raises(AssertionError):
            use()
    assert everything(log) == []
    log.close()
    for use in (log.topics, lambda: log.append("t", 0, [record(1)]), lambda: log.create("s", 1)):
        with pytest.raises(AssertionError, match="closed"):
            use()
