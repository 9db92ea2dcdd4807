"""What the gateway answers when it does not take something, and what the edge makes of an answer that is not ours."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from hub.adapters.http.log import HttpLog
from hub.api import server
from hub.api.ingress import Ingress
from hub.core.errors import AppendUncertain, DataError, IntegrityError, NotPermitted, Unreachable
from hub.core.packet import ANSWERS, Packet, pack_packet
from hub.core.record import Record
from tests.carriers.rig import INGRESS, OUTCOMES, client, gateway, key, packed, record_of, standing
from tests.intake.build import AGENCY, Edge, Installation, Say

VISIT = Say("health.DischargeAssessed", ("zhang",))
FRAMES = f"/v1/ingress/{AGENCY}/frames"


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    """An installation of intake over a log in memory."""
    return Installation(tmp_path)


def ask(
    port: int, path: str, secret: str, body: bytes | None = None, method: str | None = None
) -> tuple[int, Any, str]:
    """Status, document and Retry-After of an answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, method=method)
    request.add_header("Authorization", f"Bearer {secret}")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.loads(answer.read()), ""
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()), error.headers.get("Retry-After", "")


def test_every_refusal_has_a_code_with_both_languages(home: Installation) -> None:
    """413, 409, 429, 404, 405, 401 and 400 carry a code, where, and why and the fix in Chinese and English."""
    edge = Edge(home, "clinic")
    frames = [edge.frame(VISIT) for _ in range(4)]
    with gateway(home, most_bytes=20_000, waiting=1) as port:
        good = key(home)
        assert ask(port, FRAMES, good, pack_packet(*packed(*frames[:2])))[0] == 200
        busy = ask(port, FRAMES, good, pack_packet(*packed(*frames[2:])))
        home.drain()
        cases = (
            (busy, 429, "HUB-I368", {"waiting": 2, "limit": 1}),
            (ask(port, FRAMES, good, bytes(20_001)), 413, "HUB-I366", {"limit": 20_000}),
            (ask(port, FRAMES, good, pack_packet(*packed(frames[3]))), 409, "HUB-I367", {"first": 3, "last": 3}),
            (ask(port, "/v1/nothing", good), 404, "HUB-I369", {"status": 404}),
            (ask(port, FRAMES, good, method="PUT"), 405, "HUB-I369", {"status": 405}),
            (ask(port, FRAMES, "none", b""), 401, "HUB-I601", {}),
            (ask(port, FRAMES, good, b"no packet"), 400, "HUB-I360", {}),
        )
    for (status, told, again), wanted, code, where in cases:
        assert (status, told["code"], again != "") == (wanted, code, wanted == 429)
        assert where.items() <= told["where"].items()
        assert all(told[language][part] for language in ("zh", "en") for part in ("why", "fix"))
        assert told["zh"] != told["en"]
        assert "-" not in told["en"]["why"].split(), "a place was not named"


def spoken(port: int, head: str) -> int:
    """The status that the gateway answers to a head whose body never comes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(f"POST {FRAMES} HTTP/1.1\r\nHost: hub\r\n{head}\r\n\r\n".encode())
        return int(line.makefile("rb").readline().split()[1])


def test_a_body_is_read_only_for_who_has_the_key(home: Installation) -> None:
    """A wrong key, or a size above the limit, is answered before a byte of the body came."""
    with gateway(home, most_bytes=1_000) as port:
        assert spoken(port, "Content-Length: 900\r\nAuthorization: Bearer wrong") == 401
        assert spoken(port, f"Content-Length: 1001\r\nAuthorization: Bearer {key(home)}") == 413


def test_who_reads_the_body_first_would_wait_for_it(home: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutant: a gateway that asks for the key after the body lets anybody fill it, which the law above accuses."""
    monkeypatch.setattr(Ingress, "permit", lambda *_: None)
    with gateway(home, most_bytes=1_000) as port, socket.create_connection(("127.0.0.1", port), timeout=0.5) as line:
        line.sendall(f"POST {FRAMES} HTTP/1.1\r\nHost: hub\r\nContent-Length: 900\r\n\r\n".encode())
        with pytest.raises(TimeoutError):
            line.recv(1)


