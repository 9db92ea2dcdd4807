"""A copy of a log is the log again, under another identity; nothing that is there is overwritten."""

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from hub.adapters.memory.log import MemoryLog, seeded
from hub.adapters.sql.log import SqliteLog
from hub.cli.main import run
from hub.core.errors import IntegrityError, Unreachable
from hub.core.record import Bounds, Record, pack_headers
from hub.flow import copy as module
from hub.flow.copy import Copied, copy_log
from hub.ports.log import Log
from tests.conformance.log_laws import everything, record, records

Copy = Callable[[Log, Log], object]
PLACES = {("a", 0): records(0, 7), ("a", 1): [], ("b", 0): records(10, 12)}


def source(log: Log) -> Log:
    """A log with two topics, one partition of them empty."""
    log.create("a", 2)
    log.create("b", 1)
    for place, some in PLACES.items():
        log.append(*place, some)
    return log


def contents(log: Log) -> dict[tuple[str, int], list[Record]]:
    """Everything in a log, by topic and partition."""
    return {(topic, n): everything(log, topic, n) for topic, size in log.topics().items() for n in range(size)}


def law_copies(copy: Copy) -> None:
    """Topics, partitions, offsets and bytes are kept, and the source stays as it is."""
    ours, theirs = source(MemoryLog()), MemoryLog()
    copy(ours, theirs)
    assert contents(theirs) == contents(ours) == PLACES
    assert ours.identity() != theirs.identity()


def law_goes_on(copy: Copy) -> None:
    """A copy that was begun goes on where it stopped; one that is whole is not touched."""
    ours, theirs = source(MemoryLog()), MemoryLog()
    theirs.create("a", 2)
    theirs.append("a", 0, records(0, 4))
    for _ in range(2):
        copy(ours, theirs)
        assert contents(theirs) == PLACES
    ours.append("a", 1, records(20, 21))
    copy(ours, theirs)
    assert contents(theirs) == contents(ours)


def law_refuses(copy: Copy) -> None:
    """A target with another topic, size, record, or a record too many, is refused before anything is written."""
    cases: list[tuple[str, str, int, Sequence[Record]]] = [
        ("HUB-L410", "other", 1, []),
        ("HUB-L410", "a", 3, []),
        ("HUB-L411", "b", 1, [record(10), record(99)]),
        ("HUB-L411", "b", 1, [record(10), record(11)._replace(headers=b"")]),
        ("HUB-L411", "b", 1, records(10, 13)),
    ]
    for code, topic, partitions, some in cases:
        theirs = MemoryLog()
        theirs.create(topic, partitions)
        theirs.append(topic, 0, some)
        before = contents(theirs)
        with pytest.raises(IntegrityError, match=code):
            copy(source(MemoryLog()), theirs)
        assert contents(theirs) == before


def law_reads_back(copy: Copy) -> None:
    """What the target kept is compared, not believed."""

    class Bent(MemoryLog):
        def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
            return super().append(topic, partition, [each._replace(value=b"bent") for each in records])

    with pytest.raises(IntegrityError, match="HUB-L411"):
        copy(source(MemoryLog()), Bent())


def law_alone(copy: Copy) -> None:
    """Another writer of the target is noticed by the offset that append returns."""

    class Shared(MemoryLog):
        def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
            super().append(topic, partition, [record(0)])
            return super().append(topic, partition, records)

    with pytest.raises(IntegrityError, match="HUB-L413"):
        copy(source(MemoryLog()), Shared())


def law_whole(copy: Copy) -> None:
    """A source without its beginning is refused, since offsets could not be kept."""

    class Cut(MemoryLog):
        def bounds(self, topic: str, partition: int) -> Bounds:
            return Bounds(1, super().bounds(topic, partition).end)

    theirs = MemoryLog()
    with pytest.raises(IntegrityError, match="HUB-L412"):
        copy(source(Cut()), theirs)
    assert not theirs.topics()


LAWS = (law_copies, law_goes_on, law_refuses, law_reads_back, law_alone, law_whole)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("fetch", [1, 3, 2000])
def test_copy(law: Callable[[Copy], None], fetch: int) -> None:
    """Every law of copying holds, however many records are fetched at once."""
    law(lambda ours, theirs: copy_log(ours, theirs, fetch=fetch))


class Believing:
    """A log of which the beginning is believed to be there, and an append to land where the end was."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def bounds(self, topic: str, partition: int) -> Bounds:
        return Bounds(0, self._log.bounds(topic, partition).end)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        end = self._log.bounds(topic, partition).end
        self._log.append(topic, partition, records)
        return end


def unread(ours: Log, theirs: Log) -> None:
    """A copy that compares nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_compare", lambda *given: None)
        copy_log(ours, theirs)


