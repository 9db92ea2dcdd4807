"""`hub connector backfill` as it is typed: sums before and after, progress, and what a hub makes of it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors import edge as edges
from connectors.rows.tokens import KeyedTokens
from connectors.spool import Spool
from hub import founding, installation, wiring
from hub.cli.main import run
from hub.config import load
from hub.core.calendar import iso
from hub.half_loads import half_loads
from hub.installation import Installation
from hub.ports.intake import Connector
from tests.connectors.rig import number
from tests.projections.test_case import D
from tests.projections.test_simulation import closed_gates

NAME = "station-1"
TODAY = D + 40
COLUMNS = ("id", "number", "day", "kind", "purpose")

MAPPING = """
id = "station-1"
version = 1
key = ["id"]
select = ["known"]

[source]
kind = "sql"
alias = "station"
url = "sqlite:///station.db"
table = "life"
key = "id"

[rule.known]
column = "kind"
op = "not_equals"
value = "other"

[rule.applied]
column = "kind"
op = "equals"
value = "applied"

[rule.registered]
column = "kind"
op = "equals"
value = "registered"

[rule.consented]
column = "kind"
op = "equals"
value = "consented"

[rule.served]
column = "kind"
op = "equals"
value = "served"

[person.patient]
tokens = { resident_id = "number" }

[common]
occurred_on = "day"
area = { constant = "220102" }
legal_basis = { constant = "public_duty" }

[[event]]
type = "agency.ApplicationFiled"
when = ["applied"]
fields = { channel = { constant = "B" }, applicant_kind = { constant = "patient" }, severe = { constant = true } }

[[event]]
type = "agency.ApplicationRegistered"
when = ["registered"]

[[event]]
type = "agency.ConsentGranted"
when = ["consented"]

[event.fields]
purpose = { column = "purpose", codes = "codes/purpose.csv" }
patient = { constant = true }
guardian_status = { constant = "named" }

[[event]]
type = "stations.ServiceDelivered"
when = ["served"]

[event.fields]
site = { constant = "A" }
kind = { constant = "day_care" }
form = { constant = "individual" }
service_mode = { constant = "on_site" }
place = { constant = "site" }
beneficiary = { constant = "patient" }
recorder = { constant = "social_worker" }
"""


def lives() -> Iterator[tuple[Any, ...]]:
    """Rows of thirty people: some consent, some late, some for the other purpose; a bad number; one not selected."""
    rows = 0
    for person in range(30):
        steps = [("applied", 1, ""), ("registered", 3, ""), ("served", 30, "")]
        if person % 3 == 1:
            steps.append(("consented", 2 if person % 2 else 5, "referral_upload"))
        if person % 5 == 2:
            steps.append(("consented", 29, "service"))
        for kind, day, purpose in steps:
            rows += 1
            yield f"L{rows:04d}", number(person), iso(D + day - 15 + person % 4), kind, purpose
    yield "L9000", "1.60101E+17", iso(D), "applied", ""
    yield "L9001", number(1), iso(D), "other", ""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation that is live since day D, with one registered connector."""
    words = ["--home", str(tmp_path), "--go-live", iso(D), "--set", f"hub.clock_day={iso(TODAY)}"]
    assert run(["init", *words]) == 0
    settings = load(tmp_path)
    folder = settings.folder("edges") / NAME
    (folder / "codes").mkdir(parents=True)
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    lines = ("value,code", "referral_upload,referral_upload", "service,service")
    (folder / "codes" / "purpose.csv").write_text("\n".join(lines), encoding="utf-8")
    edge = founding.make_edge(settings, edges.EdgeSpec(NAME, "station", "agency", "", b"", b"", D, "220102"))
    public, check = edge.keys.public("agency"), KeyedTokens(edge.keys).check()
    types = "agency.* stations.*"
    installation.register(settings, Connector(0, NAME, "station", "agency", types, "22", "", public, check))
    with closing(sqlite3.connect(folder / "station.db")) as source, source:
        source.execute(f"CREATE TABLE life ({', '.join(COLUMNS)})")
        source.executemany("INSERT INTO life VALUES (?, ?, ?, ?, ?)", lives())
    return tmp_path


