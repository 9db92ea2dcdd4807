"""Up to where each partition was read, and by what mark it can be known again."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple, Self

from connectors.sources.feed import Bounds, Feed, Told
from connectors.sources.source import Cursor
from connectors.sources.spec import DebeziumSpec
from hub.core.errors import DataError


class _Reached(NamedTuple):
    """The place to read next, the place of the message read last, and its hash (empty: none was)."""

    next: int
    last: int = 0
    mark: str = ""


class ReadSoFar:
    """Where a read stands. As a cursor it is closed: a hash of a message is nearly the message."""

    def __init__(self, alias: str, of: str, reached: dict[int, _Reached], resumed: bool) -> None:
        self.resumed = resumed
        """Whether a read before this one left it."""
        self._alias, self._of, self._reached = alias, of, reached

    @classmethod
    def load(cls, spec: DebeziumSpec, after: Cursor | None) -> Self:
        """What `dump` made, if it was of this topic or file."""
        of = spec.url or spec.path
        kept: dict[str, Any] = json.loads(str(after.value)) if after is not None and after.closed else {}
        if kept.get("of") != of:
            return cls(spec.alias, of, {}, False)
        reached = {int(part): _Reached(*one) for part, one in kept["reached"].items()}
        return cls(spec.alias, of, reached, True)

    def dump(self) -> Cursor | None:
        """For the spool; None before anything was read."""
        if not self._reached:
            return None
        return Cursor(json.dumps({"of": self._of, "reached": self._reached}), True)

    def next(self, partition: int, begin: int) -> int:
        """Where to go on in a partition that begins at `begin`."""
        found = self._reached.get(partition)
        return found.next if found is not None else begin

    def note(self, partition: int, one: Told) -> None:
        """A message was read."""
        self._reached[partition] = _Reached(one.place + 1, one.place, _mark(one))

    def reach(self, partition: int, end: int) -> None:
        """Nothing more lies before `end`."""
        before = self._reached.get(partition, _Reached(end))
        self._reached[partition] = before._replace(next=max(end, before.next))

    def check(self, bounds: Mapping[int, Bounds], feed: Feed) -> None:
        """Raises DataError HUB-C397 where places were given up before they were read, or are another feed's now."""
        for partition, reached in self._reached.items():
            there = bounds.get(partition, Bounds(0, 0))
            sound = there.begin <= reached.next <= there.end
            if sound and reached.mark and there.begin <= reached.last:
                first = next(feed.read(partition, reached.last, reached.last + 1), None)
                sound = first is None or _mark(first) == reached.mark
            if not sound:
                raise DataError("HUB-C397", alias=self._alias, partition=partition, place=reached.next)


def _mark(one: Told) -> str:
    return sha256(one.raw).hexdigest()[:32]
