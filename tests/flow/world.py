"""One small world for laws of the loop: two logs, two groups, a clock, and everything that can go wrong on the way."""

import random
from collections.abc import Callable

from hub.adapters.memory.store import MemoryStore
from hub.adapters.system import FixedSystem
from hub.core.errors import AppendUncertain
from hub.core.partition import partition_of
from hub.core.record import Record
from hub.flow.advance import Worker
from hub.flow.clock import heard, tick
from hub.flow.group import Group
from hub.flow.rebuild import digest, rebuild
from hub.flow.relay import relay
from hub.ports.log import Log
from hub.ports.store import Outgoing, Store, Unit
from tests.flow.sample import CODEC, DAY, record, subject
from tests.flow.toy import MARKET, MARKETS, PERSONS

SIZES = {"persons": 2, "markets": 1}


class Crash(Exception):
    """The process was killed here."""


class CrashingStore:
    """A store of which some commits are the last thing a process does not finish."""

    def __init__(self, store: Store, chance: Callable[[], bool]) -> None:
        self._store, self._chance = store, chance

    def begin(self, group: str, partition: int) -> Unit:
        unit = self._store.begin(group, partition)
        commit = unit.commit

        def crashing(position: object) -> None:
            if self._chance():
                raise Crash
            commit(position)  # type: ignore[arg-type]

        unit.commit = crashing  # type: ignore[method-assign]
        return unit

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


class World:
    """The toy's two groups over a log and a store; `seed` decides what goes wrong."""

    def __init__(self, log: Log, store: Store | None = None, seed: int = 0, people: int = 4) -> None:
        self.log, self.random = log, random.Random(seed)
        for topic, size in SIZES.items():
            log.create(topic, size)
        self.store: Store = store or MemoryStore([PERSONS, MARKETS])
        self.system = FixedSystem(DAY)
        self.groups = [Group(each, CODEC, SIZES, {"case": lambda key: key}) for each in (PERSONS, MARKETS)]
        self.sent: dict[tuple[str, int], list[Record]] = {}
        self.acknowledged: dict[tuple[str, int], int] = {}
        self.zombies: list[tuple[str, int, list[Outgoing]]] = []
        self.people = people
        self.start()

    def start(self) -> None:
        """A process starts: only log and store are left of the one before."""
        self.crashing = False
        store = CrashingStore(self.store, lambda: self.crashing and self.random.random() < 0.2)
        self.workers = [Worker(group, self.log, store, self.system) for group in self.groups]  # type: ignore[arg-type]
        self.crashing = True

    def feed(self, type: str, key: bytes, **given: object) -> None:
        """An agency's event is due to be sent."""
        topic = "markets" if key == MARKET else "persons"
        place = (topic, partition_of(key, SIZES[topic]))
        sent = self.sent.setdefault(place, [])
        sent.append(record(type, len(sent) + 1, key, **given))

    def deliver(self, clean: bool = False) -> None:
        """Intake's sending: everything not acknowledged, and sometimes what was already."""
        for place, records in self.sent.items():
            start = self.acknowledged.get(place, 0)
            if not clean and self.random.random() < 0.3:
                start = max(0, start - 2)
            if records[start:] and self.append(*place, records[start:], clean):
                self.acknowledged[place] = len(records)

    def append(self, topic: str, partition: int, records: list[Record], clean: bool = False) -> bool:
        """An append that may raise although something landed, even something later without something earlier."""
        if not clean and self.random.random() < 0.3:
            landed = [each for each in records if self.random.random() < 0.5]
            if landed:
                self.log.append(topic, partition, landed)
            return False
        self.log.append(topic, partition, records)
        return True

    def work(self) -> None:
        """A fetch of some group and partition, of random size; sometimes the process dies in it."""
        worker = self.random.choice(self.workers)
        try:
            worker.advance(self.random.randrange(SIZES[worker.group.topic]), self.random.choice((1, 2, 3, 50)))
        except Crash:
            self.start()

    def relay(self) -> None:
        """Some group's relay, which may fail half-way; what it read may be sent again much later by a zombie."""
        group = self.random.choice(self.groups)
        partition = self.random.randrange(SIZES[group.topic])
        self.zombies.append((group.name, partition, self.store.outgoing(group.name, partition, 100)))
        try:
            relay(group, partition, FailingLog(self), self.store)  # type: ignore[arg-type]
        except AppendUncertain:
            return

    def zombie(self) -> None:
        """A relay that slept since long ago sends what it had read."""
        if self.zombies:
            _, _, outgoing = self.random.choice(self.zombies)
            for each in outgoing:
                self.append(each.topic, each.partition, [each.record])

    def tick(self) -> None:
        """The clock's turn; the day goes on now and then."""
        if self.random.random() < 0.5:
            self.system.day += 1
        tick(self.log, CODEC, self.system, DAY, heard(self.groups, self.log, self.store))

    def act(self) -> None:
        """One random thing happens."""
        luck = self.random.random()
        if luck < 0.15:
            person = subject(self.random.randrange(self.people))
            self.feed("agency.ApplicationFiled", person, occurred_on=DAY - self.random.randrange(5))
        elif luck < 0.22:
            self.feed("stations.CapacityDeclared", MARKET, site=self.random.choice("AB"), free=1, refs=())
        elif luck < 0.35:
            self.deliver()
        elif luck < 0.4:
            self.tick()
        elif luck < 0.75:
            self.work()
        elif luck < 0.95:
            self.relay()
        else:
            self.zombie()

    def settle(self) -> None:
        """No more faults: everything that is due is sent, read and decided."""
        self.crashing = False
        self.deliver(clean=True)
        self.tick()
        for _ in range(200):
            done = 0
            for worker in self.workers:
                for partition in range(SIZES[worker.group.topic]):
                    done += worker.advance(partition)
                    done += relay(worker.group, partition, self.log, self.store)
            if not done:
                return
        raise AssertionError("the world does not come to rest")

    def kept(self, group: str, partition: int) -> Unit:
        """What is committed of a group's partition, to look at."""
        unit = self.store.begin(group, partition)
        unit.abandon()
        return unit

    def digests(self) -> list[bytes]:
        """The rows that are."""
        return [digest(self.store, group.name) for group in self.groups]

    def rebuilt(self, fetch: int = 7, store: Store | None = None) -> list[bytes]:
        """The rows that the log says."""
        shadow: Store = store or MemoryStore([PERSONS, MARKETS])
        rebuild(self.groups, self.log, shadow, self.system, fetch=fetch)
        return [digest(shadow, group.name) for group in self.groups]


class FailingLog:
    """The world's log as a relay sees it: an append may raise although something landed."""

    def __init__(self, world: World) -> None:
        self._world = world

    def append(self, topic: str, partition: int, records: list[Record]) -> int:
        if not self._world.append(topic, partition, records):
            raise AppendUncertain("HUB-L501")
        return 0
