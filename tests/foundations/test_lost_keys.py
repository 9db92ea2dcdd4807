"""What `hub init` does in an installation that lost a key."""

from pathlib import Path

import pytest

from hub.cli.main import run as hub


@pytest.mark.parametrize("key", ["vault/keys/K_vault", "vault/keys/K_identity", "hub/keys/K_intake", "hub/keys/hub"])
def test_init_never_replaces_a_key_that_data_was_made_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    """With a new key in the place of a lost one every person would silently become another: `hub init` says no."""
    home = tmp_path / "home"
    assert hub(["init", "--home", str(home)]) == 0
    lost = home / f"{key}.key"
    kept = lost.read_bytes()
    lost.unlink()
    assert hub(["init", "--home", str(home)]) == 3
    assert "HUB-G123" in capsys.readouterr().err
    assert not lost.exists()
    lost.write_bytes(kept)
    assert hub(["init", "--home", str(home)]) == 0


def test_init_makes_the_key_of_a_view_that_is_newer_than_the_installation(tmp_path: Path) -> None:
    """A view that comes with a later version gets its key by `hub init`."""
    home = tmp_path / "home"
    assert hub(["init", "--home", str(home)]) == 0
    key = home / "hub" / "keys" / "K_purpose-case.key"
    key.unlink()
    assert hub(["init", "--home", str(home)]) == 0
    assert key.exists()
