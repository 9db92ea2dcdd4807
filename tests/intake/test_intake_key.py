"""Intake and its key: the ids that it gives depend on `K_intake` alone, so another one must be noticed."""

from pathlib import Path

import pytest

from hub.adapters.files.keys import FileKeys
from hub.adapters.sql.intake import SqliteIntakeStore
from hub.core.errors import IntegrityError
from tests.intake.build import Edge, Installation, Say

FILED = "health.PatientFiled"


def test_another_key_is_noticed_before_an_event_gets_an_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Intake under another key than the one it began with opens for nobody, unless it does not look."""
    home = Installation(tmp_path)
    edge = Edge(home, "c")
    edge.send(Say("agency.SourceStarted", given=(("reason", "first"),)), Say(FILED, ("ann",)))
    home.drain()
    home.close()
    (tmp_path / "hub/keys/K_intake.key").unlink()
    home.hub_keys = FileKeys(tmp_path / "hub/keys")
    home.hub_keys.make("secret", "K_intake")
    with pytest.raises(IntegrityError, match="HUB-I436"):
        home.open()
    monkeypatch.setattr(SqliteIntakeStore, "same_key", lambda store, check: True)
    home.open()
    home.close()


def test_an_intake_that_took_nothing_may_begin_under_any_key(tmp_path: Path) -> None:
    """Keys that were made anew before the first frame stop nobody."""
    Installation(tmp_path).close()
    (tmp_path / "hub/keys/K_intake.key").unlink()
    home = Installation(tmp_path)
    Edge(home, "c").send(Say("agency.SourceStarted", given=(("reason", "first"),)), Say(FILED, ("ann",)))
    assert home.drain().appended == 2
    home.close()
