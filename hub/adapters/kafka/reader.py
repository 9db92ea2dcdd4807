"""Reading: one consumer without a group, which is told where to read."""

import contextlib
from collections.abc import Mapping
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError

from hub.adapters.kafka import errors, headers
from hub.core.errors import IntegrityError, Unreachable
from hub.core.record import Bounds, Record

AT_ONCE: Final = 20_000  # records taken from one answer of the broker
ANSWER_BYTES: Final = 4 * 1024 * 1024


class Reader:
    """Reads from brokers at `connection`; a call is given up after `seconds` with Unreachable HUB-L502."""

    def __init__(self, connection: Mapping[str, Any], seconds: int) -> None:
        self._connection, self._wait_ms = connection, seconds * 1000
        self._at: tuple[TopicPartition, int] | None = None
        self._consumer: Any = None

    def bounds(self, place: TopicPartition) -> Bounds:
        """First kept offset and end, as the leader of the partition says now."""
        consumer = self._opened()
        with errors.mapped(place.topic, place.partition):
            begin = consumer.beginning_offsets([place], timeout_ms=self._wait_ms)[place]
            return Bounds(begin, consumer.end_offsets([place], timeout_ms=self._wait_ms)[place])

    def fetch(self, place: TopicPartition, offset: int, topic: str) -> list[Record]:
        """What one answer of the broker holds from `offset` on, where there is a record. Errors call the topic `topic`.

        Raises IntegrityError HUB-L401 when it is no longer kept, or an offset is left out.
        """
        partition = place.partition
        consumer = self._opened()
        with errors.mapped(topic, partition):
            if self._at is None or self._at[0] != place:
                consumer.assign([place])
            if self._at != (place, offset):
                consumer.seek(place, offset)
            self._at = None
            try:
                given = consumer.poll(self._wait_ms, AT_ONCE).get(place)
            except OffsetOutOfRangeError:
                raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset) from None
        if not given:
            raise Unreachable("HUB-L502", reason="KafkaTimeoutError")
        if given[0].offset != offset or given[-1].offset != offset + len(given) - 1:
            raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset)
        self._at = place, offset + len(given)
        packed = headers.packed
        return [Record(each.key or b"", packed(each.headers), each.value or b"") for each in given]

    def close(self) -> None:
        """Close the connection."""
        if self._consumer is not None:
            with contextlib.suppress(KafkaError):  # it holds nothing of ours
                self._consumer.close()
        self._consumer = None

    def _opened(self) -> Any:
        if self._consumer is None:
            with errors.mapped():
                self._consumer = KafkaConsumer(
                    **self._connection,
                    group_id=None,
                    enable_auto_commit=False,
                    auto_offset_reset="none",
                    allow_auto_create_topics=False,
                    check_crcs=True,
                    max_partition_fetch_bytes=ANSWER_BYTES,
                )
        return self._consumer
