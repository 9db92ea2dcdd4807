"""Keys in files: what the rest of the program relies on."""

import hashlib
import hmac
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.adapters.files.keys import FileKeys
from hub.core.errors import DataError, IntegrityError


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(label=st.text(max_size=20), data=st.binary(max_size=300))
def test_a_mac_is_an_hmac_over_label_and_data(tmp_path: Path, label: str, data: bytes) -> None:
    """The keyed function is HMAC-SHA-256 of the length-prefixed label and data, so that others can compute it."""
    keys = FileKeys(tmp_path)
    keys.make("secret", "k")
    secret = bytes.fromhex((tmp_path / "k.key").read_text().split()[1])
    name = label.encode()
    message = len(name).to_bytes(2, "big") + name + len(data).to_bytes(4, "big") + data
    assert keys.mac("k", label)(data) == hmac.digest(secret, message, hashlib.sha256)


def test_one_mac_can_be_asked_often(tmp_path: Path) -> None:
    """What was asked before leaves no trace in the next answer."""
    keys = FileKeys(tmp_path)
    keys.make("secret", "k")
    mac = keys.mac("k", "label")
    first = mac(b"a")
    mac(b"b")
    assert mac(b"a") == first != mac(b"b")


def test_a_rotated_key_opens_what_was_made_for_it_and_for_the_one_before(tmp_path: Path) -> None:
    """Overlap, also for a process that read the old key before it was rotated; a destroyed key opens nothing."""
    keys, running = FileKeys(tmp_path), FileKeys(tmp_path)
    keys.make("wrap", "hub")
    first = keys.wrap(keys.public("hub"), b"k" * 16, b"label")
    assert running.unwrap("hub", first, b"label") == b"k" * 16
    keys.rotate("hub", "2026-03-02")
    second = keys.wrap(keys.public("hub"), b"m" * 16, b"label")
    for each in (keys, running, FileKeys(tmp_path)):
        assert [each.unwrap("hub", wrapped, b"label")[:1] for wrapped in (first, second, first)] == [b"k", b"m", b"k"]
        assert each.opened_by("hub", first, b"label") == "hub-until-2026-03-02"
        assert each.opened_by("hub", second, b"label") == "hub"
    with pytest.raises(DataError) as again:
        keys.rotate("hub", "2026-03-02")
    assert again.value.code == "HUB-K301"
    keys.destroy("hub-until-2026-03-02")
    for each in (keys, FileKeys(tmp_path)):
        with pytest.raises(IntegrityError) as gone:
            each.unwrap("hub", first, b"label")
        assert gone.value.code == "HUB-G410"
        assert each.unwrap("hub", second, b"label") == b"m" * 16
    assert [path.stat().st_mode & 0o077 for path in tmp_path.glob("*.key")] == [0]


@pytest.mark.parametrize("at", [1, 2])
def test_a_rotation_that_was_cut_off_loses_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """Whenever the machine stops in the middle, what was sealed for the old key can be opened."""
    keys = FileKeys(tmp_path)
    keys.make("wrap", "hub")
    wrapped = keys.wrap(keys.public("hub"), b"k" * 16, b"label")
    calls, replace = [0], os.replace

    def cut(source: Path, target: Path) -> None:
        calls[0] += 1
        if calls[0] == at:
            raise OSError
        replace(source, target)

    monkeypatch.setattr(os, "replace", cut)
    with pytest.raises(OSError):
        keys.rotate("hub", "2026-03-02")
    monkeypatch.undo()
    assert FileKeys(tmp_path).unwrap("hub", wrapped, b"label") == b"k" * 16


def test_an_emptied_key_is_no_destroyed_one(tmp_path: Path) -> None:
    """A file that a full disk left empty is damaged and told so; to destroy another key does not take it away."""
    keys = FileKeys(tmp_path)
    keys.make("secret", "K_agency")
    keys.make("secret", "rows-1")
    (tmp_path / "K_agency.key").write_bytes(b"")
    keys.destroy("rows-1")
    assert (tmp_path / "K_agency.key").exists()
    assert not (tmp_path / "rows-1.key").exists()
    with pytest.raises(DataError) as stop:
        FileKeys(tmp_path).mac("K_agency", "label")
    assert stop.value.code == "HUB-G122"
