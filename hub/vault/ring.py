"""The vault's keys: those that find a token's link, and the one that locks what a link says (decision 029).

The vault keeps no token, so that a new `K_vault` cannot be put in the place of the old one: it is put around it. A
token's mark is a MAC of a MAC, one a key, the first key innermost. `K_identity` is really exchanged.

While the vault is written anew, the keys that are to come are `K_vault-next` and `K_identity-next`; which are those of
the database is told by the key check in it, that changes in the same transaction as all that is under the keys.
"""

from typing import Final, NamedTuple

from hub.core.errors import IntegrityError
from hub.ports.keys import COMING, Keys, Mac

INDEX: Final = "K_vault"
LOCKING: Final = "K_identity"
_NAMES: Final = tuple(f"{name}{COMING}" for name in (INDEX, LOCKING))


class Ring(NamedTuple):
    """Keys that belong together. `lock` is the name of the one that locks, `check` tells the ring from others."""

    macs: tuple[Mac, ...]
    identity: Mac
    lock: str
    check: bytes

    def mark(self, name: bytes) -> bytes:
        """A token's mark: its first 8 bytes find the link, the others are in it."""
        mark = self.macs[0](name)
        for mac in self.macs[1:]:
            mark = mac(mark[8:])
        return mark

    def again(self, rest: bytes) -> bytes:
        """The mark that this ring gives where the ring before it gave one that ends so."""
        return self.macs[-1](rest)


def current(keys: Keys) -> Ring:
    """The ring of a vault that is not being written anew."""
    return _ring(keys, _inner(keys), LOCKING)


def coming(keys: Keys) -> Ring:
    """The ring that takes the place of the current one; its keys are made where they lack."""
    for name in _NAMES:
        keys.make("secret", name)
    return _ring(keys, (*_inner(keys), _NAMES[0]), _NAMES[1])


def ring_of(keys: Keys, check: bytes) -> Ring:
    """The ring of a database with this key check. Raises IntegrityError HUB-V411 when it is none that is here."""
    there = set(keys.names())
    lock = _NAMES[1] if _NAMES[1] in there and _NAMES[0] not in there else LOCKING  # was cut off between the two
    now = current(keys)._replace(lock=lock)
    if now.check == check:
        return now
    if there.issuperset(_NAMES) and (then := coming(keys)).check == check:
        return then
    raise IntegrityError("HUB-V411")


def settle(keys: Keys, check: bytes, until: str) -> bool:
    """Give the keys of a database that was written anew their names; whether there were any. The outer key first."""
    there = set(keys.names())
    if _NAMES[0] in there and coming(keys).check == check:
        keys.promote(INDEX, _NAMES[0], until)
        there.remove(_NAMES[0])
    if _NAMES[0] in there or _NAMES[1] not in there:
        return False
    keys.promote(LOCKING, _NAMES[1], "")
    return True


def _inner(keys: Keys) -> tuple[str, ...]:
    """The keys that were put around each other, the first one first; one that was kept twice is one."""
    before = keys.before(INDEX)
    return *reversed(before[1:] if keys.is_cut_off(INDEX) else before), INDEX


def _ring(keys: Keys, names: tuple[str, ...], lock: str) -> Ring:
    first, *others = names
    macs = keys.mac(first, "token"), *(keys.mac(name, "token again") for name in others)
    check = keys.mac(names[-1], "key check")(b"")[:16]
    return Ring(macs, keys.mac(names[-1], "identity"), lock, check)
