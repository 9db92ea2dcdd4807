"""The views made again from the log, beside those in use; compared; and, when that is asked for, put in their place.

    drop leftovers -> shadow -> fold up to where live is -> compare in one snapshot -> switch behind the fence -> drop

The shadow goes exactly as far as the live store went, so that a store that lags can be compared, too, and a live one
that goes on meanwhile is caught up with. A kill at any moment leaves the live store whole: the switch is one
transaction, and what is left of a shadow is removed by the next run.

Where nothing was committed yet, because the database was lost or moved away, there is nothing to compare: the views are
made in their place, as any start would do it. Copies of decisions go to the outbox again, since nobody knows which of
them were sent; whoever reads them knows the numbers. A kill leaves a store that lags.
"""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from hub.core.errors import IntegrityError, Unreachable
from hub.flow.advance import COMMITTED, FETCH, Worker, require_same_log
from hub.flow.decisions import LOOKED
from hub.flow.group import Group
from hub.flow.rebuild import Progress, digest, position, rebuild
from hub.ports.log import Log
from hub.ports.shadow import Shadows, Side
from hub.ports.store import Committed, Store
from hub.ports.system import System

TRIES = 200
"""How often a live store that goes on is caught up with before we give up."""


class Difference(NamedTuple):
    """Where a table of two stores differs first: the row's number in key order from 1, and the names of the fields.

    `fields` is empty when only one of the stores has such a row.
    """

    group: str
    table: str
    row: int
    fields: tuple[str, ...]


class Rebuilt(NamedTuple):
    """What a rebuild or a comparison found: offsets reached, digests (hex) of live and shadow, first differences.

    `switched`: what was made is in use. `missing`: there were no views before.
    """

    reached: dict[str, list[int]]
    live: dict[str, str]
    shadow: dict[str, str]
    differences: list[Difference]
    switched: bool
    missing: bool = False


class Rebuilding:
    """Everything that a rebuild needs; `progress` is told the group and how many records were folded."""

    def __init__(
        self,
        groups: Sequence[Group],
        log: Log,
        live: Store,
        shadows: Shadows,
        system: System,
        progress: Progress | None = None,
    ) -> None:
        self._groups, self._log, self._live, self._shadows = groups, log, live, shadows
        self._system, self._progress = system, progress
        self._names = [group.name for group in groups]

    def compare(self) -> Rebuilt:
        """Make the views again, say where those in use differ, and take away what was made.

        Raises IntegrityError HUB-P420, HUB-P421, HUB-P422 when the live store is not of this log, HUB-P432 when it
        remembers other numbers or another day than the log says, HUB-P521 where somebody put a trigger on it,
        Unreachable HUB-P503 when it never stands still.
        """
        self._require_untouched()
        try:
            return self._compared()[0]
        finally:
            self._shadows.drop()

    def rebuild(self, accept_difference: bool = False) -> Rebuilt:
        """As `compare`; then switch to what was made, unless it differs and the difference is not accepted.

        A store in which nothing was committed is made whole from the log; nobody else may be at work in it.
        """
        self._require_untouched()
        if self.missing():
            return self._made()
        try:
            found, workers = self._compared()
            if found.differences and not accept_difference:
                return found
            for _ in range(TRIES):
                if self._shadows.switch(self._names):
                    return found._replace(switched=True)
                self._catch_up(workers)
            raise Unreachable("HUB-P503")
        finally:
            self._shadows.drop()

    def _require_untouched(self) -> None:
        if tables := self._shadows.meddled():  # what is made again would go through it, too
            raise IntegrityError("HUB-P521", table=tables[0])

    def missing(self) -> bool:
        """Whether nothing was committed yet of any group."""
        return not any(
            self._live.committed(group.name, partition).position.offset
            for group in self._groups
            for partition in range(self._log.topics()[group.topic])
        )

    def _made(self) -> Rebuilt:
        reached = rebuild(self._groups, self._log, self._live, self._system, self._progress, shut=False)
        made = {name: digest(self._live, name).hex() for name in self._names}
        return Rebuilt(reached, made, made, [], switched=True, missing=True)

    def _compared(self) -> "tuple[Rebuilt, Workers]":
        shadow = self._shadows.make()
        workers = Workers(
            shadow,
            {group.name: Worker(group, self._log, shadow, self._system, replaying=True) for group in self._groups},
        )
        for _ in range(TRIES):
            reached = self._catch_up(workers)
            with self._shadows.pair(self._names) as pair:
                if pair:
                    live, made = ({name: digest(side, name).hex() for name in self._names} for side in pair)
                    return Rebuilt(reached, live, made, differences(*pair, self._names), False), workers
        raise Unreachable("HUB-P503")

    def _catch_up(self, workers: "Workers") -> dict[str, list[int]]:
        """Fold every partition to where the live store is at this moment; returns the offsets."""
        reached: dict[str, list[int]] = {}
        for group in self._groups:
            reached[group.name] = []
            for partition in range(self._log.topics()[group.topic]):
                live = self._live.committed(group.name, partition)
                target = live.position
                require_same_log(self._log, group, partition, target)
                at = position(workers.shadow, group, partition)
                while at < target.offset:
                    taken = workers.of[group.name].advance(partition, min(FETCH, target.offset - at))
                    if self._progress:
                        self._progress(group.name, taken)
                    at = position(workers.shadow, group, partition)
                made = workers.shadow.committed(group.name, partition)
                if made.position != target:
                    raise IntegrityError("HUB-P422", group=group.name, partition=partition)
                if not self._remembers_as(group, partition, live, made):
                    raise IntegrityError("HUB-P432", group=group.name, partition=partition)
                reached[group.name].append(at)
        return reached

    def _remembers_as(self, group: Group, partition: int, live: Committed, made: Committed) -> bool:
        """Whether what is remembered beside rows follows from the log: numbers accepted and given, day, profile.

        Only of its own decisions a partition may have given more numbers than were read back. Those are under way: in
        the outbox, or sent before it was looked at and then in the log.
        """
        own = f"{group.topic}/{partition}"
        given, read = live.counters.get(own, 0), made.counters.get(own, 0)
        under_way = given > read and (
            bool(self._live.outgoing(group.name, partition, 1))
            or self._log.bounds(group.topic, partition).end > live.position.offset
        )
        return (
            (given == read or under_way)
            and live.accepted == made.accepted
            and live.counters | {own: 0} == made.counters | {own: 0}
            and _of_log(live) == _of_log(made)
        )


class Workers(NamedTuple):
    """A shadow, and by group who folds into it."""

    shadow: Store
    of: dict[str, Worker]


def _of_log(remembered: Committed) -> dict[str, str]:
    """Its small state without what each store has of its own: when it committed, and at which day it decided."""
    return {name: value for name, value in remembered.facts.items() if name not in (COMMITTED, LOOKED)}


def differences(live: Side, shadow: Side, groups: Sequence[str]) -> list[Difference]:
    """The first difference of every table, pseudonyms included; empty when the two are bit-equal."""
    found: list[Difference] = []
    for group in groups:
        for table in [*live.tables(group), "name"]:
            names = live.columns(group, table)
            for number, (ours, theirs) in enumerate(
                zip_longest(live.scan(group, table), shadow.scan(group, table)), start=1
            ):
                if ours != theirs:
                    pairs = zip(names, ours or (), theirs or (), strict=False)
                    found.append(Difference(group, table, number, tuple(n for n, a, b in pairs if a != b)))
                    break
    return found
