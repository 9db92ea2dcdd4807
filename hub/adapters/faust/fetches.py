"""One Faust agent per topic hands whole fetches to the taker; nothing else is done here.

Everything of the taker runs in one thread of its own, where its databases were opened; the event loop only fetches.
Whatever it raises ends the process: whoever supervises it starts it again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiokafka.errors import GroupAuthorizationFailedError, IllegalStateError
from faust.types import TP

from hub.adapters.faust.consumer import UNCHANGED, App, make_app
from hub.adapters.kafka import errors
from hub.adapters.kafka.address import parse
from hub.adapters.kafka.fetched import Fetched, decoded
from hub.adapters.kafka.rights import WORKERS
from hub.core.errors import HubError, NotPermitted, Unreachable
from hub.ports.fetches import Taker

LOOK_SECONDS: Final = 0.1
REST_SECONDS: Final = 1.0
STOP_SECONDS: Final = 15.0


class FaustFetches:
    """The `Fetches` port over `kafka://host:port[,host:port][/prefix]`; all processes of one log are one group.

    `fetch` is how many records are handed over at once, at most; a process that is silent for `session` seconds loses
    its partitions. Raises DataError HUB-L106 for a URL that is none.
    """

    def __init__(self, url: str, fetch: int, session: int) -> None:
        self._address, self._fetch, self._session = parse(url), fetch, session

    def run(self, open: Callable[[], Taker], stopping: Callable[[], bool]) -> None:
        """Serve until told to stop."""
        with ThreadPoolExecutor(1, "taker") as thread:
            taker = thread.submit(open).result()
            try:
                asyncio.run(self._serve(thread, taker, stopping))
            finally:
                thread.submit(taker.close).result()

    async def _serve(self, thread: ThreadPoolExecutor, taker: Taker, stopping: Callable[[], bool]) -> None:
        hand = _Hand(thread, taker, self._address.prefix, self._fetch)
        app = make_app(f"{self._address.prefix}{WORKERS}", self._address, self._session, hand)
        for topic in await hand.ask(taker.topics):
            channel = app.topic(
                self._address.native(topic), key_serializer=UNCHANGED, value_serializer=UNCHANGED, acks=False
            )
            app.agent(channel, name=topic)(hand.agent(app))
        starting = asyncio.ensure_future(app.start())  # it is over when partitions are shared out, which may never be
        consumer: Any = app.consumer
        try:
            while not (stopping() or app.crashed or hand.over.is_set()):
                if starting.done():
                    starting.result()
                    await hand.rest()
                if refusal := consumer.refusal():
                    raise refusal
                await asyncio.sleep(LOOK_SECONDS)
        except GroupAuthorizationFailedError:
            raise NotPermitted("HUB-L567", group=f"{self._address.prefix}{WORKERS}") from None
        except Exception as error:  # noqa: BLE001 - of the library; told by its class alone (law 9)
            raise _ours(error) from None
        finally:
            with contextlib.suppress(asyncio.TimeoutError):  # the group forgets us after a while, too
                await asyncio.wait_for(app.stop(), STOP_SECONDS)
            starting.cancel()
        if hand.failed:
            raise hand.failed
        if app.crashed and not stopping():
            raise _ours(app.crash_reason)


class _Hand:
    """Calls the taker in its thread. After a failure nothing is handed over any more."""

    def __init__(self, thread: ThreadPoolExecutor, taker: Taker, prefix: str, most: int) -> None:
        self._thread, self._taker, self._prefix, self._most = thread, taker, prefix, most
        self._resting: asyncio.Future[bool] | None = None
        self._rested = 0.0
        self.over = asyncio.Event()
        self.failed: Exception | None = None

    async def ask(self, call: Callable[..., Any], *values: Any) -> Any:
        """What the taker answers. Raises what it raises, and remembers that."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call, *values)
        except Exception as error:
            self.failed = self.failed or error
            self.over.set()
            raise

    def agent(self, app: App) -> Callable[[Any], Any]:
        """What Faust runs for each topic. An agent that raises would lose what it was given: it waits for the end."""

        async def fetches(stream: Any) -> None:
            async for event in stream.events():
                message = event.message
                with contextlib.suppress(Exception):  # `ask` has noted it, and `over` is set
                    if not self.over.is_set():
                        await self.ask(self._take, message.tp, message.value, app.consumer.highwater(message.tp))

        return fetches

    async def positions(self, assigned: set[TP]) -> Mapping[TP, int]:
        """Where to begin, by the store."""
        ours = {tp: (tp.topic.removeprefix(self._prefix), tp.partition) for tp in assigned}
        await self.ask(self._taker.give_back, set(ours.values()))
        return {tp: await self.ask(self._taker.begin, *place) for tp, place in sorted(ours.items())}

    async def rest(self) -> None:
        """Let the taker do what needs no record, about once a second and never twice at a time."""
        now = asyncio.get_running_loop().time()
        if self._resting is None and now >= self._rested + REST_SECONDS:
            self._resting = asyncio.ensure_future(self.ask(self._taker.rest))
        if self._resting is not None and self._resting.done():
            self._rested = now
            resting, self._resting = self._resting, None
            if not resting.result():
                self.over.set()

    def _take(self, tp: TP, fetched: Fetched, end: int | None) -> None:
        topic = tp.topic.removeprefix(self._prefix)
        records = decoded(fetched, topic, tp.partition)
        last = max(end or 0, fetched.end)
        for at in range(0, len(records), self._most):
            self._taker.take(topic, tp.partition, fetched.first + at, records[at : at + self._most], last)


def _ours(error: BaseException | None) -> Exception:
    """The consumer's library names its errors as the producer's does.

    An illegal state is no mistake of ours here: a rebalance took a partition while something was asked of it.
    """
    if isinstance(error, HubError):
        return error
    if isinstance(error, IllegalStateError):
        return Unreachable("HUB-L502", reason=type(error).__name__)
    return errors.ours(error or TimeoutError())
