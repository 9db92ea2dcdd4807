"""What waits in the logs, whoever should take it: a partition that no process has is seen by all others.

Positions are in SQL, so that any process can tell how much of a partition was not taken yet, and since when.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any, Final, NamedTuple

from hub.codec import Codec
from hub.core.errors import IntegrityError, Unreachable
from hub.core.frame import unpack_frame
from hub.flow.advance import COMMITTED
from hub.ports.log import Log
from hub.ports.store import Store

INGRESS: Final = "ingress."
_SHANGHAI: Final = timezone(timedelta(hours=8))
_NO_CALENDAR_MS: Final = 253_370_764_800_000  # the year 9999
Place = tuple[str, int]
"""A topic and a partition."""


class Unread(NamedTuple):
    """Records of a partition that are not taken yet, from offset `at` on, and when it was `committed` last.

    `committed` is in ms since 1970; 0 where that was never or is not kept (intake). `lost` is how many records of its
    beginning are there no more, though it is kept for ever; of ingress, which is not, 0.
    """

    topic: str
    partition: int
    at: int
    records: int
    committed: int
    lost: int = 0

    @property
    def place(self) -> Place:
        """Topic and partition."""
        return self.topic, self.partition


def unread(log: Log, store: Store, groups: Sequence[tuple[str, str]], offsets: Mapping[str, int]) -> list[Unread]:
    """Every partition of the groups (name and topic), and of the agencies at whose `offsets` intake is; none of a topic
    that lacks.

    Raises Unreachable.
    """
    topics, found = log.topics(), []
    for group, topic in groups:
        for partition in range(topics.get(topic, 0)):
            position, _, _, facts = store.committed(group, partition)
            begin, end = log.bounds(topic, partition)
            left, committed = max(0, end - position.offset), int(facts.get(COMMITTED, 0))
            found.append(Unread(topic, partition, position.offset, left, committed, begin))
    for agency, at in offsets.items():
        if (topic := f"{INGRESS}{agency}") in topics:
            found.append(Unread(topic, 0, at, max(0, log.bounds(topic, 0).end - at), 0))
    return found


def since(log: Log, codec: Codec, one: Unread) -> int:
    """From when on its records wait and nothing was committed, in ms: the later of the commit and the first record.

    What a record tells of its time is when its sender made it; a frame was sealed then. 0 where nobody knows.
    """
    made: Any = 0
    with suppress(IntegrityError):  # whoever takes it will say so
        for record in log.read(one.topic, one.partition, one.at, 1):
            ingress = one.topic.startswith(INGRESS)
            made = (
                unpack_frame(record.value).header.sealed_at if ingress else codec.envelope(record.headers).received_at
            )
    # Nobody has looked at this frame yet: it may say anything of its time.
    return max(one.committed, made if isinstance(made, int) and 0 <= made < _NO_CALENDAR_MS else 0)


def told(log: Log, codec: Codec, one: Unread) -> Unreachable:
    """HUB-L560 of a partition that nobody takes: how many records wait there, and since when. Raises Unreachable."""
    known = since(log, codec, one)
    moment = datetime.fromtimestamp(known / 1000, _SHANGHAI).isoformat(timespec="seconds") if known else "-"
    return Unreachable("HUB-L560", partition=f"{one.topic}/{one.partition}", records=one.records, since=moment)


class Untaken:
    """Looks again and again at all partitions; `notices` may be asked from another thread.

    `look_at()` says how all stand now, and `tell` makes the notice of one where records wait and nothing was taken for
    longer than `patience` seconds of `clock`, as far as we saw.
    """

    def __init__(
        self,
        look_at: Callable[[], Sequence[Unread]],
        tell: Callable[[Unread], Unreachable],
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_at, self._tell, self._patience, self._clock = look_at, tell, patience, clock
        self._seen: dict[Place, tuple[int, float]] = {}  # what waits: from which offset, and since when we know
        self._notices: tuple[tuple[str, Unreachable], ...] = ()
        self._lost: tuple[IntegrityError, ...] = ()

    def look(self) -> Sequence[Unread]:
        """Look once; returns how all stand. Raises Unreachable."""
        now, found, before = self._clock(), self._look_at(), self._seen
        waits = [one for one in found if one.records]
        self._seen = {
            one.place: before[one.place] if before.get(one.place, (-1,))[0] == one.at else (one.at, now)
            for one in waits
        }
        still = [one for one in waits if now - self._seen[one.place][1] > self._patience]
        self._notices = tuple((one.topic, self._tell(one)) for one in still)
        self._lost = tuple(
            IntegrityError("HUB-L405", topic=one.topic, partition=one.partition, offset=one.lost)
            for one in found
            if one.lost
        )
        return found

    def notices(self, leaving_out: Callable[[str], bool] = lambda topic: False) -> list[Unreachable]:
        """One of each partition that nobody takes, though we may do all that is ours; not of topics left out."""
        return [notice for topic, notice in self._notices if not leaving_out(topic)]

    def lost(self) -> Sequence[IntegrityError]:
        """HUB-L405 of each partition that lost its beginning: whoever has read it goes on, nobody can read it again.

        Safe to be asked from another thread.
        """
        return self._lost
