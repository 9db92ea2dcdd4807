"""What a broker answers is taken from either library as it came, and decoded here, a record batch at a time, by the
extension in C of aiokafka: both libraries would make an object of each record in Python, as dear as folding it.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from aiokafka.record.memory_records import MemoryRecords

from hub.adapters.kafka import errors, headers
from hub.core.errors import IntegrityError
from hub.core.record import Record

_CORRUPT: Final = "CorruptRecordError"


class Fetched(NamedTuple):
    """Record batches of one partition, not looked into yet; what is wanted of them begins at offset `first`."""

    first: int
    batches: list[Any]

    @property
    def end(self) -> int:
        """The offset behind the last of them."""
        return max(self.first, self.batches[-1].next_offset) if self.batches else self.first


def whole(first: int, answer: Any) -> Fetched:
    """What is whole of an answer: bytes, or the library's own view of them. A broker cuts its last batch short."""
    seen = MemoryRecords(bytes(answer)) if isinstance(answer, bytes | bytearray | memoryview) else answer
    return Fetched(first, list(_each(seen)))


def decoded(fetched: Fetched, topic: str, partition: int) -> list[Record]:
    """The records from `first` on; errors call the topic `topic`.

    Raises IntegrityError HUB-L401 where an offset is left out, HUB-L403 when bytes are not those that were written.
    """
    found: list[Record] = []
    wanted = fetched.first
    try:
        for batch in fetched.batches:
            if not batch.validate_crc():
                raise IntegrityError("HUB-L403", topic=topic, partition=partition, reason=_CORRUPT)
            if not batch.is_control_batch:  # the mark of a transaction: its offset is left out
                found += _of(batch, wanted)
            if batch.next_offset - fetched.first != len(found):
                raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=wanted)
            wanted = batch.next_offset
    except CorruptRecordException:
        raise IntegrityError("HUB-L403", topic=topic, partition=partition, reason=_CORRUPT) from None
    except UnsupportedCodecError as error:  # somebody else compressed it, and what takes it apart is not there
        raise errors.ours(error, topic, partition) from None
    return found


def _of(batch: Any, first: int) -> list[Record]:
    """The first batch of an answer may begin before what was asked for."""
    packed, new = headers.packed, tuple.__new__  # without a call in between
    wanted = batch if batch.base_offset >= first else [each for each in batch if each.offset >= first]
    return [new(Record, (each.key or b"", packed(each.headers), each.value or b"")) for each in wanted]


def _each(records: Any) -> Iterable[Any]:
    while records.has_next():
        yield records.next_batch()
