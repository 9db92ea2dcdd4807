"""Change events on a real broker: neither lost nor doubled, whatever is killed, given up or spelled in Avro."""

import io
import itertools
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pytest
from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from connectors.conformance import check
from connectors.sources import open_source, parse_source
from hub.core.errors import DataError, HubError, Unreachable
from tests.connectors.changes import AT, event, said
from tests.connectors.rig import MAPPING, Rig, row
from tests.connectors.test_conformance import Changed
from tests.connectors.test_run import HOPS, Killed, facts_law, killer, twins
from tests.connectors.test_sources_http import serving
from tests.kafka.broker import Broker
from tests.kafka.secured import ADMIN, SecuredBroker

pytestmark = pytest.mark.slow


class Table:
    """A topic as Debezium fills it; messages of one key go to one partition."""

    def __init__(self, broker: Broker, name: str, partitions: int = 1, **options: Any) -> None:
        self.name, self.broker = name, broker
        self.options = {"bootstrap_servers": f"127.0.0.1:{broker.port}", **options}
        self.admin = KafkaAdminClient(**self.options)
        self.admin.create_topics([NewTopic(name, partitions, 1)])
        self.producer = KafkaProducer(**self.options)

    @property
    def url(self) -> str:
        return f"kafka://127.0.0.1:{self.broker.port}/{self.name}"

    def put(self, *messages: tuple[Any, Any]) -> None:
        """Key and value of each, JSON unless they are bytes."""
        for key, value in messages:
            self.producer.send(self.name, key=encoded(key), value=encoded(value))
        self.producer.flush()

    def close(self) -> None:
        self.producer.close()
        self.admin.close()


def encoded(part: Any) -> bytes | None:
    return part if part is None or isinstance(part, bytes) else json.dumps(part, ensure_ascii=False).encode()


@pytest.fixture
def table(broker: Broker, names: Iterator[str]) -> Iterator[Table]:
    """A topic of one partition."""
    found = Table(broker, next(names))
    yield found
    found.close()


def told(rig: Rig, url: str, on_vanish: str = "retract", **changed: Any) -> Rig:
    """The rig with a mapping that reads a topic."""
    text = MAPPING.format(on_change="correct", on_vanish=on_vanish)
    begin, end = text.index("[source]"), text.index("[rule.not_test]")
    section = {"kind": "debezium", "alias": "changes", "url": url, "timeout_seconds": 30, **changed}
    settings = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in section.items()]
    rig.mapping(text[:begin] + "[source]\n" + "\n".join(settings) + "\n\n" + text[end:])
    return rig


