"""Reading: one consumer without a group, which is told where to read."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError

from hub.adapters.answers import ANSWERS, LOG
from hub.adapters.kafka import errors
from hub.adapters.kafka.cluster import look_soon
from hub.adapters.kafka.fetched import Fetched, decoded, whole
from hub.core.errors import IntegrityError, Unreachable
from hub.core.record import Bounds, Record

ANSWER_BYTES: Final = 4 * 1024 * 1024
WAIT_MS: Final = 1  # asked for what is not there yet, a broker answers late, and everything else asked waits behind


class Reader:
    """Reads from brokers at `connection`; a call is given up after `seconds` with Unreachable HUB-L502."""

    def __init__(self, connection: Mapping[str, Any], seconds: int) -> None:
        self._connection, self._wait_ms = connection, seconds * 1000
        self._at: tuple[TopicPartition, int] | None = None
        self._consumer: Any = None

    def bounds(self, place: TopicPartition) -> Bounds:
        """First kept offset and end, as the leader of the partition says now."""
        with self._asking(place.topic, place.partition) as consumer:
            begin = consumer.beginning_offsets([place], timeout_ms=self._wait_ms)[place]
            return Bounds(begin, consumer.end_offsets([place], timeout_ms=self._wait_ms)[place])

    def end(self, place: TopicPartition) -> int:
        """The offset behind the last record, as the leader of the partition says now."""
        with self._asking(place.topic, place.partition) as consumer:
            return int(consumer.end_offsets([place], timeout_ms=self._wait_ms)[place])

    def fetch(self, place: TopicPartition, offset: int, topic: str) -> list[Record]:
        """What one answer of the broker holds from `offset` on, where there is a record. Errors call the topic `topic`.

        Raises IntegrityError HUB-L401 when it is no longer kept, or an offset is left out.
        """
        partition = place.partition
        with self._asking(topic, partition) as consumer:
            if self._at is None or self._at[0] != place:
                consumer.assign([place])
            if self._at != (place, offset):
                consumer.seek(place, offset)
            self._at = None
            try:
                answers: list[Fetched] = consumer.poll(self._wait_ms, 1).get(place, [])
            except OffsetOutOfRangeError:
                raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset) from None
            if not answers:
                raise Unreachable("HUB-L502", reason="KafkaTimeoutError")
        [answer] = answers
        if answer.first != offset:
            raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset)
        records = decoded(answer, topic, partition)
        self._at = place, answer.end
        return records

    def expect(self, place: TopicPartition, offset: int) -> None:
        """Ask for what will be fetched next, so that it comes while its reader is still busy with what it has.

        A poll does so itself only where it need not wait, so that each answer would be waited for.
        """
        if self._at == (place, offset):
            with self._asking(place.topic, place.partition) as consumer:
                consumer._fetcher.send_fetches()

    def close(self) -> None:
        """Close the connection."""
        if self._consumer is not None:
            with contextlib.suppress(KafkaError):  # it holds nothing of ours
                self._consumer.close()
        self._consumer, self._at = None, None

    @contextlib.contextmanager
    def _asking(self, topic: str, partition: int) -> Iterator[Any]:
        """The consumer. One that got no answer is thrown away: what it believes of the brokers may be why."""
        consumer = self._opened()
        try:
            with errors.mapped(topic, partition), ANSWERS.awaited(LOG):
                yield consumer
        except Unreachable:
            self.close()
            raise

    def _opened(self) -> Any:
        if self._consumer is None:
            with errors.mapped():
                consumer: Any = KafkaConsumer(
                    **self._connection,
                    group_id=None,
                    enable_auto_commit=False,
                    auto_offset_reset="none",
                    allow_auto_create_topics=False,
                    metrics_enabled=False,
                    fetch_max_wait_ms=WAIT_MS,
                    max_partition_fetch_bytes=ANSWER_BYTES,
                )
            consumer._fetcher.PartitionRecords = _Answer
            look_soon(consumer._cluster)
            self._consumer = consumer
        return self._consumer


class _Answer:
    """What the library's fetcher hands out record by record, handed out as a whole: poll gives a `Fetched`."""

    def __init__(self, fetch_offset: int, tp: TopicPartition, records: Any, **_: Any) -> None:
        self.topic_partition, self.next_fetch_offset, self.leader_epoch = tp, fetch_offset, -1
        self._records: Any = records

    def __bool__(self) -> bool:
        return self._records is not None

    def take(self, _: int) -> list[Fetched]:
        """All of it. The library goes on from `next_fetch_offset`, and tells the broker whose epoch it saw."""
        records, self._records = self._records, None
        fetched = whole(self.next_fetch_offset, records._buffer)
        self.next_fetch_offset = fetched.end
        for batch in records:
            self.leader_epoch = batch.leader_epoch if batch.magic == 2 else -1
        return [fetched] if fetched.batches else []

    def drain(self) -> None:
        """Nobody wants it any more."""
        self._records = None
