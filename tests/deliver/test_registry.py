"""The registry: what Confluent's clients ask for, and nothing that writes."""

import io
import json
from pathlib import Path

import fastavro
import pytest
from hypothesis import given, settings

from hub.core.outcome import FRAMING, SCHEMA_ID, Outcome, pack_outcome
from hub.deliver.registry import Registry
from hub.events import KINDS, KINDS_BY_ID
from hub.schema import index
from hub.schema.load import folder
from tests.core.test_outcome import OUTCOMES

REGISTRY = Registry()


def got(path: str) -> object:
    answer = REGISTRY.answer("GET", path)
    assert answer is not None
    assert answer.status == 200
    return answer.document


@pytest.mark.parametrize("prefix", ["", "/registry"])
def test_every_released_schema_is_found_by_id_and_by_subject(prefix: str) -> None:
    """Each id gives the schema of its type, under the prefix and without it, and so does the subject's version."""
    assert got(f"{prefix}/subjects") == sorted([*KINDS, "hub.FrameAnswered"])
    for kind in KINDS_BY_ID.values():
        found = got(f"{prefix}/schemas/ids/{kind.id}?subject=x&fetchMaxId=false")
        assert isinstance(found, dict)
        schema = json.loads(found["schema"])
        assert f"{schema['namespace']}.{schema['name']}" == kind.type
        assert fastavro.parse_schema(schema)
        told = {"subject": kind.type, "version": kind.version, "id": kind.id, "schema": found["schema"]}
        newest = kind is KINDS[kind.type]
        for version in (kind.version, *(["latest"] if newest else [])):
            assert got(f"{prefix}/subjects/{kind.type}/versions/{version}") == told
        assert got(f"{prefix}/schemas/ids/{kind.id}/versions") == [{"subject": kind.type, "version": kind.version}]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/registry/schemas/ids/999999", 404, 40403),
        ("/registry/schemas/ids/1e3", 404, 40403),
        ("/schemas/ids/160101199003070010", 404, 40403),
        ("/registry/subjects/none/versions", 404, 40401),
        ("/registry/subjects/none/versions/1", 404, 40401),
        ("/subjects/hub.DayTicked/versions/9", 404, 40402),
        ("/subjects/hub.DayTicked/versions/x", 422, 42202),
        ("/registry/other", 404, 404),
    ],
)
def test_what_there_is_not_is_told_as_clients_expect_it(path: str, status: int, code: int) -> None:
    """Errors have Confluent's codes, and do not repeat what was asked for."""
    answer = REGISTRY.answer("GET", path)
    assert answer is not None
    assert (answer.status, answer.document["error_code"]) == (status, code)
    assert "160101199003070010" not in json.dumps(answer.document)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_registered(method: str) -> None:
    """Every method that writes is refused on every path of the registry, and none of another path is answered."""
    for path in ("/registry/subjects/hub.DayTicked/versions", "/subjects/x", "/registry/config", "/schemas/ids/1"):
        answer = REGISTRY.answer(method, path)
        assert answer is not None
        assert (answer.status, answer.document["error_code"]) == (422, 42205)
    assert REGISTRY.answer("GET", "/health/other") is None


def test_the_register_fixes_the_schema_of_outcomes(tmp_path: Path) -> None:
    """The text of an outcome's schema has the fingerprint of the register, and its id is no event's."""
    (entry,) = index.wire(folder())
    raw = json.loads((folder() / index.wire_name(entry)).read_text(encoding="utf-8"))
    assert index.fingerprint(raw) == entry.fingerprint
    assert entry.id == SCHEMA_ID
    assert entry.id not in KINDS_BY_ID
    raw["fields"][0]["type"] = "int"
    assert index.fingerprint(raw) != entry.fingerprint


@settings(max_examples=50)
@given(OUTCOMES)
def test_an_outcome_is_what_avro_says_it_is(outcome: Outcome) -> None:
    """A foreign reader with the released schema reads every field, and a foreign writer's bytes are ours."""

    (entry,) = index.wire(folder())
    schema = fastavro.parse_schema(json.loads((folder() / index.wire_name(entry)).read_text(encoding="utf-8")))
    raw = pack_outcome(outcome)
    found = fastavro.schemaless_reader(io.BytesIO(raw[5:]), schema, None)
    assert isinstance(found, dict)
    assert found["incarnation"].hex() == outcome.incarnation
    assert [tuple(one.values()) for one in found["events"]] == [tuple(one) for one in outcome.events]
    assert [tuple(one.values()) for one in found["next"]] == list(outcome.next)
    again = io.BytesIO()
    fastavro.schemaless_writer(again, schema, found)
    assert FRAMING + again.getvalue() == raw
