"""An edge that no network reaches: it publishes into a log of its own, which is carried to the hub in packets.

    run -> offline.db ingress.<agency>  -> packets of frames  -> hub
    run <- offline.db outcomes.<agency> <- packets of answers <- hub

So a run and its laws are the same as with any other log; a packet that is lost is packed again, one that comes twice is
a repeat (law 3).
"""

import json
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Final, NamedTuple

from connectors.edge import Edge
from hub.core.errors import DataError
from hub.core.format import check_format
from hub.core.frame import FrameHeader, unpack_frame
from hub.core.packet import ANSWERS, FRAMES, Packet
from hub.core.record import Record
from hub.ports.log import Log

OFFLINE: Final = "offline:"
"""What `edge.toml` names as the log of such an edge."""

_READ: Final = 64

LOG: Final = "offline.db"
"""The edge's own log, in its folder."""

STATE: Final = "offline.json"
FORMAT: Final = 1

Write = Callable[[Packet, list[Record]], None]


class Carried(NamedTuple):
    """What is remembered beside the edge's own log: the offset packed up to, and which hub's log answers come from."""

    packed: int = 0
    hub: str = ""


def load_carried(edge: Edge) -> Carried:
    """What was carried so far; nothing, where the file is lost: then all is packed again, which is harmless.

    Raises DataError HUB-G130 for the file of a newer program.
    """
    try:
        found = json.loads((edge.folder / STATE).read_text(encoding="utf-8"))
        check_format(int(found.pop("format", FORMAT)), FORMAT, STATE)  # the first programs wrote none
        return Carried(**found)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return Carried()


def save_carried(edge: Edge, carried: Carried) -> None:
    """Keep it, whole or not at all."""
    draft = edge.folder / f"{STATE}.part"
    draft.write_text(json.dumps({"format": FORMAT} | carried._asdict()), encoding="utf-8")
    draft.replace(edge.folder / STATE)


class Taken(NamedTuple):
    """What became of packets of answers: offsets taken, packets that were there before, the first that is missing."""

    answers: int
    repeats: int
    missing: tuple[int, int] | None


def pack(edge: Edge, log: Log, begin: int, most_bytes: int, write: Write) -> int:
    """Give the frames of the edge's own log from offset `begin` on to `write`, in packets; the offset after them.

    A packet holds frames of one spool and some `most_bytes`, or one frame. Raises DataError HUB-C340 where `begin` lies
    behind the log's end.
    """
    end = log.bounds(edge.ingress, 0).end
    if not 0 <= begin <= end:
        raise DataError("HUB-C340", begin=begin, end=end)
    for generation, frames in groupby(_frames(edge, log, begin, end), key=lambda frame: frame[0].generation):
        some: list[tuple[FrameHeader, Record]] = []
        size = 0
        for frame in frames:
            if some and size + len(frame[1].value) > most_bytes:
                _write(edge, generation, some, write)
                some, size = [], 0
            some.append(frame)
            size += len(frame[1].value)
        _write(edge, generation, some, write)
    return end


def take_answers(edge: Edge, log: Log, packets: Iterator[tuple[Packet, list[Record]]]) -> Taken:
    """Append answers to the edge's own log, exactly the next; stops at a gap. DataError HUB-C341 for another agency's.

    Raises DataError HUB-C342 for answers of another hub than those before.
    """
    answers = repeats = 0
    carried = load_carried(edge)
    for packet, records in packets:
        if (packet.kind, packet.agency) != (ANSWERS, edge.spec.agency):
            raise DataError("HUB-C341", agency=edge.spec.agency)
        if carried.hub not in ("", packet.log):
            raise DataError("HUB-C342")
        if not carried.hub:
            carried = carried._replace(hub=packet.log)
            save_carried(edge, carried)
        end = log.bounds(edge.outcomes, 0).end
        if packet.first > end:
            return Taken(answers, repeats, (end, packet.first - 1))
        new = records[end - packet.first :] if packet.last >= end else []
        if new:
            log.append(edge.outcomes, 0, new)
        answers, repeats = answers + len(new), repeats + (not new)
    return Taken(answers, repeats, None)


def _frames(edge: Edge, log: Log, begin: int, end: int) -> Iterator[tuple[FrameHeader, Record]]:
    """Frames in their order; one that was appended twice, or before one that came again, goes as it stands."""
    while begin < end:
        for record in log.read(edge.ingress, 0, begin, min(_READ, end - begin)):
            begin += 1
            yield unpack_frame(record.value).header, record


def _write(edge: Edge, generation: int, some: list[tuple[FrameHeader, Record]], write: Write) -> None:
    numbers = [header.number for header, _ in some]
    contiguous = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    records = [record for _, record in some] if contiguous else _once(some)
    spec = edge.spec
    write(Packet(FRAMES, spec.agency, spec.connector, generation, min(numbers), max(numbers), ""), records)


def _once(some: list[tuple[FrameHeader, Record]]) -> list[Record]:
    """Frames that a crash appended again, once each and in their order: their bytes are the same."""
    by_number = {header.number: record for header, record in some}
    return [by_number[number] for number in sorted(by_number)]
