"""Following the logs: rounds of intake, groups and relays until nothing is left to do."""

from collections.abc import Callable, Sequence

from hub.flow.advance import FETCH, Worker
from hub.flow.relay import relay
from hub.ports.log import Log
from hub.ports.store import Store

Step = Callable[[], int]
"""One fetch of something that is not a group (intake of an agency): returns how much it did."""


class Follower:
    """Everything that runs in one process: `round()` gives each its turn, `drain()` goes on until all are idle.

    `after` is told after each fetch how much was done by it.
    """

    def __init__(
        self,
        workers: Sequence[Worker],
        log: Log,
        store: Store,
        steps: Sequence[Step] = (),
        after: Callable[[int], None] = lambda done: None,
    ) -> None:
        self._workers, self._log, self._store, self._steps, self._after = workers, log, store, steps, after

    def round(self, fetch: int = FETCH) -> int:
        """One fetch of every step and partition, and what is in the outboxes; returns how much was done."""
        done = 0
        for step in self._steps:
            done += (some := step())
            self._after(some)
        for worker in self._workers:
            group = worker.group
            for partition in range(self._log.topics()[group.topic]):
                some = worker.advance(partition, fetch)
                done += some + relay(group, partition, self._log, self._store)
                self._after(some)
        return done

    def drain(self, fetch: int = FETCH) -> int:
        """Rounds until nothing is left to do; returns how much was done."""
        total = 0
        while done := self.round(fetch):
            total += done
        return total
