"""Containers, alerts and dashboards, as files: nothing here starts a container."""

import copy
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.core.errors import Unreachable
from hub.telemetry.metrics import Observer, exposing
from tests.deploy import laws
from tests.deploy.laws import HERE, ROOT

File = dict[str, Any]
Change = Callable[[File], None]


def dockerfile() -> str:
    return (HERE / "Dockerfile").read_text(encoding="utf-8")


def text() -> str:
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


LAWS: dict[str, Callable[[File], None]] = {
    "pinned": lambda file: laws.law_pinned(file, dockerfile()),
    "nobody is root": lambda file: laws.law_nobody_is_root(file, dockerfile()),
    "healthy": lambda file: laws.law_healthy(file, dockerfile()),
    "profiles": laws.law_profiles,
    "secrets": lambda file: laws.law_secrets(file, text()),
    "paths": lambda file: laws.law_paths(file, dockerfile()),
    "variables": lambda file: laws.law_variables(file, text()),
    "commands": laws.law_commands,
}
MUTANTS: list[tuple[str, Change]] = [
    ("pinned", lambda file: file["services"]["postgres"].update(image="postgres:latest")),
    ("nobody is root", lambda file: file["services"]["hub"].pop("user")),
    ("nobody is root", lambda file: file["services"]["grafana"].update(cap_drop=[])),
    ("healthy", lambda file: file["services"]["kafka"].pop("healthcheck")),
    ("healthy", lambda file: file["services"]["hub"]["depends_on"]["postgres"].update(condition="service_started")),
    ("profiles", lambda file: file["services"]["postgres"].update(profiles=["core"])),
    ("secrets", lambda file: file["services"]["postgres"]["environment"].update(POSTGRES_PASSWORD="x")),
    ("secrets", lambda file: file["secrets"].update(other={"file": "./docs/deploy/other"})),
    ("paths", lambda file: file["services"]["prometheus"]["volumes"].append("./docs/deploy/none.yml:/x:ro")),
    ("paths", lambda file: file["volumes"].pop("kafka-data")),
    ("variables", lambda file: file["services"]["hub"]["environment"].update(HUB_STORE_ULR="x")),
    ("commands", lambda file: file["services"]["hub"].update(command=["sreve"])),
    ("commands", lambda file: file["services"]["hub"].update(command=["serve", "--no-conectors"])),
]


@pytest.mark.parametrize("law", LAWS)
def test_the_compose_file_holds_each_law(law: str) -> None:
    """The compose file, the image and what they name hold the law."""
    LAWS[law](laws.compose())


@pytest.mark.parametrize(("law", "change"), MUTANTS)
def test_each_law_notices_its_breach(law: str, change: Change) -> None:
    """A file changed in one place no longer holds the law that is about it."""
    file = copy.deepcopy(laws.compose())
    change(file)
    with pytest.raises((AssertionError, KeyError)):
        LAWS[law](file)


def test_alerts_and_dashboard_ask_for_metrics_that_there_are() -> None:
    """Every metric of a rule or a panel is one that the hub exports; one that it does not is noticed."""
    laws.law_metrics([expression for expression, _ in laws.asked()])
    with pytest.raises(AssertionError):
        laws.law_metrics(["rate(hub_evnets_total[5m])"])


def test_alerts_dashboard_and_page_agree_with_the_labels_of_metrics() -> None:
    """Nothing is grouped, chosen or shown by a label that a metric lacks, and the page tells each metric as it is."""
    for expression, shown in laws.asked():
        laws.law_labels(expression, shown)
    for wrong in (
        ("sum by (agency) (hub_rows_total)", ""),
        ("hub_events_total", "{{type}}"),
        ('up{colour="x"}', ""),
    ):
        with pytest.raises(AssertionError):
            laws.law_labels(*wrong)
    page = (laws.ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    laws.law_told(page)
    with pytest.raises(AssertionError):
        laws.law_told(page.replace("`publisher`, `type`", "`publisher`, `code`"))


def test_every_alert_names_an_owner_and_what_to_do() -> None:
    """Each alert has a severity, an owner, a sentence in both languages and a remedy."""
    rules = yaml.safe_load((HERE / "alerts.yml").read_text(encoding="utf-8"))
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        assert set(rule["labels"]) == {"severity", "owner"}, rule["alert"]
        assert " / " in rule["annotations"]["summary"], rule["alert"]
        assert rule["annotations"]["fix"], rule["alert"]


def test_prometheus_and_grafana_find_what_they_are_pointed_at() -> None:
    """Every target is a service of the compose file, and each file in a container is one that is mounted there."""
    file = laws.compose()
    targets = yaml.safe_load((HERE / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    for target in (one for job in targets for group in job["static_configs"] for one in group["targets"]):
        assert target.split(":")[0] in file["services"]
    mounts = [volume.split(":")[1] for volume in file["services"]["prometheus"]["volumes"]]
    assert "/etc/prometheus/alerts.yml" in mounts
    source = yaml.safe_load((HERE / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8"))
    assert source["datasources"][0]["url"] == "http://prometheus:9090"


def test_metrics_tell_why_the_hub_is_not_ready() -> None:
    """`hub_reasons` counts what keeps the hub from its work by code, and forgets what is over."""
    found = [Unreachable("HUB-G540"), Unreachable("HUB-G540")]
    answer = exposing(Observer(), lambda: found)
    assert b'hub_reasons{code="HUB-G540"} 2.0' in answer()
    found.clear()
    assert b"HUB-G540" not in answer()


@pytest.fixture
def address() -> Iterator[tuple[str, list[int]]]:
    """A server that answers with the status in the list."""
    status = [200]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/health/live", status
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_health_check_tells_well_from_unwell(address: tuple[str, list[int]]) -> None:
    """The check ends with 0 for an answer of 200, else with 1, also when nobody answers."""
    url, status = address
    check = [sys.executable, "-P", str(HERE / "healthy.py")]
    assert subprocess.run([*check, url], check=False).returncode == 0
    status[0] = 503
    assert subprocess.run([*check, url], check=False).returncode == 1
    assert subprocess.run([*check, "http://127.0.0.1:1/"], check=False).returncode == 1


def test_passwords_are_made_once(tmp_path: Path) -> None:
    """The script makes each password in a file of its own, and keeps those that are there."""
    script = tmp_path / "secrets.sh"
    script.write_bytes((HERE / "secrets.sh").read_bytes())
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    first = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(first) == {Path(secret["file"]).name for secret in laws.compose()["secrets"].values()}
    assert len(set(first.values())) == len(first)
    assert all(len(value) == 48 for value in first.values())
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == first
