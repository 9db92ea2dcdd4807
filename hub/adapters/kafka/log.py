"""The log on Apache Kafka: a topic is a topic, a partition a partition, an offset an offset.

Written by an idempotent producer with acks=all and without transactions, so that offsets rise by one; read by one
consumer without a group, which is told where to read. Positions live in the store, never in Kafka (law 6).

Each log has a topic `hub.identity`. Its own topic id is the log's identity; its records say under which topic id every
other topic was made, so that one that was deleted and made again is refused by name. A record about that topic itself
says of which log this one is the successor, whose identity it has then. One object belongs to one thread.
"""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from kafka import TopicPartition

from hub.adapters.kafka.cluster import MOST_BYTES, Cluster, Topic
from hub.adapters.kafka.reader import Reader
from hub.adapters.kafka.rights import REGISTER
from hub.adapters.kafka.writer import Writer
from hub.core.errors import DataError, IntegrityError
from hub.core.record import Bounds, Record


class Known(NamedTuple):
    """A topic, and the id under which it was registered; empty when nobody did."""

    topic: Topic
    registered: str


class KafkaLog:
    """The `Log` port over `kafka://host:port[,host:port][/prefix]`, made when it is not there and `make`.

    A call that gets no answer for `seconds` raises Unreachable HUB-L502, or AppendUncertain HUB-L501. Raises DataError
    HUB-L106 for a URL that is none, HUB-L105 when there is no log and it is not to be made.

    Who may see the two topics of one agency only has no register: then the id of the first of them is the identity.
    """

    def __init__(self, url: str, make: bool = True, seconds: int = 60) -> None:
        self._topics: dict[str, Known] = {}
        self._said: dict[str, str] = {}
        self._registered: dict[str, str] = {}
        self._missed: Set[str] = frozenset()
        self._read_register = 0
        self._ends: dict[TopicPartition, int] = {}
        self._ahead: dict[TopicPartition, tuple[int, list[Record]]] = {}
        self._read_last: TopicPartition | None = None
        self.cluster = Cluster(url, seconds)
        self._writer = Writer(self.cluster.connection, seconds)
        self._reader = Reader(self.cluster.connection, seconds)
        try:
            there = self.cluster.topics()
            found = there.get(REGISTER)
            self._limited = found is None and not make and _an_agencys(there)
            if self._limited:  # it sees nothing else; a topic's id is never given twice either
                found = there[min(there)]
            elif found is None:
                if not make:
                    raise DataError("HUB-L105")
                found = self.cluster.make(REGISTER, 1)
            self._own = self._identity = found.id
            self._learn()
        except BaseException:
            self.close()
            raise

    def identity(self) -> str:
        """The topic id of the log's register; a cluster never gives one twice. Of a successor, the one before it."""
        return self._identity

    def place(self) -> str:
        """The topic id of the log's register, whatever it goes by: the same by every name of a broker."""
        return self._own

    def succeed(self, identity: str) -> None:
        """Go by the identity of another log, whose copy this one is, for ever; twice is harmless.

        Raises IntegrityError HUB-L561 where it goes by that of a third one already.
        """
        if not self._limited and self._identity != identity and REGISTER not in self._said:
            self._writer.append(self._register, [Record(REGISTER.encode(), b"", identity.encode())], REGISTER)
            self._learn()
        if self._identity != identity:
            raise IntegrityError("HUB-L561")

    def require_free(self, identity: str) -> None:
        """Raises IntegrityError HUB-L561 where this log goes by the identity of another one than that already."""
        if REGISTER in self._said and self._identity != identity:
            raise IntegrityError("HUB-L561")

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
            found = Known(self.cluster.make(topic, partitions), "")
        made = found.topic
        if made.partitions != partitions:
            raise DataError("HUB-L101", topic=topic, partitions=partitions, found=made.partitions)
        if self._limited:
            return
        if not found.registered:
            self._writer.append(self._register, [Record(topic.encode(), b"", made.id.encode())], REGISTER)
        elif found.registered != made.id:
            raise IntegrityError("HUB-L404", topic=topic)

    def topics(self) -> dict[str, int]:
        """Every topic and its number of partitions, by name."""
        return {name: found.topic.partitions for name, found in self.look().items()}

    def look(self) -> dict[str, Known]:
        """Read the register on and ask a broker for this log's topics; one that was missed once is not waited for."""
        self._learn()
        found = self.cluster.topics(self._registered.keys() - self._missed)
        self._missed = self._registered.keys() - found.keys()
        found.pop(REGISTER, None)
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
            return self._bounds(place).end
        first, last = self._writer.append(place, records, topic)
        self._ends[place] = last + 1
        return first

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records; what the broker gave beyond is kept for the next call, and goes on where that ends.

        While there is more to come, the last record stays, too: whoever goes on asks for it once more (law 6). Whoever
        reads one partition twice in turn goes on with it: the broker's next answer comes while this one is looked at.
        """
        place = self._place(topic, partition)
        first, kept = self._ahead.pop(place, (0, []))
        if not first <= offset < first + len(kept):
            first, kept = offset, []
            if offset >= self._ends.get(place, 0):
                end = self._ends[place] = self._reader.end(place)
                if not 0 <= offset <= end:  # before the first one kept, the broker itself refuses
                    raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset)
        kept = kept[offset - first :]
        goes_on, self._read_last = self._read_last == place, place
        if len(kept) < limit and offset + len(kept) < self._ends[place]:
            kept += self._reader.fetch(place, offset + len(kept), topic)
        found = kept[: max(limit, 0)]
        if len(kept) > len(found) or offset + len(kept) < self._ends[place]:
            done = max(0, len(found) - 1)
            self._ahead[place] = offset + done, kept[done:]
        if goes_on and offset + len(kept) < self._ends[place]:
            self._reader.expect(place, offset + len(kept))
        return found

    def bounds(self, topic: str, partition: int) -> Bounds:
        """First kept offset and end, as the leader of the partition says now."""
        return self._bounds(self._place(topic, partition))

    def _bounds(self, place: TopicPartition) -> Bounds:
        found = self._reader.bounds(place)
        self._ends[place] = found.end
        return found

    def close(self) -> None:
        """Close every connection."""
        for each in (self._writer, self._reader, self.cluster):
            each.close()

    @property
    def _register(self) -> TopicPartition:
        return TopicPartition(self.cluster.address.native(REGISTER), 0)

    def _learn(self) -> None:
        """Read what the register says more than before; the first word about a topic counts."""
        if self._limited:
            return
        place = self._register
        end = self._bounds(place).end
        while self._read_register < end:
            for record in self._reader.fetch(place, self._read_register, REGISTER):
                self._said.setdefault(record.key.decode(), record.value.decode())
                self._read_register += 1
        self._identity = self._said.get(REGISTER, self._identity)
        self._registered = {topic: id for topic, id in self._said.items() if topic != REGISTER}

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


def _an_agencys(topics: Mapping[str, object]) -> bool:
    """Whether these are all that an agency may see: its own ingress and outcomes."""
    agencies = {name.partition(".")[2] for name in topics if name.startswith(("ingress.", "outcomes."))}
    return len(agencies) == 1 and all(name.startswith(("ingress.", "outcomes.")) for name in topics)
