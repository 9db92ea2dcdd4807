"""The topics of one log on a cluster, as its administrator sees and makes them."""

import contextlib
import logging
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, NamedTuple

from kafka.admin import (
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    ResourcePatternFilter,
    ResourceType,
)
from kafka.errors import KafkaError, SecurityDisabledError, TopicAlreadyExistsError

from hub.adapters.kafka import errors
from hub.adapters.kafka.address import parse
from hub.adapters.kafka.causes import cause
from hub.adapters.kafka.rights import REGISTER, Right, acl_of, right_of
from hub.core.errors import NotPermitted, Unreachable

MOST_BYTES: Final = 8 * 1024 * 1024  # of key, headers and value of one record
MESSAGE_BYTES: Final = MOST_BYTES + 2 * 1024 * 1024  # what a topic and a request take: a record and its frame
REPLICAS: Final = 3
MOST_SECONDS: Final = 30  # for so long nobody may answer at first
CAUSE_SECONDS: Final = 8  # after so long it is asked whether we are not let in, and why
HEARD_SECONDS: Final = 3.0  # for so long one broker may not have heard yet of what another one made

# What every topic is made with: for ever, never compacted, the broker's own clock, no record lost to a stale replica.
CONFIGS: Final = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "message.timestamp.type": "LogAppendTime",
    "max.message.bytes": str(MESSAGE_BYTES),
    "unclean.leader.election.enable": "false",
}


def look_soon(metadata: Any) -> None:
    """Let a client ask for the leader of a partition that it meets 20 ms after it asked for that of another.

    The library lets 100 pass, takes no setting for it, and so holds up whoever opens a log to read one thing.
    """
    metadata.config["retry_backoff_ms"] = 20


class Topic(NamedTuple):
    """A topic as the broker has it; `replicas` are those of the partition that has the fewest."""

    native: str
    id: str
    partitions: int
    replicas: int


