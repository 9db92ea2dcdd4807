"""An installation at work in one process: its logs, store, groups and clock, put together from its settings."""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from hub import wiring
from hub.codec import Codec
from hub.config import Settings
from hub.core.errors import DataError, IntegrityError
from hub.core.fold import Fold
from hub.core.signers import signers
from hub.flow.advance import Worker, require_same_log
from hub.flow.clock import announce, heard, tick
from hub.flow.follow import Follower, Step
from hub.flow.group import Group
from hub.flow.unread import Unread, Untaken, told, unread
from hub.intake.recover import has_taken
from hub.ports.intake import Connector

REGISTRY: Final = "registry"
"""The lock of whoever writes to intake's store beside intake: while an installation moves, nobody does."""


class Installation:
    """Everything opened; use it in `with`. Raises Unreachable when a database does not answer.

    `coming` is the domain of pseudonyms whose key is being rotated: it goes by the one that is to come.
    """

    def __init__(self, settings: Settings, coming: str = "") -> None:
        self.settings = settings
        self.system = wiring.system_of(settings)
        self.codec = Codec()
        self.log = wiring.open_log(settings.database("log"))
        sizes = wiring.canonical_topics(settings)
        for topic, partitions in sizes.items():
            self.log.create(topic, partitions)
        self.projections = wiring.projected(settings)
        self.store = wiring.open_store(settings, self.projections)
        self.profile = wiring.fingerprint(settings)
        names = wiring.namers(wiring.hub_keys(settings), coming)
        self.groups = [Group(each, self.codec, sizes, names, self.profile) for each in self.projections]
        self.workers = [Worker(group, self.log, self.store, self.system) for group in self.groups]

    def group(self, name: str) -> Group:
        """The group of that name: `persons` or `markets`."""
        return next(group for group in self.groups if group.name == name)

    def fold(self, group: str, table: str) -> Fold:
        """The fold of a group that writes a table."""
        return next(fold for fold in self.group(group).projection.folds if fold.table.name == table)

    def follower(self, steps: Sequence[Step] = (), after: Callable[[int], None] = lambda done: None) -> Follower:
        """What `hub serve` and the demo go round: intake's steps, then every group and its relay."""
        return Follower(self.workers, self.log, self.store, steps, after)

    def announce(self) -> int:
        """Name the files in force to the partitions that heard of others last; to be called before anything decides.

        Returns how many records that took.
        """
        return announce(self.log, self.codec, self.system, self.profile, heard(self.groups, self.log, self.store))

    def tick(self) -> int:
        """Bring every partition to today; returns how many ticks that took. Nothing ticks without a go-live day."""
        if self.settings.go_live is None:
            return 0
        partitions = heard(self.groups, self.log, self.store)
        return tick(self.log, self.codec, self.system, self.settings.go_live, partitions)

    def lag(self) -> dict[str, int]:
        """Per group, how many records of its log it has not read.

        Raises IntegrityError HUB-P420 to HUB-P422 where positions are not of this log: a distance would mean nothing.
        """
        for group in self.groups:
            for partition in range(self.log.topics()[group.topic]):
                position = self.store.committed(group.name, partition).position
                require_same_log(self.log, group, partition, position)
        found = dict.fromkeys((group.topic for group in self.groups), 0)
        for one in self._unread({}):
            found[one.topic] += one.records
        return found

    def untaken(self, offsets: Callable[[], Mapping[str, int]]) -> Untaken:
        """Who looks at all partitions, and at the agencies' frames, at whose `offsets` intake is."""
        return Untaken(
            lambda: self._unread(offsets()),
            lambda one: told(self.log, self.codec, one),
            self.settings.worker_patience,
        )

    def _unread(self, offsets: Mapping[str, int]) -> list[Unread]:
        return unread(self.log, self.store, [(group.name, group.topic) for group in self.groups], offsets)

    def close(self) -> None:
        """Give everything back."""
        self.store.close()
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def register(settings: Settings, connector: Connector, rhythm: str = "") -> Connector:
    """Register a connector, or change what it is registered for and its rhythm, and make its agency's topics.

    Raises IntegrityError HUB-I435 for one that the registry has lost: a new number would give its events other ids.
    DataError HUB-I372 where another connector signs with that key: whoever has it could speak for both.
    AlreadyRunning HUB-G701 while another one is registered, or the installation moves.
    """
    with wiring.lock(settings, REGISTRY):
        log, store = wiring.open_log(settings.database("log")), wiring.open_intake_store(settings)
        try:
            for topic in ("ingress", "outcomes"):
                log.create(f"{topic}.{connector.agency}", 1)
            registry = store.registry()[1]
            known = {each.id for each in registry}
            if other := next((one for one in registry if _same_key(one, connector)), None):
                raise DataError("HUB-I372", other=other.id)
            if connector.id not in known and has_taken(log, connector.agency, connector.id):
                raise IntegrityError("HUB-I435", connector=connector.id)
            kept = store.register(connector)
            store.declare(kept.id, rhythm, wiring.system_of(settings).today())
            return kept
        finally:
            store.close()
            log.close()


def _same_key(one: Connector, another: Connector) -> bool:
    return one.id != another.id and not set(signers(one.public_key)).isdisjoint(signers(another.public_key))
