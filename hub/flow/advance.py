"""advance(): one fetch of one partition, from the log into the store, in one transaction (laws 5, 6, 12)."""

from collections.abc import Sequence
from hashlib import sha256

from hub.core.errors import IntegrityError
from hub.core.record import Record
from hub.flow.decisions import LOOKED, decide, ready
from hub.flow.group import Group
from hub.ports.log import Log
from hub.ports.store import Position, Store, Unit
from hub.ports.system import System

FETCH = 5000
COMMITTED = "committed"
"""Name of the small state that tells when a partition was committed last, in milliseconds since 1970."""


def record_hash(record: Record) -> bytes:
    """What a position remembers of the last record it committed."""
    sizes = len(record.key).to_bytes(4, "big") + len(record.headers).to_bytes(4, "big")
    return sha256(sizes + record.key + record.headers + record.value).digest()


def require_same_log(log: Log, group: Group, partition: int, position: Position) -> None:
    """What was committed must be of this log, which must hold it, and with these bytes last.

    Raises IntegrityError as `Worker.advance`, for whoever advances nothing.
    """
    place: dict[str, str | int] = {"group": group.name, "partition": partition}
    if not position.offset:
        return
    if position.log != log.identity():
        raise IntegrityError("HUB-P420", **place)
    if position.offset > log.bounds(group.topic, partition).end:
        raise IntegrityError("HUB-P421", **place)
    found = log.read(group.topic, partition, position.offset - 1, 1)
    if not found or record_hash(found[0]) != position.last:
        raise IntegrityError("HUB-P422", **place)


class Worker:
    """A group at work on some partitions of one log and one store.

    What the decider must look at again is remembered in memory only: after a start, everything is. With `replaying`,
    nothing is decided, and every value is held against its commitment; with `shut`, nothing goes to an outbox, either
    (a rebuild of what is in use).
    """

    def __init__(
        self, group: Group, log: Log, store: Store, system: System, *, replaying: bool = False, shut: bool | None = None
    ) -> None:
        self.group, self._log, self._store, self._system = group, log, store, system
        self._replaying, self._shut = replaying, replaying if shut is None else shut
        self._touched: dict[int, set[bytes]] = {}
        self._first: dict[int, bool] = {}
        self._ends: dict[int, int] = {}

    def advance(self, partition: int, fetch: int = FETCH) -> int:
        """Take up to `fetch` records into the store and, once what was in the log at the start is read, decide.

        Returns how many records and decisions there were: 0 means that nothing is left to do. Raises IntegrityError
        HUB-P420 (another log), HUB-P421 (the store is newer than the log) or HUB-P422 (other bytes than committed);
        while `replaying`, HUB-P433 (a value that was altered).
        """
        group = self.group
        if partition not in self._ends:
            self._ends[partition] = self._log.bounds(group.topic, partition).end
        touched, first = set(self._touched.get(partition, ())), self._first.get(partition, True)
        decided = 0
        unit = self._store.begin(group.name, partition)
        try:
            position, records = self._read(partition, unit.position, fetch)
            looked = unit.facts.get(LOOKED)
            place, again = (partition, position.offset), self._replaying
            first |= group.apply(unit, *place, records, touched, shut=self._shut, again=again)
            after = _after(position, records)
            if after.offset >= self._ends[partition] and self._may_decide(unit, partition):
                decided = decide(group, unit, partition, touched, first, self._system)
                touched, first = set(), first and decided > 0
            if records or decided or unit.facts.get(LOOKED) != looked:
                unit.facts[COMMITTED] = str(self._system.now_ms())
                unit.commit(after)
        finally:
            unit.abandon()
        # While everything is to be looked at, what was touched adds nothing: a history of a million persons fits.
        self._touched[partition], self._first[partition] = set() if first else touched, first
        return len(records) + decided

    def _may_decide(self, unit: Unit, partition: int) -> bool:
        return not self._replaying and ready(self.group, unit, partition, self._system.today())

    def _read(self, partition: int, position: Position, fetch: int) -> tuple[Position, list[Record]]:
        """The next records, after checking that the log still holds what was committed."""
        topic, log = self.group.topic, self._log
        if not position.offset:
            return Position(log.identity(), 0, b""), log.read(topic, partition, 0, fetch)
        place: dict[str, str | int] = {"group": self.group.name, "partition": partition}
        if position.log != log.identity():
            raise IntegrityError("HUB-P420", **place)
        try:  # no word about the end where a record will do: a broker answers that as late as a fetch
            records = log.read(topic, partition, position.offset - 1, fetch + 1)
        except IntegrityError:
            if log.bounds(topic, partition).end < position.offset:
                raise IntegrityError("HUB-P421", **place) from None
            raise
        if not records:
            raise IntegrityError("HUB-P421", **place)
        if record_hash(records[0]) != position.last:
            raise IntegrityError("HUB-P422", **place)
        return position, records[1:]


def _after(position: Position, records: Sequence[Record]) -> Position:
    if not records:
        return position
    return Position(position.log, position.offset + len(records), record_hash(records[-1]))
