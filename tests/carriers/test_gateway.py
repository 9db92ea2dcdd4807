"""The ingress gateway: over HTTPS the same facts arrive, once, from who may send them, and pressure is told."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.run import run as connectors_run
from hub import wiring
from hub.adapters.http.log import HttpLog
from hub.api.ingress import Ingress, key_of
from hub.cli.main import run
from hub.core.calendar import iso
from hub.core.errors import AppendUncertain, DataError, IntegrityError, NotPermitted, Unreachable
from hub.core.packet import Packet, pack_packet
from hub.core.record import Record
from tests.carriers.rig import serving
from tests.e2e.rig import NAMES, Home, Model, anonymous, decided, facts
from tests.kafka.secured import Authority


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The embedded run: forty persons, history and a live step."""
    return Model(tmp_path_factory.mktemp("model"), 40, 2)


@contextmanager
def gateway(home: Home, certificate: Path | None = None, port: int = 0, **changed: Any) -> Iterator[int]:
    """The gateway of an installation in a thread; its port."""
    settings = replace(home.settings, **changed)

    def opened() -> Ingress:
        log, store = wiring.open_log(settings.database("log")), wiring.open_intake_store(settings)
        return Ingress(log, store, wiring.hub_keys(settings), settings.gateway_oldest_key, settings.gateway_waiting)

    with serving(opened, settings.gateway_most_mb * 1_000_000, certificate, port) as found:
        yield found


def agency_of(home: Home, name: str) -> str:
    found = re.search(r'agency = "(.*)"', (home.folder / "edges" / name / "edge.toml").read_text(encoding="utf-8"))
    assert found
    return found[1]


def behind(home: Home, url: str) -> None:
    """Every connector of the installation reaches the hub through the gateway only, with its agency's key in a file."""
    keys = wiring.hub_keys(home.settings)
    for name in NAMES:
        folder = home.folder / "edges" / name
        text = (folder / "edge.toml").read_text(encoding="utf-8")
        text = re.sub(r'^log = ".*"$', f'log = "{url}"', text, flags=re.MULTILINE)
        (folder / "edge.toml").write_text(text + 'log_password_file = "key"\n', encoding="utf-8")
        (folder / "key").write_text(key_of(keys, agency_of(home, name), 1), encoding="utf-8")


def run_all(home: Home) -> None:
    for name in NAMES:
        edge = wiring.open_edge(home.settings, name)
        with closing(wiring.edge_log(home.settings, edge)) as log:
            connectors_run.run(edge, log, wiring.system_of(home.settings))


@pytest.mark.slow
def test_over_https_the_same_facts_arrive(model: Model, tmp_path: Path) -> None:
    """Two steps through the gateway, with TLS and its own authority, end with the embedded run's facts."""
    authority = Authority("county")
    authority.write(tmp_path / "ca.pem")
    authority.issue("hub", tmp_path / "hub.pem")
    home = model.twin(tmp_path / "home")
    with gateway(home, tmp_path / "hub.pem") as port:
        behind(home, f"https://127.0.0.1:{port}?ca={tmp_path}/ca.pem")
        for _ in range(2):
            home.grow()
            run_all(home)
            home.drain()
            home.tick()
            run_all(home)
        ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)


