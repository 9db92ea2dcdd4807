"""An agency's way out: through the building's proxy, to who the agency's own authority or the system vouches for."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.core.errors import DataError, Unreachable
from tests.carriers.rig import INGRESS, client, gateway, record_of, standing
from tests.intake.build import Edge, Installation, Say
from tests.kafka.secured import Authority

VISIT = Say("health.DischargeAssessed", ("zhang",))


class Proxy:
    """A proxy that knows CONNECT and nothing else, as those of agencies do; it keeps what passes through."""

    def __init__(self, refuses: bool = False) -> None:
        self._refuses = refuses
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.asked: list[str] = []
        self.passed = bytearray()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                inside, _ = self._server.accept()
            except OSError:  # closed: the test is over
                return
            threading.Thread(target=self._serve, args=(inside,), daemon=True).start()

    def _serve(self, inside: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += inside.recv(4096)
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        self.asked.append(f"{method} {target}")
        if self._refuses:
            inside.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            inside.close()
            return
        host, port = target.split(":")
        with inside, socket.create_connection((host, int(port))) as outside:
            inside.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            while True:
                for end in select.select([inside, outside], [], [])[0]:
                    try:
                        piece = end.recv(65536)
                    except ConnectionResetError:
                        return
                    if not piece:
                        return
                    self.passed += piece
                    (outside if end is inside else inside).sendall(piece)

    def close(self) -> None:
        self._server.close()


@contextmanager
def proxied(monkeypatch: pytest.MonkeyPatch, refuses: bool = False) -> Iterator[Proxy]:
    proxy = Proxy(refuses)
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    try:
        yield proxy
    finally:
        proxy.close()


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, Path]:
    """The hub's certificate with its key, and the county's authority that issued it."""
    authority = Authority("county")
    authority.write(tmp_path / "ca.pem")
    authority.issue("hub", tmp_path / "hub.pem")
    return tmp_path / "hub.pem", tmp_path / "ca.pem"


def test_frames_pass_a_proxy_that_sees_nothing_of_them(
    tmp_path: Path, certified: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames arrive through CONNECT; neither the key nor a frame can be read on the way."""
    home = Installation(tmp_path / "home")
    raw = Edge(home, "clinic").frame(VISIT)
    with gateway(home, certificate=certified[0]) as port, proxied(monkeypatch) as proxy:
        log = client(home, port, f"?ca={certified[1]}", "https")
        log.append(INGRESS, 0, [record_of(raw)])
        assert standing(home) == [raw]
        assert set(proxy.asked) == {f"CONNECT 127.0.0.1:{port}"}
        assert b"/v1/ingress/" not in proxy.passed
        assert raw[:40] not in proxy.passed


def test_a_proxy_that_refuses_is_told_as_such(
    tmp_path: Path, certified: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the building lets nothing out it is HUB-L504, to be tried again, and nothing goes past the proxy."""
    home = Installation(tmp_path / "home")
    with gateway(home, certificate=certified[0]) as port, proxied(monkeypatch, refuses=True) as proxy:
        with pytest.raises(Unreachable, match="HUB-L504"):
            client(home, port, f"?ca={certified[1]}", "https").identity()
        assert proxy.asked == [f"CONNECT 127.0.0.1:{port}"]


def test_trusted_is_whom_the_system_trusts(
    tmp_path: Path, certified: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An authority in the system's store needs no `ca`; one that is in neither is refused before anything is sent."""
    home = Installation(tmp_path / "home")
    with gateway(home, certificate=certified[0]) as port:
        with pytest.raises(DataError, match="HUB-H314"):
            client(home, port, "", "https").identity()
        monkeypatch.setenv("SSL_CERT_FILE", str(certified[1]))
        assert client(home, port, "", "https").identity() == home.log.identity()
