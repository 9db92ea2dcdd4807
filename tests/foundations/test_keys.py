"""Keys in files: what the rest of the program relies on."""

import hashlib
import hmac
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.adapters.files.keys import FileKeys


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
