"""What we write must be readable without us."""

import json
import shutil
from pathlib import Path

import pytest

from hub import flat
from hub.codec import framing
from hub.events import KINDS, KINDS_BY_ID
from hub.schema import load
from hub.schema.load import folder, survey
from tests.flow.sample import CODEC, fields


def test_a_schema_that_no_avro_library_takes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were our own rules blind, a general Avro library would still be asked."""
    monkeypatch.setattr(load, "faults", lambda raw, path, codes: [])
    shutil.copytree(folder(), tmp_path / "avro")
    assert survey(tmp_path / "avro")[1] == []
    path = tmp_path / "avro" / "agency" / "ApplicationFiled.avsc"
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["fields"][1]["type"] = "nonsense"
    path.write_text(json.dumps(raw), encoding="utf-8")
    assert [(each.code, each.path) for each in survey(tmp_path / "avro")[1]] == [
        ("HUB-S130", "agency/ApplicationFiled.avsc")
    ]


def test_what_an_older_version_wrote_is_read_as_the_newest_type() -> None:
    """Fields that came later are null in old bytes, whatever type they belong to (decision 004)."""
    older = [kind for kind in KINDS_BY_ID.values() if kind is not KINDS[kind.type]]
    assert older, "no type has a second version: nothing was tried"
    for kind in older:
        now = fields(kind.type)
        count = len(kind.avro["fields"])
        value = framing(kind.id) + flat.encoder(kind.avro)(tuple(now)[:count])
        found, read = CODEC.decode(value)
        assert (found, tuple(read)) == (kind, (*tuple(now)[:count], *[None] * (len(now) - count)))