def told(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """What a backfill says as JSON."""
    capsys.readouterr()
    assert run(["connector", "backfill", NAME, "--home", str(home), "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def taken(home: Path) -> dict[str, Any]:
    """What the hub makes of what was sent: events that are visible and that are parked, and persons."""
    settings = load(home)
    with Installation(settings) as hub:
        hub.announce()
        intake = wiring.open_intake(settings, hub.log)
        hub.follower([partial(lambda agency: intake.advance(agency).frames, "station")]).drain()
        shown = wiring.tally(hub.store, "persons")
        assert not shown.held
        modes = Counter(mode for partition in range(hub.log.topics()["persons"]) for mode in said(hub, partition))
        return {"persons": intake.totals("station")["registered"], "modes": modes, **shown._asdict()}


def said(hub: Installation, partition: int) -> Iterator[str]:
    """The mode of each event of the agency."""
    for record in hub.log.read("persons", partition, 0, 10_000):
        if hub.codec.envelope(record.headers).source == "agency/station":
            yield hub.codec.decode(record.value)[1].mode


@pytest.mark.parametrize("closed", [False, True])
def test_a_first_load_tells_its_three_sums_beforehand(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, closed: bool
) -> None:
    """Rows by ending, events by mode, visible and parked: what is told before anything is sent is what comes of it."""
    if closed:
        monkeypatch.setattr("projections.profiles.load", lambda name: closed_gates())
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    forecast = told(home, capsys, "--dry-run")
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    filled = told(home, capsys)
    assert forecast["rows"] == filled["rows"]
    assert filled["rows"]["refused"] == {"HUB-C104": 1}
    assert filled["rows"]["not_selected"] == {"known": 1}
    own = 2
    assert sum(forecast["events"].values()) == filled["events"] - own == filled["rows"]["published"]
    assert min(forecast["events"].values()) > 0
    hub = taken(home)
    assert forecast["events"] == hub["modes"]
    assert forecast["persons"] == hub["persons"] == 30
    parked = sum((forecast["parked"] or {}).values())
    assert closed == (parked > 5)
    assert (forecast["parked"] is None) != closed
    assert (forecast["visible"], parked) == (hub["visible"], hub["parked"])


def test_a_report_on_top_of_a_load_tells_what_is_new(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Over a spool that knows rows, the report counts them as unchanged, and leaves the spool as it was."""
    told(home, capsys)
    with Spool(home / "edges" / NAME / "spool.db", NAME, write=False) as spool:
        state = spool.state
    forecast = told(home, capsys, "--dry-run")
    assert (forecast["rows"]["published"], forecast["events"]) == (0, {})
    with Spool(home / "edges" / NAME / "spool.db", NAME, write=False) as spool:
        assert spool.state == state
    assert not list((home / "edges" / NAME).glob("report.db*"))


@pytest.mark.parametrize(("day", "code"), [(D - 8, ""), (D - 1, "HUB-C481"), (D, "HUB-C480"), (TODAY, "HUB-C480")])
def test_a_load_that_is_half_in_when_the_hub_decides_is_told_of_wherever_one_looks(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, day: int, code: str
) -> None:
    """Stopped or at work, an unfinished backfill is told of from a week before going live on, and no more when over."""
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", iso(day))
    slowly = ("--rows-per-second", "1")  # in pages of a hundred rows, of which a lot here has one
    monkeypatch.setattr("connectors.backfill.lots.LOT", 100)
    monkeypatch.setattr("connectors.backfill.pace.Pace.took", lambda *_: True)  # asked to stop after the first lot
    filled = told(home, capsys, *slowly)
    assert filled["stands"] == "stopped"
    assert 0 < filled["left"] < filled["of"]
    assert halves(home, capsys) == [code] * 3
    assert (filled["half_in"] or {}).get("code", "") == code
    assert run(["connector", "backfill", NAME, "--home", str(home), "--anew", *slowly]) == 0
    shown = capsys.readouterr()
    assert [text.count("HUB-C48") for text in (shown.err, shown.out)] == [1 if code else 0] * 2
    monkeypatch.undo()
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", iso(day))
    assert told(home, capsys)["half_in"] is None
    assert halves(home, capsys) == [""] * 3


def halves(home: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What status, doctor and the readiness of the hub say of a backfill."""
    capsys.readouterr()
    assert run(["connector", "status", "--home", str(home), "--json"]) == 0
    status = json.loads(capsys.readouterr().out)[0]["half_in"]
    run(["doctor", "--home", str(home), "--json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    doctor = next(one for one in found if one["check"] == "edge_load")
    notices = half_loads(load(home))
    return [
        status["code"] if status else "",
        doctor["error"]["code"] if doctor["level"] == "warn" else "",
        notices[0].code if notices else "",
    ]
