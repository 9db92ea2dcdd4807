"""Messages that no Debezium ever wrote: each is a refused row of its own, and holds nothing up."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from connectors.sources import open_source, parse_source
from connectors.sources.registry import Registry
from connectors.sources.spec import DebeziumSpec
from hub.core.errors import HubError, Unreachable
from tests.connectors.changes import AT, TYPES, VALUES, event, said, schema_of, whole
from tests.connectors.rig import Rig, row
from tests.connectors.test_sources_debezium import SECTION, put, read, told
from tests.connectors.test_sources_http import serving

HUGE = (2**63 - 1, -(2**63), 10**400, 1e308)


def type_of(**about: Any) -> dict[str, Any]:
    """The schema of an envelope whose row has one odd column beside the others."""
    return schema_of({**TYPES, "fee": {**TYPES["fee"], **about}})


SCHEMAS: dict[str, Any] = {
    "no fields": {"fields": [7, None, "after"]},
    "a field without a name": {"fields": [{"field": "after", "fields": [{"type": "int32"}]}]},
    "a field that is none": {"fields": [{"field": "after", "fields": ["id", 3]}]},
    "fields that are no list": {"fields": [{"field": "after", "fields": 9}]},
    "a record without fields": {"fields": [{"name": "after", "type": {"type": "record"}}]},
    "a record whose fields have no type": {
        "fields": [{"name": "after", "type": [{"type": "record", "fields": [{"name": "id"}]}]}]
    },
    "a list as a name": {"fields": [{"field": "after", "fields": [{"field": ["id"], "type": "int32"}]}]},
    "a scale in words": type_of(parameters={"scale": "two"}),
    "parameters that are none": type_of(parameters=[2]),
    "an endless scale": type_of(parameters={"scale": 10**30}),
}


@pytest.mark.parametrize("at", HUGE[:3])
def test_a_moment_beyond_all_calendars_is_a_broken_row(tmp_path: Path, at: Any) -> None:
    """A change at a time that no calendar has is refused and waits sealed; those around it are published."""
    rig = told(Rig(tmp_path))
    put(rig, said("c", row(1)), said("c", row(2), at=at), said("c", row(3)))
    report = rig.run()
    assert (report.rows.published, report.rows.refused) == (2, {"HUB-C131": 1})


@pytest.mark.parametrize("named", SCHEMAS)
def test_a_schema_that_makes_no_sense_breaks_its_own_message_only(tmp_path: Path, named: str) -> None:
    """Whatever stands where a schema should be, its message is broken, and the others are told."""
    rig = Rig(tmp_path)
    odd = (None, {"schema": SCHEMAS[named], "payload": event("c", VALUES)})
    put(rig, whole("c", VALUES), odd, whole("c", {**VALUES, "id": 8}), append=False)
    section = parse_source({**SECTION})
    with open_source(section, rig.folder, names=("id", "name"), now_ms=lambda: AT) as source:
        source.columns()
        chunks = list(source.rows())
    assert [one.number for chunk in chunks for one in chunk.rows] == [1, 3]
    assert [one.number for chunk in chunks for one in chunk.broken] == [2]


def test_half_a_character_breaks_no_run(tmp_path: Path) -> None:
    """A text with half of a character, as JSON can write one, is a refused row wherever it stands."""
    rig = told(Rig(tmp_path))
    odd = [row(2, 姓名="\ud800"), row(3, 评估编号="\ud800"), row(4, 居住区划="\udfff"), row(5, 评估结论="\ud800")]
    with (rig.folder / "changes.jsonl").open("w", encoding="ascii") as file:
        for one in (row(1), *odd, row(6)):
            key, value = said("c", one)
            file.write(json.dumps({"key": key, "value": value}) + "\n")
    report = rig.run()
    assert (report.rows.published, sum(report.rows.refused.values())) == (2, 4)
    assert rig.run().rows.read == 0
    assert rig.run(full=True).rows.unchanged == 2


WORDS = some.sampled_from([
    *("op", "before", "after", "source", "ts_ms", "snapshot", "schema", "payload", "key", "value", "fields", "field"),
    *("name", "type", "parameters", "scale", "struct", "record", "c", "r", "u", "d", "t", "m", "first", "last"),
    *("\ud800", "io.debezium.time.Date", "io.debezium.time.ZonedTimestamp", "org.apache.kafka.connect.data.Decimal"),
    *("io.debezium.data.VariableScaleDecimal", "评估编号", "id", "fee"),
])  # fmt: skip
PLAIN = some.one_of(
    some.none(), some.booleans(), some.integers(), some.sampled_from(HUGE), some.floats(), WORDS, some.text()
)
JSON = some.recursive(
    PLAIN, lambda inner: some.one_of(some.lists(inner, max_size=4), some.dictionaries(WORDS, inner, max_size=5))
)
MESSAGES = some.one_of(
    JSON,
    some.builds(lambda *parts: dict(zip(("op", "before", "after", "source"), parts, strict=True)), WORDS, JSON, JSON,
                some.dictionaries(WORDS, JSON, max_size=3)),
    some.builds(lambda schema, more: {"schema": schema, "payload": event("c", {**VALUES, **more})}, JSON,
                some.dictionaries(some.sampled_from(sorted(VALUES)), JSON, max_size=3)),
    some.builds(lambda about, more: {"schema": schema_of(TYPES | about), "payload": event("c", {**VALUES, **more})},
                some.dictionaries(some.sampled_from(sorted(VALUES)), some.dictionaries(WORDS, JSON), max_size=3),
                some.dictionaries(some.sampled_from(sorted(VALUES)), JSON, max_size=3)),
)  # fmt: skip
KEYS = some.one_of(some.none(), JSON, some.builds(lambda id: {"id": id}, JSON))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(some.one_of(some.tuples(KEYS, MESSAGES), some.binary(max_size=30)), min_size=1, max_size=4))
def test_no_message_ends_in_a_traceback(messages: list[Any]) -> None:
    """Whatever lies in the feed, a read ends with what it could tell, or with one of its stops, by code."""
    with TemporaryDirectory() as name:
        path = Path(name) / "changes.jsonl"
        with path.open("wb") as file:
            for one in messages:
                pair = None if isinstance(one, bytes) else {"key": one[0], "value": one[1]}
                line = one.replace(b"\n", b" ") if pair is None else json.dumps(pair).encode()
                file.write(line + b"\n")
        for names in (("id",), ()):
            try:
                read(Path(name), None, names)
            except HubError as stop:
                assert stop.code in ("HUB-C201", "HUB-C202", "HUB-C203", "HUB-C204", "HUB-C396")  # noqa: PT017


def test_a_schema_number_that_a_registry_does_not_know_breaks_its_message_only(tmp_path: Path) -> None:
    """Bytes that look like Avro and name a schema that the registry says it lacks are no message, once it knew another;
    of a registry that knows none, or an answer that is not its own, nothing follows: that stops the read."""
    body = json.dumps({"error_code": 40403, "message": "Schema not found"}).encode()
    with serving(lambda query: (404, body)) as there:
        url = f"http://127.0.0.1:{there.port}"
        spec = parse_source({"kind": "debezium", "alias": "a", "url": "kafka://127.0.0.1:9/t", "registry": url})
        assert isinstance(spec, DebeziumSpec)
        decode = Registry(spec, tmp_path).decode
        with pytest.raises(Unreachable, match="HUB-C398"):
            decode(b"\0\0\0\0\7rubbish")
        there.answer = lambda query: (200, json.dumps({"schema": '"int"'}).encode())  # type: ignore[misc]
        assert decode(b"\0\0\0\0\1\2")[0] == 1
        there.answer = lambda query: (404, body)  # type: ignore[misc]
        for raw in (b"\0\0\0\0\7rubbish", b"\0", b"{}", b""):
            with pytest.raises(ValueError, match=""):
                decode(raw)
        for other in (b"", b"<html>", b"[]", b'{"error_code": 40401}'):
            there.answer = lambda query, other=other: (404, other)  # type: ignore[misc]
            with pytest.raises(Unreachable) as stop:
                decode(b"\0\0\0\0\7rubbish")
            assert stop.value.code == "HUB-C398"
