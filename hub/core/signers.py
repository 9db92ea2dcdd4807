"""A connector's signing keys as the registry keeps them, and how a new one is announced by the old one.

    {"format": 1, "kind": "signing key", "connector": "...", "agency": "...", "public_key": "...", "signature": "..."}

The registry holds 32 bytes for each public key, the newer one first while two are good.
"""

import json
import re
from hashlib import sha256
from typing import Final, NamedTuple

from hub.core.errors import DataError
from hub.core.format import check_format, same_bytes

FORMAT: Final = 1
SIZE: Final = 32
_KIND: Final = "signing key"
_SHAPES: Final = {"connector": r"[a-z0-9_-]{1,63}", "agency": r"[a-z0-9_-]{1,63}", "public_key": "[0-9a-f]{64}",
                  "signature": "[0-9a-f]{128}"}  # fmt: skip


class Announcement(NamedTuple):
    """A connector's new public key, signed with the key that the hub knows."""

    connector: str
    agency: str
    public_key: str
    signature: str = ""

    def signed(self) -> bytes:
        """What the signature is over."""
        return same_bytes({"kind": _KIND} | self._replace(signature="")._asdict())


def signers(public_key: bytes) -> list[bytes]:
    """The public keys of a registry entry, the newest first."""
    return [public_key[at : at + SIZE] for at in range(0, len(public_key), SIZE)]


def pack_announcement(announced: Announcement) -> str:
    """The text of a file to be carried."""
    return json.dumps({"format": FORMAT, "kind": _KIND} | announced._asdict(), indent=2) + "\n"


def unpack_announcement(text: str, name: str) -> Announcement:
    """The inverse. Raises DataError HUB-K317 for what is none, HUB-G130 for one of a newer program."""
    try:
        found = json.loads(text)
        check_format(int(found.pop("format")), FORMAT, "announcement")
        if found.pop("kind") != _KIND or found.keys() != _SHAPES.keys():
            raise ValueError
        if not all(type(found[key]) is str and re.fullmatch(shape, found[key]) for key, shape in _SHAPES.items()):
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise DataError("HUB-K317", file=name) from None
    return Announcement(**found)


def digits(announced: Announcement) -> str:
    """25 digits in five groups, read out by telephone: they tell that the hub has just this key."""
    number = int.from_bytes(sha256(b"taken\0" + announced.signed()).digest(), "big") % 10**25
    return "-".join(re.findall(".{5}", f"{number:025}"))
