"""The log on Apache Kafka: a topic is a topic, a partition a partition, an offset an offset.

Written by an idempotent producer with acks=all and without transactions, so that offsets rise by one; read by one
consumer without a group, which is told where to read. Positions live in the store, never in Kafka (law 6).

Each log has a topic `hub.identity`. Its own topic id is the log's identity; its records say under which topic id every
other topic was made, so that one that was deleted and made again is refused by name. One object belongs to one thread.
"""

import contextlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError

from hub.adapters.kafka import errors, headers
from hub.adapters.kafka.cluster import MESSAGE_BYTES, MOST_BYTES, REGISTER, Cluster, Topic
from hub.core.errors import DataError, IntegrityError, Unreachable
from hub.core.record import Bounds, Record

AT_ONCE: Final = 20_000  # records taken from one answer of the broker


class Known(NamedTuple):
    """A topic, and the id under which it was registered; empty when nobody did."""

    topic: Topic
    registered: str


class KafkaLog:
    """The `Log` port over `kafka://host:port[,host:port][/prefix]`, made when it is not there and `make`.

    A call that gets no answer for `seconds` raises Unreachable HUB-L502, or AppendUncertain HUB-L501. Raises DataError
    HUB-L106 for a URL that is none, HUB-L105 when there is no log and it is not to be made.
    """

    def __init__(self, url: str, make: bool = True, seconds: int = 60) -> None:
        self._wait = seconds
        self._topics: dict[str, Known] = {}
        self._registered: dict[str, str] = {}
        self._read_register = 0
        self._ends: dict[TopicPartition, int] = {}
        self._ahead: dict[TopicPartition, tuple[int, list[Record]]] = {}
        self._at: tuple[TopicPartition, int] | None = None
        self._sender: Any = None
        self._reader: Any = None
        self.cluster = Cluster(url, seconds)
        try:
            found = self.cluster.topics()
            if REGISTER not in found:
                if not make:
                    raise DataError("HUB-L105")
                self.cluster.make(REGISTER, 1)
                found = self.cluster.topics()
            self._identity = found[REGISTER].id
        except BaseException:
            self.close()
            raise

    def identity(self) -> str:
        """The topic id of the log's register; a cluster never gives one twice."""
        return self._identity

    def create(self, topic: str, partitions: int) -> None:
        """Make a topic with as many replicas as there are brokers, up to three.

        Raises DataError HUB-L101 for another number of partitions, HUB-L108 for a name that Kafka does not take,
        IntegrityError HUB-L404 when the topic was made before and is another now, or gone.
        """
        if partitions < 1:
            raise DataError("HUB-L101", topic=topic, partitions=partitions, found=0)
        found = self.look().get(topic)
        if found is None:
            if topic in self._registered:
                raise IntegrityError("HUB-L404", topic=topic)
            self.cluster.make(topic, partitions)
            found = self.look()[topic]
        made = found.topic
        if made.partitions != partitions:
            raise DataError("HUB-L101", topic=topic, partitions=partitions, found=made.partitions)
        if not found.registered:
            self._append(self._register, [Record(topic.encode(), b"", made.id.encode())])
        elif found.registered != made.id:
            raise IntegrityError("HUB-L404", topic=topic)

    def topics(self) -> dict[str, int]:
        """Every topic and its number of partitions, by name."""
        return {name: found.topic.partitions for name, found in self.look().items()}

    def look(self) -> dict[str, Known]:
        """Ask the broker for this log's topics and read the register on."""
        found = self.cluster.topics()
        found.pop(REGISTER, None)
        self._learn()
        self._topics = {name: Known(topic, self._registered.get(name, "")) for name, topic in found.items()}
        return self._topics

    def registered(self) -> dict[str, str]:
        """The id under which each topic was made, deleted ones included, by name."""
        self._learn()
        return dict(self._registered)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Append in the order given; returns the offset of the first.

        Raises DataError HUB-L107, before anything is sent, for a record that is too large for a broker.
        """
        place = self._place(topic, partition)
        for record in records:
            if sum(map(len, record)) > MOST_BYTES:
                raise DataError("HUB-L107", topic=topic, most=MOST_BYTES)
        if not records:
            return self._ask_bounds(place).end
        return self._append(place, records)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records; what the broker gave beyond is kept for the next call."""
        place = self._place(topic, partition)
        first, kept = self._ahead.get(place, (0, []))
        if not first <= offset < first + len(kept):
            if offset >= self._ends.get(place, 0):
                begin, end = self._ask_bounds(place)
                if not begin <= offset <= end:
                    raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset)
                if offset == end:
                    return []
            if limit < 1:
                return []
            first, kept = offset, self._fetch(place, topic, offset)
            self._ahead[place] = first, kept
        start = offset - first
        found = kept[start : start + max(limit, 0)]
        if start + len(found) == len(kept):
            self._ahead.pop(place, None)
        return found

    def bounds(self, topic: str, partition: int) -> Bounds:
        """First kept offset and end, as the leader of the partition says now."""
        return self._ask_bounds(self._place(topic, partition))

    def close(self) -> None:
        """Close every connection."""
        for each in (self._reader, self._sender):
            if each is not None:
                with contextlib.suppress(KafkaError):  # every append has been answered; there is nothing left to lose
                    each.close()
        self._reader = self._sender = None
        self.cluster.close()

    @property
    def _register(self) -> TopicPartition:
        return TopicPartition(self.cluster.address.native(REGISTER), 0)

    def _learn(self) -> None:
        """Read what the register says more than before; the first word about a topic counts."""
        place = self._register
        end = self._ask_bounds(place).end
        while self._read_register < end:
            for record in self._fetch(place, REGISTER, self._read_register):
                self._registered.setdefault(record.key.decode(), record.value.decode())
                self._read_register += 1

    def _place(self, topic: str, partition: int) -> TopicPartition:
        """The broker's name of a partition. Raises DataError HUB-L102, after looking again, IntegrityError HUB-L404."""
        known = self._topics.get(topic)
        if known is None or not 0 <= partition < known.topic.partitions:
            known = self.look().get(topic)
        if known is None or not 0 <= partition < known.topic.partitions:
            raise DataError("HUB-L102", topic=topic, partition=partition)
        if known.registered not in ("", known.topic.id):
            raise IntegrityError("HUB-L404", topic=topic)
        return TopicPartition(known.topic.native, partition)

    def _producer(self) -> Any:
        if self._sender is None:
            with errors.mapped():
                self._sender = KafkaProducer(
                    **self.cluster.connection,
                    acks="all",
                    enable_idempotence=True,
                    allow_auto_create_topics=False,
                    linger_ms=20,  # a flush ends it; without, the first record of many would travel alone
                    batch_size=1024 * 1024,
                    max_request_size=MESSAGE_BYTES,
                    max_block_ms=self._wait * 1000,
                    delivery_timeout_ms=self._wait * 1000 + 1000,
                )
        return self._sender

    def _append(self, place: TopicPartition, records: Sequence[Record]) -> int:
        native, partition = place
        producer = self._producer()
        with errors.mapped(native, partition):  # nothing was sent so far
            producer.partitions_for(native)
        answers: list[Any] = []
        failed: list[BaseException] = []
        whole = False
        try:
            for key, packed, value in records:
                answers.append(producer.send(native, value, key, headers.native(packed), partition))
            producer.flush(2 * self._wait + 5)  # every record is answered or given up by then
            failed = [answer.exception for answer in answers if answer.failed()]
            whole = not failed
        except KafkaError as error:
            failed = [error]
        finally:
            if not whole:  # after a key press, too
                self._forget_producer()
        if failed:
            raise errors.while_appending(failed, len(failed) == len(records), native, partition) from None
        self._ends[place] = int(answers[-1].value.offset) + 1
        return int(answers[0].value.offset)

    def _forget_producer(self) -> None:
        """What it still holds must not land between later records: the next append makes a producer of its own."""
        producer, self._sender = self._sender, None
        with contextlib.suppress(KafkaError):  # the caller is about to say that nobody knows
            producer.close(timeout=0)

    def _consumer(self) -> Any:
        if self._reader is None:
            with errors.mapped():
                self._reader = KafkaConsumer(
                    **self.cluster.connection,
                    group_id=None,
                    enable_auto_commit=False,
                    auto_offset_reset="none",
                    allow_auto_create_topics=False,
                    check_crcs=True,
                    max_partition_fetch_bytes=4 * 1024 * 1024,
                )
        return self._reader

    def _ask_bounds(self, place: TopicPartition) -> Bounds:
        consumer, wait = self._consumer(), self._wait * 1000
        with errors.mapped(place.topic, place.partition):
            begin = consumer.beginning_offsets([place], timeout_ms=wait)[place]
            end = consumer.end_offsets([place], timeout_ms=wait)[place]
        self._ends[place] = end
        return Bounds(begin, end)

    def _fetch(self, place: TopicPartition, topic: str, offset: int) -> list[Record]:
        """What one answer of the broker holds from `offset` on, which is there. Raises IntegrityError for gaps."""
        consumer = self._consumer()
        with errors.mapped(topic, place.partition):
            if self._at is None or self._at[0] != place:
                consumer.assign([place])
            if self._at != (place, offset):
                consumer.seek(place, offset)
            self._at = None
            try:
                given = consumer.poll(self._wait * 1000, AT_ONCE).get(place)
            except OffsetOutOfRangeError:
                raise IntegrityError("HUB-L401", topic=topic, partition=place.partition, offset=offset) from None
        if not given:
            raise Unreachable("HUB-L502", reason="KafkaTimeoutError")
        if given[0].offset != offset or given[-1].offset != offset + len(given) - 1:
            raise IntegrityError("HUB-L401", topic=topic, partition=place.partition, offset=offset)
        self._at = place, offset + len(given)
        packed = headers.packed
        return [Record(each.key or b"", packed(each.headers), each.value or b"") for each in given]
