"""The projections in the real loop: codec, groups, workers and a store, over a log that is a list."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from hub.adapters.memory.store import MemoryStore
from hub.adapters.sql.store import SqliteStore
from hub.adapters.system import FixedSystem
from hub.codec import Codec
from hub.core.envelope import Envelope
from hub.core.event import Event
from hub.core.frame import commitment, pack_refs
from hub.core.partition import partition_of
from hub.core.record import Bounds, Record
from hub.flow.advance import Worker
from hub.flow.clock import heard, tick
from hub.flow.group import Group
from hub.flow.relay import relay
from hub.ports.store import Store
from projections.definitions import markets, persons
from projections.profiles import Profiles
from tests.flow.sample import fields

SIZES = {"persons": 2, "markets": 2}
CODEC = Codec()


class ListLog:
    """The `Log` port over lists, without any fault."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, int], list[Record]] = {(t, p): [] for t, n in SIZES.items() for p in range(n)}

    def identity(self) -> str:
        return "list"

    def create(self, topic: str, partitions: int) -> None:
        assert SIZES[topic] == partitions

    def topics(self) -> dict[str, int]:
        return dict(SIZES)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        self.records[topic, partition] += records
        return len(self.records[topic, partition]) - len(records)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        return self.records[topic, partition][offset : offset + limit]

    def bounds(self, topic: str, partition: int) -> Bounds:
        return Bounds(0, len(self.records[topic, partition]))

    def close(self) -> None:
        self.records.clear()


def record_of(one: Event, number: int) -> Record:
    """What intake appends of an event, as its record of that number."""
    own = {name: value for name, value in one.fields._asdict().items() if value is not None}
    value = CODEC.encode(one.type, fields(one.type, **own))
    envelope = Envelope(
        one.id, number, 0, one.order[1], commitment(value), 0, one.type, one.source, "intake/a", one.place,
        pack_refs(one.refs),
    )  # fmt: skip
    return Record(one.key, CODEC.headers(envelope), value)


class Engine:
    """Both groups at work; `store` sqlite in a folder, or memory."""

    def __init__(self, profiles: Profiles, start: int, folder: Path | None = None) -> None:
        self.projections = (persons(profiles), markets(profiles))
        self.start, self.log = start, ListLog()
        self.store: Store = MemoryStore(self.projections) if folder is None else self.sqlite(folder, "views")
        self.system = FixedSystem(start)
        self.groups = [Group(each, CODEC, SIZES, self.namers(each.domains)) for each in self.projections]
        self.workers = [Worker(group, self.log, self.store, self.system) for group in self.groups]
        self.numbers: dict[tuple[str, int], int] = {}

    def sqlite(self, folder: Path, name: str) -> SqliteStore:
        """A store in a file."""
        return SqliteStore(folder / f"{name}.db", self.projections)

    @staticmethod
    def namers(domains: Sequence[str]) -> dict[str, Any]:
        """A keyed name for each domain."""
        return {name: lambda subject, name=name: sha256(name.encode() + subject).digest() for name in domains}

    def tell(self, *events: Event) -> None:
        """Intake appends what agencies said."""
        for one in events:
            topic = "persons" if len(one.key) == 16 else "markets"
            partition = partition_of(one.key, SIZES[topic])
            number = self.numbers[topic, partition] = self.numbers.get((topic, partition), 0) + 1
            self.log.append(topic, partition, [record_of(one, number)])

    def run(self, day: int, fetch: int = 5000) -> None:
        """Tick up to a day and work until nothing is left."""
        self.system.day = day
        tick(self.log, CODEC, self.system, self.start, list(heard(self.groups, self.log, self.store)))
        for _ in range(500):
            done = 0
            for worker in self.workers:
                for partition in range(SIZES[worker.group.topic]):
                    done += worker.advance(partition, fetch)
                    done += relay(worker.group, partition, self.log, self.store)
            if not done:
                return
        raise AssertionError("the dialogue does not end")

    def contents(self, store: Store | None = None) -> dict[str, list[tuple[Any, ...]]]:
        """Every row that a digest covers, by group and table."""
        store = store or self.store
        tables = [(group.name, table) for group in self.groups for table in store.tables(group.name)]
        return {f"{group}.{table}": [tuple(row) for row in store.scan(group, table)] for group, table in tables}

    def rebuilt(self, shadow: Store, fetch: int = 7) -> dict[str, list[tuple[Any, ...]]]:
        """What the log says they are."""
        for group in self.groups:
            worker = Worker(group, self.log, shadow, self.system, replaying=True)
            for partition in range(SIZES[group.topic]):
                while worker.advance(partition, fetch):
                    pass
        return self.contents(shadow)

    def rows(self, group: str, table: str) -> list[Any]:
        """All rows of a table."""
        fold = next(f for p in self.projections if p.group == group for f in p.folds if f.table.name == table)
        return [fold.table.row._make(row) for row in self.store.scan(group, table)]  # type: ignore[attr-defined]
