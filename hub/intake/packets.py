"""Packets at the hub: frames that were carried here into their ingress topic, and outcomes to be carried back."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from hub.core.errors import DataError, IntegrityError
from hub.core.frame import unpack_frame
from hub.core.packet import ANSWERS, FRAMES, Packet
from hub.core.partition import partition_of
from hub.core.record import Record
from hub.ports.intake import IntakeStore
from hub.ports.log import Log

_READ = 64
_ANSWERS = 1_000


class Imported(NamedTuple):
    """What became of a packet: `frames` appended of it, or why not: it was here before, or `missing` come first."""

    packet: Packet
    frames: int
    missing: tuple[int, int] | None


class Importer:
    """Appends packets of frames, exactly the next of each spool; a packet that comes too early waits in its file."""

    def __init__(self, log: Log, store: IntakeStore) -> None:
        self._log, self._store = log, store
        self._last: dict[str, dict[tuple[str, int], int]] = {}  # by agency: connector and generation to last frame

    def take(self, packet: Packet, records: list[Record]) -> Imported:
        """Append what is new of a packet. Raises DataError HUB-I362 for a packet of answers, or one whose frames are
        not those it speaks of; HUB-I363 for a connector that nobody registered."""
        known = {(one.agency, one.id) for one in self._store.registry()[1]}
        self._require_sound(packet, records)
        if (packet.agency, packet.connector) not in known:
            raise DataError("HUB-I363", connector=packet.connector, agency=packet.agency)
        last = self._last.setdefault(packet.agency, {}) or self._lasts(packet.agency)
        self._last[packet.agency] = last
        spool = packet.connector, packet.generation
        before = last.get(spool, 0)
        if any(who == packet.connector and generation > packet.generation for who, generation in last):
            return Imported(packet, 0, None)  # of a spool that another one followed
        if packet.first > before + 1:
            return Imported(packet, 0, (before + 1, packet.first - 1))
        if packet.last <= before:
            return Imported(packet, 0, None)
        new = records[before + 1 - packet.first :]
        topic = f"ingress.{packet.agency}"
        self._log.create(topic, 1)
        partition = partition_of(packet.connector.encode(), self._log.topics()[topic])
        self._log.append(topic, partition, new)
        last[spool] = packet.last
        return Imported(packet, len(new), None)

    def _lasts(self, agency: str) -> dict[tuple[str, int], int]:
        """The last frame of each spool: what intake took, and what stands in the topic behind that."""
        state, topic = self._store.state(agency), f"ingress.{agency}"
        found = {(chain.connector, chain.generation): chain.frame for chain in state.chains.values()}
        if topic not in self._log.topics():
            return found
        for record in _records(self._log, topic, state.offset):
            try:
                header = unpack_frame(record.value).header
            except IntegrityError:
                continue  # intake will say what it is
            spool = header.connector, header.generation
            if header.number == found.get(spool, 0) + 1:
                found[spool] = header.number
        return found

    @staticmethod
    def _require_sound(packet: Packet, records: list[Record]) -> None:
        wrong = DataError("HUB-I362", file=packet.name)
        if packet.kind != FRAMES:
            raise wrong
        for number, record in enumerate(records, packet.first):
            try:
                header = unpack_frame(record.value).header
            except IntegrityError:
                raise wrong from None
            said = header.agency, header.connector, header.generation, header.number
            if said != (packet.agency, packet.connector, packet.generation, number):
                raise wrong


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


def _records(log: Log, topic: str, offset: int) -> Iterator[Record]:
    while records := log.read(topic, 0, offset, _READ):
        yield from records
        offset += len(records)


def in_order(packets: Iterable[tuple[Packet, list[Record]]]) -> list[tuple[Packet, list[Record]]]:
    """Packets in the order in which they can be taken, however their files are named."""
    return sorted(packets, key=lambda item: (item[0].agency, item[0].connector, item[0].generation, item[0].first))
