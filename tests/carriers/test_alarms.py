"""Expired certificate, moved server: a stop with a code that says whom to call, told before where it can be."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub import certificates, contacts, wiring
from hub.adapters.http.log import HttpLog
from hub.api.ingress import Ingress
from hub.cli.main import run
from hub.config import FILE, load
from hub.core.errors import DataError, HubError
from hub.telemetry.metrics import Observer, exposing
from tests.carriers.rig import serving
from tests.kafka.secured import Authority

OFFICE, WARD = "县卫健局信息科 0434-1234567", "病区办公室 0434-7654321"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation that names its offices."""
    home = tmp_path / "home"
    assert run(["init", "--home", str(home)]) == 0
    with (home / FILE).open("a", encoding="utf-8") as file:
        file.write(f'\n[contact]\nhub = "{OFFICE}"\nagencies = "ward: {WARD}; other: 站点 1"\n')
    return home


def with_certificate(home: Path, days: float) -> Any:
    """The installation with a gateway whose certificate is good for so many days."""
    Authority("authority").issue("gateway", home / "gateway.pem", days)
    return replace(load(home, {}), gateway_cert="gateway.pem")


@pytest.mark.parametrize(
    ("days", "code"),
    [(40, ""), (29.5, "HUB-H310"), (7.5, "HUB-H310"), (6.5, "HUB-H311"), (0.5, "HUB-H311"), (-1, "HUB-H312")],
)
def test_a_certificate_is_told_before_it_ends(home: Path, days: float, code: str) -> None:
    """30 and 7 days before, and when it ended: in notices, in a metric, and at the door, with the office to call."""
    settings = with_certificate(home, days)
    told = certificates.notices(settings)
    assert [error.code for error in told] == ([code] if code else [])
    text = exposing(Observer(), tuple, lambda: certificates.notices(settings))().decode()
    assert bool(re.search(r'hub_certificate_days\{publisher="hub",type="gateway"\}', text)) == bool(code)
    assert [contacts.of(error, settings) for error in told] == ([OFFICE] if code else [])
    if code == "HUB-H312":
        with pytest.raises(DataError):
            certificates.require_good(settings, "gateway")
    else:
        certificates.require_good(settings, "gateway")


def test_a_gateway_does_not_start_with_a_certificate_that_ended(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It stops at once, with the code and whom to call, in words and for programs."""
    with_certificate(home, -1)
    flags = ["--home", str(home), "--set", "gateway.cert=gateway.pem", "--set", "gateway.port=0"]
    assert run(["--lang", "en", "gateway", *flags]) == 3
    said = capsys.readouterr().err
    assert "HUB-H312" in said
    assert OFFICE in said
    assert run(["--lang", "en", "doctor", "--json", *flags[:4]]) != 0
    found = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["check"] == "certificate"]
    assert [(one["level"], one["error"]["code"], one["error"]["call"]) for one in found] == [
        ("fail", "HUB-H312", OFFICE)
    ]


def test_certificates_of_connectors_are_their_agencys_affair(home: Path) -> None:
    """A client certificate that ends is for the agency, the authority that it trusts for the hub."""
    source = home.parent / "ward.csv"
    source.write_text("编号,日期\n1,2026-01-01\n", encoding="utf-8")
    new = ["connector", "new", "--from", str(source), "--name", "ward-1", "--agency", "ward", "--area", "160101"]
    assert run([*new, "--publisher", "health", "--home", str(home)]) == 0
    edge, authority = home / "edges/ward-1", Authority("authority")
    authority.write(edge / "ca.pem")
    authority.issue("ward", edge / "ward.pem", 3)
    text = (edge / "edge.toml").read_text(encoding="utf-8")
    log = "kafka+tls://127.0.0.1:9093/x?ca=ca.pem&cert=ward.pem"
    (edge / "edge.toml").write_text(
        re.sub('^log = ".*"$', f'log = "{log}"', text, flags=re.MULTILINE), encoding="utf-8"
    )
    settings = load(home, {})
    told = {error.code: contacts.of(error, settings) for error in certificates.notices(settings)}
    assert told == {"HUB-H311": WARD, "HUB-H310": OFFICE}
    (edge / "ward.pem").write_text("nothing", encoding="utf-8")
    assert {error.code for error in certificates.notices(settings)} == {"HUB-H310", "HUB-L112"}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Whom edges trust."""
    one = Authority("authority")
    one.write(tmp_path / "ca.pem")
    return one


def asked(home: Path, tmp_path: Path, certificate: Path) -> HubError:
    """What an edge says that asks a gateway with this certificate."""
    settings = load(home, {})

    def ingress() -> Ingress:
        log, store = wiring.open_log(settings.database("log")), wiring.open_intake_store(settings)
        return Ingress(log, store, wiring.hub_keys(settings), 1, 100)

    with serving(ingress, 1_000_000, certificate, 0) as port:
        log = HttpLog(f"https://127.0.0.1:{port}?ca={tmp_path}/ca.pem", "ward", "key", 5)
        with pytest.raises(HubError) as stop:
            log.identity()
    return stop.value


def test_a_gateway_with_an_ended_certificate_stops_the_edge(home: Path, tmp_path: Path, authority: Authority) -> None:
    """The edge says that it ended, whom to call, and that nothing was sent."""
    authority.issue("gateway", tmp_path / "gateway.pem", -1)
    error = asked(home, tmp_path, tmp_path / "gateway.pem")
    assert (error.code, error.exit_code) == ("HUB-H313", 3)
    assert contacts.of(error, load(home, {})) == OFFICE


@pytest.mark.parametrize("what", ["another authority", "another address"])
def test_a_moved_server_stops_the_edge(home: Path, tmp_path: Path, authority: Authority, what: str) -> None:
    """Whoever answers there now is another one: nothing is sent, and the hub's office is to be called first."""
    who, address = (Authority("other"), "127.0.0.1") if what == "another authority" else (authority, "127.0.0.9")
    who.issue("gateway", tmp_path / "gateway.pem", 30, address)
    error = asked(home, tmp_path, tmp_path / "gateway.pem")
    assert (error.code, error.exit_code) == ("HUB-H314", 3)
    assert contacts.of(error, load(home, {})) == OFFICE


def test_a_contact_is_an_office_and_never_a_persons_number(home: Path) -> None:
    """What could be an identity number, or names no agency, is refused by the doctor, without repeating it."""
    settings = load(home, {})
    assert contacts.check(settings) == {"hub": OFFICE, "ward": WARD, "other": "站点 1"}
    for wrong in ("ward: 16010119900101001X", "ward: 160101199001010014", "no agency", "ward:", "w: " + "x" * 300):
        with pytest.raises(DataError) as stop:
            contacts.check(replace(settings, contact_agencies=wrong))
        assert (stop.value.code, dict(stop.value.place)) == ("HUB-H315", {"key": "contact.agencies"})


def test_every_alert_says_whom_to_call() -> None:
    """Each alert names the setting that has the office, and that the hub's own messages repeat it."""
    file = Path(__file__).parents[2] / "docs/deploy/alerts.yml"
    for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]:
        for rule in group["rules"]:
            setting = "contact.agencies" if rule["labels"]["owner"] == "agency-engineer" else "contact.hub"
            assert rule["annotations"]["call"].startswith(setting)


def test_who_is_late_has_an_office(home: Path) -> None:
    """A connector that is late is its agency's affair."""
    late = DataError("HUB-I380", connector="ward-1", agency="ward", due="2026-01-01", days=2)
    assert contacts.of(late, load(home, {})) == WARD
    assert contacts.of(DataError("HUB-G120", key="x"), load(home, {})) == ""
