"""A county with three sites and some people, played through the `hub` command with real connectors, keys and stores.

What agencies did stands in one CSV file, which a county office publishes; what sites answer comes by workbook alone.
"""

import csv
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from hub import wiring
from hub.cli.main import run as hub
from hub.config import load
from hub.core.calendar import iso
from hub.installation import Installation
from tests.connectors.rig import number

START = 20_500
COUNTY = "220102"
SITES = ("52220102MJX000001A", "52220102MJX000002B", "52220102MJX000003C")
COLUMNS = ("记录号", "类型", "证件号码", "姓名", "站点", "日期", "区县", "去向", "横坐标", "空位")
MAPPING = """
id = "office"
version = 1
on_change = "correct"
key = ["记录号"]

[source]
kind = "csv"
alias = "office"
path = "office.csv"

[person.patient.tokens]
resident_id = "证件号码"

[person.patient.identity]
name = { column = "姓名", kind = "name" }

[common]
occurred_on = "日期"
area = "区县"
legal_basis = { constant = "public_duty" }
"""
EVENTS = {
    "agency.ApplicationFiled": """channel = { constant = "B" }
applicant_kind = { constant = "patient" }
severe = { constant = true }
birth_year_band = { constant = "adult" }""",
    "agency.NeedAssessed": """by_role = { constant = "psychiatrist" }
suitable = { constant = true }
needs = { constant = "medication,peer" }""",
    "agency.ApplicationRegistered": "",
    "civil_affairs.RegistrationConfirmed": "",
    "civil_affairs.CaseAssigned": 'site = "站点"\nsite_area = "区县"',
    "stations.OfferAccepted": 'site = "站点"',
    "stations.RelocationReported": 'site = "站点"\nto_area = "去向"',
    "civil_affairs.SiteLicensed": 'site = "站点"\nbasis = { constant = "approval" }',
    "civil_affairs.SiteSuspended": 'site = "站点"',
    "stations.SiteProfiled": """site = "站点"
kinds = { constant = "site" }
programmes = { constant = "medication,peer" }
age_groups = { constant = "adult" }
x_m = "横坐标"
y_m = { constant = 0 }""",
    "stations.CapacityDeclared": 'site = "站点"\nfree = "空位"',
}


def mapping() -> str:
    """The mapping of the county office: a rule and a section for each type."""
    parts = [MAPPING]
    for n, (type, fields) in enumerate(EVENTS.items()):
        parts.append(f'[rule.is{n}]\ncolumn = "类型"\nop = "equals"\nvalue = "{type}"\n')
        parts.append(f'[[event]]\ntype = "{type}"\nwhen = ["is{n}"]\n\n[event.fields]\n{fields}\n')
    return "\n".join(parts)


