"""Edge tokens: what links the pieces of one person without saying who it is (architecture §6).

While the county's key is rotated, an edge has two of them, and a number has a token under each: by the older one the
hub knows the person, by the newer one it will go on knowing them (decision 028).
"""

import hmac
from typing import Final, Protocol

from hub.core.errors import IntegrityError
from hub.ports.keys import Keys

KEY: Final = "K_edge"


class Tokens(Protocol):
    """Makes the tokens of identity numbers. A port, so that an oblivious function can take the place of the key."""

    def of(self, kind: int, value: str) -> tuple[bytes, ...]:
        """The 32-byte tokens of a canonical value, one a key, the newest first. Raises DataError HUB-G120 without."""
        ...

    def check(self) -> str:
        """16 bytes in hex for each key, the newest first: two edges that differ in it would link nobody."""
        ...


class KeyedTokens:
    """Tokens by HMAC-SHA-256 under the county's `K_edge`, with label, kind and length before the value."""

    def __init__(self, keys: Keys) -> None:
        names = KEY, *keys.before(KEY)
        self._check = " ".join(key_check(keys, name) for name in names)
        self._macs = {kind: [keys.mac(name, f"edge token {kind}") for name in names] for kind in range(1, 7)}

    def of(self, kind: int, value: str) -> tuple[bytes, ...]:
        """One HMAC a key."""
        encoded = value.encode()
        return tuple([mac(encoded) for mac in self._macs[kind]])

    def check(self) -> str:
        """As `key_check`, of every key."""
        return self._check


class PassingTokens:
    """Tokens under a key that is nowhere else: for rows that are looked at before there is a connector with keys."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, kind: int, value: str) -> tuple[bytes, ...]:
        """One, which links nobody with anybody."""
        return (hmac.digest(self._secret, f"passing token {kind} {value}".encode(), "sha256"),)

    def check(self) -> str:
        """None: no edge has this key."""
        return ""


def key_check(keys: Keys, name: str = KEY) -> str:
    """HMAC of nothing under a label of its own, cut to 16 bytes. Raises DataError HUB-G120 without such a key."""
    return keys.mac(name, "key check")(b"")[:16].hex()


def require_linked(connector: str, county: str, checks: str) -> None:
    """Whether the keys at hand are those of a spool, of which `county` is the key check.

    Raises IntegrityError HUB-C410 where the key under which its people are linked is none of them: a wrong key, or the
    older one of two taken away too early. Nobody would be known again.
    """
    if county and county not in checks.split():
        raise IntegrityError("HUB-C410", connector=connector)
