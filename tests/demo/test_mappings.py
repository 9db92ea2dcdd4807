"""The demo's mappings read the demo's sources: every row becomes events, is left out by a named rule, or is refused."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from connectors.mapping.file import load_mapping
from connectors.rows.contract import check_mapping
from connectors.rows.drafts import NotSelected, Refused, RowMapper
from connectors.rows.tokens import KeyedTokens
from connectors.sources import open_source
from hub.adapters.files.keys import FileKeys
from hub.core.calendar import day_of
from hub.demo.answers import Offer, answer_offers, waiting_people
from hub.demo.counties import sites
from hub.demo.edges import EDGES, install_mapping
from hub.demo.generate import generate
from hub.demo.plan import plan_of, step_days

GOLIVE = day_of(date(2026, 3, 2))
PEOPLE = 500
LAST = step_days(plan_of(PEOPLE, 7, GOLIVE))[-1]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo home whose sources stand at the last live day, with offers answered."""
    home = tmp_path_factory.mktemp("demo")
    sources = home / "sources"
    days = step_days(plan_of(PEOPLE, 7, GOLIVE))
    generate(sources, PEOPLE, 7, days[0], golive=GOLIVE)
    site = sites(7, PEOPLE)[0].code
    offers = [Offer(f"{who.person:032x}", site, who.id_number, days[0]) for who in waiting_people(sources)]
    answer_offers(sources, offers)
    generate(sources, PEOPLE, 7, LAST, golive=GOLIVE)
    for edge in EDGES:
        install_mapping(edge, home / "edges" / edge.connector)
    return home


def _read(home: Path) -> tuple[Counter[str], Counter[str], Counter[str], int]:
    """Events by type, refusals by code, rows left out by rule, rows read."""
    keys = FileKeys(home / "keys")
    keys.make("secret", "K_edge")
    tokens = KeyedTokens(keys)
    events: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    left: Counter[str] = Counter()
    rows = 0
    for edge in EDGES:
        folder = home / "edges" / edge.connector
        mapping = load_mapping(folder)
        mapper = RowMapper(mapping, tokens, LAST, GOLIVE, LAST * 86_400_000)
        with open_source(mapping.source, folder, names=mapper.columns, today=LAST) as source:
            names = [column.name for column in source.columns()]
            pick = [names.index(name) for name in mapper.columns]
            for chunk in source.rows():
                assert not chunk.broken
                picked = [tuple(row.values[at] for at in pick) for row in chunk.rows]
                rows += len(picked)
                for reading in mapper.read(picked, {}):
                    if isinstance(reading, Refused):
                        refused[reading.error.code] += 1
                    elif isinstance(reading, NotSelected):
                        left[reading.rule] += 1
                    else:
                        events.update(mapping.sections[draft.section].type for draft in reading)
            assert source.complete, edge.connector
    return events, refused, left, rows


def test_every_mapping_fits_the_released_schemas() -> None:
    """Each mapping of the demo passes the contract before any row is read."""
    import connectors

    root = Path(connectors.__file__).parent
    for edge in EDGES:
        assert check_mapping(load_mapping(root / edge.folder, f"{edge.mapping}.toml"))


def test_rows_become_events_and_only_dirt_is_refused(home: Path) -> None:
    """A few rows in a hundred are refused or left out; the events cover the whole way from advice to closure."""
    events, refused, left, rows = _read(home)
    assert 0.004 < sum(refused.values()) / rows < 0.02
    assert 0 < sum(left.values()) / rows < 0.1
    assert {"HUB-C104", "HUB-C140", "HUB-C102"} <= refused.keys()
    expected = {
        "agency.ApplicationFiled",
        "agency.ConsentGranted",
        "agency.IdentityDeclared",
        "agency.NeedAssessed",
        "civil_affairs.CaseAssigned",
        "civil_affairs.RegistrationConfirmed",
        "civil_affairs.SiteLicensed",
        "federation.CertificateIssued",
        "health.AdviceGiven",
        "health.DischargeAssessed",
        "stations.AgreementSigned",
        "stations.CapacityDeclared",
        "stations.CaseClosed",
        "stations.OfferAccepted",
        "stations.RelapseReported",
        "stations.ServiceDelivered",
        "stations.SiteProfiled",
        "stations.TransitionAssessed",
    }
    assert expected <= events.keys()
