"""The ingress gateway over HTTP(S), by aiohttp. Requests are handed to one thread, which has the log.

What a request holds is never logged, nor its address.
"""

import asyncio
import logging
import ssl
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp import web

from hub.api.ingress import Ingress, Reply, refusal
from hub.core.errors import DataError, HubError, Unreachable

QUEUE: Final = 32
"""Requests that may wait for the thread; the next one is told to come again."""
SHARE: Final = 16
"""How many of them may be of one agency, so that its lost connections leave room for the others."""
SILENT: Final = 60.0
"""Seconds after which a body that stopped coming is no longer waited for: as long as an edge waits for us."""

Work = Callable[[Ingress, str, bytes], Reply]
_logger = logging.getLogger(__name__)
_OPENED: Final = web.AppKey("opened", Ingress)


class Gateway:
    """Serves until asked to stop. `open_ingress` is called in the thread that then does all the work."""

    def __init__(self, open_ingress: Callable[[], Ingress], most_bytes: int) -> None:
        self._open, self._most = open_ingress, most_bytes
        self._thread = ThreadPoolExecutor(1, "ingress")
        self._busy: Counter[str] = Counter()  # requests under way, by agency
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
        app = web.Application(client_max_size=self._most, middlewares=[_coded])
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
        return await self._done(request, lambda ingress, agency, body: ingress.take(agency, body))

    async def _state(self, request: web.Request) -> web.Response:
        return await self._done(request, lambda ingress, agency, _: ingress.state(agency))

    async def _outcomes(self, request: web.Request) -> web.Response:
        begin = request.query.get("from", "0")
        return await self._done(request, lambda ingress, agency, _: ingress.outcomes(agency, begin))

    async def _done(self, request: web.Request, work: Work) -> web.Response:
        """Permit, read, work, answer; what is read of a body is read only for who has the agency's key."""
        ingress, agency = request.app[_OPENED], request.match_info["agency"]
        authorization = request.headers.get("Authorization", "")
        run = asyncio.get_running_loop().run_in_executor
        self._enter("", QUEUE)
        try:
            await run(self._thread, ingress.permit, authorization, agency)
            self._enter(agency, SHARE)
            try:
                body = await self._body(request)
                return _response(await run(self._thread, work, ingress, agency, body))
            finally:
                self._leave(agency)
        finally:
            self._leave("")

    def _enter(self, whose: str, limit: int) -> None:
        """Count a request; "" counts those of all. Raises DataError HUB-I368 where there are too many."""
        if self._busy[whose] >= limit:
            raise DataError("HUB-I368", waiting=self._busy[whose], limit=limit)
        self._busy[whose] += 1

    def _leave(self, whose: str) -> None:
        self._busy[whose] -= 1

    async def _body(self, request: web.Request) -> bytes:
        """What was sent. Raises DataError HUB-I366 for too much, Unreachable HUB-P540 where it stops coming."""
        if (request.content_length or 0) > self._most:
            raise DataError("HUB-I366", limit=self._most)
        body = bytearray()
        try:
            while piece := await asyncio.wait_for(request.content.readany(), SILENT):
                body += piece
                if len(body) > self._most:
                    raise DataError("HUB-I366", limit=self._most)
        except TimeoutError:
            raise Unreachable("HUB-P540", seconds=int(SILENT)) from None
        return bytes(body)


@web.middleware
async def _coded(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Whatever goes wrong is answered with a code; no message of a library is shown or logged (law 9)."""
    try:
        return await handler(request)
    except HubError as error:
        return _response(refusal(error))
    except web.HTTPException as error:
        return _response(refusal(DataError("HUB-I369", status=error.status)))
    except ConnectionError:
        raise  # whoever asked went away
    except Exception as bug:
        _logger.error("a request failed", exc_info=bug)
        return _response(refusal(HubError("HUB-G001", type=type(bug).__name__, at=__name__)))


def _response(reply: Reply) -> web.Response:
    headers: dict[str, Any] = {"Cache-Control": "no-store"}
    if reply.retry_after:
        headers["Retry-After"] = str(reply.retry_after)
    if reply.body or reply.status == 204:
        return web.Response(
            status=reply.status, body=reply.body, headers=headers, content_type="application/octet-stream"
        )
    return web.json_response(reply.document, status=reply.status, headers=headers)
