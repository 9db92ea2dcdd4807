"""Packets at the hub: frames that were carried here into their ingress topic, and outcomes to be carried back."""

from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

from hub.core.errors import DataError, IntegrityError
from hub.core.frame import FrameHeader, unpack_frame
from hub.core.packet import ANSWERS, FRAMES, Packet
from hub.core.partition import partition_of
from hub.core.record import Record
from hub.flow.accept import AHEAD, accept_frame
from hub.intake.waiting import Waiting
from hub.ports.intake import IntakeStore
from hub.ports.log import Log

_ANSWERS = 1_000


class Imported(NamedTuple):
    """What became of a packet: `frames` appended of it, or why not: it was here before, or `missing` come first.

    `spool` is a whole spool that comes first, of which nothing is here. `fork` is the first frame, with its SHA-256,
    that is another than the one of its number: it was appended, so that intake stops this agency and a person decides.
    """

    packet: Packet
    frames: int
    missing: tuple[int, int] | None = None
    spool: int = 0
    fork: tuple[int, str] | None = None


class Importer:
    """Appends packets of frames, exactly the next of each spool; a packet that comes too early waits in its file."""

    def __init__(self, log: Log, store: IntakeStore) -> None:
        self._log, self._store = log, store
        self._waiting: dict[str, Waiting] = {}

    def take(self, packet: Packet, records: list[Record]) -> Imported:
        """Append what is new of a packet: the frames that come next, and those that are others than were taken.

        Raises DataError HUB-I362 for a packet of answers, or one whose frames are not those it speaks of; HUB-I363 for
        a connector that nobody registered.
        """
        headers = _headers(packet, records)
        if (packet.agency, packet.connector) not in {(one.agency, one.id) for one in self._store.registry()[1]}:
            raise DataError("HUB-I363", connector=packet.connector, agency=packet.agency)
        waiting = self.waiting(packet.agency)
        generation, number = waiting.last(packet.connector)
        if accept_frame((generation, number), packet.generation, packet.first) == AHEAD:
            if packet.generation > generation + 1:
                return Imported(packet, 0, spool=generation + 1)
            here = number if packet.generation == generation else 0
            return Imported(packet, 0, (here + 1, packet.first - 1))
        new: list[Record] = []
        fork = None
        for header, record in zip(headers, records, strict=True):
            hash = sha256(record.value).digest()
            if not waiting.knows(header, hash):
                new.append(record)
                if (header.generation, header.number) <= (generation, number):
                    fork = fork or (header.number, hash.hex())
        if new:
            topic = f"ingress.{packet.agency}"
            self._log.create(topic, 1)
            self._log.append(topic, partition_of(packet.connector.encode(), self._log.topics()[topic]), new)
        return Imported(packet, len(new), fork=fork)

    def waiting(self, agency: str) -> Waiting:
        """What stands in an agency's ingress now."""
        waiting = self._waiting.setdefault(agency, Waiting(self._log, self._store, agency))
        waiting.look()
        return waiting


def _headers(packet: Packet, records: list[Record]) -> list[FrameHeader]:
    """The headers of a packet's frames, which must be those that it speaks of."""
    wrong = DataError("HUB-I362", file=packet.name)
    if packet.kind != FRAMES or not records:
        raise wrong
    headers = []
    for number, record in enumerate(records, packet.first):
        try:
            header = unpack_frame(record.value).header
        except IntegrityError:
            raise wrong from None
        said = header.agency, header.connector, header.generation, header.number
        if said != (packet.agency, packet.connector, packet.generation, number):
            raise wrong
        if record.key != packet.connector.encode():  # it decides the partition
            raise wrong
        headers.append(header)
    return headers


def answers(
    log: Log, agency: str, begin: int, write: Callable[[Packet, list[Record]], None], most: int = _ANSWERS
) -> int:
    """Give an agency's outcomes from offset `begin` on to `write`, in packets; how many outcomes there were."""
    topic = f"outcomes.{agency}"
    if topic not in log.topics():
        return 0
    total = 0
    while records := log.read(topic, 0, begin, most):
        write(Packet(ANSWERS, agency, "", 0, begin, begin + len(records) - 1, log.identity()), records)
        begin += len(records)
        total += len(records)
    return total
