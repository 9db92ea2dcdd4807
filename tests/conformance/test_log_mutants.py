"""Each law of the log kills a log that is wrong in one line."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hub.adapters.memory.log import MemoryLog
from hub.core.record import Record
from hub.ports.log import Log
from tests.conformance import log_laws as laws
from tests.conformance.log_laws import LAWS, Rig


class Reversed(MemoryLog):
    """What is appended together lands the other way round."""

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        return super().append(topic, partition, records[::-1])


class FromTheRow(MemoryLog):
    """A read begins where a row of three began."""

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        return super().read(topic, partition, offset - offset % 3 if limit == 7 else offset, limit)


class OnePartition(MemoryLog):
    """All partitions are the first."""

    def _partition(self, topic: str, partition: int) -> list[Record]:
        super()._partition(topic, partition)
        return super()._partition(topic, 0)


class Stripped(MemoryLog):
    """Zero bytes at the end of a value are lost."""

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        return super().append(topic, partition, [each._replace(value=each.value.rstrip(b"\0")) for each in records])


class Widened(MemoryLog):
    """A topic is given more partitions when asked."""

    def create(self, topic: str, partitions: int) -> None:
        super().create(topic, partitions if topic not in self._kept else len(self._kept[topic]))


class FromBehind(MemoryLog):
    """A partition below zero is one counted from behind."""

    def _partition(self, topic: str, partition: int) -> list[Record]:
        return super()._partition(topic, partition % len(self._kept.get(topic, [0])))


class Endless(MemoryLog):
    """After the end there is just nothing yet."""

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        return super().read(topic, partition, min(offset, self.bounds(topic, partition).end), limit)


class Namesake(MemoryLog):
    """All logs are one."""

    def identity(self) -> str:
        return "log"


class Remembering(MemoryLog):
    """Where the end was once, it stays."""

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        seen: dict[tuple[int, int], list[Record]] = self.__dict__.setdefault("seen", {})
        return list(seen.setdefault((offset, limit), super().read(topic, partition, offset, limit)))


class Marking(MemoryLog):
    """Even nothing leaves a mark."""

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        return super().append(topic, partition, records or [Record(b"", b"", b"")])


class Lending(MemoryLog):
    """A read from the beginning to the end gives the log's own list."""

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        kept = self._partition(topic, partition)
        return kept if offset == 0 and limit == len(kept) else super().read(topic, partition, offset, limit)


class ClosingOnce(MemoryLog):
    """Closing is a use."""

    def close(self) -> None:
        self._check_open()
        super().close()


def same(log: Any) -> Log:
    """A model is still there after its process, which is why it is one."""
    found: Log = log
    return found


def forgetting(log: Any) -> Log:
    """The last record had not reached the disk."""
    for partitions in log._kept.values():
        for kept in partitions:
            del kept[-1:]
    return same(log)


MUTANTS: dict[Callable[[Rig], None], Rig] = {
    laws.law_order: Rig(Reversed, same, same),
    laws.law_anywhere: Rig(FromTheRow, same, same),
    laws.law_apart: Rig(OnePartition, same, same),
    laws.law_bytes: Rig(Stripped, same, same),
    laws.law_create: Rig(Widened, same, same),
    laws.law_unknown: Rig(FromBehind, same, same),
    laws.law_end: Rig(Endless, same, same),
    laws.law_survives: Rig(MemoryLog, forgetting, same),
    laws.law_identity: Rig(Namesake, same, same),
    laws.law_beside: Rig(Remembering, same, same),
    laws.law_nothing: Rig(Marking, same, same),
    laws.law_own_copy: Rig(Lending, same, same),
    laws.law_close: Rig(ClosingOnce, same, same),
}


@pytest.mark.parametrize("law", LAWS)
def test_every_law_of_the_log_kills_a_mutant(law: Callable[[Rig], None]) -> None:
    """Each law notices one line made wrong, and nothing but that."""
    law(Rig(MemoryLog, same, same))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        law(MUTANTS[law])
