"""The demo's play: four agencies, 23 months in one load, thirty live days in five steps, and the clock after that.

    generate -> connectors -> intake and views -> tick -> views -> the stations answer what they were offered

It does what the commands of the product do, in one process, under a clock that stands at the day of the step.
"""

import dataclasses
import json
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from connectors import edge as edges
from connectors.rows.tokens import KeyedTokens
from connectors.run.report import RunReport
from connectors.run.run import run
from hub import founding, installation, wiring
from hub.config import FILE, Settings, load, write
from hub.core.calendar import date_of, iso
from hub.core.errors import DataError
from hub.core.format import check_format
from hub.demo.answers import Offer, answer_offers
from hub.demo.edges import EDGES, install_mapping
from hub.demo.generate import generate
from hub.demo.plan import LIVE_DAYS, plan_of, step_days
from hub.installation import Installation
from hub.ports.intake import Connector
from hub.ports.vault import Vault, Warrant
from hub.texts import ui

SEED = 7
PEOPLE = 2000
LEDGER = "demo.json"
FORMAT = 1
WARRANT = Warrant("demo", "the accepting station must know whom to call", "synthetic data")
AREAS = "22 37 50 32 41"

Say = Callable[[str], None]


class Step(NamedTuple):
    """A day of the play. `grows` when the agencies' sources grow to that day first."""

    day: int
    grows: bool


@dataclasses.dataclass
class Told:
    """What the runs of the connectors added up to, by agency and over every play in this folder."""

    people: int
    rows: dict[str, dict[str, int]]
    refused: dict[str, int]

    @classmethod
    def read(cls, home: Path, people: int) -> "Told":
        """As the last play left it.

        Raises DataError HUB-G142 for an installation that no demo made: synthetic people are kept out of real logs;
        HUB-G130 for that of a newer program.
        """
        path = home / LEDGER
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            check_format(found.pop("format", FORMAT), FORMAT, LEDGER)  # the first programs wrote none
            return cls(**found)
        if (home / FILE).exists():
            raise DataError("HUB-G142", folder=str(home))
        return cls(people, {}, {})

    def write(self, home: Path) -> None:
        """Keep it for the next play."""
        (home / LEDGER).write_text(
            json.dumps({"format": FORMAT} | dataclasses.asdict(self), sort_keys=True), encoding="utf-8"
        )

    def add(self, agency: str, report: RunReport) -> None:
        """One more run of a connector. Rows tried again from the spool count where they were read."""
        mine = self.rows.setdefault(agency, {})
        ends = report.rows
        for name, number in (
            ("read", ends.read),
            ("published", ends.published),
            ("unchanged", ends.unchanged),
            ("not_selected", sum(ends.not_selected.values())),
            ("refused", sum(ends.refused.values())),
            ("events", report.events),
        ):
            mine[name] = mine.get(name, 0) + number
        for code, number in ends.refused.items():
            self.refused[code] = self.refused.get(code, 0) + number