@pytest.mark.slow
def test_a_gateway_that_dies_loses_and_doubles_nothing(model: Model, tmp_path: Path) -> None:
    """Stopped between runs and started again on its port, with answers lost on the way, each frame is there once."""
    home = model.twin(tmp_path / "home")
    home.grow()
    with gateway(home) as port:
        behind(home, f"http://127.0.0.1:{port}")
        asked = HttpLog._asked

        def loses_answers(log: HttpLog, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
            answer = asked(log, method, path, body)
            if method == "POST":
                raise AppendUncertain("HUB-L501", topic="x", partition=0)
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(HttpLog, "_asked", loses_answers)
            with pytest.raises(AppendUncertain):
                run_all(home)
    with pytest.raises(Unreachable):
        run_all(home)
    with gateway(home, port=port):
        run_all(home)
    home.drain()
    assert home.facts("agency/")
    with closing(wiring.open_intake_store(home.settings)) as store:
        for agency in store.agencies():
            counts = store.state(agency).counts
            assert counts["sent"] == counts["appended"] + counts.get("refused", 0)


@pytest.mark.slow
def test_who_may_do_what_at_the_gateway(model: Model, tmp_path: Path) -> None:
    """Without a key, with another agency's, an old one, for a stranger, or with no packet: refused with a code."""
    home = model.twin(tmp_path / "home")
    keys = wiring.hub_keys(home.settings)
    agency = agency_of(home, NAMES[0])
    good, other = key_of(keys, agency, 2), key_of(keys, "other", 2)
    stranger = pack_packet(Packet("frames", agency, "stranger", 1, 1, 1, ""), [Record(b"", b"", b"x")])
    with gateway(home, gateway_oldest_key=2, gateway_most_mb=1) as port:

        def ask(key: str, path: str = f"ingress/{agency}", body: bytes | None = None) -> tuple[int, str]:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/{path}", body)
            if key:
                request.add_header("Authorization", f"Bearer {key}")
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.status, ""
            except urllib.error.HTTPError as error:
                return error.code, json.loads(error.read()).get("code", "")

        frames = f"ingress/{agency}/frames"
        assert ask(good) == (200, "")
        assert ask("") == (401, "HUB-I601")
        assert ask(good[:-1] + ("A" if good[-1] != "A" else "B")) == (401, "HUB-I601")
        assert ask(key_of(keys, agency, 1)) == (401, "HUB-I601")
        assert ask(other) == (403, "HUB-I602")
        assert ask(good, frames, b"no packet") == (400, "HUB-I360")
        assert ask(good, frames, stranger) == (400, "HUB-I362")
        assert ask(good, frames, bytes(1_000_001)) == (413, "HUB-I366")
        assert ask(good, f"outcomes/{agency}?from=x") == (400, "HUB-I365")
        assert ask(good, f"outcomes/{agency}?from=0") == (204, "")
        log = HttpLog(f"http://127.0.0.1:{port}", agency, "wrong")
        with pytest.raises(NotPermitted, match="HUB-L602"):
            log.identity()


@pytest.mark.slow
def test_pressure_and_gaps_are_told(model: Model, tmp_path: Path) -> None:
    """While intake is behind, an agency is told when to come again; frames before their turn name what is missing."""
    home = model.twin(tmp_path / "home")
    home.grow()
    with gateway(home, gateway_waiting=1) as port:
        behind(home, f"http://127.0.0.1:{port}")
        with pytest.raises(Unreachable) as caught:
            run_all(home)
        assert (caught.value.code, caught.value.place["status"]) == ("HUB-L505", 429)
        assert int(caught.value.place["seconds"]) > 0


@pytest.mark.slow
def test_frames_before_their_turn_name_what_is_missing(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub that lacks earlier frames says which, takes them, then those after them, and each of them once."""
    monkeypatch.setattr("connectors.frames.seal.EVENTS", 10)
    home, name = model.twin(tmp_path / "home"), NAMES[0]
    home.grow()
    home.feed([name])
    edge = wiring.open_edge(home.settings, name)
    with closing(wiring.open_log(home.settings.database("log"), make=False)) as log:
        records = log.read(edge.ingress, 0, 0, 100)
    assert len(records) > 4
    lost = model.twin(tmp_path / "lost")
    with gateway(lost) as port:
        key = key_of(wiring.hub_keys(lost.settings), edge.spec.agency, 1)
        http = HttpLog(f"http://127.0.0.1:{port}", edge.spec.agency, key)
        with pytest.raises(IntegrityError) as caught:
            http.append(edge.ingress, 0, records[2:])
        assert (caught.value.code, caught.value.place) == ("HUB-L406", {"first": 1, "last": 2})
        for some in (records[:2], records[2:], records):
            http.append(edge.ingress, 0, some)
        with closing(wiring.open_log(lost.settings.database("log"), make=False)) as log:
            assert log.read(edge.ingress, 0, 0, 100) == records


def test_the_edge_never_sends_its_key_in_clear_or_elsewhere(tmp_path: Path) -> None:
    """A URL in clear to another machine, with a user, or with a bad authority is refused before anything is sent."""
    for url in ("http://hub.example/", "https://user:x@hub/", "ftp://hub/", "https://hub/?x=1"):
        with pytest.raises(DataError, match="HUB-L106"):
            HttpLog(url, "a", "k")
    with pytest.raises(DataError, match="HUB-L112"):
        HttpLog(f"https://hub/?ca={tmp_path}/none.pem", "a", "k")


def test_the_word_makes_keys_and_refuses_to_answer_others_in_clear(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`hub agency key` prints the key of an epoch that is good; `hub gateway` wants a certificate to be reached."""
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", iso(20_000))
    run(["init", "--home", str(tmp_path)])
    capsys.readouterr()
    assert run(["agency", "key", "hospital", "--home", str(tmp_path)]) == 0
    first = capsys.readouterr().out.strip()
    assert first.startswith("hospital.1.")
    assert run(["agency", "key", "hospital", "--epoch", "2", "--home", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip() != first
    assert run(["gateway", "--set", "gateway.host=0.0.0.0", "--home", str(tmp_path)]) == 3
    assert "HUB-G210" in capsys.readouterr().err
