import json
import socket
import urllib.error
import urllib.request
from collections.abc import Sequence

import pytest

from hub.core.errors import DataError, HubError, Unreachable
from hub.telemetry.health import Health


def explain(error: HubError) -> dict[str, object]:
    """As a real one would, with the code only."""
    return {"code": error.code}


def health(reasons: Sequence[HubError] = (), notices: Sequence[HubError] = ()) -> Health:
    """A server on any port."""
    metrics = b"hub_rows_total 1.0\n"
    return Health("127.0.0.1", 0, lambda: reasons, explain, lambda: metrics, lambda *_: None, lambda: notices)


def get(server: Health, path: str) -> tuple[int, str]:
    """Status and body."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read().decode()


def test_a_live_process_says_so_and_shows_its_metrics(capfd: pytest.CaptureFixture[str]) -> None:
    """Live and metrics answer as long as the process does, and no request is logged."""
    with health([Unreachable("HUB-L502")]) as server:
        assert get(server, "/health/live") == (200, '{"live": true}')
        assert get(server, "/metrics") == (200, "hub_rows_total 1.0\n")
        assert get(server, "/190102199001011234")[0] == 404
    assert capfd.readouterr() == ("", "")


def test_readiness_gives_its_reasons() -> None:
    """Ready is 200; anything that keeps the hub from its work is 503, with every reason."""
    with health() as server:
        assert get(server, "/health/ready") == (200, '{"ready": true, "reasons": [], "notices": []}')
    with health([Unreachable("HUB-L502"), DataError("HUB-G130")]) as server:
        status, body = get(server, "/health/ready")
    assert status == 503
    found = {"ready": False, "reasons": [{"code": "HUB-L502"}, {"code": "HUB-G130"}], "notices": []}
    assert json.loads(body) == found


def test_a_notice_is_told_and_makes_nobody_less_ready() -> None:
    """A connector that is late is named under `/health/ready`, which stays 200: the hub does all of its own work."""
    with health(notices=[DataError("HUB-I380")]) as server:
        status, body = get(server, "/health/ready")
    assert (status, json.loads(body)) == (200, {"ready": True, "reasons": [], "notices": [{"code": "HUB-I380"}]})


def test_a_bug_in_readiness_is_a_reason_without_its_message() -> None:
    """Whoever asks for health gets an answer, and never an exception's message (law 9)."""

    def broken() -> Sequence[HubError]:
        raise ValueError("190102199001011234")

    with Health("127.0.0.1", 0, broken, explain, bytes, lambda *_: None) as server:
        status, body = get(server, "/health/ready")
    assert status == 503
    assert "ValueError" in body
    assert "1901" not in body


def test_a_taken_port_is_told_and_a_left_one_is_free() -> None:
    """A second server on the port is refused with exit 3; when the first has gone the port can be bound again."""
    with health() as server:
        port = server.port
        with pytest.raises(DataError, match="HUB-G138"):
            Health("127.0.0.1", port, list, explain, bytes, lambda *_: None)
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
