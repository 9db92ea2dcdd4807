"""The ingress gateway over HTTP(S), by aiohttp. Requests are handed to one thread, which has the log.

What a request holds is never logged, nor its address.
"""

import asyncio
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp import web

from hub.api.ingress import Ingress, Reply, refusal
from hub.core.errors import DataError, HubError

QUEUE: Final = 32
"""Requests that may wait for the thread; the next one is told to come again."""

Explain = Callable[[HubError], dict[str, object]]
_OPENED: Final = web.AppKey("opened", Ingress)


class Gateway:
    """Serves until asked to stop. `open_ingress` is called in the thread that then does all the work."""

    def __init__(self, open_ingress: Callable[[], Ingress], explain: Explain, most_bytes: int) -> None:
        self._open, self._explain, self._most = open_ingress, explain, most_bytes
        self._thread = ThreadPoolExecutor(1, "ingress")
        self._busy = 0
        self.port = 0

    def serve(
        self, host: str, port: int, context: ssl.SSLContext | None, stop: threading.Event, ready: Callable[[], None]
    ) -> None:
        """Serve on a port (0 takes any) until `stop`; `ready` is called when `port` is known. Raises HUB-G138."""
        try:
            asyncio.run(self._serve(host, port, context, stop, ready))
        finally:
            self._thread.shutdown()

    async def _serve(
        self, host: str, port: int, context: ssl.SSLContext | None, stop: threading.Event, ready: Callable[[], None]
    ) -> None:
        app = web.Application(client_max_size=self._most)
        app[_OPENED] = await asyncio.get_running_loop().run_in_executor(self._thread, self._open)
        app.router.add_get("/health/live", self._live)
        app.router.add_post("/v1/ingress/{agency}/frames", self._frames)
        app.router.add_get("/v1/ingress/{agency}", self._state)
        app.router.add_get("/v1/outcomes/{agency}", self._outcomes)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=10)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port, ssl_context=context)
            try:
                await site.start()
            except OSError:
                raise DataError("HUB-G138", host=host, port=port) from None
            self.port = runner.addresses[0][1]
            ready()
            while not stop.is_set():
                await asyncio.sleep(0.1)
        finally:
            await runner.cleanup()

    async def _live(self, request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def _frames(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return web.json_response({"limit": self._most}, status=413)
        return await self._done(request, lambda ingress, agency: ingress.take(agency, body))

    async def _state(self, request: web.Request) -> web.Response:
        return await self._done(request, lambda ingress, agency: ingress.state(agency))

    async def _outcomes(self, request: web.Request) -> web.Response:
        begin = request.query.get("from", "0")
        return await self._done(request, lambda ingress, agency: ingress.outcomes(agency, begin))

    async def _done(self, request: web.Request, work: Callable[[Ingress, str], Reply]) -> web.Response:
        """Permit, work, answer; in the thread that has the log."""
        if self._busy >= QUEUE:
            return _response(Reply(429, {"waiting": self._busy, "limit": QUEUE}, retry_after=2))
        ingress, agency = request.app[_OPENED], request.match_info["agency"]
        authorization = request.headers.get("Authorization", "")

        def do() -> Reply:
            try:
                ingress.permit(authorization, agency)
                return work(ingress, agency)
            except HubError as error:
                return refusal(error, self._explain(error))

        self._busy += 1
        try:
            return _response(await asyncio.get_running_loop().run_in_executor(self._thread, do))
        finally:
            self._busy -= 1


def _response(reply: Reply) -> web.Response:
    headers: dict[str, Any] = {"Cache-Control": "no-store"}
    if reply.retry_after:
        headers["Retry-After"] = str(reply.retry_after)
    if reply.body or reply.status == 204:
        return web.Response(
            status=reply.status, body=reply.body, headers=headers, content_type="application/octet-stream"
        )
    return web.json_response(reply.document, status=reply.status, headers=headers)
