"""A group of projections over one partition: accept, keep in the ledger, fold, and hand on what was read back.

    records -> accept next -> ledger (chained by key) -> fold, or fold again -> rows
                                                      -> copies of our own decisions to the other owner

The group has no I/O of its own: it is given a unit and leaves in it what is to be committed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.codec import Codec
from hub.core.envelope import Envelope
from hub.core.errors import IntegrityError
from hub.core.event import Event
from hub.core.fold import PARTITION_SHIFT, Projection
from hub.core.frame import commitment
from hub.core.partition import partition_of
from hub.core.record import Record
from hub.flow.accept import NEXT, REPEAT, accept
from hub.flow.folding import Folding, Item
from hub.flow.rows import HELD, PARKED
from hub.ports.store import Entry, Key, Outgoing, Unit

Namer = Callable[[bytes], bytes]
Repeat = tuple[Record, Envelope]  # a record whose number was taken before

_new: Any = tuple.__new__  # half the time of calling a NamedTuple's class
COUNTS = ("accepted", "repeated", "ahead", "visible", HELD, PARKED)
TICK, PROFILE = "hub.DayTicked", "hub.ProfileChanged"
_CONTROL = frozenset((TICK, PROFILE))


class Group:
    """One projection's engine. `partitions` are the sizes of the topics; `namers` the keyed names of its domains.

    `profile` is the fingerprint of the policy, calendar and area files given to its decider; the log must name it.
    """

    def __init__(
        self,
        projection: Projection,
        codec: Codec,
        partitions: Mapping[str, int],
        namers: Mapping[str, Namer],
        profile: str = "",
    ) -> None:
        self.name, self.topic, self.projection = projection.group, projection.topic, projection
        self.codec = codec
        self._partitions = partitions
        self._namers = [(domain, namers[domain]) for domain in projection.domains]
        self.profile = profile
        self._key_of = [fold.key for fold in projection.folds]
        self._chained = [place for place, fold in enumerate(projection.folds) if fold.chained]
        self._plain = [place for place, fold in enumerate(projection.folds) if not fold.chained]
        self._folding = Folding(projection, codec)

    def sender(self, partition: int) -> str:
        """The name under which the group's decisions of a partition are numbered."""
        return f"{self.name}/{partition}"

    def apply(
        self,
        unit: Unit,
        partition: int,
        first: int,
        records: Sequence[Record],
        touched: set[bytes],
        *,
        shut: bool,
        again: bool = False,
    ) -> bool:
        """Take the records from offset `first` on into the unit; returns whether a new day began among them.

        Adds to `touched` what the decider must look at again; `shut` keeps copies out of the outbox. Raises
        IntegrityError HUB-P412 for a fork: a number taken before that now comes with other bytes (law 3); and, where
        the records are read `again`, HUB-P433 for a value that is not the one that its sender committed to: a store
        that goes on knew a record as it was taken, but rows made again from a log that was altered prove nothing.
        """
        base = (partition << PARTITION_SHIFT) + first + 1
        items, repeats = self._accept(unit, partition, base, records, again)
        events = [item.event for item in items]
        new_day = self._control(unit, events)
        keys = self._keys(unit, items)
        self._ledger(unit, keys, items)
        self._folding.fold(unit, items, keys)
        self._require_same(unit, partition, repeats)
        copies = self._hand_on(unit, partition, items)
        if copies and not shut:
            unit.queue(copies)
        if self.projection.decider and not again:  # what is read again is decided already
            touched.update(what for what in map(self.projection.decider.touch, events) if what is not None)
        return new_day

    def _accept(
        self, unit: Unit, partition: int, base: int, records: Sequence[Record], again: bool
    ) -> tuple[list[Item], list[Repeat]]:
        items: list[Item] = []
        repeats: list[Repeat] = []
        accepted, codec = unit.accepted, self.codec
        for at, record in enumerate(records, base):
            envelope = codec.envelope(record.headers)
            if again and commitment(record.value) != envelope.commitment:
                place: dict[str, str | int] = {"topic": self.topic, "partition": partition}
                raise IntegrityError("HUB-P433", **place, offset=at - (partition << PARTITION_SHIFT) - 1)
            verdict = accept(accepted, envelope.sender, envelope.number)
            if verdict == NEXT:
                kind, event = codec.event(record, envelope)
                whose = self._whose(partition, event)
                items.append(_new(Item, (at, event, *whose, kind, record, envelope.refs)))
            elif verdict == REPEAT:
                repeats.append((record, envelope))
        for name in COUNTS:
            unit.counts.setdefault(name, 0)
        unit.counts["accepted"] += len(items)
        unit.counts["repeated"] += len(repeats)
        unit.counts["ahead"] += len(records) - len(items) - len(repeats)
        return items, repeats

    def _require_same(self, unit: Unit, partition: int, repeats: Sequence[Repeat]) -> None:
        """What comes again must be in the ledger already, byte for byte; repeats are rare, so looking is cheap."""
        wanted: dict[bytes, list[tuple[bytes, bytes]]] = {}
        for record, envelope in repeats:
            _, event = self.codec.event(record, envelope)
            wanted.setdefault(self._whose(partition, event)[0], []).append((event.id, record.value))
        known = unit.known(list(wanted))
        entries = unit.chain([key.head for key in known.values()]) if known else []
        kept = {(entry.id, entry.event): entry.value for entry in entries}
        for chain, events in wanted.items():
            for id, value in events:
                if chain not in known or kept.get((known[chain].id, id)) != value:
                    raise IntegrityError("HUB-P412", group=self.name, partition=partition)

    def _whose(self, partition: int, event: Event) -> tuple[bytes, bool, list[bytes | None]]:
        """The chain that an event joins, whether a chained fold claims it, and its keys by fold."""
        names = [key(event) for key in self._key_of]
        for place in self._chained:
            if (key := names[place]) is not None:
                return key, True, names
        return event.key or b"every" + partition.to_bytes(2, "big"), False, names

    def _control(self, unit: Unit, events: Sequence[Event]) -> bool:
        new_day = False
        for event in [event for event in events if event.type in _CONTROL]:
            if event.type == TICK:
                unit.facts["day"] = str(event.fields.occurred_on)
                new_day = True
            else:
                unit.facts["profile"] = event.fields.sha256
        return new_day

    def _keys(self, unit: Unit, items: Sequence[Item]) -> dict[bytes, Key]:
        """Every key that the events name, made in the order of the log whatever the size of a fetch."""
        names: dict[bytes, None] = {}
        for item in items:
            names[item.chain] = None
            for place in self._plain:
                key = item.names[place]
                if key is not None:
                    names[key] = None
        known, made = unit.keys(list(names))
        subjects = [(key.id, self.projection.subject_of(key.key)) for key in made]
        unit.name(
            (id, domain, namer(subject)[:16])
            for id, subject in subjects
            if subject is not None
            for domain, namer in self._namers
        )
        return known

    def _ledger(self, unit: Unit, keys: Mapping[bytes, Key], items: Sequence[Item]) -> None:
        sources = unit.sources()
        ids = {name: key.id for name, key in keys.items()}
        heads = {name: key.head for name, key in keys.items()}
        entries: list[Entry] = []
        for at, event, chain, _, _, kind, record, refs in items:
            _, id, _, fields, _, (high, low), _, _, source, place, _, _ = event
            n = sources.get(source) or sources.setdefault(source, len(sources) + 1)
            said = high, low, kind, id, n, place, fields.legal_basis, refs, record.value
            entries.append(_new(Entry, (at, ids[chain], heads[chain], *said)))
            heads[chain] = at
        unit.add(entries)

    def _hand_on(self, unit: Unit, partition: int, items: Sequence[Item]) -> list[Outgoing]:
        """Decisions take effect as they are read back; their copies are a function of the log, numbers included."""
        own, log = self.sender(partition), f"{self.topic}/{partition}"
        copies: list[Outgoing] = []
        for item in [item for item in items if item.event.sender == own]:
            unit.counters[log] = max(unit.counters.get(log, 0), item.event.number)
            destination = self.projection.copy_to(item.event)
            if destination is None:
                continue
            topic, key = destination
            dest = partition_of(key, self._partitions[topic])
            number = unit.counters.get(f"{topic}/{dest}", 0) + 1
            unit.counters[f"{topic}/{dest}"] = number
            copies.append(Outgoing(topic, dest, number, self.codec.copy(item.record, key, number)))
        return copies