class County:
    """One installation on disk. `typed` types a command under the clock of `day`; the output is what it printed."""

    def __init__(self, home: Path, capsys: Any, patch: Any) -> None:
        self.home, self._capsys, self._patch = home, capsys, patch
        self.rows: list[dict[str, str]] = []
        self.on(START)
        assert self.typed("init", "--go-live", iso(START))[0] == 0
        self._connector("office", "civil-affairs", "civil_affairs", "agency.* civil_affairs.* stations.*")
        (home / "edges/office/mapping.toml").write_text(mapping(), encoding="utf-8")

    def on(self, day: int) -> None:
        """The clock stands at this day."""
        self.day = day
        self._patch.setenv("HUB_HUB_CLOCK_DAY", iso(day))
        self._patch.setenv("HUB_LANG", "en")
        self._patch.setenv("HUB_HOME", str(self.home))

    def typed(self, *words: str) -> tuple[int, str, str]:
        """Exit code, output and error output of a command."""
        self._capsys.readouterr()
        code = hub(list(words))
        out = self._capsys.readouterr()
        return code, out.out, out.err

    def ready(
        self, kind: str, name: str, agency: str, publisher: str, types: Sequence[str], sites: Sequence[str]
    ) -> None:
        """A connector with a mapping that is ready, registered for these types and sites."""
        words = ("connector", "new", "--ready", kind, "--name", name, "--agency", agency, "--publisher", publisher)
        code, _, err = self.typed(*words, "--area", COUNTY)
        assert code == 0, err
        self.register(name, agency, publisher, types, sites)

    def register(self, name: str, agency: str, publisher: str, types: Sequence[str], sites: Sequence[str]) -> None:
        """As whoever keeps the hub registers a connector."""
        edge = wiring.open_edge(load(self.home), name)
        from connectors.rows.tokens import KeyedTokens

        keys = "--key", edge.keys.public("agency").hex(), "--key-check", KeyedTokens(edge.keys).check()
        more = [word for type in types for word in ("--type", type)] + [w for site in sites for w in ("--site", site)]
        words = ("agency", "add", name, "--agency", agency, "--publisher", publisher, "--area", "2201", *keys, *more)
        code, _, err = self.typed(*words)
        assert code == 0, err

    def _connector(self, name: str, agency: str, publisher: str, types: str) -> None:
        path = self.home / "edges" / name / "office.csv"
        first = self.home / "first.csv"
        first.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
        words = ("connector", "new", "--from", str(first), "--name", name, "--agency", agency, "--publisher", publisher)
        code, _, err = self.typed(*words, "--area", COUNTY)
        assert code == 0, err
        path.write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
        self.register(name, agency, publisher, types.split(), ())

    def happen(self, type: str, person: int = 0, site: str = "", day: int = 0, **more: str) -> None:
        """Something that the office will publish with its next run."""
        who = {"证件号码": number(person), "姓名": "诸葛" + "甲乙丙丁戊己庚辛"[person % 8]} if person else {}
        row = {
            "记录号": f"R{len(self.rows) + 1}",
            "类型": type,
            "站点": site,
            "日期": iso(day or self.day),
            "区县": COUNTY,
        }
        self.rows.append(dict.fromkeys(COLUMNS, "") | row | who | more)

    def play(self) -> None:
        """The office publishes, and the hub does all that follows, up to today."""
        with (self.home / "edges/office/office.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, COLUMNS)
            table.writeheader()
            table.writerows(self.rows)
        code, out, err = self.typed("connector", "run", "office")
        assert code == 0, out + err
        self.drain()

    def drain(self) -> None:
        """Intake, groups and relays until nothing is left, then the clock, and what follows from it."""
        settings = load(self.home)
        with Installation(settings) as one:
            one.announce()
            intake = wiring.open_intake(settings, one.log)
            steps = [partial(_frames, intake, agency) for agency in intake.agencies()]
            one.follower(steps).drain()
            one.tick()
            one.follower(steps).drain()

    def sites(self, *places: int) -> None:
        """Licensed sites with so many free places each, one farther than the other."""
        for n, (site, free) in enumerate(zip(SITES, places, strict=False)):
            self.happen("civil_affairs.SiteLicensed", site=site)
            self.happen("stations.SiteProfiled", site=site, 横坐标=str(1000 * (n + 1)))
            self.happen("stations.CapacityDeclared", site=site, 空位=str(free))

    def needy(self, *people: int) -> None:
        """People who applied, were assessed and registered: each needs a site."""
        for person in people:
            for type in ("agency.ApplicationFiled", "agency.NeedAssessed", "agency.ApplicationRegistered"):
                self.happen(type, person)

    def cases(self) -> Iterator[dict[str, Any]]:
        """The rows of v_case_v1."""
        return self.view("v_case_v1")

    def view(self, name: str) -> Iterator[dict[str, Any]]:
        """The rows of a public view."""
        import json

        code, out, err = self.typed("projection", "show", name, "--limit", "1000", "--json")
        assert code == 0, err
        yield from json.loads(out)["rows"]


def _frames(intake: Any, agency: str) -> int:
    return int(intake.advance(agency, 10_000).frames)
