"""Appending: an idempotent producer with acks=all and without transactions, so that offsets rise by one."""

import contextlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from hub.adapters.answers import ANSWERS, LOG
from hub.adapters.kafka import errors
from hub.adapters.kafka.batches import hand
from hub.adapters.kafka.cluster import MESSAGE_BYTES, look_soon
from hub.core.errors import AppendUncertain
from hub.core.record import Record


class Writer:
    """Writes to brokers at `connection`; an append is answered or given up after `seconds`."""

    def __init__(self, connection: Mapping[str, Any], seconds: int) -> None:
        self._connection, self._wait = connection, seconds
        self._producer: Any = None

    def append(self, place: TopicPartition, records: Sequence[Record], topic: str) -> tuple[int, int]:
        """Append at least one record; returns the first and the last offset. Errors call the topic `topic`.

        Raises Unreachable when nothing can have landed, AppendUncertain HUB-L501 when nobody knows, and DataError or
        NotPermitted when the broker refused every record.
        """
        native, partition = place
        producer = self._opened()
        with errors.mapped(topic, partition):  # nothing was sent so far
            producer.partitions_for(native)
        answers: list[Any] = []
        failed: list[BaseException] = []
        whole = False
        try:
            with ANSWERS.awaited(LOG):
                answers = hand(producer, place, records)
                producer.flush(2 * self._wait + 5)  # every record is answered or given up by then
            failed = [answer.exception for answer in answers if answer.failed()]
            whole = not failed
        except KafkaError as error:
            failed = [error]
        finally:
            if not whole:  # after a key press, too
                self._forget()
        if failed:
            raise errors.while_appending(failed, len(failed) == len(records), topic, partition) from None
        offsets = [int(answer.value.offset) for answer in answers]
        if any(after <= before for before, after in pairwise(offsets)):
            self._forget()
            raise AppendUncertain("HUB-L501", topic=topic, partition=partition)
        return offsets[0], offsets[-1]

    def close(self) -> None:
        """Close the connection; every append has been answered, so that there is nothing left to lose."""
        if self._producer is not None:
            with contextlib.suppress(KafkaError):
                self._producer.close(timeout=self._wait)
        self._producer = None

    def _opened(self) -> Any:
        if self._producer is None:
            with errors.mapped():
                self._producer = KafkaProducer(
                    **self._connection,
                    acks="all",
                    enable_idempotence=True,
                    allow_auto_create_topics=False,
                    max_request_size=MESSAGE_BYTES,
                    max_block_ms=self._wait * 1000,
                    delivery_timeout_ms=self._wait * 1000 + 1000,
                )
            look_soon(self._producer._metadata)
        return self._producer

    def _forget(self) -> None:
        """What it still holds must not land between later records: the next append makes a producer of its own."""
        producer, self._producer = self._producer, None
        with contextlib.suppress(KafkaError):  # the caller is about to say that nobody knows
            producer.close(timeout=0)
