"""A consumer of Faust that hands over whole fetches and starts where the store says, whatever Kafka has committed.

What a broker answered is handed over as it came; nothing of it is looked into here (`hub/adapters/kafka/fetched.py`).
Nothing is committed to Kafka: topics are read without acknowledgements; a position lives in the store alone (law 6).
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final, Protocol

import faust
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import IllegalStateError
from faust.app import BootStrategy
from faust.auth import Credentials, SASLCredentials, SSLCredentials
from faust.serializers import codecs
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage, Message

from hub.adapters.kafka.address import SCRAM, Address
from hub.adapters.kafka.fetched import Fetched, whole

UNCHANGED: Final = "hub-records"
FETCH_BYTES: Final = 2 * 1024 * 1024  # of a partition in one answer
TOPICS_SECONDS: Final = 5  # between looks at what topics there are: a broker that has just started may tell of none
MOST_ANSWERS: Final = 100
SILENT_SECONDS: Final = 0.1  # so long a broker waits for records of silent partitions; whoever has some waits behind it


class _Unchanged(codecs.Codec):
    """Hands through what was fetched."""

    def _dumps(self, obj: Any) -> Any:
        return obj

    def _loads(self, s: Any) -> Any:
        return s


codecs.register(UNCHANGED, _Unchanged())


class Seeker(Protocol):
    """Who knows where to read from."""

    async def positions(self, assigned: set[TP]) -> Mapping[TP, int]:
        """The offset to begin at, of each partition that was assigned."""
        ...


class _Whole:
    """What the library's fetcher hands out record by record, handed out as a whole, once."""

    def __init__(self, lazy: Any) -> None:
        self.next_fetch_offset: int = lazy.next_fetch_offset
        self._records = lazy._records

    def __iter__(self) -> Iterator[Fetched]:
        fetched = whole(self.next_fetch_offset, self._records)
        self.next_fetch_offset = fetched.end  # where the library goes on
        yield fetched


class _Answers(dict[TP, Any]):
    """Where the library's fetcher keeps the brokers' answers until they are asked for."""

    def __setitem__(self, tp: TP, answer: Any) -> None:
        if isinstance(answer, FetchResult):
            answer._partition_records = _Whole(answer._partition_records)
        super().__setitem__(tp, answer)


class FetchThread(driver.AIOKafkaConsumerThread):
    """Where the library's consumer lives."""

    async def on_start(self) -> None:
        """Nothing is fetched before there is a subscription."""
        await super().on_start()
        fetcher: Any = self._ensure_consumer()._fetcher
        fetcher._records = _Answers()
        fetcher._fetch_max_wait_ms = int(1000 * SILENT_SECONDS)

    def refusal(self) -> BaseException | None:
        """What keeps us out of the group. The library tells it to who asks it for records, as Faust does not."""
        return getattr(getattr(self._consumer, "_coordinator", None), "_pending_exception", None)

    def on_crash(self, msg: str, *fmt: Any, **kwargs: Any) -> None:
        """Faust would print the error with its text; whoever stops because of it tells its class (law 9)."""


class FetchConsumer(driver.Consumer):
    """One message of Faust per fetch of a partition. Its offset is the last record's, its value a `Fetched`."""

    def _new_consumer_thread(self) -> FetchThread:
        return FetchThread(self, loop=self.loop, beacon=self.beacon)

    def refusal(self) -> BaseException | None:
        """Why we are not let into the group, if so; safe to be asked from another thread."""
        thread: Any = self._thread
        found: BaseException | None = thread.refusal()
        return found

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:
        """Whole fetches, until a rebalance begins: what is left then is fetched again by whoever owns it."""
        records, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            await self.perform_seek()
            return
        for tp, answers in records.items():
            if not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if answers and (active is None or tp in active or tp in self._buffered_partitions):
                value: Any = answers[0]  # a message's value is bytes to Faust, and what our codec makes of them
                at = tp.topic, tp.partition, value.end - 1
                yield (
                    tp,
                    ConsumerMessage(*at, time.time(), 0, [], None, value, None, 0, 0, tp, generation_id=generation),
                )

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Called by Faust at every assignment. What the next rebalance took meanwhile is not ours to seek."""
        app: Any = self.app
        wanted: Mapping[TP, int] = await app.seeker.positions(self.assignment())
        found: dict[TP, int] = {}
        for tp, offset in wanted.items():
            with contextlib.suppress(IllegalStateError):  # it is not assigned any more; whoever has it now seeks
                await self.seek_wait({tp: offset})
                found[tp] = offset
        return found

    def on_buffer_full(self, tp: TP) -> None:
        """Called by Faust where a topic's stream is half full, to ask for no more of a partition until it is empty.

        Others of the topic can keep it from ever being empty, and its emptiness is looked at each second. It suits us
        to ask on: a message waits for room in the stream before the next one is taken from the library.
        """

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's own look for standstill goes by what is committed to Kafka; ours goes by the store's positions."""


class FetchTransport(driver.Transport):
    """Makes our consumer."""

    Consumer = FetchConsumer


class Boot(BootStrategy):
    """Consumer, conductor and agents only."""

    enable_web = False
    enable_kafka_producer = False
    enable_sensors = False


class App(faust.App):
    """A Faust app that keeps nothing on disk and sends nothing; `seeker` knows the positions."""

    BootStrategy = Boot
    seeker: Seeker

    def _new_transport(self) -> FetchTransport:
        return FetchTransport(self.conf.broker, self, loop=self.loop)

    async def _on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Called by Faust, which asks nobody for positions where nothing is ours: whoever has nothing is told so."""
        await super()._on_partitions_assigned(assigned, generation_id)
        if not assigned:
            await self.seeker.positions(assigned)

    def _create_directories(self) -> None:
        """There is nothing to be kept."""


def credentials(address: Address) -> Credentials | None:
    """Who we are to the brokers, as Faust takes it; None in clear. DataError HUB-L112 for a file that is none."""
    context = address.context()
    if context is None:
        return None
    if not address.user:
        return SSLCredentials(context)
    who = {"username": address.user, "password": address.password}
    return SASLCredentials(ssl_context=context, mechanism=SCRAM, **who)


def make_app(name: str, address: Address, session: int, seeker: Seeker) -> App:
    """The app of a consumer group, in the running event loop; a member that is silent for `session` seconds is out."""
    app = App(
        name,
        broker=[f"kafka://{server}" for server in address.servers],
        broker_credentials=credentials(address),
        loop=asyncio.get_running_loop(),
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        stream_wait_empty=False,
        stream_buffer_maxsize=2,  # it counts messages, and here a message is a whole fetch
        broker_max_poll_records=MOST_ANSWERS,  # a whole answer counts as one
        broker_session_timeout=session,
        broker_heartbeat_interval=session / 5,
        broker_request_timeout=max(30, session),
        consumer_max_fetch_size=FETCH_BYTES,
        consumer_metadata_max_age_ms=1000 * TOPICS_SECONDS,
        consumer_auto_offset_reset="earliest",  # only until our own seek
    )
    app.seeker = seeker
    return app
