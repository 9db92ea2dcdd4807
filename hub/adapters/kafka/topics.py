"""Topics of Kafka as code: compared with what the brokers have, made, and set right where that loses nothing."""

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from hub.adapters.kafka.cluster import CONFIGS, HEARD_SECONDS, REPLICAS, Cluster, Topic, min_isr
from hub.adapters.kafka.log import KafkaLog
from hub.adapters.kafka.rights import REGISTER, compare_rights, of_agencies, of_hub
from hub.core.errors import DataError
from hub.ports.topics import Difference, What

DAY_MS: Final = 86_400_000
INGRESS: Final = "ingress."
MIN_ISR: Final = "min.insync.replicas"


class Wanted(NamedTuple):
    """What a topic should be. `retention_ms` is -1 for ever."""

    partitions: int
    replicas: int
    retention_ms: int


class Found(NamedTuple):
    """What a topic is; `begin` is the highest first offset of its partitions, `registered` the id it was made under.

    One that was deleted has no id.
    """

    partitions: int
    replicas: int
    id: str
    registered: str
    begin: int
    configs: Mapping[str, str]


class KafkaTopics:
    """The `Topics` port for the log at `url`; `topics` are names and partitions, `ingress_days` 0 for ever.

    On a `single_node`, one replica is enough. `hub` is the user whom the hub's programs have on the brokers, without it
    the one that the URL is for. Raises what `KafkaLog` raises.
    """

    def __init__(
        self, url: str, topics: Mapping[str, int], ingress_days: int, single_node: bool, hub: str = ""
    ) -> None:
        self._url = url
        replicas = 1 if single_node else REPLICAS
        self._wanted = {
            topic: Wanted(partitions, replicas, ingress_days * DAY_MS if _finite(topic, ingress_days) else -1)
            for topic, partitions in ({REGISTER: 1} | dict(topics)).items()
        }
        self._cluster = Cluster(url, 30)
        self._ourselves = self._cluster.address.principal()
        hub = f"User:{hub}" if hub else self._ourselves
        self._rights = of_agencies(self._wanted) | (of_hub(hub, self._wanted) if hub else set())
        self._made: Collection[str] = ()
        self._mended: Collection[tuple[str, str]] = ()

    def differences(self) -> list[Difference]:
        """Ask the brokers, compare. Any broker may be asked, and may not have heard yet of what was set right."""
        until = time.monotonic() + HEARD_SECONDS
        while True:
            differences = self._compared()
            late = any((each.topic, each.what) in self._mended for each in differences)
            if not late or time.monotonic() > until:
                return differences
            time.sleep(0.1)

    def _compared(self) -> list[Difference]:
        found = self._found()
        differences = [each for topic, one in self._wanted.items() for each in compare(topic, one, found.get(topic))]
        if self._cluster.address.tls:  # in clear, nobody has a name that rights could be given to
            differences += compare_rights(self._rights, self._cluster.rights(), self._ourselves)
        return differences

    def apply(self, differences: list[Difference]) -> None:
        """Make, register, set. DataError HUB-L568 for fewer brokers than replicas, HUB-L108 for what they refuse."""
        self._made = [each.topic for each in differences if each.what == "missing"]
        replicas = max(one.replicas for one in self._wanted.values())
        if self._made and (brokers := self._cluster.brokers()) < replicas:
            raise DataError("HUB-L568", brokers=brokers, replicas=replicas)
        by_hand = {(each.topic, each.what) for each in differences if each.by_hand}
        for topic in self._made:
            wanted = self._wanted[topic]
            there = self._cluster.make(topic, wanted.partitions, configs_of(wanted), wanted.replicas)
            if there.replicas < wanted.replicas:  # it stood there already, and whom we asked had not heard of it
                by_hand.add((topic, "min_isr"))
        with contextlib.closing(KafkaLog(self._url)) as log:
            for each in differences:
                if each.what in ("missing", "unregistered") and each.topic != REGISTER:
                    log.create(each.topic, self._wanted[each.topic].partitions)
        lacking = {(each.topic, each.wanted) for each in differences if each.what == "right"}
        if lacking:
            self._cluster.permit(right for right in self._rights if (right.place, right.said) in lacking)
        self._mended = {(each.topic, each.what) for each in differences if not each.by_hand}
        for topic in sorted({each.topic for each in differences if not each.by_hand and each.what != "right"}):
            configs = configs_of(self._wanted[topic])
            if (topic, "min_isr") in by_hand:
                del configs[MIN_ISR]
            self._cluster.alter(topic, configs)

    def close(self) -> None:
        """Close the connection."""
        self._cluster.close()

    def _found(self) -> dict[str, Found]:
        registered: dict[str, str] = {}
        begins: dict[str, int] = {}
        there = self._there(self._made)
        if REGISTER in there:
            with contextlib.closing(KafkaLog(self._url, make=False)) as log:
                registered = log.registered()
                there = self._there(registered)
                for name, topic in there.items():
                    if registered.get(name) == topic.id:
                        begins[name] = max(log.bounds(name, each).begin for each in range(topic.partitions))
        configs = self._cluster.configs(list(there))
        found = {name: Found(0, 0, "", id, 0, {}) for name, id in registered.items()}
        for name, topic in there.items():
            known, begin = registered.get(name, ""), begins.get(name, 0)
            found[name] = Found(topic.partitions, topic.replicas, topic.id, known, begin, configs[name])
        return found

    def _there(self, expected: Collection[str]) -> dict[str, Topic]:
        wanted = self._wanted
        return {name: topic for name, topic in self._cluster.topics(wanted.keys() & expected).items() if name in wanted}


