"""Keys by name. No key leaves the adapter but the fresh ones of a frame (architecture §6)."""

from collections.abc import Callable
from typing import Final, Protocol

Mac = Callable[[bytes], bytes]

COMING: Final = "-next"
"""Ends the name of a key that is made already, and is to take the place of the one of that name."""

UNTIL: Final = "-until-"
"""Stands in the name of a key that another one took the place of, before the day of that."""


class Keys(Protocol):
    """A folder of named keys and the operations on them. Unknown names raise DataError HUB-G120."""

    def make(self, kind: str, name: str) -> None:
        """Make and keep a key if there is none: kind `secret` (HMAC, seal), `sign` (Ed25519) or `wrap` (X25519)."""
        ...

    def names(self) -> list[str]:
        """The names of all keys, sorted."""
        ...

    def promote(self, name: str, next: str, until: str) -> None:
        """Put the key `next` in the place of `name`, which is kept as one before it, until that day; without a day it
        is destroyed. What was cut off is gone on with."""
        ...

    def is_cut_off(self, name: str) -> bool:
        """Whether a key was kept as an older one, and the new one did not come into its place any more."""
        ...

    def forget(self) -> None:
        """Read every key again when it is next used: another process may have changed them."""
        ...

    def before(self, name: str) -> list[str]:
        """The names of the keys whose place this one took and that were not destroyed, newest first."""
        ...

    def public(self, name: str) -> bytes:
        """The public half of a `sign` or `wrap` key, 32 bytes."""
        ...

    def mac(self, name: str, label: str) -> Mac:
        """HMAC-SHA-256 under the key, over length-prefixed label ‖ data; 32 bytes."""
        ...

    def sign(self, name: str, data: bytes) -> bytes:
        """An Ed25519 signature, 64 bytes."""
        ...

    def check(self, public: bytes, data: bytes, signature: bytes) -> bool:
        """Whether `signature` over `data` was made by the holder of `public`."""
        ...

    def wrap(self, public: bytes, key: bytes, label: bytes) -> bytes:
        """Encrypt a key for the holder of `public` (HPKE, RFC 9180; X25519, HKDF-SHA-256, AES-128-GCM)."""
        ...

    def unwrap(self, name: str, wrapped: bytes, label: bytes) -> bytes:
        """The inverse of `wrap`, by this key or one that it took the place of and that is not destroyed.

        Raises IntegrityError HUB-G410 when it was made for none of them, or for another label.
        """
        ...

    def fresh(self) -> bytes:
        """A new 16-byte key for one frame."""
        ...

    def seal(self, key: bytes, data: bytes, associated: bytes) -> bytes:
        """Encrypt once under a fresh key of `fresh` (AES-128-GCM); the nonce is fixed, so never twice with one key."""
        ...

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes:
        """The inverse of `seal`. Raises IntegrityError HUB-G410."""
        ...

    def lock(self, name: str, data: bytes, associated: bytes) -> bytes:
        """Encrypt many things under one named secret, each with a random nonce."""
        ...

    def unlock(self, name: str, locked: bytes, associated: bytes) -> bytes:
        """The inverse of `lock`. Raises IntegrityError HUB-G410."""
        ...

    def lock_alike(self, name: str, data: bytes, associated: bytes) -> bytes:
        """Encrypt under one named secret so that the same data always gives the same bytes (AES-SIV, RFC 5297)."""
        ...

    def unlock_alike(self, name: str, locked: bytes, associated: bytes) -> bytes:
        """The inverse of `lock_alike`. Raises IntegrityError HUB-G410."""
        ...

    def destroy(self, name: str) -> None:
        """Overwrite and remove a key; what it locked is gone."""
        ...
