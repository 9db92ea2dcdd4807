"""The laws of the log port on real brokers, none left out; and what only a Kafka log has to say no to."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaTimeoutError

from hub.adapters.kafka.cluster import MOST_BYTES, REGISTER
from hub.adapters.kafka.headers import RAW
from hub.adapters.kafka.log import KafkaLog
from hub.cli.main import run
from hub.core.errors import AppendUncertain, DataError, IntegrityError, Unreachable
from hub.core.record import Bounds, Record, pack_headers
from hub.ports.log import Log
from tests.conformance.log_laws import LAWS, Rig, everything, record, records
from tests.kafka.broker import VERSIONS, Broker, free_port

pytestmark = pytest.mark.slow


class Logs:
    """Logs on one broker, closed at the end."""

    def __init__(self, broker: Broker, names: Iterator[str]) -> None:
        self._broker, self._names = broker, names
        self._opened: list[tuple[Log, str]] = []

    def make(self) -> KafkaLog:
        """A new log."""
        return self.open(f"{self._broker.url}/{next(self._names)}")

    def open(self, url: str) -> KafkaLog:
        """The log at an address, by a connection of its own."""
        log = KafkaLog(url)
        self._opened.append((log, url))
        return log

    def again(self, log: Log) -> KafkaLog:
        """The log after its user ended."""
        log.close()
        return self.open(self.url(log))

    def beside(self, log: Log) -> KafkaLog:
        """A second user."""
        return self.open(self.url(log))

    def url(self, log: Log) -> str:
        """Where a log is."""
        return next(url for one, url in self._opened if one is log)

    def close(self) -> None:
        """Close them all."""
        for log, _ in self._opened:
            log.close()


@pytest.fixture
def logs(broker: Broker, names: Iterator[str]) -> Iterator[Logs]:
    """Logs on the newest broker."""
    with closing(Logs(broker, names)) as found:
        yield found


@pytest.fixture
def admin(broker: Broker) -> Iterator[Any]:
    """Somebody who may do what we never do."""
    with closing(KafkaAdminClient(bootstrap_servers=f"127.0.0.1:{broker.port}")) as client:
        yield client


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("version", VERSIONS)
def test_log(version: str, law: Callable[[Rig], None], brokers: Callable[[str], Broker], names: Iterator[str]) -> None:
    """Every law of the log port holds on a real broker of each version."""
    with closing(Logs(brokers(version), names)) as logs:
        law(Rig(logs.make, logs.again, logs.beside))


def test_headers_are_native(logs: Logs, broker: Broker) -> None:
    """Another tool reads the headers of a record by their names, in their order; what is no headers comes back, too."""
    log = logs.make()
    log.create("t", 1)
    packed = pack_headers([("ce_id", b"1"), ("refs", bytes(range(256))), ("ce_id", b"")])
    strange = [Record(b"k", pack_headers([(RAW, b"x")]), b"v"), Record(b"k", b"\xff\xff", b"v"), Record(b"k", b"", b"")]
    log.append("t", 0, [Record(b"k", packed, b"v"), *strange])
    assert [each.headers for each in everything(log)] == [packed, *(each.headers for each in strange)]
    (seen, *_) = _seen(broker, logs.url(log), 1)
    assert seen == [("ce_id", b"1"), ("refs", bytes(range(256))), ("ce_id", b"")]


def test_a_topic_made_again_is_refused_by_name(logs: Logs, admin: Any) -> None:
    """A topic that was deleted, and one that was made again under its name, are refused, by old and new users."""
    log = logs.make()
    log.create("t", 1)
    log.create("s", 1)
    log.append("t", 0, records(0, 3))
    native = log.cluster.address.native("t")
    admin.delete_topics([native])
    with pytest.raises(IntegrityError, match="HUB-L404 topic=t"):
        logs.beside(log).create("t", 1)
    admin.create_topics({native: {"num_partitions": 1}}, wait_for_metadata=True)
    other = logs.beside(log)
    for use in (lambda: other.create("t", 1), lambda: other.read("t", 0, 0, 1), lambda: other.append("t", 0, [])):
        with pytest.raises(IntegrityError, match="HUB-L404 topic=t"):
            use()
    assert other.append("s", 0, records(0, 1)) == 0
    assert other.identity() == log.identity()


def test_a_log_made_again_is_another(logs: Logs, admin: Any) -> None:
    """When the register is made again, the identity is another one, so that no store takes the log for its own."""
    log = logs.make()
    before = log.identity()
    native = log.cluster.address.native(REGISTER)
    admin.delete_topics([native])
    admin.create_topics({native: {"num_partitions": 1}}, wait_for_metadata=True)
    assert logs.again(log).identity() != before


def test_a_log_cut_short_is_refused(logs: Logs, admin: Any) -> None:
    """A partition that lost its beginning says so, and a read before what is kept is refused, whoever read there."""
    log = logs.make()
    log.create("t", 1)
    log.append("t", 0, records(0, 10))
    assert log.read("t", 0, 0, 100) == records(0, 10)
    admin.delete_records({TopicPartition(log.cluster.address.native("t"), 0): 4})
    for user in (log, logs.beside(log)):
        with pytest.raises(IntegrityError, match="HUB-L401 topic=t partition=0 offset=0"):
            user.read("t", 0, 0, 100)
        assert user.bounds("t", 0) == Bounds(4, 10)
        assert user.read("t", 0, 4, 100) == records(4, 10)


def test_there_is_no_log_where_none_was_made(broker: Broker, names: Iterator[str]) -> None:
    """A log that is not to be made is refused where there is none; the broker is left as it was."""
    url = f"{broker.url}/{next(names)}"
    for _ in range(2):
        with pytest.raises(DataError, match="HUB-L105"):
            KafkaLog(url, make=False)
    with closing(KafkaLog(url)) as made, closing(KafkaLog(url, make=False)) as found:
        assert made.identity() == found.identity()


def test_a_log_succeeds_one_other(logs: Logs) -> None:
    """Of two who move to one place at once, the first has it: the other is refused, and everybody goes by the first."""
    log = logs.make()
    log.create("t", 1)
    other = logs.beside(log)
    for _ in range(2):
        log.succeed("before")
    with pytest.raises(IntegrityError, match="HUB-L561"):
        other.succeed("a third")  # it had not heard of the first
    assert {each.identity() for each in (log, other, logs.beside(log))} == {"before"}
    assert other.topics() == {"t": 1}
    assert (log.place() == other.place(), log.place() == "before") == (True, False)


def test_one_log_by_two_names_of_a_broker_is_at_one_place(
    broker: Broker, names: Iterator[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy of a log into itself, the broker named otherwise, is refused; into another prefix it is made."""
    url = f"{broker.url}/{next(names)}"
    with closing(KafkaLog(url)) as log:
        log.create("t", 1)
    assert run(["log", "copy", url, url.replace("127.0.0.1", "localhost")]) == 2
    assert "HUB-L580" in capsys.readouterr().err
    assert run(["log", "copy", url, f"{broker.url}/{next(names)}"]) == 0


