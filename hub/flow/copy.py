"""Copies a log into another: the same topics, partitions, offsets and bytes, so that views can be tried over both.

Nothing is written before everything that the target holds was found equal to the source's beginning; after an
interrupted copy the same call goes on where it stopped. At the end all is read back and compared.
"""

from collections.abc import Callable
from typing import NamedTuple

from hub.core.errors import IntegrityError
from hub.core.record import Record
from hub.ports.log import Log

FETCH = 2000
Progress = Callable[[str, int, int], None]


class Copied(NamedTuple):
    """One partition of the source: its records when the copy began, and how many of them were new to the target."""

    topic: str
    partition: int
    records: int
    new: int


def copy_log(source: Log, target: Log, progress: Progress | None = None, fetch: int = FETCH) -> list[Copied]:
    """Copy what the source holds at this moment; the target keeps its own identity.

    `progress` is told topic, partition and how many records were copied. Raises IntegrityError HUB-L410 when the target
    has a topic or a number of partitions that the source has not, HUB-L411 when a record differs or is too many,
    HUB-L412 when the source has lost its beginning, HUB-L413 when somebody else writes the target. Nothing was
    written, then, but with HUB-L413.
    """
    topics = source.topics()
    for topic, partitions in target.topics().items():
        if topics.get(topic) != partitions:
            raise IntegrityError("HUB-L410", topic=topic)
    plan = _plan(source, target)
    for topic, partitions in topics.items():
        target.create(topic, partitions)
    for topic, partition, end, new in plan:
        for offset in range(end - new, end, fetch):
            records = _exactly(source, topic, partition, offset, min(fetch, end - offset))
            if target.append(topic, partition, records) != offset:
                raise IntegrityError("HUB-L413", topic=topic, partition=partition)
            if progress:
                progress(topic, partition, len(records))
    for topic, partition, end, _ in plan:
        _compare(source, target, topic, partition, end, fetch)
    return plan


def _plan(source: Log, target: Log) -> list[Copied]:
    """What is to be copied, after all that the target has was compared."""
    plan, there = [], target.topics()
    for topic, partitions in source.topics().items():
        for partition in range(partitions):
            begin, end = source.bounds(topic, partition)
            if begin:
                raise IntegrityError("HUB-L412", topic=topic, partition=partition)
            held = target.bounds(topic, partition).end if topic in there else 0
            if held > end:
                raise IntegrityError("HUB-L411", topic=topic, partition=partition, offset=end)
            _compare(source, target, topic, partition, held, FETCH)
            plan.append(Copied(topic, partition, end, end - held))
    return plan


def _compare(source: Log, target: Log, topic: str, partition: int, end: int, fetch: int) -> None:
    """Raise IntegrityError HUB-L411 at the first offset before `end` whose records differ."""
    for offset in range(0, end, fetch):
        size = min(fetch, end - offset)
        ours = _exactly(source, topic, partition, offset, size)
        theirs = _exactly(target, topic, partition, offset, size)
        if ours != theirs:
            at = next(n for n in range(size) if ours[n] != theirs[n])
            raise IntegrityError("HUB-L411", topic=topic, partition=partition, offset=offset + at)


def _exactly(log: Log, topic: str, partition: int, offset: int, size: int) -> list[Record]:
    """That many records, which are there; one read may give fewer."""
    found = log.read(topic, partition, offset, size)
    while len(found) < size:
        more = log.read(topic, partition, offset + len(found), size - len(found))
        if not more:
            raise IntegrityError("HUB-L401", topic=topic, partition=partition, offset=offset + len(found))
        found += more
    return found
