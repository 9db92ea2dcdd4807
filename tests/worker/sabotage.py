"""`hub worker`, or `hub serve`, with one fault in it, named by FAULT: what a bug or a stuck library does to it.

fold      the fold of a case raises, for a third of the persons
decide    the decider of cases raises
apply     an exception of ours that nobody expects, in the middle of a transaction
stuck     a fetch is never done
advanced  the engine never gives back what it was asked to take
idle      the engine says that it has nothing to do, whatever waits
intake    the process knows of no topic but the agencies'
begun     a partition never begins: the log or the store never says where it is
looked    nobody ever says how long the log is, when everything was read
opened    a database never opens
joined    the library's consumer never starts
looping   the loop that drives everything stands still, once all began well
closed    a database never closes
asleep    stopped by a signal when decisions are to be sent, the first time
deaf      nothing is fetched, without a word
blind     the brokers tell of no topic, until partitions were shared out for the first time
refused   the library's consumer cannot connect, and says too much
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import count
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import KafkaConnectionError
from faust.assignor import PartitionAssignor

from hub.adapters.faust.consumer import FetchConsumer
from hub.adapters.faust.fetches import _Hand
from hub.adapters.kafka.log import KafkaLog
from hub.cli.main import main
from hub.core.record import Record
from hub.flow.advance import Worker
from hub.flow.folding import Folding
from hub.flow.unread import INGRESS
from hub.installation import Installation
from hub.share import Share
from projections.case.decide import CaseDecider
from projections.case.way import Way

SECRET = "a name that nobody may read"


def fold() -> None:
    """The same persons every time, as a bug would."""
    take = Way.take

    def raising(self: Way, event: Any) -> None:
        if event.key and event.key[0] % 3 == 0:
            raise ZeroDivisionError
        take(self, event)

    Way.take = raising  # type: ignore[method-assign]


def decide() -> None:
    """Once there is something to look at."""

    def raising(*_: Any) -> Any:
        raise ZeroDivisionError

    CaseDecider.decide = raising  # type: ignore[method-assign]


def apply() -> None:
    """After rows and ledger of a fetch were written, and before the commit."""
    fold = Folding.fold

    def raising(self: Folding, unit: Any, items: Any, keys: Any) -> None:
        fold(self, unit, items, keys)
        if len(items) > 1:
            raise ZeroDivisionError

    Folding.fold = raising  # type: ignore[method-assign]


def stuck() -> None:
    """As a lock that nobody gives back."""
    Share._advance = lambda *_: time.sleep(3600)  # type: ignore[method-assign]


def advanced() -> None:
    """As a lock that nobody gives back, whoever calls."""
    Worker.advance = lambda *_: time.sleep(3600)  # type: ignore[method-assign, assignment, return-value]


def idle() -> None:
    """As a bug that takes records for others' work."""
    Worker.advance = lambda *_: 0  # type: ignore[method-assign]


def intake() -> None:
    """As the one that is left of a group whose other members held the rest."""
    topics = Share.topics
    Share.topics = lambda self: [each for each in topics(self) if each.startswith(INGRESS)]  # type: ignore[method-assign]


def begun() -> None:
    """As a database that holds the line and never answers; no record is known of yet."""
    Share._begin = lambda *_: time.sleep(3600)  # type: ignore[method-assign, assignment, return-value]


def looked() -> None:
    """The same, when there is nothing to do."""
    Share._look = lambda *_: time.sleep(3600)  # type: ignore[method-assign]


def opened() -> None:
    """As a lock that somebody else holds for ever."""
    Installation.__init__ = lambda *_: time.sleep(3600)  # type: ignore[method-assign]


def joined() -> None:
    """As a broker that takes a connection and says nothing."""

    async def waiting(_: Any) -> None:
        await asyncio.sleep(3600)

    AIOKafkaConsumer.start = waiting


def looping() -> None:
    """As a library that waits where it should not."""
    rest, rests = _Hand.rest, count()

    async def resting(self: _Hand) -> None:
        if next(rests) > 30:
            time.sleep(3600)
        await rest(self)

    _Hand.rest = resting  # type: ignore[method-assign]


def closed() -> None:
    """As a disk that went away."""
    Share.close = lambda *_: time.sleep(3600)  # type: ignore[method-assign]


def asleep() -> None:
    """As a machine that is paused, with its log's connection open and the records in hand."""
    append, sleeping = KafkaLog.append, iter((True,))

    def appending(self: KafkaLog, topic: str, partition: int, records: Sequence[Record]) -> int:
        if any(record.key for record in records) and next(sleeping, False):
            os.kill(os.getpid(), signal.SIGSTOP)
        return append(self, topic, partition, records)

    KafkaLog.append = appending  # type: ignore[method-assign]


def deaf() -> None:
    """As a consumer that waits for an answer that was lost."""

    async def silent(self: FetchConsumer, timeout: float) -> AsyncIterator[Any]:
        async for _ in getmany(self, timeout):
            if timeout < 0:
                yield

    getmany = FetchConsumer.getmany
    FetchConsumer.getmany = silent  # type: ignore[method-assign]


def blind() -> None:
    """As a broker that has just started, and has not read yet what there is."""
    shared_out: list[float] = []
    assign, known = PartitionAssignor.assign, ClusterMetadata.partitions_for_topic

    def assigning(self: Any, *values: Any) -> Any:
        shared_out.append(time.monotonic())
        return assign(self, *values)

    def telling(self: Any, topic: str) -> Any:
        return known(self, topic) if shared_out and time.monotonic() > shared_out[0] + 1 else None

    PartitionAssignor.assign = assigning
    ClusterMetadata.partitions_for_topic = telling


def refused() -> None:
    """As a library whose message quotes what nobody may read."""

    async def raising(_: Any) -> None:
        raise KafkaConnectionError(SECRET)

    AIOKafkaConsumer.start = raising


FAULTS: dict[str, Callable[[], None]] = {
    "fold": fold, "decide": decide, "apply": apply, "stuck": stuck, "advanced": advanced,
    "idle": idle, "intake": intake, "begun": begun, "looked": looked, "opened": opened,
    "joined": joined, "looping": looping, "closed": closed, "asleep": asleep, "deaf": deaf,
    "blind": blind, "refused": refused,
}  # fmt: skip

if __name__ == "__main__":
    FAULTS[os.environ["FAULT"]]()
    main()
