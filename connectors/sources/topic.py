"""Partitions of a Kafka topic, read without a group: where a read goes on is the spool's affair, not the broker's."""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from connectors.sources.database import key_of
from connectors.sources.envelope import Part, json_part
from connectors.sources.feed import Bounds, Told
from connectors.sources.source import CHUNK
from connectors.sources.spec import TOPIC, DebeziumSpec
from hub.core.errors import DataError, Unreachable

_SCRAM: Final = "SCRAM-SHA-512"

Decode = Callable[[bytes | None], Part]


class Topic:
    """One topic. Records of transactions that were given up are left out."""

    def __init__(self, spec: DebeziumSpec, folder: Path, decode: Decode = json_part) -> None:
        """Connects. `decode` raises ValueError for bytes that it cannot read.

        Raises DataError HUB-C399 without the topic, C280 for a bad `ca_file`, C224; Unreachable C398.
        """
        self._alias, self._decode = spec.alias, decode
        self._wait_ms = spec.timeout_seconds * 1000
        found = TOPIC.fullmatch(spec.url)
        assert found is not None  # judged with the declaration
        self._topic = found["topic"]
        self._consumer: Any = None
        settings = _security(spec, folder, found)
        with self._mapped():
            self._consumer = KafkaConsumer(
                bootstrap_servers=found["servers"].split(","),
                bootstrap_timeout_ms=self._wait_ms,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="none",
                allow_auto_create_topics=False,
                metrics_enabled=False,
                isolation_level="read_committed",
                max_poll_records=CHUNK,
                **settings,
            )
            parts = self._consumer.partitions_for_topic(self._topic)
        if not parts:
            self.close()
            raise DataError("HUB-C399", alias=spec.alias, name=self._topic, there="-")
        self._places = [TopicPartition(self._topic, part) for part in sorted(parts)]

    def bounds(self) -> Mapping[int, Bounds]:
        """First kept offset and end of each partition."""
        with self._mapped():
            begins = self._consumer.beginning_offsets(self._places, timeout_ms=self._wait_ms)
            ends = self._consumer.end_offsets(self._places, timeout_ms=self._wait_ms)
        return {one.partition: Bounds(begins[one], ends[one]) for one in self._places}

    def read(self, partition: int, begin: int, end: int) -> Iterator[Told]:
        """Its records; offsets may be left out where they were compacted or given up."""
        place = TopicPartition(self._topic, partition)
        with self._mapped():
            self._consumer.assign([place])
            self._consumer.seek(place, begin)
        at = begin
        while at < end:
            with self._mapped():
                answer = self._consumer.poll(self._wait_ms, max_records=CHUNK).get(place, [])
                before, at = at, self._consumer.position(place)
            for one in answer:
                if one.offset >= end:
                    return
                yield self._told(one)
            if not answer and at == before:
                raise Unreachable("HUB-C398", alias=self._alias, reason="KafkaTimeoutError")

    def close(self) -> None:
        """Let go of the broker."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with self._mapped():
                consumer.close()

    def _told(self, record: Any) -> Told:
        raw = record.value if record.value is not None else record.key or b""
        try:
            return Told(record.offset, raw, self._decode(record.key), self._decode(record.value))
        except ValueError:
            return Told(record.offset, raw, None, None)

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """The library's errors as ours, without their text."""
        try:
            yield
            return
        except KafkaError as error:
            failure = Unreachable("HUB-C398", alias=self._alias, reason=type(error).__name__)
        except OSError:
            failure = Unreachable("HUB-C398", alias=self._alias, reason="OSError")
        raise failure from None


def _security(spec: DebeziumSpec, folder: Path, found: "re.Match[str]") -> dict[str, Any]:
    """What the library is given to connect with; a password goes over TLS alone."""
    if not found["tls"]:
        return {}
    try:
        context = ssl.create_default_context(cafile=str(folder / spec.ca_file) if spec.ca_file else None)
    except (OSError, ValueError):
        raise DataError("HUB-C280", alias=spec.alias) from None
    settings: dict[str, Any] = {"security_protocol": "SSL", "ssl_context": context}
    if found["user"]:
        settings |= {"security_protocol": "SASL_SSL", "sasl_mechanism": _SCRAM}
        settings |= {"sasl_plain_username": found["user"], "sasl_plain_password": key_of(spec, folder)}
    return settings