@contextmanager
def stalled(port: int, secret: str, many: int) -> Iterator[list[socket.socket]]:
    """So many requests with a good key whose bodies stop coming."""
    head = f"POST {FRAMES} HTTP/1.1\r\nHost: hub\r\nContent-Length: 900\r\nAuthorization: Bearer {secret}\r\n\r\n"
    lines = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(many)]
    try:
        for line in lines:
            line.sendall(head.encode() + b"x")
        yield lines
    finally:
        for line in lines:
            line.close()


def statuses(port: int, path: str, secret: str, until: int) -> set[int]:
    """What is answered again and again, until it is `until`, for ten seconds at most."""
    found: set[int] = set()
    ends = time.monotonic() + 10
    while until not in found and time.monotonic() < ends:
        found.add(ask(port, path, secret)[0])
    return found


def test_an_agency_whose_requests_hang_leaves_room_for_the_others(home: Installation) -> None:
    """However many bodies of one agency stop coming, another is answered, and only the one is told to come again."""
    with gateway(home) as port, stalled(port, key(home), server.QUEUE):
        assert 429 in statuses(port, f"/v1/ingress/{AGENCY}", key(home), 429)
        assert statuses(port, "/v1/ingress/other", key(home, "other"), 200) == {200}


def test_a_body_that_stops_coming_is_not_waited_for(home: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that was lost amid a body gives its turn back after a while, with 503 for whoever is still there."""
    monkeypatch.setattr(server, "SILENT", 0.3)
    with gateway(home) as port, stalled(port, key(home), 1) as [line]:
        told = line.recv(100_000)
        assert told.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After" in told
        assert b"HUB-P540" in told or b"HUB-P540" in line.recv(100_000)


@pytest.mark.parametrize("wrong", ["x.1.\xff", "\xff.1.x", "\xff", f"{AGENCY}.\xb2.x"])
def test_a_key_of_any_bytes_is_no_key(home: Installation, wrong: str) -> None:
    """What nobody can have as a key is refused as one, not as a bug of the gateway."""
    with gateway(home) as port, socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        head = f"GET /v1/ingress/{AGENCY} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {wrong}\r\n\r\n"
        line.sendall(head.encode("latin-1"))
        assert line.makefile("rb").readline().split()[1] == b"401"


@pytest.mark.parametrize("landing", [slice(0, 4), slice(0, 2), slice(2, 4), slice(0, 0)])
def test_an_append_that_the_hub_is_not_sure_of_is_503_and_again_is_harmless(home: Installation, landing: slice) -> None:
    """Whatever landed, the agency is told when to come again, its log says uncertain, a retry ends with all once."""
    edge = Edge(home, "clinic")
    frames = [edge.frame(VISIT) for _ in range(4)]
    with gateway(home) as port:
        home.log.fault = lambda topic, records: records[landing] if topic == INGRESS else None
        status, told, again = ask(port, FRAMES, key(home), pack_packet(*packed(*frames)))
        assert (status, told["code"]) == (503, "HUB-L501")
        assert int(again) > 0
        if len(standing(home)) < len(frames):
            with pytest.raises(AppendUncertain, match="HUB-L505"):
                client(home, port).append(INGRESS, 0, [record_of(raw) for raw in frames])
        home.log.fault = lambda topic, records: None
        for _ in range(2):
            client(home, port).append(INGRESS, 0, [record_of(raw) for raw in frames])
    home.drain()
    assert [outcome.frame for outcome in home.outcomes()] == [1, 2, 3, 4]


def test_a_bug_is_answered_and_logged_without_what_it_says(
    home: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody expected is 500 with a code; its message, which may hold anything, is in no answer."""

    def broken(*_: object) -> None:
        raise ValueError("110101190001011234")

    monkeypatch.setattr(Ingress, "state", broken)
    with gateway(home) as port:
        status, told, _ = ask(port, f"/v1/ingress/{AGENCY}", key(home))
    assert (status, told["code"]) == (500, "HUB-G001")
    assert "110101190001011234" not in json.dumps(told)
    assert "110101190001011234" not in caplog.messages


@contextmanager
def foreign(status: int, body: bytes, seen: list[str] | None = None) -> Iterator[int]:
    """A server that is no gateway: whatever is asked, it answers this."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if seen is not None:
                seen.append(f"{self.path} {self.headers}")
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)


def asked(home: Installation, log: HttpLog) -> dict[str, BaseException | None]:
    """What each question ends with."""
    record = record_of(Edge(home, "clinic").frame(VISIT))
    questions: dict[str, Any] = {
        "identity": log.identity,
        "bounds": lambda: log.bounds(OUTCOMES, 0),
        "reached": lambda: log.reached("clinic"),
        "read": lambda: log.read(OUTCOMES, 0, 0, 10),
        "append": lambda: log.append(INGRESS, 0, [record]),
    }
    found: dict[str, BaseException | None] = {}
    for name, question in questions.items():
        try:
            question()
            found[name] = None
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told below
            found[name] = error
    return found


_DOCUMENTS: Sequence[object] = (
    *([], {}, 7, None, "log", {"log": 7}, {"log": {}, "outcomes": 3, "spools": [], "end": "x"}),
    *({"outcomes": [1]}, {"outcomes": ["a", "b"]}, {"spools": {"clinic": [1, 2, 3]}}, {"missing": [1, 2]}),
)


@pytest.mark.parametrize("body", [b"<html>Please log in</html>", b"", *(json.dumps(d).encode() for d in _DOCUMENTS)])
def test_an_answer_that_is_not_the_gateways_is_told_as_such(home: Installation, body: bytes) -> None:
    """A portal's page, foreign JSON or a key that lacks is HUB-L504, and never an error of Python."""
    with foreign(200, body) as port:
        ends = asked(home, client(home, port))
    for name, error in ends.items():
        if body == b'{"spools": {"clinic": [1, 2, 3]}}' or name != "reached":
            assert isinstance(error, Unreachable), (name, error)
            assert error.code == "HUB-L504", (name, error)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        *((302, DataError, "HUB-L114"), (404, DataError, "HUB-L114"), (407, DataError, "HUB-L114")),
        *((401, NotPermitted, "HUB-L602"), (413, DataError, "HUB-L113"), (409, Unreachable, "HUB-L504")),
        *((429, Unreachable, "HUB-L505"), (502, AppendUncertain, "HUB-L505"), (504, AppendUncertain, "HUB-L505")),
    ],
)
def test_each_status_means_one_thing(home: Installation, status: int, kind: type, code: str) -> None:
    """What somebody between the edge and the hub answers is no more than it is; after 5xx a send may have landed."""
    with foreign(status, b"not ours") as port:
        error = asked(home, client(home, port))["append"]
    assert type(error) is kind
    assert getattr(error, "code", "") == code


def test_answers_of_another_agency_or_offset_are_refused(home: Installation) -> None:
    """A packet that is whole and not what was asked for is taken for nothing."""
    for wrong in (Packet(ANSWERS, "other", "", 0, 0, 0, "x"), Packet(ANSWERS, AGENCY, "", 0, 1, 1, "x")):
        whole = pack_packet(wrong, [Record(b"", b"", b"")])
        with foreign(200, whole) as port, pytest.raises(IntegrityError, match="HUB-L401"):
            client(home, port).read(OUTCOMES, 0, 0, 10)


def test_in_clear_no_proxy_is_asked(home: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway on this machine is talked to directly: a proxy would read the key."""
    seen: list[str] = []
    with gateway(home) as port, foreign(200, b"{}", seen) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        assert client(home, port).identity() == home.log.identity()
    assert seen == []
