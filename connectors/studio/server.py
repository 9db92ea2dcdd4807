"""The page's server: this machine only, for whoever has the address, and for the page that it gave out itself.

The address has a token as its first part. A request is answered if token, Host and Origin are those of the page: then
neither another user of the machine, nor a page from elsewhere, nor a name that was made to point here can ask.
"""

import json
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from socketserver import TCPServer
from typing import Any, Final, Self

from hub.core.errors import DataError, HubError, NotPermitted

HOST: Final = "127.0.0.1"
"""There is no setting for another one."""

SAVE: Final = "save"
"""The work that writes."""

LARGEST: Final = 1 << 20
"""Bytes of a request."""

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_PAGE: Final = {
    "": ("index.html", "text/html"),
    "page.css": ("page.css", "text/css"),
    "page.js": ("page.js", "text/javascript"),
}

Work = Callable[[dict[str, Any]], dict[str, Any]]


class Studio:
    """The server, in a thread of its own. `works` answer by name; `explain` turns an error into JSON."""

    def __init__(
        self, port: int, works: Mapping[str, Work], explain: Callable[[HubError], dict[str, object]],
        bug: Callable[[Exception], HubError],
    ) -> None:  # fmt: skip
        """Bind a port, 0 takes any. Raises DataError HUB-C385 when it is taken or may not be bound."""
        self.token = secrets.token_urlsafe(32)
        bound = {"token": self.token, "works": (works,), "explain": (explain,), "bug": (bug,)}
        self._saving = threading.Lock()
        handler = type("_Bound", (_Handler,), {**bound, "turn": threading.Lock(), "saving": self._saving})
        try:
            self._server = _Server((HOST, port), handler)
        except (OSError, OverflowError):
            raise DataError("HUB-C385", port=port) from None
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="studio", daemon=True)

    @property
    def address(self) -> str:
        """What is opened in the browser."""
        return f"http://{HOST}:{self.port}/{self.token}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering and free the port; a save that has begun is ended first, and nothing else is waited for."""
        self._server.shutdown()
        self._saving.acquire()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name != "nt"  # there it would let another program share the port

    def server_bind(self) -> None:
        """Bind without asking for the machine's name: without a network the answer may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    timeout = 15  # seconds; a caller who says nothing holds no thread for longer
    server_version = "hub"
    sys_version = ""
    token: str
    turn: threading.Lock  # one work at a time
    saving: threading.Lock
    works: tuple[Mapping[str, Work]]  # in tuples, so that they do not become methods
    explain: tuple[Callable[[HubError], dict[str, object]]]
    bug: tuple[Callable[[Exception], HubError]]

    def do_GET(self) -> None:
        """Give out the page."""
        found = _PAGE.get(self._asked())
        if not self._permitted():
            self._refuse(403, NotPermitted("HUB-C381"))
        elif found is None:
            self._refuse(404, DataError("HUB-C382", part="path"))
        else:
            name, kind = found
            body = resources.files("connectors.studio").joinpath("page", name).read_bytes()
            self._send(200, f"{kind}; charset=utf-8", body)

    def do_POST(self) -> None:
        """Do one work and answer in JSON."""
        if not self._permitted():
            self._refuse(403, NotPermitted("HUB-C381"))
            return
        name = self._asked().removeprefix("api/")
        work = self.works[0].get(name)
        asked = self._body()
        if work is None or asked is None:
            self._refuse(400, DataError("HUB-C382", part="path" if work is None else "body"))
            return
        try:
            with self.turn, self.saving if name == SAVE else nullcontext():
                told = work(asked)
        except HubError as error:
            self._refuse(422, error)
        except Exception as bug:  # noqa: BLE001 - the last door: no message of it may be shown (law 9)
            self._refuse(500, self.bug[0](bug))
        else:
            self._json(200, told)

    def _asked(self) -> str:
        """The path behind the token."""
        return self.path.partition("?")[0].removeprefix("/").partition("/")[2]

    def _permitted(self) -> bool:
        assert isinstance(self.server, ThreadingHTTPServer)
        host, origin = f"{HOST}:{self.server.server_port}", self.headers.get("Origin")
        token = self.path.removeprefix("/").partition("/")[0]
        return (
            secrets.compare_digest(token.encode(), self.token.encode())
            and self.headers.get_all("Host") == [host]
            and (origin is None or origin == f"http://{host}")
            and self.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")
        )

    def _body(self) -> dict[str, Any] | None:
        """The JSON object that was sent; its type cannot be sent from elsewhere without being asked for first."""
        size = self.headers.get("Content-Length", "")
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip()
        if not size.isascii() or not size.isdigit():
            return None
        sent = self.rfile.read(min(int(size), 2 * LARGEST))  # refused or not: who is still sending hears no answer
        if kind != "application/json" or int(size) > LARGEST:
            return None
        try:
            asked = json.loads(sent)
        except ValueError:
            return None
        return asked if isinstance(asked, dict) else None

    def _refuse(self, status: int, error: HubError) -> None:
        self._json(status, {"error": self.explain[0](error)})

    def _json(self, status: int, document: object) -> None:
        body = json.dumps(document, ensure_ascii=False).encode()
        self._send(status, "application/json; charset=utf-8", body)

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no request that we know, told as everything else."""
        self._refuse(code, DataError("HUB-C382", part="request"))

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: their address has the token."""
