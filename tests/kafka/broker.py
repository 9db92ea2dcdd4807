"""A real Apache Kafka for tests: one node, KRaft, on free ports of 127.0.0.1, from jars that Maven fetches once."""

import base64
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import uuid
from pathlib import Path
from typing import Final

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

VERSIONS: Final = ("3.9.1", "4.1.1")
CACHE: Final = Path(__file__).parents[2] / ".cache"
START_SECONDS: Final = 180
_LIGHT: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""A broker of tests lives for minutes: what Java spends on making it fast, it never wins back."""
_FETCHING: Final = threading.Lock()  # three nodes of a cluster are made at once

_POM: Final = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hub.tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{version}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"""
_PROPERTIES: Final = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
"""


def jars(version: str) -> Path:
    """The folder of the broker's jars. Skips the test when there is no Java, no Maven, or nowhere to fetch from."""
    for program in ("java", "mvn"):
        if not shutil.which(program):
            pytest.skip(f"a real Kafka needs {program}")
    folder = CACHE / f"kafka-{version}"
    with _FETCHING:
        if not (folder / "complete").exists():
            _fetch(version, folder)
    return folder


def _fetch(version: str, folder: Path) -> None:
    building = CACHE / f"{folder.name}.{os.getpid()}"
    building.mkdir(parents=True)
    (building / "pom.xml").write_text(_POM.format(version=version), encoding="utf-8")
    command = ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs"]
    done = subprocess.run(command, cwd=building, capture_output=True, text=True, timeout=600)
    if done.returncode:
        shutil.rmtree(building)
        pytest.skip(f"Maven could not fetch Kafka {version}: {done.stdout[-500:]}")
    (building / "complete").touch()
    with contextlib.suppress(OSError):  # another run was faster: its folder is as good
        building.rename(folder)
    shutil.rmtree(building, ignore_errors=True)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def new_cluster() -> str:
    """An id that no cluster had before, as Kafka writes it. A hyphen before it would make an option of it."""
    return "c" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:].rstrip("=")


class Broker:
    """One node with its data in `folder`; started, killed and started again as a test wants."""

    heap = "512m"

    def __init__(self, folder: Path, version: str = VERSIONS[-1], cluster: str = "") -> None:
        self.folder, self.version = folder, version
        self.classes = f"{jars(version)}/libs/*"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.settings = folder / "server.properties"
        controller = free_port()
        text = _PROPERTIES.format(port=self.port, controller=controller, folder=folder)
        self.settings.write_text(self.prepared(text, controller), encoding="utf-8")
        self._tool("format", "-t", cluster or new_cluster(), "-c", str(self.settings), *self.format_options())

    def prepared(self, text: str, controller: int) -> str:
        """The settings that the node is started with."""
        return text

    def format_options(self) -> list[str]:
        """What else its storage is made with."""
        return []

    def ready_options(self) -> dict[str, object]:
        """What else it takes to be let in when asking whether it answers."""
        return {}

    @property
    def url(self) -> str:
        """What `log.url` is set to."""
        return f"kafka://127.0.0.1:{self.port}"

    def start(self) -> "Broker":
        """Start the process and wait until it answers."""
        return self.launch().ready()

    def launch(self) -> "Broker":
        """Start the process."""
        with (self.folder / "broker.log").open("ab") as output:
            quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
            self.process = subprocess.Popen(
                [
                    *f"java -Xms{self.heap} -Xmx{self.heap}".split(),
                    *_LIGHT,
                    "-cp",
                    self.classes,
                    quiet,
                    "kafka.Kafka",
                    self.settings,
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )
        return self

    def ready(self) -> "Broker":
        """Wait until it answers."""
        process = self.process
        assert process is not None
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert process.poll() is None, f"the broker ended: {self._said()}"
            assert time.monotonic() < until, f"the broker does not answer: {self._said()}"
        return self

    def kill(self) -> None:
        """SIGKILL: nothing is flushed, nobody is told."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when it takes too long."""
        self._end(signal.SIGTERM)

    def _end(self, by: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(by)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(30)
        self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 0.2):
                pass
            admin = KafkaAdminClient(
                bootstrap_servers=f"127.0.0.1:{self.port}", bootstrap_timeout_ms=5000, **self.ready_options()
            )
        except (OSError, KafkaError):
            time.sleep(0.1)
            return False
        try:
            return bool(admin.describe_cluster()["brokers"])
        except KafkaError:  # another one was asked, of whom the cluster still tells, and who is not up yet
            time.sleep(0.1)
            return False
        finally:
            admin.close()

    def _tool(self, *words: str) -> str:
        command = ["java", *_LIGHT, "-cp", self.classes, "kafka.tools.StorageTool", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _said(self) -> str:
        return (self.folder / "broker.log").read_text(encoding="utf-8", errors="replace")[-2000:]
