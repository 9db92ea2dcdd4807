"""What we write must be readable without us."""

import json
import shutil
from pathlib import Path

import pytest

from hub.schema import load
from hub.schema.load import folder, survey


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