def test_logs_on_one_cluster_do_not_see_each_other(logs: Logs, broker: Broker) -> None:
    """Topics under a prefix belong to the log of that prefix, and to no log that has none."""
    log = logs.make()
    log.create("only-here", 1)
    assert log.topics() == {"only-here": 1}
    assert not [name for name in logs.open(broker.url).topics() if "only-here" in name]


def test_a_record_too_large_is_refused_before_anything_is_sent(logs: Logs) -> None:
    """The largest record lands; one byte more is refused, and what came before it in the same call is not there."""
    log = logs.make()
    log.create("t", 1)
    largest = Record(b"k", b"", bytes(MOST_BYTES - 1))
    assert log.append("t", 0, [largest]) == 0
    with pytest.raises(DataError, match="HUB-L107"):
        log.append("t", 0, [record(1), largest._replace(key=b"kk")])
    assert everything(log) == [largest]


def test_a_name_that_kafka_does_not_take_is_refused(logs: Logs) -> None:
    """A topic's name with a space is no bug of ours but data to be mended."""
    with pytest.raises(DataError, match="HUB-L108"):
        logs.make().create("a b", 1)


def test_nothing_acknowledged_is_lost_when_the_broker_is_killed(
    tmp_path_factory: pytest.TempPathFactory, names: Iterator[str]
) -> None:
    """No answer of a killed broker is an error of ours; after its restart all acknowledged records are there."""
    broker = Broker(tmp_path_factory.mktemp("killed")).start()
    url = f"{broker.url}/{next(names)}"
    try:
        with closing(KafkaLog(url, seconds=4)) as log:
            log.create("t", 1)
            identity = log.identity()
            for first in range(0, 3000, 500):
                assert log.append("t", 0, records(first, first + 500)) == first
            broker.kill()
            with pytest.raises(AppendUncertain, match="HUB-L501"):
                log.append("t", 0, records(3000, 3010))
            with pytest.raises(Unreachable, match="HUB-L502"):
                log.bounds("t", 0)
            with pytest.raises(Unreachable, match="HUB-L502"):
                KafkaLog(url, seconds=1)
            broker.start()
            assert log.identity() == identity
            assert everything(log)[:3000] == records(0, 3000)
            end = log.bounds("t", 0).end
            assert log.append("t", 0, [record(1)]) == end
        with closing(KafkaLog(url)) as again:
            assert (again.identity(), everything(again)[:3000]) == (identity, records(0, 3000))
    finally:
        broker.stop()


def test_no_broker_is_an_error_and_no_wait_for_ever() -> None:
    """Where nobody listens, and where no name leads, the log does not answer."""
    for place in (f"127.0.0.1:{free_port()}", "no-such-host.invalid"):
        with pytest.raises(Unreachable, match="HUB-L502"):
            KafkaLog(f"kafka://{place}", seconds=1)


def _seen(broker: Broker, url: str, limit: int) -> list[list[tuple[str, bytes]]]:
    topic = f"{url.rpartition('/')[2]}.t"
    servers = f"127.0.0.1:{broker.port}"
    with closing(KafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest")) as consumer:
        return [list(next(consumer).headers) for _ in range(limit)]


def test_who_got_no_answer_asks_anew(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that never hears of a broker again is not asked twice: the next call begins without its past."""
    log = logs.make()
    log.create("t", 1)
    log.append("t", 0, records(0, 3))
    assert everything(log, "t", 0) == records(0, 3)
    for name in ("beginning_offsets", "end_offsets", "poll"):
        deaf = log._reader._opened()

        def silent(*_: object, **__: object) -> object:
            raise KafkaTimeoutError

        monkeypatch.setattr(deaf, name, silent)
        with pytest.raises(Unreachable, match="HUB-L502"):
            log._reader.fetch(log._place("t", 0), 0, "t") if name == "poll" else log._reader.bounds(log._place("t", 0))
        assert everything(log, "t", 0) == records(0, 3)
        assert log.bounds("t", 0) == (0, 3)
