"""Folding a fetch into rows: evolve what is newest, fold again what came late, corrected or retracted (law 7).

What a fold cannot take is held with its key; what lacks consent is parked; both stay in the ledger and are counted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hub.codec import Codec
from hub.core.event import Event
from hub.core.fold import Fold, Projection, Row, Through
from hub.core.record import Record
from hub.flow.rows import HELD, PARKED, Puts, Rows
from hub.ports.store import Key, Unit

RETRACTED = "Retracted"


class Item(NamedTuple):
    """An accepted event, its ledger number, the key of the chain it joins, and whether a chained fold claims it.

    `names` are its keys by fold, None where a fold does not care. `kind` is its schema's id, `refs` its references as
    they are packed in its record.
    """

    at: int
    event: Event
    chain: bytes
    claimed: bool
    names: list[bytes | None]
    kind: int
    record: Record
    refs: bytes


class Chain(NamedTuple):
    """What one chain key gets in this fetch, and whether it must be folded again."""

    key: Key
    items: list[Item]
    again: bool


class Folding:
    """The folds of one projection: chained ones run chain by chain, the others in the order of the log."""

    def __init__(self, projection: Projection, codec: Codec) -> None:
        self._folds = projection.folds
        self._chained = [(i, fold) for i, fold in enumerate(projection.folds) if fold.chained]
        self._plain = [(i, fold) for i, fold in enumerate(projection.folds) if not fold.chained]
        self._codec = codec
        self._at_once = next(((i, fold) for i, fold in self._chained if isinstance(fold, Through)), None)
        if len(self._chained) > 1:
            self._at_once = None  # an event is taken by every fold that cares, or by none

    def fold(self, unit: Unit, items: Sequence[Item], keys: Mapping[bytes, Key]) -> None:
        """Fold the accepted events of a fetch into the unit's rows, and put the keys' heads and orders forward."""
        chains = self._chains(items, keys)
        rows = Rows(unit, self._folds, keys)
        rows.load(items)
        puts = Puts(unit, {chain.key.id for chain in chains})
        histories = self._histories(unit, [chain for chain in chains if chain.again])
        waiting: dict[int, int] = {}
        for chain in chains:
            history = [(item.at, item.event) for item in chain.items]
            if chain.again:
                history, waiting[chain.key.id] = live_history(histories[chain.key.id])
                puts.begin(chain.key.id)
                for i, _ in self._chained:
                    rows.begin(i, chain.key)
            self._run(rows, puts, chain.key, history)
        self._run_plain(rows, puts, items, keys)
        rows.save()
        puts.save(len(items))
        unit.save_keys(_forward(chain, waiting.get(chain.key.id, 0)) for chain in chains)

    def _chains(self, items: Sequence[Item], keys: Mapping[bytes, Key]) -> list[Chain]:
        found: defaultdict[bytes, list[Item]] = defaultdict(list)
        for item in items:
            found[item.chain].append(item)
        return [Chain(keys[name], some, self._again(keys[name], some)) for name, some in found.items()]

    def _again(self, key: Key, items: Sequence[Item]) -> bool:
        """Whether to fold the key again: an event is older than one folded, corrects, or opens what was parked."""
        order = (key.high, key.low)
        for item in items:
            if not item.claimed:
                continue
            if key.waiting:
                return True
            event = item.event
            if event.order < order or event.corrects() is not None:
                return True
            for _, fold in self._chained:
                if fold.reopens(event):
                    return True
            order = event.order
        return False

    def _histories(self, unit: Unit, chains: Sequence[Chain]) -> dict[int, list[tuple[int, Event]]]:
        found: dict[int, list[tuple[int, Event]]] = {}
        if chains:
            names = {number: name for name, number in unit.sources().items()}
            keys = {chain.key.id: chain.items[0].event.key for chain in chains}
            for entry in unit.chain([chain.items[-1].at for chain in chains]):
                event = self._codec.recall(entry, keys[entry.id], names[entry.source])
                found.setdefault(entry.id, []).append((entry.at, event))
        return found

    def _run(self, rows: Rows, puts: Puts, key: Key, history: Sequence[tuple[int, Event]]) -> None:
        """Evolve the chained folds of one key through its events, in the order given.

        What is parked is tried again, in its order, after each event that reopens.
        """
        if not puts.holds(key.id) and self._through(rows, key, history):
            return
        parked: list[tuple[int, Event]] = []
        for at, event in history:
            if puts.holds(key.id):
                puts.put(key.id, at, HELD, "HUB-P340")
            elif not self._step(rows, puts, key, at, event):
                parked.append((at, event))
            elif parked and any(fold.reopens(event) for _, fold in self._chained):
                parked = [each for each in parked if not self._step(rows, puts, key, *each)]
        for at, _ in parked:
            puts.put(key.id, at, PARKED, "HUB-P342")

    def _through(self, rows: Rows, key: Key, history: Sequence[tuple[int, Event]]) -> bool:
        """Take all the events at once; False, and nothing is done, where that cannot be or one is to be put aside."""
        if self._at_once is None:
            return False
        i, fold = self._at_once
        try:
            after = fold.through(rows.get(i, key.key), [event for _, event in history])
        except Exception:  # noqa: BLE001  one by one, it is found which event the fold cannot take
            return False
        for row in after or ():
            rows.change(i, key.key, row)
        return after is not None

    def _step(self, rows: Rows, puts: Puts, key: Key, at: int, event: Event) -> bool:
        """Evolve the chained folds through one event, or hold it; False when one of them lacks consent for it."""
        try:
            found: list[tuple[int, Fold, bytes, Row]] = []
            for i, fold in self._chained:
                name = fold.key(event)
                if name is not None:
                    row = rows.get(i, name)
                    if not fold.visible(row, event):
                        return False
                    found.append((i, fold, name, row))
            for i, fold, name, row in found:
                after = fold.evolve(row, event)
                if after is not row:
                    rows.change(i, name, after)
        except Exception:  # noqa: BLE001  whatever a fold raises, its key waits and the others go on (law 8)
            puts.put(key.id, at, HELD, "HUB-P341")
        return True

    def _run_plain(self, rows: Rows, puts: Puts, items: Sequence[Item], keys: Mapping[bytes, Key]) -> None:
        """Evolve the folds that are never late, in the order of the log, across all chains."""
        for item in items if self._plain else ():
            id = keys[item.chain].id
            if puts.has(id, item.at):
                continue
            try:
                for i, fold in self._plain:
                    name = item.names[i]
                    if name is not None:
                        row = rows.get(i, name)
                        after = fold.evolve(row, item.event)
                        if after is not row:
                            rows.change(i, name, after)
            except Exception:  # noqa: BLE001  as above
                puts.put(id, item.at, HELD, "HUB-P341")


def live_history(items: Sequence[tuple[int, Event]]) -> tuple[list[tuple[int, Event]], int]:
    """The events that count, in the order of the ledger, and how many corrections still wait for their target.

    A corrected or retracted event is left out; its correction stands at its own date. `Retracted` itself is bare.
    """
    present = {event.id for _, event in items}
    gone: set[bytes] = set()
    waiting = 0
    for _, event in items:
        target = event.corrects()
        if target is not None:
            gone.add(target)
            waiting += target not in present
    live = [
        (at, event)
        for at, event in items
        if event.id not in gone and not (event.corrects() is not None and event.type.endswith("." + RETRACTED))
    ]
    return sorted(live, key=lambda item: (item[1].order, item[0])), waiting


def _forward(chain: Chain, waiting: int) -> Key:
    key = chain.key
    order = max([item.event.order for item in chain.items if item.claimed], default=(key.high, key.low))
    return Key(key.id, key.key, chain.items[-1].at, *max(order, (key.high, key.low)), waiting)
