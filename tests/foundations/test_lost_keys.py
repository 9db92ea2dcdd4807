"""What `hub init` does in an installation that lost a key."""

import errno
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


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_read_only_disk_is_no_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    """What the operating system refuses ends with exit 5 and its reason, and without the path."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "refused", "张三.csv")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert hub(["init", "--home", str(tmp_path / "home")]) == 5
    told = capsys.readouterr().err
    assert "HUB-G520" in told
    assert errno.errorcode[number] in told
    assert "张三" not in told