class Play:
    """A demo installation in `home`; `today` is the civil day on which it is played."""

    def __init__(self, home: Path, people: int | None, today: int, say: Say, lang: str) -> None:
        """`people` of a new demo, else 2,000. Raises DataError HUB-G143 where this folder has another number."""
        self.home, self._today, self._say, self._lang = home, today, say, lang
        self.told = Told.read(home, people or PEOPLE)
        if people not in (None, self.told.people):
            raise DataError("HUB-G143", folder=str(home), people=self.told.people)
        self.settings = self._prepared(today)
        assert self.settings.go_live is not None
        self.plan = plan_of(self.told.people, SEED, self.settings.go_live)

    def steps(self) -> list[Step]:
        """What is still to be played: history, the five live steps, and today when it is later."""
        done = int((self.home / "demo.day").read_text(encoding="utf-8")) if (self.home / "demo.day").exists() else 0
        days = [self.plan.golive - 1, *step_days(self.plan)]
        left = [Step(day, True) for day in days if done < day <= self._today]
        last = left[-1].day if left else done
        return left if last >= self._today and left else [*left, Step(max(self._today, last), False)]

    def play(self, step: Step) -> int:
        """One step; returns how many events it added to the logs."""
        started = time.monotonic()
        before = self._size()
        if step.grows:
            self._tell("grows", date=str(date_of(step.day)))
            people, sources = self.told.people, self.home / "sources"
            generate(sources, people, SEED, step.day, golive=self.plan.golive, progress=self._written)
        settings = dataclasses.replace(self.settings, clock_day=step.day)
        with Installation(settings) as hub, closing(wiring.open_intake(settings, hub.log)) as intake:
            hub.announce()
            follower = hub.follower([partial(_frames, intake.advance, agency) for agency in intake.agencies()])
            for number, one in enumerate(EDGES, 1):
                report = run(wiring.open_edge(settings, one.connector), hub.log, hub.system)
                self.told.add(one.agency, report)
                command = f"$ hub connector run {one.connector}"
                self._say(f"  {bar(number, len(EDGES))} {command:<46}{report.rows.read:>9,} -> {report.events:>9,}")
            for follow in (follower.drain, hub.tick, follower.drain):
                follow()
            with closing(wiring.open_vault(settings)) as vault:
                offers = list(self._offers(hub, vault))
            answered = answer_offers(self.home / "sources", offers) if step.day < self.plan.end else 0
        (self.home / "demo.day").write_text(str(step.day), encoding="utf-8")
        self.told.write(self.home)
        added = self._size() - before
        took = f"{time.monotonic() - started:.1f}"
        self._tell("played", added=f"{added:,}", offers=len(offers), answered=answered, seconds=took)
        return added

    def _tell(self, phrase: str, **place: str | int) -> None:
        self._say(ui(f"demo_play.{phrase}", self._lang, **place))

    def _written(self, done: int, total: int) -> None:
        """How many people's histories the agencies have."""
        self._say(f"  {bar(done, total)} {done:,} / {total:,}")

    def _prepared(self, today: int) -> Settings:
        """`hub init` and `hub agency add` for every connector of the demo."""
        if not (self.home / FILE).exists():
            self.home.mkdir(parents=True, exist_ok=True)
            self.told.write(self.home)  # before all else: from now on this folder is a demo's
            go_live = iso(today - LIVE_DAYS + 1)
            write(self.home, {"hub.profile": "national", "hub.installed_on": go_live, "hub.go_live": go_live})
        settings = load(self.home)
        for make in founding.STEPS:
            make(settings)
        known = {connector.id for connector in wiring.registry(settings)}
        for one in EDGES:
            install_mapping(one, settings.folder("edges") / one.connector)
            spec = edges.EdgeSpec(
                one.connector, one.agency, one.publisher, "", b"", b"", settings.go_live or today, one.area
            )
            edge = founding.make_edge(settings, spec)
            if one.connector not in known:
                check = KeyedTokens(edge.keys).check()
                types = f"agency.* {one.publisher}.*"
                public = edge.keys.public("agency")
                asked = Connector(0, one.connector, one.agency, one.publisher, types, AREAS, "", public, check)
                installation.register(settings, asked)
        return settings

    def _offers(self, hub: Installation, vault: Vault) -> Iterable[Offer]:
        """What a station sees of its offers. Whom it is about comes out of the vault, on a warrant."""
        case = hub.fold("persons", "case").table.row
        for values in hub.store.scan("persons", "case"):
            row: Any = case(*values)
            if row.offer and not row.offer_gone:
                for identity in vault.reveal(row.subject, WARRANT):
                    number = json.loads(identity).get("number")
                    if number:
                        yield Offer(row.offer.hex(), row.offer_site, number, row.last_on)
                        break

    def _size(self) -> int:
        log = wiring.open_log(self.settings.database("log"))
        topics = log.topics()
        total = sum(
            log.bounds(topic, partition).end
            for topic in ("persons", "markets")
            for partition in range(topics.get(topic, 0))
        )
        log.close()
        return total


def bar(done: int, total: int, width: int = 14) -> str:
    """A progress bar of characters that every console has."""
    full = width * done // max(1, total)
    return f"[{'#' * full}{'.' * (width - full)}]"


def _frames(advance: Callable[[str], Any], agency: str) -> int:
    """One fetch of intake; how many frames it read."""
    return int(advance(agency).frames)
