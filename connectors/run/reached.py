"""How far this connector came by what its log knows: frames that intake took, and frames that wait for it (law 12).

It is asked where a spool knows nothing, or is to know nothing any more. A spool that was deleted before intake answered
must neither begin again under its old number, which would be a fork, nor pass a number over.
"""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from connectors.edge import Edge
from hub.core.errors import IntegrityError, NotPermitted
from hub.core.frame import FrameHeader, unpack_frame
from hub.core.outcome import Outcome, unpack_outcome
from hub.core.partition import partition_of
from hub.flow.accept import NEXT, accept, accept_frame
from hub.ports.log import Log
from hub.ports.spools import Reached, Spools

_MANY: Final = 200


class Told(NamedTuple):
    """What the outcomes say: the last one taken by accept-next, the offset after it, how far this connector came.

    `next` is the generation that intake takes after that; 0 when nobody here can know what waits for it.
    """

    sequence: int
    offset: int
    reached: Reached | None
    next: int


def reached(edge: Edge, log: Log) -> Told:
    """How far the connector came, frames that wait for intake among them.

    They are not seen where an edge may only write to its ingress and the log does not tell either.
    """
    told, refused = _answered(edge, log)
    known = told.reached
    if isinstance(log, Spools):
        known = max(known, log.reached(edge.spec.connector), key=_place)
    else:
        try:
            known = _with_waiting(edge, log, known, refused)
        except NotPermitted:
            return told
    return told._replace(reached=known, next=known.generation + 1 if known else 1)


def _place(one: Reached | None) -> tuple[int, int]:
    return (one.generation, one.frame) if one else (0, 0)


def _answered(edge: Edge, log: Log) -> tuple[Told, Counter[bytes]]:
    """What the outcomes say by accept-next, and how often each frame was refused."""
    refused: Counter[bytes] = Counter()
    told, agency = Told(0, 0, None, 0), edge.spec.agency
    if edge.outcomes not in log.topics():
        return told, refused
    at = log.bounds(edge.outcomes, 0).begin
    last: dict[str, int] = {}
    while records := log.read(edge.outcomes, 0, at, _MANY):
        for offset, record in enumerate(records, at + 1):
            outcome = unpack_outcome(record.value)
            if at and not last:  # the log forgot its beginning
                last[agency] = outcome.sequence - 1
            if accept(last, agency, outcome.sequence) != NEXT:
                continue
            told = told._replace(sequence=outcome.sequence, offset=offset)
            if outcome.connector == edge.spec.connector:
                told = told if outcome.code else told._replace(reached=_reached(outcome))
                refused[outcome.hash] += bool(outcome.code)
        at += len(records)
    return told, refused


def _reached(outcome: Outcome) -> Reached:
    return Reached(outcome.incarnation, outcome.generation, outcome.frame)


def _with_waiting(edge: Edge, log: Log, known: Reached | None, refused: Counter[bytes]) -> Reached | None:
    """How far intake will come with the frames that stand in the ingress."""
    for header, hash in _own_frames(edge, log):
        if refused[hash] > 0:
            refused[hash] -= 1
        elif accept_frame(_place(known), header.generation, header.number) == NEXT:
            known = Reached(header.incarnation, header.generation, header.number)
    return known


def _own_frames(edge: Edge, log: Log) -> Iterator[tuple[FrameHeader, bytes]]:
    """Frames that this connector's key signed; what somebody else wrote under its name, intake does not take."""
    topics, key, public = log.topics(), edge.spec.connector.encode(), edge.keys.public("agency")
    if edge.ingress not in topics:
        return
    partition = partition_of(key, topics[edge.ingress])
    at, end = log.bounds(edge.ingress, partition)
    while at < end:
        records = log.read(edge.ingress, partition, at, _MANY)
        for record in records:
            try:
                frame = unpack_frame(record.value)
            except IntegrityError:
                continue
            if record.key == key and edge.keys.check(public, frame.signed, frame.signature):
                yield frame.header, sha256(record.value).digest()
        at += len(records)
