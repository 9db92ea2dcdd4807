"""Frames that stand in an agency's ingress and wait for intake: which of them will it take, and what does it know?"""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from hub.core.errors import IntegrityError
from hub.core.frame import FrameHeader, unpack_frame
from hub.core.record import Record
from hub.flow.accept import NEXT, accept_frame
from hub.ports.intake import IntakeStore
from hub.ports.log import Log
from hub.ports.spools import Reached

_READ = 64


class _Frame(NamedTuple):
    offset: int
    connector: str
    generation: int
    number: int
    hash: bytes
    incarnation: str


class Waiting:
    """Looks at one agency's ingress behind intake's position; everything before that is in intake's own store.

    Whether a frame is there is never remembered beyond that: one that intake refused or passed over must come again.
    """

    def __init__(self, log: Log, store: IntakeStore, agency: str) -> None:
        self._log, self._store, self._agency = log, store, agency
        self._frames: list[_Frame] = []
        self._read = 0
        self._begin = -1
        self._walked = 0
        self._reached: dict[str, Reached] = {}
        self._next: dict[tuple[str, int, int], bytes] = {}
        self._others: set[bytes] = set()

    def look(self) -> None:
        """See what stands there now; call it before every question."""
        state = self._store.state(self._agency)
        topic = f"ingress.{self._agency}"
        begin = end = state.offset
        if topic in self._log.topics():
            begin, end = self._log.bounds(topic, 0)
            begin = max(begin, state.offset)
        if begin != self._begin:
            self._begin, self._walked = begin, 0
            self._frames = [frame for frame in self._frames if frame.offset >= begin]
            self._reached = {chain.connector: Reached(*chain[1:4]) for chain in state.chains.values()}
            self._next, self._others = {}, set()
        self._read = max(self._read, begin)
        while self._read < end:
            for record in self._log.read(topic, 0, self._read, min(_READ, end - self._read)):
                self._frames += self._frame(self._read, record)
                self._read += 1
        for frame in self._frames[self._walked :]:
            self._walk(frame)
        self._walked = len(self._frames)

    def last(self, connector: str) -> tuple[int, int]:
        """Generation and number of the frame after which intake takes the next of a connector; (0, 0) before any."""
        reached = self._reached.get(connector)
        return reached[1:] if reached else (0, 0)

    def reached(self) -> dict[str, Reached]:
        """How far each connector came."""
        return dict(self._reached)

    def knows(self, header: FrameHeader, hash: bytes) -> bool:
        """Whether exactly this frame was taken, will be, was ruled out by somebody, or stands there as a fork."""
        connector, generation, number = header.connector, header.generation, header.number
        if (generation, number) > self.last(connector):
            return False
        if self._next.get((connector, generation, number)) == hash or hash in self._others:
            return True
        return self._store.taken(connector, generation, number) == hash or self._store.ruled_out(hash)

    def _frame(self, offset: int, record: Record) -> Iterator[_Frame]:
        """What a record is, if intake will look at its number at all."""
        try:
            header = unpack_frame(record.value).header
        except IntegrityError:
            return  # intake will say what it is
        numbers = (header.generation, header.number)
        own = header.agency == self._agency and record.key == str(header.connector).encode()
        if own and all(type(number) is int for number in numbers):  # JSON promises nothing
            yield _Frame(offset, header.connector, *numbers, sha256(record.value).digest(), str(header.incarnation))

    def _walk(self, frame: _Frame) -> None:
        last = self.last(frame.connector)
        if accept_frame(last, frame.generation, frame.number) == NEXT:
            self._reached[frame.connector] = Reached(frame.incarnation, frame.generation, frame.number)
            self._next[frame[1:4]] = frame.hash
        elif (frame.generation, frame.number) <= last:
            self._others.add(frame.hash)
