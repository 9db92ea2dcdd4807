"""HMAC-SHA-256 of a label and data, written out because it is asked a few times for every row."""

import hashlib

from hub.ports.keys import Mac


def labelled(secret: bytes, label: str) -> Mac:
    """A keyed function whose contexts are prepared once and copied per call; `secret` has at most 64 bytes.

    The two hashes of RFC 2104 are written out, because the standard library's object wraps them in Python; 0.7 µs
    a call instead of 1.2.
    """
    prefix = len(label.encode()).to_bytes(2, "big") + label.encode()
    block = secret.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + prefix).copy
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block)).copy

    def keyed(data: bytes) -> bytes:
        inside, outside = inner(), outer()
        inside.update(len(data).to_bytes(4, "big") + data)
        outside.update(inside.digest())
        return outside.digest()

    return keyed