class Cluster:
    """The administrator's connection to `kafka://host:port[,host:port][/prefix]`. A call waits up to `seconds`.

    Raises DataError HUB-L106 for a URL that is none, Unreachable HUB-L503 where nobody answers and what `cause` says
    where we are not let in; every call raises Unreachable HUB-L502, NotPermitted HUB-L601.
    """

    def __init__(self, url: str, seconds: int) -> None:
        # The library logs keys, values and headers at level DEBUG, and connections at WARNING to the user's screen.
        quiet = logging.getLogger("kafka")
        quiet.propagate = False
        quiet.setLevel(logging.CRITICAL)
        self.address = parse(url)
        self.seconds = seconds
        self.connection = {
            "bootstrap_servers": self.address.servers,
            "bootstrap_timeout_ms": min(seconds, MOST_SECONDS) * 1000,
            "request_timeout_ms": max(seconds // 2, 1) * 1000,
            "reconnect_backoff_max_ms": 1000,
            **self.address.security(),
        }
        self._admin: Any = self._let_in()

    def _let_in(self) -> Any:
        """The library tries again until the time is over, also when it is not let in, and says that nobody answers."""
        patience = min(self.seconds, MOST_SECONDS)
        for wait in (min(patience, CAUSE_SECONDS), patience):
            try:
                with errors.mapped():
                    return KafkaAdminClient(**self.connection | {"bootstrap_timeout_ms": wait * 1000})
            except Unreachable as error:
                if found := cause(self.address):
                    raise found from None
                if wait == patience:
                    code = "HUB-L503" if self.address.tls else "HUB-L502"
                    raise Unreachable(code, **error.place) from None
        raise AssertionError

    def topics(self, expected: Collection[str] = ()) -> dict[str, Topic]:
        """This log's topics by name, its register among them; not Kafka's own, nor those of logs with a prefix.

        While one lacks that is expected, it is asked for again: any broker may be asked, and may not have heard of it.
        """
        until = time.monotonic() + HEARD_SECONDS
        while not (found := self._told()).keys() >= set(expected) and time.monotonic() < until:
            time.sleep(0.1)
        return found

    def _told(self) -> dict[str, Topic]:
        described = self._asked("-", self._admin.describe_topics)
        prefix = self.address.prefix
        registers = [each["name"] for each in described if each["name"].endswith(f".{REGISTER}")]
        others = tuple(each.removesuffix(REGISTER) for each in registers if each != prefix + REGISTER)
        found = {}
        for each in described:
            native, partitions = each["name"], each["partitions"]
            hidden = each["is_internal"] or native.startswith("__") or native.startswith(_below(prefix, others))
            if native.startswith(prefix) and not hidden and not each["error_code"]:
                replicas = min((len(one["replica_nodes"]) for one in partitions), default=0)
                name = native.removeprefix(prefix)
                found[name] = Topic(native, str(each["topic_id"]), len(partitions), replicas)
        return dict(sorted(found.items()))

    def brokers(self) -> int:
        """How many there are now."""
        return len(self._asked("-", self._admin.describe_cluster)["brokers"])

    def make(self, topic: str, partitions: int, configs: dict[str, str] | None = None, replicas: int = 0) -> Topic:
        """Make a topic and wait until it can be used; nothing happens when somebody else made it just now.

        Without `replicas`, as many as there are brokers, up to three; of three, two must have a record.
        """
        replicas = replicas or min(REPLICAS, self.brokers())
        native = self.address.native(topic)
        wanted = CONFIGS | {"min.insync.replicas": str(min_isr(replicas))} | (configs or {})
        asked = {"num_partitions": partitions, "replication_factor": replicas, "configs": wanted}
        with contextlib.suppress(TopicAlreadyExistsError):
            self._asked(topic, lambda: self._admin.create_topics({native: asked}))
        self._asked(topic, lambda: self._admin.wait_for_topics([native], self.seconds * 1000))
        found = self.topics([topic]).get(topic)
        if found is None:
            raise Unreachable("HUB-L502", reason="LeaderNotAvailableError")
        return found

    def configs(self, topics: list[str]) -> dict[str, dict[str, str]]:
        """Every configuration of topics that there are, by name, as it is in force."""
        if not topics:
            return {}
        native = {self.address.native(topic): topic for topic in topics}
        wanted = [ConfigResource(ConfigResourceType.TOPIC, each) for each in native]
        told = self._asked("-", lambda: self._admin.describe_configs(wanted, config_filter="all"))
        found = {
            native[name]: {key: str(one["value"]) for key, one in configs.items()}
            for name, configs in told["topic"].items()
        }
        for topic in topics:
            if not found.get(topic):  # the library says nothing of a refusal, and a topic always has some
                raise NotPermitted("HUB-L601", topic=topic, reason="DESCRIBE_CONFIGS")
        return found

    def rights(self) -> set[Right] | None:
        """Who may do what with what is this log's; None when the brokers let everybody do everything."""
        wanted = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        asked = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, wanted)
        try:
            found, error = self._asked("-", lambda: self._admin.describe_acls(asked))
        except SecurityDisabledError:
            return None
        if error is SecurityDisabledError:
            return None
        return {right for each in found if (right := right_of(each, self.address.prefix))}

    def permit(self, rights: Iterable[Right]) -> None:
        """Give rights, from any host."""
        acls = [acl_of(right, self.address.prefix) for right in rights]
        self._asked("-", lambda: self._admin.create_acls(acls))

    def alter(self, topic: str, configs: dict[str, str]) -> None:
        """Set configurations of a topic, and no others."""
        wanted = [ConfigResource(ConfigResourceType.TOPIC, self.address.native(topic), configs)]
        self._asked(topic, lambda: self._admin.alter_configs(wanted))

    def _asked(self, topic: str, ask: Callable[[], Any]) -> Any:
        """An answer, asked for again until the time is over: a broker that was restarted has cut our connection."""
        until = time.monotonic() + self.seconds
        while True:
            try:
                return ask()
            except (TopicAlreadyExistsError, SecurityDisabledError):
                raise
            except KafkaError as error:
                if errors.kind_of(type(error)) not in ("uncertain", "unreachable") or time.monotonic() > until:
                    raise errors.ours(error, topic) from None
            time.sleep(0.1)

    def close(self) -> None:
        """Close the connection."""
        with contextlib.suppress(KafkaError):  # nothing is under way on it
            self._admin.close()


def min_isr(replicas: int) -> int:
    """How many replicas must have a record before it counts as appended."""
    return 2 if replicas >= REPLICAS else 1


def _below(prefix: str, others: tuple[str, ...]) -> tuple[str, ...]:
    """The prefixes of logs whose topics begin as this log's do."""
    return tuple(other for other in others if other.startswith(prefix) and other != prefix)