def compare(topic: str, wanted: Wanted, found: Found | None) -> Iterator[Difference]:
    """Everything about one topic that is not as it should be."""
    if found is None:
        yield Difference(topic, "missing", "", str(wanted.partitions), by_hand=False, refused=True)
        return
    if not found.id:
        yield Difference(topic, "again", "", found.registered, by_hand=True, refused=True)
        return
    configs, canonical = found.configs, not topic.startswith(INGRESS)
    if topic != REGISTER and found.registered != found.id:
        what: What = "again" if found.registered else "unregistered"
        yield Difference(topic, what, found.id, found.registered, by_hand=what == "again", refused=True)
    if found.partitions != wanted.partitions:
        yield _by_hand(topic, "partitions", found.partitions, wanted.partitions)
    if canonical and found.begin:
        yield _by_hand(topic, "beginning", found.begin, 0)
    if found.replicas < wanted.replicas:
        yield _by_hand(topic, "replicas", found.replicas, wanted.replicas)
    if int(configs[MIN_ISR]) < min_isr(wanted.replicas):
        # More than there are replicas, and nobody could append any longer.
        by_hand = found.replicas < wanted.replicas
        yield Difference(topic, "min_isr", configs[MIN_ISR], str(min_isr(wanted.replicas)), by_hand, refused=True)
    yield from _of_configs(topic, wanted, configs)


def _of_configs(topic: str, wanted: Wanted, configs: Mapping[str, str]) -> Iterator[Difference]:
    def different(what: What, key: str, to: str | int, refused: bool = True) -> Difference:
        return Difference(topic, what, configs[key], str(to), by_hand=False, refused=refused)

    if configs["cleanup.policy"] != CONFIGS["cleanup.policy"]:
        yield different("compacted", "cleanup.policy", CONFIGS["cleanup.policy"])
    kept, asked = int(configs["retention.ms"]), wanted.retention_ms
    too_short = kept >= 0 and (asked < 0 or kept < asked)
    if kept != asked:
        yield different("retention" if too_short else "longer", "retention.ms", asked, too_short)
    if configs["retention.bytes"] != "-1":
        yield different("retention", "retention.bytes", -1)
    if configs["message.timestamp.type"] != CONFIGS["message.timestamp.type"]:
        yield different("clock", "message.timestamp.type", CONFIGS["message.timestamp.type"])
    if int(configs["max.message.bytes"]) < int(CONFIGS["max.message.bytes"]):
        yield different("small", "max.message.bytes", CONFIGS["max.message.bytes"])
    if configs["unclean.leader.election.enable"] != "false":
        yield different("unclean", "unclean.leader.election.enable", "false")


def configs_of(wanted: Wanted) -> dict[str, str]:
    """The configurations that a topic is made with and set to."""
    return CONFIGS | {"retention.ms": str(wanted.retention_ms), MIN_ISR: str(min_isr(wanted.replicas))}


def _by_hand(topic: str, what: What, found: int, wanted: int) -> Difference:
    return Difference(topic, what, str(found), str(wanted), by_hand=True, refused=True)


def _finite(topic: str, ingress_days: int) -> bool:
    return bool(ingress_days) and topic.startswith(INGRESS)