MUTANTS: dict[Callable[[Copy], None], Copy] = {
    law_copies: lambda ours, theirs: (copy_log(ours, theirs), theirs.append("a", 1, [record(0)])),
    law_goes_on: lambda ours, theirs: theirs.topics() or copy_log(ours, theirs),
    law_refuses: unread,
    law_reads_back: unread,
    law_alone: lambda ours, theirs: copy_log(ours, Believing(theirs)),
    law_whole: lambda ours, theirs: copy_log(Believing(ours), theirs),
}


@pytest.mark.parametrize("law", LAWS)
def test_every_law_of_copying_kills_a_mutant(law: Callable[[Copy], None]) -> None:
    """Each law notices a copy that lacks the care the law asks for."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        law(MUTANTS[law])


def test_a_copy_outlives_failures() -> None:
    """Run again after each failure, a copy ends equal, or says that the target cannot become so."""
    ended = set()
    for seed in range(40):
        schedule, calm = seeded(seed, 0.3), Event()
        theirs = MemoryLog(lambda word, of=schedule, calm=calm: "well" if calm.is_set() else of(word))  # type: ignore[misc]
        ours = source(MemoryLog())
        for _ in range(100):
            try:
                copy_log(ours, theirs, fetch=2)
            except Unreachable:  # AppendUncertain, too
                continue
            except IntegrityError as error:
                ended.add(error.code)
                break
            calm.set()
            assert contents(theirs) == PLACES
            ended.add("equal")
            break
        else:
            raise AssertionError("the copy does not come to an end")
    assert ended == {"equal", "HUB-L411"}


def test_progress_and_result() -> None:
    """The result and the progress say the same, by partition."""
    told: list[tuple[str, int, int]] = []
    plan = copy_log(source(MemoryLog()), MemoryLog(), lambda *given: told.append(given), fetch=5)
    assert plan == [Copied("a", 0, 7, 7), Copied("a", 1, 0, 0), Copied("b", 0, 2, 2)]
    assert told == [("a", 0, 5), ("a", 0, 2), ("b", 0, 2)]


def test_the_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line copies a file, shows topics and records by address, and never shows a value."""
    home = tmp_path / "home"
    (home / "hub").mkdir(parents=True)
    (home / "hub.toml").write_text("format = 1\n", encoding="utf-8")
    log = source(SqliteLog(home / "hub" / "log.db"))
    secret = "某人的值".encode()
    offset = log.append("b", 0, [Record(b"\0\1", pack_headers([("ce_type", b"x.Y"), ("number", b"\0\5")]), secret)])
    log.close()
    there = tmp_path / "copy.db"
    assert run(["log", "copy", str(home / "hub" / "log.db"), f"sqlite:///{there}", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["partitions"][2] == {"topic": "b", "partition": 0, "records": 3, "new": 3}
    assert run(["log", "topics", "--home", str(home), "--set", f"log.url=sqlite:///{there}", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["identity"] == answer["identity"]
    assert shown["partitions"][0] == {"topic": "a", "partition": 0, "begin": 0, "end": 7}
    words = ["log", "show", "b", "--from", str(offset), "--home", str(home)]
    assert run([*words, "--json"]) == 0
    headers = {"ce_type": "x.Y", "number": "0005"}
    digest = hashlib.sha256(secret).hexdigest()
    expected = {"offset": 2, "key": "0001", "size": len(secret), "sha256": digest, "headers": headers}
    assert json.loads(capsys.readouterr().out) == [expected]
    again = ["log", "copy", str(home / "hub" / "log.db"), str(there)]
    for plain in (words, ["log", "topics", "--home", str(home)], again):
        assert run(plain) == 0
    told = capsys.readouterr().out
    assert "ce_type = x.Y" in told
    assert "某人" not in told
    assert secret.hex() not in told
    assert run(["log", "show", "b", "--from", "9", "--home", str(home)]) == 4
    assert run(["log", "copy", str(tmp_path / "none.db"), str(there)]) == 3
    assert "HUB-L105" in capsys.readouterr().err


def test_a_log_is_no_copy_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One file by two names, paths or a link is refused: that it equals itself proves nothing. A copy of the file,
    which goes by the same identity, is another place and is compared."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    source(SqliteLog(tmp_path / "log.db")).close()
    (tmp_path / "link.db").symlink_to("log.db")
    names = ["log.db", "./log.db", "folder/../log.db", f"sqlite:///{tmp_path}/log.db", "link.db"]
    for name in names:
        assert run(["log", "copy", "log.db", name]) == 2, name
        assert "HUB-L580" in capsys.readouterr().err
    shutil.copyfile(tmp_path / "log.db", tmp_path / "other.db")
    assert run(["log", "copy", "log.db", "other.db"]) == 0
