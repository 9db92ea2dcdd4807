"""Every figure of the demo's screen, computed from what was written: intake's totals, ledgers, rows, spools, files."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from connectors.run.refused import listed
from connectors.spool import Spool
from hub import wiring
from hub.config import Settings
from hub.core.event import Event
from hub.deliver.rebuild import Rebuilding, Rebuilt
from hub.demo.edges import AGENCIES, EDGES
from hub.demo.findings import Choice, Figures, Moment, Reason, RefusedExample, SourceLine
from hub.demo.planted import planted
from hub.demo.play import Play
from hub.flow.folding import live_history
from hub.installation import Installation
from hub.ports.views import Views
from projections.case.tables import Case
from projections.dictionary import VIEWS, WAITING
from projections.market.events import site_key
from projections.market.tables import Need, room

STEPS = {
    "health.DischargeAssessed": "discharged",
    "health.AdviceGiven": "advised",
    "agency.ApplicationFiled": "applied",
    "agency.ApplicationRegistered": "registered",
    "civil_affairs.RegistrationConfirmed": "confirmed",
    "stations.WaitStarted": "waiting",
    "hub.OfferMade": "offered",
    "civil_affairs.CaseAssigned": "assigned",
    "stations.OfferAccepted": "accepted",
    "stations.OfferDeclined": "declined",
    "stations.AgreementSigned": "agreed",
}
STATES = {
    "waiting": ("registered", "confirmed", "waiting"),
    "offered": ("offered", "assigned"),
    "in_service": ("accepted", "assessed", "agreed", "in_service", "urgent", "returned", "exiting"),
    "handover": ("handover",),
    "closed": ("closed", "followed_up", "withdrawn", "deceased", "not_suitable"),
}
_NUMBER = re.compile(rb"(?=([0-9]{17}[0-9Xx]))")
REASONS_SHOWN = 4


def figures(play: Play, day: int, began: float, added: int | None) -> Figures:
    """What the screen shows on a day; `added` events on a repeated play. `began` is of the monotonic clock."""
    settings = play.settings
    with Installation(settings) as hub, closing(wiring.open_intake(settings, hub.log)) as intake:
        totals = [intake.totals(agency) for agency in intake.agencies()]
        tallies = [wiring.tally(hub.store, group.name) for group in hub.groups]
        cases = [Case(*values) for values in hub.store.scan("persons", "case")]
        again = _again(hub, settings)
        moments, choice = _one(hub, cases, play.plan.golive)
        scanned, size, found = _scan(play.home)
        waits = [day - row.wait_from for row in cases if row.wait_from is not None and row.state in STATES["waiting"]]
        return Figures(
            seconds=round(time.monotonic() - began),  # what was searched and made again for this screen, too
            people=play.told.people,
            sources=[_line(agency, play.told.rows.get(agency, {})) for agency in AGENCIES],
            appended=sum(total.get("appended", 0) for total in totals),
            repeated=sum(total.get("repeat", 0) for total in totals),
            refused_events=sum(total.get("refused", 0) for total in totals),
            visible=sum(each.visible for each in tallies),
            parked=sum(each.parked for each in tallies),
            held=sum(each.held for each in tallies),
            reasons=_reasons(play.told.refused),
            example=_example(settings),
            cases=_states(cases),
            nobody_took_over=sum(row.state == "advised" for row in cases),
            longest_wait_days=max(waits, default=0),
            over_three_months=over_limit(wiring.open_views(settings)),
            one=moments,
            choice=choice,
            files=scanned,
            size=size,
            plain_numbers=found,
            rebuilt=len(VIEWS),
            rebuilt_equal=not again.differences,
            digest=again.live["persons"],
            domains_disjoint=_disjoint(hub),
            example_case=_reference(hub, cases),
            new_events_on_repeat=added,
            folder=str(play.home),
            by_hand=_by_hand(settings, sum(rows.get("events", 0) for rows in play.told.rows.values())),
        )


def _by_hand(settings: Settings, played: int) -> int | None:
    """How many events the registered connectors sent besides those that were played."""
    registered = {connector.id for connector in wiring.registry(settings)}
    sent = 0
    for name in registered.intersection(wiring.edge_names(settings)):
        edge = wiring.open_edge(settings, name)
        if edge.spool_path.exists():
            with Spool(edge.spool_path, name, write=False) as spool:
                if spool.state.generation > 1:
                    return None
                sent += spool.state.event - spool.waiting()[0]
    return sent - played


def _line(agency: str, rows: dict[str, int]) -> SourceLine:
    names = ("read", "published", "unchanged", "not_selected", "refused", "events")
    return SourceLine(agency, *(rows.get(name, 0) for name in names))


def _reasons(refused: dict[str, int]) -> list[Reason]:
    ordered = sorted(refused.items(), key=lambda item: (-item[1], item[0]))
    rest = sum(number for _, number in ordered[REASONS_SHOWN:])
    return [*(Reason(*item) for item in ordered[:REASONS_SHOWN]), *([Reason("", rest)] if rest else [])]


def _example(settings: Settings) -> RefusedExample | None:
    """A refused row that still waits for its owner."""
    for one in EDGES:
        edge = wiring.open_edge(settings, one.connector)
        with Spool(edge.spool_path, one.connector) as spool:
            for row in listed(spool.refused()):
                return RefusedExample(one.agency, row.alias, row.row, row.column, row.code)
    return None


def _states(cases: Sequence[Case]) -> dict[str, int]:
    """Cases by state group. Who was only advised, or never had a case, is none yet."""
    names = {state: group for group, states in STATES.items() for state in states}
    counts = dict.fromkeys([*STATES, "other"], 0)
    for row in cases:
        if row.state not in ("none", "advised"):
            counts[names.get(row.state, "other")] += 1
    return counts


def _again(hub: Installation, settings: Settings) -> Rebuilt:
    """The views made again from the log beside those in use, and compared."""
    with wiring.lock(settings, "rebuild"):
        shadows = wiring.shadows(settings, hub.projections, hub.store)
        return Rebuilding(hub.groups, hub.log, hub.store, shadows, hub.system).compare()


def over_limit(views: Views) -> int:
    """How many wait beyond the limit without a check, as the public view has it."""
    with views.snapshot() as snapshot:
        return sum(1 for _ in snapshot.rows(WAITING.name, ("over_limit",), {"over_limit": 1}))


def _one(hub: Installation, cases: Sequence[Case], golive: int) -> tuple[list[Moment], Choice | None]:
    """The way of one person since go-live of whom each agency saw a part; one who passed a full site if any did."""
    taken = {row.subject: row for row in cases if row.accepted_on and row.accepted_on >= golive}
    needs = [Need(*values) for values in hub.store.scan("markets", "need")]
    wanted = [need for need in needs if need.subject in taken and need.offer_site == taken[need.subject].holder]
    ways = {need.subject: _way(hub, need.subject) for need in wanted}
    wanted.sort(key=lambda need: (ways[need.subject][0].order[0], not need.full_site, need.subject), reverse=True)
    wanted.sort(key=lambda need: (not need.full_site, -len({event.source for event in ways[need.subject]})))
    if not wanted:
        return [], None
    need = wanted[0]
    nearest = need.full_site or need.offer_site
    letters = {
        site: letter for letter, site in zip("ABCDEFGH", dict.fromkeys((nearest, need.offer_site)), strict=False)
    }
    moments: dict[tuple[int, str], Moment] = {}
    for event in ways[need.subject]:
        agency = event.source.removeprefix("agency/").split("/")[0]
        site = letters.get(getattr(event.fields, "site", ""), "")
        what = STEPS[event.type]
        moments.setdefault((event.fields.occurred_on, what), Moment(event.fields.occurred_on, agency, what, site))
    nearest_m = need.distance_m if need.full_m is None else need.full_m
    choice = Choice(
        letters[nearest],
        nearest_m or 0,
        0,
        letters[need.offer_site],
        need.distance_m or 0,
        _free(hub, need.offer_site, need.market, need.offer),
    )
    return [moment for _, moment in sorted(moments.items(), key=lambda item: item[0][0])], choice


def _way(hub: Installation, subject: bytes) -> list[Event]:
    """The steps of a person's latest way, from its last advice or application on, in the order of the history."""
    group = hub.group("persons")
    for partition in range(hub.settings.persons):
        unit = hub.store.begin(group.name, partition)
        try:
            key = unit.known([subject]).get(subject)
            if key is None:
                continue
            names = {number: name for name, number in unit.sources().items()}
            entries = unit.chain([key.head])
            events = [group.codec.recall(entry, subject, names[entry.source]) for entry in entries]
            steps = sorted((event for event in events if event.type in STEPS), key=lambda event: event.order)
            begun = max((i for i, event in enumerate(steps) if STEPS[event.type] == "applied"), default=0)
            return steps[max(0, begun - 2) :]
        finally:
            unit.abandon()
    return []


