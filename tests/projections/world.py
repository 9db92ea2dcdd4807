"""A model of the loop for projections: logs in memory, accept next, refold in the order of the history, read-back.

It holds the same laws as `hub.flow` in a tenth of its code, so that folds and deciders can be tried alone, thousands of
histories in seconds, with crashes and repeats wherever a test wants them.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from hub.core.area import market_of
from hub.core.event import Event, asserted_of, order_of
from hub.core.fold import Decision, Fold, Projection, Table
from hub.core.frame import CORRECTS, KIND_EVENT, KIND_SUBJECT, PATIENT, Ref
from hub.events import KINDS
from hub.flow.accept import NEXT, accept
from hub.flow.folding import live_history

DAY_MS = 86_400_000
COMMON = {
    "salt": b"\0" * 16, "occurred_minute": None, "mode": "live", "legal_basis": "public_duty", "area": "",
}  # fmt: skip


def subject(n: int) -> bytes:
    """The n-th person of a test."""
    return sha256(b"person%d" % n).digest()[:16]


def event(
    type: str, day: int, key: bytes, number: int = 1, refs: tuple[Ref, ...] = (), source: str = "a/1", **own: Any
) -> Event:
    """An event as a codec would give it; fields left out are None."""
    kind = KINDS[type]
    values: dict[str, Any] = dict.fromkeys(kind.cls._fields)
    values |= COMMON | {"occurred_on": day, "recorded_at": day * DAY_MS} | own
    fields = kind.cls(**values)
    id = sha256(repr((type, key, number, fields, refs)).encode()).digest()[:16]
    order = order_of(day, kind.rank, fields.occurred_minute, asserted_of(1, 1, number))
    return Event(type, id, key, fields, refs, order, source, number, source, "a:1:", 0, b"")


def correcting(target: Event) -> tuple[Ref, ...]:
    """The reference of an event that corrects another."""
    return (Ref(CORRECTS, KIND_EVENT, target.id),)


def folded(fold: Fold, events: Iterable[Event], key: bytes) -> Any:
    """The row after events in the order given."""
    row = fold.empty(1, key)
    for one in events:
        if fold.key(one) is not None and fold.visible(row, one):
            row = fold.evolve(row, one)
    return row


class Rows:
    """The rows of a partition, as a decider reads them."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[tuple[int, int], Any]] = {}

    def rows(self, table: Table, ids: Sequence[int]) -> Mapping[int, Any]:
        """The newest row of each id."""
        found: dict[int, Any] = {}
        wanted = set(ids)
        for (id, _), row in sorted(self.tables.get(table.name, {}).items()):
            if id in wanted:
                found[id] = row
        return found

    def due(self, table: Table, day: int, limit: int) -> list[Any]:
        """Rows that are due."""
        rows = [row for row in self.tables.get(table.name, {}).values() if row.due is not None and row.due <= day]
        return sorted(rows, key=lambda row: (row.due, row.id, row.n))[:limit]

    def select(self, table: Table, where: Mapping[str, Any], order: Sequence[str] = (), limit: int = 0) -> list[Any]:
        """Rows whose fields equal `where`."""
        found = [
            row
            for row in self.tables.get(table.name, {}).values()
            if all(getattr(row, name) == value for name, value in where.items())
        ]
        found.sort(key=lambda row: (*(getattr(row, name) for name in order), row.id, row.n))
        return found[:limit] if limit else found


