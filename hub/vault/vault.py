"""The vault: from tokens to random subjects and, with a warrant, from a subject to what agencies declared of it.

Links are never changed, only added; so what a frame was answered is answered to it again. A person's tokens come in
kinds, and a lower kind number is the stronger one: when two tokens of a person lead to two subjects, the stronger one's
is taken and the pair is kept for a later merge.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from hub.core.errors import DataError, IntegrityError, NotPermitted
from hub.core.frame import PERSONS_LABEL, unpack_persons
from hub.ports.keys import Keys
from hub.ports.system import System
from hub.ports.vault import (
    Conflict,
    Disclosure,
    Identity,
    Link,
    Person,
    Resolved,
    Sealed,
    VaultTables,
    Warrant,
)
from hub.vault.ring import current, ring_of
from hub.vault.told import NOBODY, Told, linked_of, told_of

TRANSPORT: Final = "vault"  # the X25519 key that frames' persons are sealed for
CURRENT: Final = 1  # number of the locking key of all rows: they are locked anew together (hub.vault.anew)
REMEMBERED: Final = 100_000
WARRANT_SIZE: Final = 200

_MASK = (1 << 63) - 1


class _Known(NamedTuple):
    """Where a token leads: its subject, and the hash (16 bytes) of the frame that brought the subject in."""

    subject: bytes
    made_by: bytes


class _Fetch:
    """What one call of `resolve` looked up and made, before it is committed."""

    def __init__(self, known: dict[bytes, _Known], free: dict[bytes, int], marks: dict[bytes, bytes]) -> None:
        self.known, self.free, self.marks = known, free, marks
        self.links: list[Link] = []
        self.added: dict[bytes, list[int]] = {}
        self.identities: dict[tuple[bytes, bytes], Identity] = {}
        self.conflicts: list[Conflict] = []
        self.made: set[bytes] = set()
        self.whole: dict[bytes, _Known] = {}


class LinkingVault:
    """The `Vault` port over its own tables and its own keys."""

    def __init__(self, tables: VaultTables, keys: Keys, system: System, remembered: int = REMEMBERED) -> None:
        """`remembered` bounds how many persons stay in memory, 300 bytes each.

        Raises IntegrityError HUB-V411 when the keys are not those under which this vault began: every person would be
        made anew, silently.
        """
        now = current(keys).check
        self._ring = ring_of(keys, now if tables.same_key(now) else tables.check())
        self._tables, self._keys, self._system = tables, keys, system
        self._remembered = remembered
        self._cache: dict[bytes, _Known] = {}  # by hash of all that a frame said of a person

    def resolve(self, agency: str, upto: int, frames: Sequence[Sealed]) -> list[list[Resolved | None] | None]:
        """The subjects of each frame's persons; everything new is committed before it is told."""
        opened = [self._open(frame) for frame in frames]
        tables = self._tables
        identities: list[Identity] = []
        try:
            self._begin()
            cache = self._cache
            fetch = self._look_up(
                [name for each in opened for one in each or () if one.mark not in cache for name in one.names]
            )
            answers: list[list[Resolved | None] | None] = [
                None if persons is None else [self._person(fetch, frame, i, one) for i, one in enumerate(persons)]
                for frame, persons in zip(frames, opened, strict=True)
            ]
            for n, identity in enumerate(fetch.identities.values()):
                identities.append(identity._replace(n=upto << 20 | n))
            tables.add(fetch.links, self._persons(fetch), identities, fetch.conflicts)
            tables.raise_high(agency, upto)
            tables.commit()
        finally:
            tables.abandon()
        self._remember(fetch.whole)
        return answers

    def resolved(self, agency: str) -> int:
        """The greatest `upto` there ever was for an agency."""
        return self._tables.high(agency)

    def reveal(self, subject: bytes, warrant: Warrant) -> list[bytes]:
        """The identities of a subject, once it is on disk that they were asked for."""
        try:
            self._begin()
            self._disclose("reveal", subject, warrant)
            known = self._tables.identities(subject)
            self._tables.commit()
        finally:
            self._tables.abandon()
        return [self._keys.unlock(self._ring.lock, one.locked, subject + one.mark) for one in known]

    def erase(self, subject: bytes, warrant: Warrant) -> None:
        """Remove links and identities; the record of it stays."""
        try:
            self._begin()
            person = self._disclose("erase", subject, warrant)
            self._tables.remove(subject, self._where(person))
            self._tables.commit()
        finally:
            self._tables.abandon()
            self._cache.clear()

    def counts(self) -> dict[str, int]:
        """How many links, persons, identities, conflicts and disclosures there are."""
        return self._tables.counts()

    def close(self) -> None:
        """Give back the database."""
        self._tables.close()

    def _begin(self) -> None:
        """Open the transaction. Whoever wrote meanwhile may have erased a link, or written all under other keys."""
        if self._tables.begin():
            self._cache.clear()
        if (check := self._tables.check()) != self._ring.check:
            self._keys.forget()
            self._ring = ring_of(self._keys, check)

    def _open(self, frame: Sealed) -> list[Told] | None:
        """The persons of a frame; of those that are not wanted, nothing."""
        try:
            key = self._keys.unwrap(TRANSPORT, frame.wrapped, PERSONS_LABEL)
            persons = unpack_persons(self._keys.open(key, frame.persons, frame.associated))
        except IntegrityError:
            return None
        wanted, named = frame.wanted, frame.named
        return [
            told_of(*person) if i in wanted else linked_of(*person) if named is not None and i not in named else NOBODY
            for i, person in enumerate(persons)
        ]

    def _look_up(self, names: list[bytes]) -> _Fetch:
        """Where the tokens lead that are linked, and a free index for each of the others."""
        known: dict[bytes, _Known] = {}
        marks = {name: self._ring.mark(name) for name in names}
        places = {name: int.from_bytes(mark[:8], "big") & _MASK for name, mark in marks.items()}
        free: dict[bytes, int] = {}
        taken: set[int] = set()
        while places:  # more than once only when two tokens share an index, one time in 2^63
            rows = self._tables.links(list(set(places.values())))
            again: dict[bytes, int] = {}
            for name, at in places.items():
                if (row := rows.get(at)) is None and at not in taken:
                    free[name] = at
                    taken.add(at)
                elif row is not None and (found := self._read(row, marks[name])) is not None:
                    known[name] = found
                else:
                    again[name] = (at + 1) & _MASK
            places = again
        return _Fetch(known, free, marks)

    def _read(self, row: Link, mark: bytes) -> _Known | None:
        """Where a link leads, if it is this token's: the rest of the MAC has to agree, all of it 24 bytes."""
        clear = self._keys.unlock(self._ring.lock, row.locked, b"link")
        return _Known(clear[24:40], clear[40:56]) if clear[:24] == mark[8:] else None

    def _person(self, fetch: _Fetch, frame: Sealed, i: int, told: Told) -> Resolved | None:
        """One person of a frame: the subject of its strongest linked token, or a new one."""
        made_by = frame.hash[:16]
        who = self._cache.get(told.mark) or fetch.whole.get(told.mark)
        if who is not None:
            return None if told.only_link else Resolved(who.subject, who.made_by == made_by)
        mark, names, identity, only_link = told
        if not names:
            return None
        linked = list(dict.fromkeys(fetch.known[name] for name in names if name in fetch.known))
        if linked:
            who = linked[0]
            fetch.conflicts += [Conflict(who.subject, other.subject, made_by) for other in linked[1:]]
        elif only_link:
            return None
        else:
            who = _Known(self._system.new_id("subject", f"{frame.address}/{i}"), made_by)
            fetch.made.add(who.subject)
        for name in names:
            if name not in fetch.known:
                self._link(fetch, name, who)
        if identity:
            self._identify(fetch, who.subject, identity)
        fetch.whole[mark] = who
        return None if only_link else Resolved(who.subject, who.made_by == made_by)

    def _link(self, fetch: _Fetch, name: bytes, who: _Known) -> None:
        at = fetch.free.pop(name)
        locked = self._keys.lock(self._ring.lock, fetch.marks[name][8:] + b"".join(who), b"link")
        fetch.links.append(Link(at, CURRENT, locked))
        fetch.added.setdefault(who.subject, []).append(at)
        fetch.known[name] = who

    def _identify(self, fetch: _Fetch, subject: bytes, identity: bytes) -> None:
        mark = self._ring.identity(subject + identity)[:16]
        if (subject, mark) not in fetch.identities:
            locked = self._keys.lock(self._ring.lock, identity, subject + mark)
            fetch.identities[subject, mark] = Identity(subject, mark, 0, CURRENT, locked)

    def _persons(self, fetch: _Fetch) -> list[Person]:
        """The persons whose links grew, with all their links."""
        persons = []
        for subject, links in fetch.added.items():
            before = None if subject in fetch.made else self._tables.person(subject)
            places = (self._where(before) if before else []) + links
            packed = b"".join(at.to_bytes(8, "big") for at in places)
            persons.append(Person(subject, CURRENT, self._keys.lock(self._ring.lock, packed, subject)))
        return persons

    def _where(self, person: Person) -> list[int]:
        packed = self._keys.unlock(self._ring.lock, person.locked, person.subject)
        return [int.from_bytes(packed[at : at + 8], "big") for at in range(0, len(packed), 8)]

    def _disclose(self, act: str, subject: bytes, warrant: Warrant) -> Person:
        if not all(0 < len(part.strip()) <= WARRANT_SIZE for part in warrant):
            raise NotPermitted("HUB-V601")
        person = self._tables.person(subject)
        if person is None:
            raise DataError("HUB-V301")
        self._tables.disclosed(Disclosure(0, subject, act, *warrant, self._system.now_ms()))
        return person

    def _remember(self, whole: dict[bytes, _Known]) -> None:
        self._cache.update(whole)
        over = len(self._cache) - self._remembered
        if over > 0:
            for mark in list(self._cache)[: over + self._remembered // 10]:
                del self._cache[mark]