def _free(hub: Installation, site: str, market: str, proposal: bytes) -> int:
    """Free places of a site when a proposal was made: its history folded up to there."""
    group, fold = hub.group("markets"), hub.fold("markets", "site")
    name = site_key(market.encode(), site)
    for partition in range(hub.settings.markets):
        unit = hub.store.begin(group.name, partition)
        try:
            key = unit.known([name]).get(name)
            if key is None:
                continue
            names = {number: source for source, number in unit.sources().items()}
            entries = unit.chain([key.head])
            history = [(each.at, group.codec.recall(each, market.encode(), names[each.source])) for each in entries]
            made = next((at for at, event in history if event.id == proposal), 0)
            row = fold.empty(key.id, name)
            for _, event in live_history([item for item in history if item[0] < made])[0]:
                row = fold.evolve(row, event)
            return room(row)
        finally:
            unit.abandon()
    return 0


def _disjoint(hub: Installation) -> bool:
    """Whether no value is a pseudonym in two domains."""
    return all(wiring.disjoint(hub.store, group.name) for group in hub.groups)


def _reference(hub: Installation, cases: Sequence[Case]) -> str:
    """The public reference of a case in service, for the command that the screen proposes."""
    row = next((row for row in cases if row.state == "in_service"), None) or next(iter(cases), None)
    return f"{wiring.pseudonym(hub.store, 'persons', row.id, 'case')}-{row.n + 1}" if row else "-"


def _scan(home: Path) -> tuple[int, int, int]:
    """Files written, their bytes, and how many persons' numbers stand in any of them in clear, given sources aside."""
    files = [path for path in home.rglob("*") if path.is_file() and "sources" not in path.relative_to(home).parts[:1]]
    numbers = {value.encode() for kind, value in planted(home / "sources") if kind in ("resident_id", "guardian_id")}
    found = {number for path in files for number in _digits(path) if number in numbers}
    return len(files), sum(path.stat().st_size for path in files), len(found)


def _digits(path: Path) -> Iterator[bytes]:
    """Every run of 18 characters in a file that could be an identity number, read piece by piece."""
    tail = b""
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            raw = tail + piece
            for match in _NUMBER.finditer(raw):
                yield match.group(1)
            tail = raw[-17:]
