"""What these tests share."""

import pytest

from connectors.backfill import lots
from connectors.backfill.pace import Pace
from tests.typed import typed

__all__ = ["small", "typed"]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lots of six rows, in pages of three."""
    monkeypatch.setattr(lots, "LOT", 6)
    monkeypatch.setattr(Pace, "at_once", 3)
