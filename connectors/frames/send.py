"""The relay of an edge: the bytes of finished frames to the log, in order, as often as it takes (law 3)."""

from collections.abc import Callable
from typing import Final

from connectors.edge import Edge
from connectors.spool import Spool
from hub.core.partition import partition_of
from hub.core.record import Record
from hub.ports.log import Log

MANY: Final = 16
"""Frames appended together."""


def send(spool: Spool, edge: Edge, log: Log, hop: Callable[[str], None]) -> int:
    """Send every frame that the log has not acknowledged; returns how many events were sent.

    What was appended is marked in a transaction of its own, always a contiguous prefix; a crash between the two sends
    the same bytes again, which accept-next makes harmless. Raises AppendUncertain when nobody knows what landed.
    """
    key = edge.spec.connector.encode()
    sent = last = 0
    partitions = log.topics().get(edge.ingress, 1)
    while frames := spool.unsent(MANY, last):
        records = [Record(key, b"", frame.raw) for frame in frames]
        at = log.append(edge.ingress, partition_of(key, partitions), records) + len(records) - 1
        hop("appended")
        events = sum(frame.events for frame in frames)
        with spool.transaction():
            spool.acknowledge(frames[0].number, frames[-1].number)
            state, hash = spool.state, frames[-1].hash.hex()
            spool.save(state._replace(sent=state.sent + events, sent_at=at, sent_hash=hash))
        hop("acknowledged")
        sent += events
        last = frames[-1].number
    return sent
