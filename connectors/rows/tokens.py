"""Edge tokens: what links the pieces of one person without saying who it is (architecture §6)."""

from collections.abc import Sequence
from typing import Protocol

from hub.ports.keys import Keys


class Tokens(Protocol):
    """Makes the tokens of identity numbers. A port, so that an oblivious function can take the place of the key."""

    def many(self, kind: int, values: Sequence[str]) -> list[bytes]:
        """The 32-byte token of each canonical value. Raises DataError HUB-G120 without a key."""
        ...

    def check(self) -> str:
        """16 bytes in hex that tell keys apart: two edges that differ in it would link nobody."""
        ...


class KeyedTokens:
    """Tokens by HMAC-SHA-256 under the county's `K_edge`, with label, kind and length before the value."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._macs = {kind: keys.mac("K_edge", f"edge token {kind}") for kind in range(1, 7)}

    def many(self, kind: int, values: Sequence[str]) -> list[bytes]:
        """One HMAC each."""
        mac = self._macs[kind]
        return [mac(value.encode()) for value in values]

    def check(self) -> str:
        """As `key_check`."""
        return key_check(self._keys)


def key_check(keys: Keys, name: str = "K_edge") -> str:
    """HMAC of nothing under a label of its own, cut to 16 bytes. Raises DataError HUB-G120 without such a key."""
    return keys.mac(name, "key check")(b"")[:16].hex()
