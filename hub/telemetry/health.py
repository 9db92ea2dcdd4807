"""Health, readiness and metrics over HTTP, for this machine only unless the settings say otherwise.

`/health/live` answers as long as the process does; `/health/ready` says why the hub is not doing its work, if so, and
of what somebody should know though it is; `/metrics` is for Prometheus. Other pages are given by who makes the
server. Nothing is taken, no request is logged.
"""

import json
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from hub.core.errors import DataError, HubError

Reasons = Callable[[], Sequence[HubError]]
Explain = Callable[[HubError], dict[str, object]]
Pages = Callable[[str, str], tuple[int, str, bytes] | None]
"""From method and path to status, content type and body; None for a path that it does not know."""


class Health:
    """The HTTP server, in a thread of its own.

    `reasons()` is asked at each call of `/health/ready`: errors that keep the hub from its work, none when it is ready.
    `notices()` is asked as well and makes nobody less ready. `explain` turns one into JSON, `pages` answers all other
    paths. All must be quick and safe to call from another thread.
    """

    def __init__(
        self, host: str, port: int, reasons: Reasons, explain: Explain, metrics: Callable[[], bytes], pages: Pages,
        notices: Reasons = tuple,
    ) -> None:  # fmt: skip
        """Bind the port; 0 takes any. Raises DataError HUB-G138 when it is taken or may not be bound."""
        bound = {"reasons": (reasons,), "explain": (explain,), "metrics": (metrics,), "pages": (pages,)}
        bound |= {"notices": (notices,)}
        handler = type("_Bound", (_Handler,), bound)
        try:
            self._server = ThreadingHTTPServer((host, port), handler)
        except (OSError, OverflowError):
            raise DataError("HUB-G138", host=host, port=port) from None
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="health", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    timeout = 5  # seconds; a caller who says nothing holds no thread for longer
    server_version = "hub"
    sys_version = ""
    reasons: tuple[Reasons]  # in tuples, so that they do not become methods
    notices: tuple[Reasons]
    explain: tuple[Explain]
    metrics: tuple[Callable[[], bytes]]
    pages: tuple[Pages]

    def do_GET(self) -> None:
        """Answer one of the three paths, or another page."""
        if self.path == "/health/live":
            self._json(200, {"live": True})
        elif self.path == "/health/ready":
            self._ready()
        elif self.path == "/metrics":
            self._send(200, "text/plain; version=0.0.4; charset=utf-8", self.metrics[0]())
        else:
            self._page()

    def do_POST(self) -> None:
        """Refuse to take anything, in the way of the page that was meant."""
        self._page()

    do_PUT = do_DELETE = do_HEAD = do_POST

    def _page(self) -> None:
        found = self.pages[0](self.command, self.path)
        if found is not None:
            self._send(*found)
        elif self.command == "GET":
            self._json(404, {"paths": ["/health/live", "/health/ready", "/metrics", "/registry"]})
        else:
            self._json(405, {"methods": ["GET"]})

    def _ready(self) -> None:
        try:
            reasons, notices = (
                [self.explain[0](error) for error in ask()] for ask in (self.reasons[0], self.notices[0])
            )
        except Exception as bug:  # noqa: BLE001 - whoever asks for health gets an answer, and no message (law 9)
            reasons, notices = [{"code": "HUB-G001", "where": {"type": type(bug).__name__}}], []
        self._json(503 if reasons else 200, {"ready": not reasons, "reasons": reasons, "notices": notices})

    def _json(self, status: int, document: object) -> None:
        self._send(status, "application/json; charset=utf-8", json.dumps(document, ensure_ascii=False).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: a URL is what somebody typed (law 9)."""
