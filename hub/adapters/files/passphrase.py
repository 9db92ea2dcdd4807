"""Bytes sealed under a passphrase that a person keeps: scrypt makes the key, AES-256-GCM seals (RFC 7914, SP 800-38D).

    magic "HUBS" | version | log2 n, r, p | salt, 16 | check, 16 | nonce, 12 | sealed

The check tells a wrong passphrase from content that was changed; it says no more of the key than the seal does.
"""

import os
import struct
import unicodedata
from hmac import compare_digest
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from hub.core.errors import IntegrityError, NotPermitted

_HEAD: Final = struct.Struct(">4sBBBB16s16s12s")
_MAGIC: Final = b"HUBS"
_COST: Final = (16, 8, 1)  # 64 MB and some 0.2 s for each try
_MOST: Final = (20, 16, 4)  # of a file that somebody else made: no more memory than that


def seal(passphrase: str, data: bytes, associated: bytes) -> bytes:
    """`data`, to be opened with the passphrase and the same `associated` only."""
    salt, nonce = os.urandom(16), os.urandom(12)
    key, check = _derived(passphrase, salt, _COST)
    head = _HEAD.pack(_MAGIC, 1, *_COST, salt, check, nonce)
    return head + AESGCM(key).encrypt(nonce, data, head + associated)


def open_sealed(passphrase: str, sealed: bytes, associated: bytes) -> bytes:
    """The inverse. Raises NotPermitted HUB-B601 for another passphrase, IntegrityError HUB-B402 for changed content."""
    try:
        magic, version, *cost, salt, check, nonce = _HEAD.unpack_from(sealed)
        if (magic, version) != (_MAGIC, 1) or any(one > most for one, most in zip(cost, _MOST, strict=True)):
            raise ValueError
        key, found = _derived(passphrase, salt, (cost[0], cost[1], cost[2]))
        if not compare_digest(check, found):
            raise NotPermitted("HUB-B601", file="keys.sealed")
        return AESGCM(key).decrypt(nonce, sealed[_HEAD.size :], sealed[: _HEAD.size] + associated)
    except (struct.error, ValueError, InvalidTag):
        raise IntegrityError("HUB-B402") from None


def _derived(passphrase: str, salt: bytes, cost: tuple[int, int, int]) -> tuple[bytes, bytes]:
    """Key and check. The same signs typed on another keyboard are the same passphrase."""
    typed = unicodedata.normalize("NFKC", passphrase).encode()
    whole = Scrypt(salt, 48, 2 ** cost[0], cost[1], cost[2]).derive(typed)
    return whole[:32], whole[32:]
