"""Opens a log by its URL, whichever kind it is of."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from hub.adapters.files.certificates import ends_ms_of
from hub.adapters.sql.log import SqliteLog
from hub.core.errors import DataError
from hub.core.url import mask
from hub.ports.fetches import Fetches
from hub.ports.log import Log
from hub.ports.topics import Topics


class Placed(Log, Protocol):
    """A log that is kept somewhere."""

    def place(self) -> str:
        """Equal where two are one and the same, by whichever names they were opened, and only there."""
        ...


def on_kafka(url: str) -> bool:
    """Whether a log's URL is one of Kafka."""
    return url.startswith(("kafka://", "kafka+tls://"))


def open_log(url: str, make: bool = True) -> Placed:
    """The log at `sqlite:///path` or `kafka://host:port[,host:port][/prefix]`, made when it is not there and `make`.

    Raises DataError HUB-L106 for a URL of another kind, HUB-L103, HUB-L104 or HUB-L105 for a log that cannot serve,
    HUB-L109 when the extra `kafka` is not installed, HUB-K331 for a broker whose certificate has ended.
    """
    if on_kafka(url):
        with installed():
            from hub.adapters.kafka.log import KafkaLog
        return KafkaLog(url, make)
    path = url.removeprefix("sqlite:///")
    if path == url or not path:
        raise DataError("HUB-L106")
    return SqliteLog(Path(path), make)


def succeed(url: str, identity: str) -> None:
    """Let a log on Kafka that is the copy of another one go by its identity. Raises IntegrityError HUB-L561."""
    with installed():
        from hub.adapters.kafka.log import KafkaLog
    with closing(KafkaLog(url, make=False)) as log:
        log.succeed(identity)


def require_free(url: str, identity: str) -> None:
    """Raises IntegrityError HUB-L561 where a log on Kafka goes by the identity of a third one already."""
    with installed():
        from hub.adapters.kafka.log import KafkaLog
    with closing(KafkaLog(url)) as log:
        log.require_free(identity)


def topics_as_code(url: str, topics: Mapping[str, int], ingress_days: int, single_node: bool, hub: str = "") -> Topics:
    """What plans, applies and checks topics. Raises DataError HUB-L111 for a log that has nothing to be planned."""
    if not on_kafka(url):
        raise DataError("HUB-L111")
    with installed():
        from hub.adapters.kafka.topics import KafkaTopics
    return KafkaTopics(url, topics, ingress_days, single_node, hub)


def fetches(url: str, fetch: int, session: int) -> Fetches:
    """Who shares a log's partitions among processes. Raises DataError HUB-G151 for a log that is not on Kafka."""
    if not on_kafka(url):
        raise DataError("HUB-G151")
    with installed():
        from hub.adapters.faust.fetches import FaustFetches
    return FaustFetches(url, fetch, session)


def make_topics(url: str, topics: Mapping[str, int]) -> list[str]:
    """Make the topics that a log lacks, and the log itself; returns their addresses, without a password."""
    with closing(open_log(url)) as log:
        lacking = sorted(topics.keys() - log.topics().keys())
        for topic, partitions in topics.items():
            log.create(topic, partitions)
    return [f"{mask(url)} {topic}" for topic in lacking]


def certificates_of(url: str) -> dict[str, int]:
    """Until when the certificate of each broker that answers is good, in milliseconds since 1970, by host and port."""
    if not on_kafka(url):
        return {}
    with installed():
        from hub.adapters.kafka.certificates import shown_by
    return {server: ends_ms_of(shown) for server, shown in shown_by(url).items()}


@contextmanager
def installed() -> Iterator[None]:
    """Edges and small hubs install without Kafka's libraries, so that they are imported only where they are needed."""
    try:
        yield
    except ModuleNotFoundError:
        raise DataError("HUB-L109") from None
