"""The relay: from an outbox to the logs. It may send twice; accept-next makes that harmless (law 3)."""

from itertools import groupby

from hub.core.errors import AppendUncertain
from hub.flow.group import Group
from hub.ports.log import Log
from hub.ports.store import Store

MANY = 2000


def relay(group: Group, partition: int, log: Log, store: Store) -> int:
    """Send what the group's outbox of a partition holds and trim what was acknowledged; returns how many were.

    Per destination, records go in the order of their numbers, and only a contiguous acknowledged prefix is trimmed:
    after an append that raised nothing later is sent.
    """
    waiting = store.outgoing(group.name, partition, MANY)
    acknowledged: dict[tuple[str, int], int] = {}
    sent = 0
    try:
        for destination, some in groupby(waiting, key=lambda outgoing: (outgoing.topic, outgoing.partition)):
            records = list(some)
            log.append(*destination, [outgoing.record for outgoing in records])
            acknowledged[destination] = records[-1].number
            sent += len(records)
    except AppendUncertain:
        if not acknowledged:
            raise
    finally:
        if acknowledged:
            store.sent(group.name, partition, acknowledged)
    return sent
