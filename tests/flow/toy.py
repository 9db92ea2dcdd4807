"""A toy of the case and market dialogue, small enough to see through: needs on one side, places on the other.

persons: each `ApplicationFiled` wants one need told; `NeedOpened` (decided, copied to the market) tells it;
`MatchProposed` (the market's copy) is counted. markets: a need waits until a proposal is read back; a site has `free`
places.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hub.core.event import Event
from hub.core.fold import Decision, Projection, Reader, Table
from hub.core.frame import KIND_SUBJECT, PATIENT, Ref
from tests.flow.sample import fields

MARKET = b"2201"


class Person(NamedTuple):
    id: int
    n: int
    subject: bytes
    wanted: int
    told: int
    matched: int
    dates: str


class PersonFold:
    name, table, chained = "person", Table("person", Person), True
    types = frozenset(("agency.ApplicationFiled", "agency.Retracted", "hub.NeedOpened", "hub.MatchProposed"))

    def key(self, event: Event) -> bytes | None:
        return event.key if event.type in self.types else None

    def empty(self, id: int, key: bytes) -> Person:
        return Person(id, 0, key, 0, 0, 0, "")

    def evolve(self, row: Person, event: Event) -> Person:
        if event.type == "agency.ApplicationFiled":
            return row._replace(wanted=row.wanted + 1, dates=f"{row.dates} {event.fields.occurred_on}")
        if event.type == "hub.NeedOpened":
            return row._replace(told=row.told + 1)
        return row._replace(matched=row.matched + 1)

    def visible(self, row: Person, event: Event) -> bool:
        return True

    def reopens(self, event: Event) -> bool:
        return False


class PersonDecider:
    def touch(self, event: Event) -> bytes | None:
        return event.key if len(event.key) == 16 else None

    def decide(
        self, reader: Reader, touched: Iterable[bytes], ids: Mapping[bytes, int], day: int, first: bool
    ) -> list[Decision]:
        rows = (
            reader.select(PersonFold.table, {}) if first else reader.rows(PersonFold.table, list(ids.values())).values()
        )
        return [
            Decision(
                "hub.NeedOpened",
                row.subject,
                fields("hub.NeedOpened", need_no=row.told + 1, occurred_on=day),
                (Ref(PATIENT, KIND_SUBJECT, row.subject),),
            )
            for row in rows
            if row.told < row.wanted
        ]


class Need(NamedTuple):
    id: int
    n: int
    subject: bytes
    no: int
    site: str


class NeedFold:
    name, table, chained = "need", Table("need", Need, indexes=(("site",),)), False

    def key(self, event: Event) -> bytes | None:
        if event.type in {"hub.NeedOpened", "hub.MatchProposed"}:
            return b"n" + event.subject() + event.fields.need_no.to_bytes(4, "big")
        return None

    def empty(self, id: int, key: bytes) -> Need:
        return Need(id, 0, key[1:17], int.from_bytes(key[17:], "big"), "")

    def evolve(self, row: Need, event: Event) -> Need:
        assert event.type != "hub.MatchProposed" or not row.site, "a need is matched twice"
        return row._replace(site=event.fields.site if event.type == "hub.MatchProposed" else "")

    def visible(self, row: Need, event: Event) -> bool:
        return True

    def reopens(self, event: Event) -> bool:
        return False


class Site(NamedTuple):
    id: int
    n: int
    site: str
    free: int


class SiteFold:
    name, table, chained = "site", Table("site", Site), True

    def key(self, event: Event) -> bytes | None:
        if event.type in {"stations.CapacityDeclared", "hub.MatchProposed"}:
            return b"s" + event.fields.site.encode()
        return None

    def empty(self, id: int, key: bytes) -> Site:
        return Site(id, 0, key[1:].decode(), 0)

    def evolve(self, row: Site, event: Event) -> Site:
        if event.type == "hub.MatchProposed":
            return row._replace(free=row.free - 1)
        return row._replace(free=row.free + event.fields.free)

    def visible(self, row: Site, event: Event) -> bool:
        return True

    def reopens(self, event: Event) -> bool:
        return False


class MarketDecider:
    def touch(self, event: Event) -> bytes | None:
        return MARKET if event.key == MARKET else None

    def decide(
        self, reader: Reader, touched: Iterable[bytes], ids: Mapping[bytes, int], day: int, first: bool
    ) -> list[Decision]:
        free = {row.site: row.free for row in reader.select(SiteFold.table, {})}
        decisions: list[Decision] = []
        for need in reader.select(NeedFold.table, {"site": ""}, ("subject", "no")):
            site = next((site for site in sorted(free) if free[site] > 0), None)
            if site is None:
                break
            free[site] -= 1
            proposal = fields("hub.MatchProposed", need_no=need.no, site=site, occurred_on=day)
            decisions.append(
                Decision("hub.MatchProposed", MARKET, proposal, (Ref(PATIENT, KIND_SUBJECT, need.subject),))
            )
        return decisions


PERSONS = Projection(
    "persons", "persons", (PersonFold(),), PersonDecider(),
    lambda event: ("markets", MARKET) if event.type == "hub.NeedOpened" else None,
    lambda key: key if len(key) == 16 else None, ("case",),
)  # fmt: skip
MARKETS = Projection(
    "markets", "markets", (SiteFold(), NeedFold()), MarketDecider(),
    lambda event: ("persons", event.subject()) if event.type == "hub.MatchProposed" else None,
    lambda key: None, (),
)  # fmt: skip
