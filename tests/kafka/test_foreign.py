"""Tools of others read the topics as they are: Confluent's client and deserializer, and the CloudEvents library."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from cloudevents.kafka import KafkaMessage, from_binary
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from kafka import KafkaConsumer
from kafka import TopicPartition as Place

from hub import wiring
from hub.cli.pages import schemas
from hub.codec import Codec
from hub.core.envelope import unpack_envelope
from hub.core.outcome import unpack_outcome
from hub.core.record import Record
from hub.deliver.distinct import Distinct, distinct
from hub.flow.copy import copy_log
from hub.telemetry.health import Health
from tests.docs.blocks import ROOT, blocks
from tests.e2e.rig import Model
from tests.kafka.broker import Broker

pytestmark = pytest.mark.slow
TOPICS = ("persons", "markets", "outcomes.hospital", "outcomes.civil-affairs")


class World:
    """The log of a small demo on a real broker, and what is in it by our own reading."""

    def __init__(self, url: str, broker: Broker, prefix: str, ours: dict[tuple[str, int], list[Record]]) -> None:
        self.url, self.broker, self.prefix, self.ours = url, broker, prefix, ours

    def confluent(self) -> Iterator[Any]:
        """Every message, by Confluent's client."""
        server = f"127.0.0.1:{self.broker.port}"
        consumer = Consumer({"bootstrap.servers": server, "group.id": "x", "enable.auto.commit": False})
        wanted = [TopicPartition(f"{self.prefix}.{topic}", p, 0) for topic, p in self.ours]
        consumer.assign(wanted)
        left = sum(map(len, self.ours.values()))
        while left:
            message = consumer.poll(20)
            assert message is not None
            assert message.error() is None
            left -= 1
            yield message
        consumer.close()

    def twice(self) -> Iterator[Any]:
        """Every message of one partition by kafka-python, and then all of them again."""
        server = f"127.0.0.1:{self.broker.port}"
        consumer = KafkaConsumer(bootstrap_servers=server, enable_auto_commit=False, consumer_timeout_ms=5000)
        (topic, partition), records = max(self.ours.items(), key=lambda item: len(item[1]))
        place = Place(f"{self.prefix}.{topic}", partition)
        consumer.assign([place])
        for _ in range(2):
            consumer.seek(place, 0)
            for _ in records:
                yield next(consumer)
        consumer.close()


@pytest.fixture(scope="module")
def world(broker: Broker, names: Iterator[str], tmp_path_factory: pytest.TempPathFactory) -> World:
    """Forty persons, history and a live step, copied to the broker byte for byte."""
    model = Model(tmp_path_factory.mktemp("foreign"), 40, 2)
    prefix = next(names)
    with (
        closing(wiring.open_log(f"sqlite:///{model.home}/hub/log.db", make=False)) as embedded,
        closing(wiring.open_log(f"{broker.url}/{prefix}")) as log,
    ):
        copy_log(embedded, log)
        known = embedded.topics()
        ours = {
            (topic, p): embedded.read(topic, p, 0, 100_000)
            for topic in known
            if topic.startswith(("persons", "markets", "outcomes."))
            for p in range(known[topic])
        }
    assert sum(topic.startswith("outcomes.") for topic, _ in ours) > 2
    return World(broker.url, broker, prefix, ours)


@pytest.fixture
def registry() -> Iterator[str]:
    """The address of our registry, as `hub serve` has it."""
    with Health("127.0.0.1", 0, list, lambda _: {}, bytes, schemas()) as server:
        yield f"http://127.0.0.1:{server.port}/registry"


def test_confluents_deserializer_reads_every_record(world: World, registry: str) -> None:
    """Persons, markets and outcomes decode by id through the registry, each field as we read it ourselves."""
    decode = AvroDeserializer(SchemaRegistryClient({"url": registry}))
    codec = Codec()
    seen = dict.fromkeys(world.ours, 0)
    for message in world.confluent():
        topic = message.topic().removeprefix(f"{world.prefix}.")
        at = topic, message.partition()
        record = world.ours[at][seen[at]]
        seen[at] += 1
        assert (message.key(), message.value()) == (record.key, record.value)
        found = decode(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
        if topic.startswith("outcomes."):
            outcome = unpack_outcome(record.value)
            assert (found["sequence"], found["connector"]) == (outcome.sequence, outcome.connector)
            assert [one["commitment"] for one in found["events"]] == [one.commitment for one in outcome.events]
        else:
            _, fields = codec.decode(record.value)
            assert set(found) == set(fields._fields)
            assert found["salt"] == fields.salt
            assert found["area"] == fields.area
            assert (found["occurred_on"].toordinal() - 719_163) == fields.occurred_on
    assert seen == {at: len(records) for at, records in world.ours.items()}


def test_the_cloudevents_library_reads_the_headers(world: World) -> None:
    """Each record of persons and markets is a CloudEvent 1.0 in binary mode, with its id, type and source."""
    codec, types = Codec(), set()
    for message in world.confluent():
        if ".outcomes." in message.topic():
            continue
        headers = {name: value for name, value in message.headers() if name.startswith("ce_")}
        event = from_binary(KafkaMessage(headers, message.key(), message.value()), data_unmarshaller=bytes)
        kind, _ = codec.decode(message.value())
        assert event["specversion"] == "1.0"
        assert event["type"] == kind.type
        assert event["source"].split("/")[0] in ("agency", "hub")
        assert len(bytes.fromhex(event["id"])) == 16
        types.add(event["type"])
    assert len(types) > 20


def test_distinct_takes_each_message_once_from_either_client(world: World) -> None:
    """Read twice over by kafka-python, once by Confluent's client: in both cases as often as the log has it."""
    most = max(world.ours.values(), key=len)
    assert [message.value for message in distinct(world.twice(), Distinct())] == [record.value for record in most]
    total = sum(map(len, world.ours.values()))
    assert sum(1 for _ in distinct(world.confluent(), Distinct())) == total


def test_the_recipe_of_the_page_counts_every_event_once(world: World, registry: str) -> None:
    """The program that docs/reading.md shows, given this broker and registry, ends with our own counts."""
    (block,) = [block for block in blocks(ROOT / "docs" / "reading.md") if block.note == "distinct"]
    text = block.text.replace("http://hub:8470/registry", registry).replace(
        "broker:9092", f"127.0.0.1:{world.broker.port}"
    )
    names: dict[str, Any] = {}
    exec(text.replace('"persons"', f'"{world.prefix}.persons"').replace("poll(10)", "poll(5)"), names)
    ours = Counter(
        unpack_envelope(record.headers).type
        for (topic, _), records in world.ours.items()
        if topic == "persons"
        for record in records
    )
    assert names["counts"] == dict(ours)
