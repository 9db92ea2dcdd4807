"""Three brokers that are one cluster, each of them a controller, too: what a hub is run on where records must last.

Every partition has three replicas, of which two must have a record. Nodes are killed, stopped and started one by one.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from tests.kafka.broker import VERSIONS, Broker, free_port, new_cluster

NUMBERS: Final = (1, 2, 3)
_MORE: Final = """
node.id={number}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
replica.lag.time.max.ms=6000
broker.session.timeout.ms=6000
controller.quorum.election.timeout.ms=2000
controller.quorum.fetch.timeout.ms=5000
"""


class Node(Broker):
    """One of the three."""

    heap = "256m"

    def __init__(self, folder: Path, version: str, cluster: str, number: int, controllers: dict[int, int]) -> None:
        self._number, self._controllers = number, controllers
        super().__init__(folder, version, cluster)

    def prepared(self, text: str, controller: int) -> str:
        """What is said last is what a broker does."""
        voters = ",".join(f"{number}@127.0.0.1:{port}" for number, port in self._controllers.items())
        own = self._controllers[self._number]
        return text + _MORE.format(number=self._number, voters=voters, port=self.port, controller=own)


class Three:
    """The cluster; all of its nodes run, and have every record, whenever a test begins."""

    def __init__(self, folder: Path, version: str = VERSIONS[-1]) -> None:
        self.version, cluster = version, new_cluster()
        controllers = {number: free_port() for number in NUMBERS}

        def node(number: int) -> Node:
            return Node(folder / str(number), version, cluster, number, controllers)

        with ThreadPoolExecutor(len(NUMBERS)) as makers:
            self.nodes = dict(zip(NUMBERS, makers.map(node, NUMBERS), strict=True))

    @property
    def url(self) -> str:
        """What `log.url` is set to: all of them, so that each may be away."""
        return f"kafka://{self._servers()}"

    def start(self, *numbers: int) -> "Three":
        """Start those of them that do not run, or all, and wait until every replica has every record again."""
        asked = [self.nodes[number] for number in numbers or NUMBERS if self.nodes[number].process is None]
        for node in asked:
            node.launch()
        if self.running() == set(NUMBERS):
            for node in asked:
                node.ready()
            self.until(self._whole, "a replica lags behind")
        return self

    def kill(self, *numbers: int) -> None:
        """SIGKILL, all at once."""
        for number in numbers:
            process = self.nodes[number].process
            assert process is not None
            process.kill()
        for number in numbers:
            self.nodes[number].kill()

    def stop(self, *numbers: int) -> None:
        """SIGTERM, one after another: each hands over what it leads, if there is anybody left to take it."""
        for number in numbers or sorted(self.running()):
            self.nodes[number].stop()

    def running(self) -> set[int]:
        """Numbers of those whose process was started and not ended."""
        return {number for number, node in self.nodes.items() if node.process is not None}

    def leader(self, native: str, partition: int = 0) -> int:
        """Who leads a partition now."""
        return int(self._described([native])[0]["partitions"][partition]["leader_id"])

    def controller(self) -> int:
        """Who of the three leads the cluster's own log."""
        with closing(self._admin()) as admin:
            return int(admin.describe_metadata_quorum()["topics"][0]["partitions"][0]["leader_id"])

    def until(self, holds: Callable[[], bool], otherwise: str, seconds: float = 180) -> None:
        """Wait until something holds; what cannot be asked just now is asked again."""
        end = time.monotonic() + seconds
        while not self._is(holds):
            assert time.monotonic() < end, otherwise
            time.sleep(0.2)

    def in_sync(self, native: str, partition: int, replicas: int) -> bool:
        """Whether so many replicas of a partition have every record, as its leader says."""
        return len(self._described([native])[0]["partitions"][partition]["isr_nodes"]) == replicas

    def _whole(self) -> bool:
        """Every replica has every record, and every broker knows of all others."""
        if any(self._known_to(node) != len(NUMBERS) for node in self.nodes.values()):
            return False
        topics = self._described(None)
        return all(set(one["isr_nodes"]) == set(one["replica_nodes"]) for each in topics for one in each["partitions"])

    def _known_to(self, node: Node) -> int:
        with closing(KafkaConsumer(bootstrap_servers=f"127.0.0.1:{node.port}", bootstrap_timeout_ms=5000)) as asking:
            return len(asking._cluster.brokers())

    def _described(self, names: Iterable[str] | None) -> Any:
        with closing(self._admin()) as admin:
            return admin.describe_topics(names)

    def _is(self, holds: Callable[[], bool]) -> bool:
        try:
            return holds()
        except KafkaError:
            return False

    def _servers(self) -> str:
        return ",".join(f"127.0.0.1:{self.nodes[number].port}" for number in sorted(self.nodes))

    def _admin(self) -> Any:
        servers = [f"127.0.0.1:{self.nodes[number].port}" for number in sorted(self.running())]
        return KafkaAdminClient(bootstrap_servers=servers, bootstrap_timeout_ms=5000, request_timeout_ms=5000)
