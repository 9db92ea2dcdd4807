"""What is appended is packed into record batches here, by the extension in C of aiokafka, and handed to the producer.

`KafkaProducer.send` would look at each record and pack it in Python, and an append would cost twice as much. What the
producer does with batches is its own: numbers them, sends them, sends them again, answers them.
"""

import time
from collections.abc import Sequence
from typing import Any, Final

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from kafka import TopicPartition
from kafka.producer.producer_batch import ProducerBatch
from kafka.record.memory_records import MemoryRecordsBuilder

from hub.adapters.kafka import headers
from hub.core.record import Record

BATCH_BYTES: Final = 1024 * 1024
_MAGIC, _PLAIN = 2, 0


class Builder(DefaultRecordBatchBuilder):  # type: ignore[misc]
    """As kafka-python calls it, whose own has one argument more, and fills a batch to its last byte."""

    def __new__(cls, *settings: Any) -> "Builder":
        """A batch of at most so many bytes: the extension leaves out the record that would make it exactly full."""
        *others, most = settings
        builder: Builder = super().__new__(cls, *others, most + 1)
        return builder

    def set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int, _: bool = False) -> None:
        """Whose batch it is, and which."""
        super().set_producer_state(producer_id, producer_epoch, base_sequence)


def hand(producer: Any, place: TopicPartition, records: Sequence[Record]) -> list[Any]:
    """Let the producer send the records, in the order given and before what comes later; returns an answer of each.

    Nothing is sent before all of them are packed. It knows the partition already, and no record is too large for it.
    """
    batches: list[ProducerBatch] = []
    answers: list[Any] = []
    now = int(time.time() * 1000)  # the topics take the broker's own clock; the library wants a number
    for key, packed, value in records:
        native = headers.native(packed)
        answer = batches[-1].try_append(now, key, value, native) if batches else None
        if answer is None:
            batches.append(_batch(place))
            answer = batches[-1].try_append(now, key, value, native)
        answers.append(answer)
    accumulator = producer._accumulator
    with accumulator._tp_lock(place):
        for batch in batches:
            accumulator._batches[place].append(batch)
            accumulator._incomplete.add(batch)
    return answers


def _batch(place: TopicPartition) -> ProducerBatch:
    records = MemoryRecordsBuilder(_MAGIC, _PLAIN, BATCH_BYTES)
    records._builder = Builder(_MAGIC, _PLAIN, 0, -1, -1, -1, BATCH_BYTES)
    return ProducerBatch(place, records)
