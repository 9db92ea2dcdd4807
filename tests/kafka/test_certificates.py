"""The certificates of brokers: told before they end, and a stop with a named owner when they have."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub import certificates, contacts
from hub.adapters.kafka.log import KafkaLog
from hub.cli.main import run
from hub.config import FILE, load
from hub.core.errors import DataError, Unreachable
from hub.wiring import open_log
from tests.kafka.broker import free_port
from tests.kafka.secured import ADMIN, SecuredBroker

pytestmark = pytest.mark.slow

OFFICE = "县卫健局信息科 0434-1234567"


@pytest.fixture(scope="module", params=[6.5, -1])
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """A broker whose certificate ends in a week, and one whose certificate has ended."""
    found = SecuredBroker(tmp_path_factory.mktemp("secured"), days=request.param)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def home(broker: SecuredBroker, tmp_path: Path) -> Path:
    """An installation whose log is there, and which names its office."""
    assert run(["init", "--home", str(tmp_path)]) == 0
    (tmp_path / "password").write_text(ADMIN[1], encoding="utf-8")
    url = f"kafka+tls://{ADMIN[0]}@127.0.0.1:{broker.port}/certificates?ca={broker.folder}/ca.pem"
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(
        f'{text}\n[contact]\nhub = "{OFFICE}"\n[log]\nurl = "{url}"\npassword_file = "password"\n', encoding="utf-8"
    )
    return tmp_path


def test_a_brokers_certificate_is_told_before_it_ends(
    broker: SecuredBroker, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the notices of readiness and by the doctor, with the broker's address and the office to call."""
    settings, code = load(home, {}), "HUB-H311" if broker.days > 0 else "HUB-H312"
    at = f"127.0.0.1:{broker.port}"
    told = {str(error.place["what"]): error for error in certificates.notices(settings)}
    assert (told[at].code, contacts.of(told[at], settings)) == (code, OFFICE)
    capsys.readouterr()
    run(["--lang", "en", "doctor", "--json", "--home", str(home)])
    found = json.loads(capsys.readouterr().out)["findings"]
    (one,) = [one for one in found if (one["check"], one["of"]) == ("certificate", at)]
    assert (one["level"], one["error"]["code"], one["error"]["call"]) == (
        "warn" if broker.days > 0 else "fail",
        code,
        OFFICE,
    )


def test_a_broker_with_an_ended_certificate_is_a_stop_by_name(broker: SecuredBroker, home: Path) -> None:
    """Whoever opens the log there is told that the certificate ended, and whom to call; else the log opens."""
    url = load(home, {}).database("log")
    if broker.days > 0:
        open_log(url).close()
        return
    with pytest.raises(Unreachable):
        KafkaLog(url, make=False, seconds=4)
    with pytest.raises(DataError) as stop:
        open_log(url)
    assert (stop.value.code, stop.value.exit_code) == ("HUB-K331", 3)
    assert contacts.of(stop.value, load(home, {})) == OFFICE


def test_a_broker_that_does_not_answer_says_nothing_of_certificates(home: Path) -> None:
    """Nobody there: the certificate is no finding, and looking ends."""
    text = (home / FILE).read_text(encoding="utf-8")
    port = load(home, {}).log_url.partition("127.0.0.1:")[2].partition("/")[0]
    (home / FILE).write_text(text.replace(f":{port}/", f":{free_port()}/"), encoding="utf-8")
    assert {error.place["what"] for error in certificates.notices(load(home, {}))} <= {"log"}