@pytest.mark.parametrize(("hop", "partitions"), list(itertools.product(HOPS, (1, 3))))
def test_a_kill_at_any_hop_loses_and_doubles_nothing(
    broker: Broker, names: Iterator[str], tmp_path: Path, hop: str, partitions: int
) -> None:
    """Killed at any step and run again, the facts are those of a calm run, in however many partitions."""
    table = Table(broker, next(names), partitions)
    calm, storm = (told(rig, table.url) for rig in twins(tmp_path))
    for some in (
        [said("r", row(n)) for n in range(60)],
        [*[said("u", row(n % 20, 风险等级=str(2 + n // 20))) for n in range(60)], said("d", row(1)), said("x", row(1))],
    ):
        table.put(*some)
        calm.run()
        with pytest.raises(Killed):
            storm.run(hop=killer(hop))
        storm.run()
        facts_law(storm.facts(), calm.facts())
    assert len(calm.types()) == 60 + 60 + 1 + 3
    assert calm.run().rows.read == 0
    report = calm.run(full=True)
    assert (report.rows.unchanged, report.rows.published) == (59, 0)
    table.close()


def test_changes_that_were_given_up_unread_are_told(table: Table, tmp_path: Path) -> None:
    """Where the broker no longer keeps what was not read, the run stops; a topic of the same name is another."""
    rig = told(Rig(tmp_path), table.url)
    table.put(*[said("c", row(n)) for n in range(9)])
    rig.run()
    table.put(*[said("u", row(n, 风险等级="2")) for n in range(9)])
    place = TopicPartition(table.name, 0)
    table.admin.delete_records({place: 12})
    with pytest.raises(DataError) as stop:
        rig.run()
    assert (stop.value.code, stop.value.place["place"]) == ("HUB-C397", 9)
    table.put(
        *[said("r", row(n, 风险等级="2"), snapshot=mark) for n, mark in enumerate(["first", *["true"] * 6, "last"])]
    )
    report = rig.run(full=True)
    assert (report.rows.published, report.vanished) == (8, 1)
    assert rig.run().rows.read == 0


def test_a_topic_made_anew_is_told(table: Table, tmp_path: Path) -> None:
    """A topic that was deleted and filled again under its name is not taken for the one that was read."""
    rig = told(Rig(tmp_path), table.url)
    table.put(*[said("c", row(n)) for n in range(5)])
    rig.run()
    table.admin.delete_topics([table.name])
    for _ in range(100):  # a deletion takes its time
        if table.name not in table.admin.list_topics():
            break
    table.admin.create_topics([NewTopic(table.name, 1, 1)])
    table.put(*[said("c", row(n)) for n in range(20, 29)])
    with pytest.raises(DataError) as stop:
        rig.run()
    assert stop.value.code == "HUB-C397"


def test_what_was_compacted_away_is_no_gap(broker: Broker, names: Iterator[str], tmp_path: Path) -> None:
    """Offsets that are left out between others, as of a transaction that was given up, stop nothing."""
    table = Table(broker, next(names))
    rig = told(Rig(tmp_path), table.url)
    table.put(said("c", row(1)))
    sender = KafkaProducer(**table.options, transactional_id=table.name)
    sender.init_transactions()
    for given_up in (False, True, False, True):
        sender.begin_transaction()
        number = 2 if given_up else 3
        key, value = said("c", row(number, 风险等级="4" if given_up else "2"))
        sender.send(table.name, key=encoded(key), value=encoded(value))
        sender.flush()
        (sender.abort_transaction if given_up else sender.commit_transaction)()
    sender.close()
    assert rig.run().rows.published == 2
    assert rig.run().rows.read == 0
    table.put(said("c", row(4)))
    assert rig.run().rows.published == 1
    table.close()


class World(Changed):
    """The kit's rows as messages of a topic of their own."""

    def __init__(self, folder: Path, table: Table) -> None:
        super().__init__(folder)
        self.table = table

    def section(self) -> dict[str, object]:
        return {"kind": "debezium", "alias": "world", "url": self.table.url}

    def written(self) -> None:
        self.table.put(*self.messages())

    def rename(self, name: str) -> bool:
        self.heads[2] = name
        self.written()
        return True

    def poison(self, key: str) -> bool:
        at = next(n for n, row in enumerate(self.rows) if row[0] == key)
        before, spoilt, others = self.rows[:at], self.messages()[at], self.rows[at + 1 :]
        self.table.admin.delete_records({TopicPartition(self.table.name, 0): len(self.rows)})
        self.rows = [*before, *others]
        self.written()
        self.table.put((spoilt[0], b'{"broken'))
        return True


def test_a_topic_keeps_the_laws_of_sources(broker: Broker, names: Iterator[str], tmp_path: Path) -> None:
    """The conformance kit holds a topic to be sound: restart, duplicates, cursor, clock, poison, renaming, silence."""
    check(lambda: World(tmp_path / (name := next(names)), Table(broker, name)))


def test_a_truncation_among_partitions_is_refused(broker: Broker, names: Iterator[str], tmp_path: Path) -> None:
    """Nobody can tell which rows of other partitions came before it: it is a refused row, and takes none away."""
    table = Table(broker, next(names), 2)
    rig = told(Rig(tmp_path), table.url)
    table.put(*[said("c", row(n)) for n in range(4)], (None, event("t", None)))
    report = rig.run()
    assert (report.rows.published, report.rows.refused, report.vanished) == (4, {"HUB-C131": 1}, 0)
    table.close()


def test_a_topic_that_cannot_be_read_is_told(table: Table, tmp_path: Path) -> None:
    """No such topic, and no broker, each have a code, with no word of the library's."""
    for url, code in ((table.url + "-not", "HUB-C399"), ("kafka://127.0.0.1:9/t", "HUB-C398")):
        section = {"kind": "debezium", "alias": "changes", "url": url, "timeout_seconds": 2}
        with pytest.raises(HubError) as stop:
            open_source(parse_source(section), tmp_path)
        assert stop.value.code == code
        assert stop.value.__suppress_context__ or stop.value.__context__ is None


def test_a_secured_broker_is_read_by_who_has_a_name(tmp_path: Path) -> None:
    """TLS with a name and a password from a file reads; a wrong password is told by code, and shown nowhere."""
    broker = SecuredBroker(tmp_path / "broker")
    broker.start()
    try:
        table = Table(broker, "changes", **broker.ready_options())
        table.put(said("c", row(1)))
        table.close()
        for secret, right in ((ADMIN[1], True), ("wrong-secret-1", False)):
            (tmp_path / "secret").write_text(secret + "\n", encoding="utf-8")
            url = f"kafka+tls://{ADMIN[0]}@127.0.0.1:{broker.port}/changes"
            section = {
                "kind": "debezium",
                "alias": "changes",
                "url": url,
                "password_file": "secret",
                "timeout_seconds": 9,
            }
            spec = parse_source(section | {"ca_file": "broker/ca.pem"})
            if right:
                with open_source(spec, tmp_path) as source:
                    assert sum(len(chunk.rows) for chunk in source.rows()) == 1
            else:
                with pytest.raises(Unreachable) as stop:
                    open_source(spec, tmp_path)
                assert stop.value.code == "HUB-C398"
                assert secret not in str(stop.value)
    finally:
        broker.stop()


KEY_SCHEMA = {"type": "record", "name": "Key", "fields": [{"name": "id", "type": "long"}]}
ROW_SCHEMA = {"type": "record", "name": "Value", "fields": [
    {"name": "id", "type": "long"},
    {"name": "name", "type": ["null", "string"]},
    {"name": "day", "type": ["null", {"type": "int", "connect.name": "io.debezium.time.Date"}]},
    {"name": "fee", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2,
                                      "connect.name": "org.apache.kafka.connect.data.Decimal"}]},
]}  # fmt: skip
ENVELOPE = {"type": "record", "name": "Envelope", "fields": [
    {"name": "before", "type": ["null", ROW_SCHEMA]}, {"name": "after", "type": ["null", "Value"]},
    {"name": "source", "type": {"type": "record", "name": "Source", "fields": [
        {"name": "snapshot", "type": ["null", "string"]}, {"name": "ts_ms", "type": "long"}]}},
    {"name": "op", "type": "string"},
]}  # fmt: skip


def avro(number: int, schema: Any, value: Any) -> bytes:
    """A message as Confluent's serializer writes it."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    return b"\0" + number.to_bytes(4, "big") + out.getvalue()


def test_avro_is_read_with_the_schemas_of_a_registry(table: Table, tmp_path: Path) -> None:
    """Keys and values of Avro are read as what they are, each schema asked for once; bytes of none are a broken row."""
    values = {"id": 7, "name": "某", "day": 20_209, "fee": Decimal("123.45")}
    origin = {"snapshot": None, "ts_ms": AT}

    def about(id: int, op: str, **images: Any) -> tuple[bytes, bytes]:
        whole = {"before": None, "after": None, "source": origin, "op": op, **images}
        return avro(1, KEY_SCHEMA, {"id": id}), avro(2, ENVELOPE, whole)

    table.put(
        about(7, "c", after=values),
        (avro(1, KEY_SCHEMA, {"id": 8}), b"\0\0\0\0\2\xff"),
        about(9, "c", after=values | {"id": 9}),
        about(9, "d", before=values | {"id": 9}),
        (avro(1, KEY_SCHEMA, {"id": 9}), None),
    )
    schemas = {1: KEY_SCHEMA, 2: ENVELOPE}
    with serving(lambda query: (404, b"")) as registry:
        registry.answer = lambda query: (
            200, json.dumps({"schema": json.dumps(schemas[int(registry.asked[-1][0].rsplit("/", 1)[1])])}).encode()
        )  # fmt: skip
        url = f"http://127.0.0.1:{registry.port}"
        section = {"kind": "debezium", "alias": "changes", "url": table.url, "registry": url}
        with open_source(parse_source(section), tmp_path, names=["id", "name", "day", "fee"]) as source:
            assert [column.type for column in source.columns()] == ["number", "text", "date", "number", "date"]
            chunks = list(source.rows())
        asked = [path for path, _ in registry.asked]
    cells = [one.values for chunk in chunks for one in chunk.rows]
    assert [str(cell) for cell in cells[0][:4]] == ["7", "某", "2025-05-01", "123.45"]
    assert len(cells) == 1
    assert [one.number for chunk in chunks for one in chunk.broken] == [1]
    assert [one.values[0] for chunk in chunks for one in chunk.gone] == [9]
    assert sorted(asked) == ["/schemas/ids/1", "/schemas/ids/2"]
    with pytest.raises(Unreachable) as stop, open_source(parse_source(section), tmp_path) as source:
        source.columns()
    assert stop.value.code == "HUB-C398"
