"""Following one topic from now on, for those who only want to know what goes by: no position is kept."""

from collections.abc import Iterator

from hub.codec import Codec
from hub.core.event import Event
from hub.ports.log import Log

MANY = 5000


class Tail:
    """What comes into a topic after this was made, of the event types wanted."""

    def __init__(self, log: Log, codec: Codec, topic: str, types: frozenset[str]) -> None:
        self._log, self._codec, self._topic, self._types = log, codec, topic, types
        self._next = [log.bounds(topic, partition).end for partition in range(log.topics()[topic])]

    def new(self) -> Iterator[Event]:
        """Everything since the last call. Only records of the types wanted are decoded; repeats come twice."""
        for partition, offset in enumerate(self._next):
            while records := self._log.read(self._topic, partition, offset, MANY):
                offset += len(records)
                for record in records:
                    envelope = self._codec.envelope(record.headers)
                    if envelope.type in self._types:
                        yield self._codec.event(record, envelope)[1]
            self._next[partition] = offset