class Group:
    """One group on its only partition."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self.log: list[tuple[str, int, Event]] = []
        self.rows = Rows()
        self.chains: dict[bytes, list[tuple[int, Event]]] = {}
        self.ids: dict[bytes, int] = {}
        self.accepted: dict[str, int] = {}
        self.given = 0
        self.copied: dict[str, int] = {}
        self.position = 0
        self.day: int | None = None
        self.first = True
        self.touched: set[bytes] = set()
        self.outbox: list[tuple[str, str, int, Event]] = []
        self.laws: list[Any] = []

    @property
    def sender(self) -> str:
        """The name of its decisions."""
        return self.projection.group

    def state(self) -> Any:
        """What a transaction would keep."""
        kept = {name: value for name, value in vars(self).items() if name not in ("projection", "log", "laws")}
        return copy.deepcopy(kept)

    def restore(self, kept: Any) -> None:
        """Go back to what was committed; what was only in memory is forgotten."""
        vars(self).update(copy.deepcopy(kept))
        self.first, self.touched = True, set()

    def id(self, key: bytes) -> int:
        """The integer of a key."""
        return self.ids.setdefault(key, len(self.ids) + 1)

    def take(self, count: int) -> None:
        """One fetch: accept, fold, hand on, decide."""
        some = self.log[self.position : self.position + count]
        for at, (sender, number, one) in enumerate(some, self.position):
            if accept(self.accepted, sender, number) == NEXT:
                self._apply(at, sender, number, one)
        self.position += len(some)
        if self.position == len(self.log):
            self._decide()

    def _apply(self, at: int, sender: str, number: int, one: Event) -> None:
        if one.type == "hub.DayTicked":
            self.day, self.first = one.fields.occurred_on, True
        for fold in self.projection.folds:
            key = fold.key(one)
            if key is not None:
                self._fold(fold, key, at, one)
        if sender == self.sender:
            self.given = max(self.given, number)
            destination = self.projection.copy_to(one)
            if destination is not None:
                topic, key = destination
                self.copied[topic] = self.copied.get(topic, 0) + 1
                self.outbox.append((topic, self.sender, self.copied[topic], one._replace(key=key)))
        what = self.projection.decider.touch(one) if self.projection.decider else None
        if what is not None:
            self.touched.add(what)

    def _fold(self, fold: Fold, key: bytes, at: int, one: Event) -> None:
        id, table = self.id(key), self.rows.tables.setdefault(fold.table.name, {})
        if not fold.chained:
            row = self.rows.rows(fold.table, [id]).get(id) or fold.empty(id, key)
            after = fold.evolve(row, one)
            table[after.id, after.n] = after
            return
        chain = self.chains.setdefault(key, [])
        newest = max((had.order for _, had in chain), default=(0, 0))
        chain.append((at, one))
        again = one.order < newest or any(had.corrects() for _, had in chain) or fold.reopens(one)
        history = live_history(chain)[0] if again else [(at, one)]
        if again:
            for place in [place for place in table if place[0] == id]:
                del table[place]
        row = self.rows.rows(fold.table, [id]).get(id) or fold.empty(id, key)
        waiting: list[Event] = []
        for _, each in history:
            if not fold.visible(row, each):
                waiting.append(each)
                continue
            for done in [each, *(w for w in waiting if fold.reopens(each))]:
                if fold.visible(row, done):
                    waiting = [w for w in waiting if w is not done]
                    row = fold.evolve(row, done)
                    table[row.id, row.n] = row

    def _decide(self) -> None:
        decider = self.projection.decider
        if decider is None or self.day is None or self.given > self.accepted.get(self.sender, 0):
            return
        if not (self.touched or self.first):
            return
        ids = {key: self.ids[key] for key in self.touched if key in self.ids}
        decisions = decider.decide(self.rows, sorted(self.touched), ids, self.day, self.first)
        self.touched, self.first = set(), self.first and bool(decisions)
        for law in self.laws:
            law(self, decisions)
        for decision in decisions:
            self.given += 1
            self.outbox.append((self.projection.topic, self.sender, self.given, self.made(decision, self.given)))

    def made(self, decision: Decision, number: int) -> Event:
        """The event of a decision, as it will be read back."""
        fields, kind = decision.fields, KINDS[decision.type]
        id = sha256(repr((self.sender, number, decision)).encode()).digest()[:16]
        partition = 1 if self.sender == "persons" else 0
        order = order_of(fields.occurred_on, kind.rank, fields.occurred_minute, asserted_of(0, partition, number))
        source = f"hub/{self.sender}"
        return Event(
            decision.type, id, decision.key, fields, decision.refs, order, self.sender, number, source, "", 0, b""
        )


class World:
    """Two groups and their logs."""

    def __init__(self, persons: Projection, markets: Projection) -> None:
        self.persons, self.markets = Group(persons), Group(markets)
        self.groups = {"persons": self.persons, "markets": self.markets}
        self.numbers: dict[tuple[str, str], int] = {}
        self.sent: dict[tuple[str, str], int] = {}

    def tell(self, *events: Event) -> None:
        """Agencies say something: a site's facts go to its market, a person's to the person."""
        for one in events:
            self.put("markets" if getattr(one.fields, "site", None) and len(one.key) < 16 else "persons", "intake", one)

    def put(self, topic: str, sender: str, one: Event) -> None:
        """Append with the next number of that sender."""
        number = self.numbers[topic, sender] = self.numbers.get((topic, sender), 0) + 1
        self.groups[topic].log.append((sender, number, one))

    def tick(self, day: int) -> None:
        """A new day in both logs."""
        for topic in self.groups:
            self.put(topic, "clock", event("hub.DayTicked", day, b"", source="hub/clock"))

    def relay(self, group: Group) -> int:
        """Send what the outbox holds."""
        sent = 0
        for topic, sender, number, one in group.outbox:
            self.groups[topic].log.append((sender, number, one))
            sent += 1
        group.outbox = []
        return sent

    def drain(self) -> None:
        """Until nothing more happens. A dialogue that never ends is an error."""
        for _ in range(200):
            before = [(len(g.log), g.position) for g in self.groups.values()]
            for group in self.groups.values():
                group.take(1000)
                self.relay(group)
            if before == [(len(g.log), g.position) for g in self.groups.values()]:
                return
        raise AssertionError("the dialogue does not end")

    def case(self, person: bytes) -> Any:
        """The newest case of a person."""
        id = self.persons.ids[person]
        return self.persons.rows.rows(self.persons.projection.folds[0].table, [id])[id]

    def site(self, site: str) -> Any:
        """A site's row."""
        return next(row for row in self.markets.rows.tables["site"].values() if row.site == site)

    def types(self, topic: str, sender: str) -> list[str]:
        """What a sender said in a log, in order, repeats left out."""
        last: dict[str, int] = {}
        return [e.type for s, n, e in self.groups[topic].log if accept(last, s, n) == NEXT and s == sender]


def person_fact(type: str, day: int, who: bytes, number: int, area: str = "220102", **own: Any) -> Event:
    """A fact about a person, as intake routes it."""
    return event(type, day, who, number, (Ref(PATIENT, KIND_SUBJECT, who),), area=area, **own)


def site_fact(
    type: str, day: int, site: str, number: int, area: str = "220102", refs: tuple[Ref, ...] = (), **own: Any
) -> Event:
    """A fact about a site, as intake routes it."""
    return event(type, day, market_of(area).encode(), number, refs, area=area, site=site, **own)
