"""The certificates of brokers: told before they end, and a stop with a named owner when they have."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Thread

import pytest

from hub import certificates, contacts
from hub.adapters.kafka.log import KafkaLog
from hub.cli.main import run
from hub.cli.topics import group as topics
from hub.config import FILE, load
from hub.core.errors import DataError
from hub.wiring import open_log
from tests.kafka.broker import free_port
from tests.kafka.secured import ADMIN, Authority, SecuredBroker

pytestmark = pytest.mark.slow

OFFICE = "县卫健局信息科 0434-1234567"


class Ended:
    """A broker's door whose certificate has ended; a real one does not even start with such a certificate."""

    days = -1

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        authority = Authority("authority")
        authority.write(folder / "ca.pem")
        authority.issue("broker", folder / "broker.pem", self.days)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "broker.pem")
        self._door = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.port = self._door.getsockname()[1]
        self._open = True
        self._thread = Thread(target=self._serve, daemon=True)

    def start(self) -> None:
        """Let callers in, who see the certificate."""
        self._thread.start()

    def stop(self) -> None:
        """Nobody is let in any more."""
        self._open = False
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5):
            pass
        self._thread.join(10)
        self._door.close()

    def _serve(self) -> None:
        while self._open:
            with suppress(OSError):
                self._door.accept()[0].close()


@pytest.fixture(scope="module", params=["ends", "ended"])
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker | Ended]:
    """A broker whose certificate ends in a week, and one whose certificate has ended."""
    folder = tmp_path_factory.mktemp("secured")
    found = SecuredBroker(folder, days=6.5) if request.param == "ends" else Ended(folder)
    found.start()
    yield found
    found.stop()


@pytest.fixture(autouse=True)
def impatient(broker: SecuredBroker | Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is never let in gives up after two seconds, and not after thirty each time."""
    if broker.days < 0:
        monkeypatch.setattr(KafkaLog.__init__, "__defaults__", (True, 2))


@pytest.fixture
def home(broker: SecuredBroker | Ended, tmp_path: Path) -> Path:
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
    broker: SecuredBroker | Ended, home: Path, capsys: pytest.CaptureFixture[str]
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


@pytest.mark.parametrize("door", ["log", "plan", "check", "apply"])
def test_a_broker_with_an_ended_certificate_is_a_stop_by_name(
    broker: SecuredBroker | Ended, home: Path, door: str
) -> None:
    """Whoever opens the log there, or looks at its topics, is told that the certificate ended, and whom to call."""
    settings = load(home, {})
    if broker.days > 0:
        open_log(settings.database("log")).close()
        return
    words = [door, "--single-node", "--home", str(home)]
    act = (
        partial(topics.main, words, standalone_mode=False)
        if door != "log"
        else partial(open_log, settings.database("log"))
    )
    with pytest.raises(DataError) as stop:
        act()
    assert (stop.value.code, stop.value.exit_code) == ("HUB-K331", 3)
    assert contacts.of(stop.value, settings) == OFFICE


def test_a_broker_that_does_not_answer_says_nothing_of_certificates(home: Path) -> None:
    """Nobody there: the certificate is no finding, and looking ends."""
    text = (home / FILE).read_text(encoding="utf-8")
    port = load(home, {}).log_url.partition("127.0.0.1:")[2].partition("/")[0]
    (home / FILE).write_text(text.replace(f":{port}/", f":{free_port()}/"), encoding="utf-8")
    assert {error.place["what"] for error in certificates.notices(load(home, {}))} <= {"log"}
