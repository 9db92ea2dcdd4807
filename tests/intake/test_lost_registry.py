"""A registry that was lost is restored, not made anew."""

from pathlib import Path

import pytest

from hub import installation, wiring
from hub.cli.main import run
from hub.config import load
from hub.core.errors import IntegrityError
from hub.core.outcome import Outcome, pack_outcome
from hub.core.record import Record
from hub.ports.intake import Connector


def test_a_connector_whose_frames_were_taken_gets_no_other_number(tmp_path: Path) -> None:
    """Who was only refused may register; who was taken and is not in the registry is refused with exit 4."""
    home = tmp_path / "hub"
    run(["init", "--home", str(home)])
    settings = load(home)
    asked = Connector(0, "ward", "clinic", "health", "health.*", "22", "", b"\1" * 32, "00" * 16)
    log = wiring.open_log(settings.database("log"))
    log.create("outcomes.clinic", 1)
    answer = Outcome(1, 0, "ward", "00" * 16, 1, 1, b"\2" * 32, "HUB-I301", 0, 0, (), ())
    log.append("outcomes.clinic", 0, [Record(b"ward", b"", pack_outcome(answer))])
    assert installation.register(settings, asked).number == 1
    taken = answer._replace(sequence=2, connector="lost", code="")
    log.append("outcomes.clinic", 0, [Record(b"lost", b"", pack_outcome(taken))])
    with pytest.raises(IntegrityError, match="HUB-I435"):
        installation.register(settings, asked._replace(id="lost", public_key=b"\3" * 32))
    assert installation.register(settings, asked._replace(areas="37")).number == 1
    log.close()
