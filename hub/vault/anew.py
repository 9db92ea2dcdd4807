"""The vault is written anew under other keys, in one transaction: all leads where it led, or nothing changed."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from hub.core.errors import DataError, IntegrityError
from hub.ports.keys import UNTIL, Keys
from hub.ports.vault import Identity, Link, Person, VaultTables
from hub.vault.ring import INDEX, Ring, coming, ring_of, settle

_MASK: Final = (1 << 63) - 1


def write_anew(tables: VaultTables, keys: Keys, until: str) -> dict[str, int]:
    """Make another `K_vault` and `K_identity`, write all under them, and give them their names; how much there was.

    Other processes wait meanwhile, and see by the key check that the keys are others. Cut off before the commit,
    nothing has changed; after it, running it again only gives the keys their names, and says so by an empty answer.
    Raises DataError HUB-K301 when it was done that day, IntegrityError HUB-V411 for other keys than the vault's,
    HUB-V413 where what was written does not lead where it led.
    """
    if settle(keys, tables.check(), until):
        return {}
    if f"{INDEX}{UNTIL}{until}" in keys.before(INDEX):
        raise DataError("HUB-K301", key=INDEX)
    try:
        tables.begin()
        old = ring_of(keys, tables.check())
        again = _Again(keys, old, coming(keys))
        links, persons, identities = tables.everything()
        before = again.known(old, tables)
        counts = tables.counts()
        tables.write_anew(
            again.new.check,
            sorted(map(again.link, links)),
            [again.person(one) for one in persons],
            map(again.identity, identities),
        )
        if again.known(again.new, tables) != before or tables.counts() != counts:
            raise IntegrityError("HUB-V413")
        tables.commit()
    finally:
        tables.abandon()
    settle(keys, again.new.check, until)
    return counts


class _Again:
    """Turns rows of one ring into those of the next."""

    def __init__(self, keys: Keys, old: Ring, new: Ring) -> None:
        self._keys, self._old, self.new = keys, old, new
        self._moved: dict[int, int] = {}
        self._taken: set[int] = set()

    def link(self, row: Link) -> Link:
        """The same link where the new mark finds it; two that share an index stand one after the other."""
        clear = self._keys.unlock(self._old.lock, row.locked, b"link")
        mark = self.new.again(clear[:24])
        at = int.from_bytes(mark[:8], "big") & _MASK
        while at in self._taken:
            at = (at + 1) & _MASK
        self._taken.add(at)
        self._moved[row.at] = at
        return Link(at, row.wrapped_by, self._keys.lock(self.new.lock, mark[8:] + clear[24:], b"link"))

    def person(self, row: Person) -> Person:
        """A person with the new places of the links."""
        packed = self._keys.unlock(self._old.lock, row.locked, row.subject)
        places = [int.from_bytes(packed[at : at + 8], "big") for at in range(0, len(packed), 8)]
        moved = b"".join(self._moved[at].to_bytes(8, "big") for at in places if at in self._moved)
        return row._replace(locked=self._keys.lock(self.new.lock, moved, row.subject))

    def identity(self, row: Identity) -> Identity:
        """An identity under its new mark."""
        clear = self._keys.unlock(self._old.lock, row.locked, row.subject + row.mark)
        mark = self.new.identity(row.subject + clear)[:16]
        return row._replace(mark=mark, locked=self._keys.lock(self.new.lock, clear, row.subject + mark))

    def known(self, ring: Ring, tables: VaultTables) -> int:
        """What the vault knows, whatever it is under: how many links lead to each subject, and what is told of whom.

        A sum of digests, which no order changes: however many persons there are, it needs no memory.
        """
        unlock, lock = self._keys.unlock, ring.lock
        links, persons, identities = tables.everything()
        leads = (unlock(lock, one.locked, b"link")[24:56] for one in links)
        whom = (one.subject + _eight(len(unlock(lock, one.locked, one.subject))) for one in persons)
        told = (one.subject + _eight(one.n) + unlock(lock, one.locked, one.subject + one.mark) for one in identities)
        return _sum(b"l", leads) + _sum(b"p", whom) + _sum(b"i", told)


def _eight(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _sum(kind: bytes, told: Iterable[bytes]) -> int:
    return sum(int.from_bytes(sha256(kind + one).digest(), "big") for one in told)
