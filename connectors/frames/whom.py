"""Whom, or which site, the events of a row concern: kept locked, once, for a retraction when the row is gone."""

import marshal
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from itertools import chain
from typing import Any, Final

from connectors.rows.cells import Memo
from connectors.rows.changes import unpack_made
from connectors.rows.people import Somebody, Whom
from connectors.spool import Concerned, Spool
from hub.ports.keys import Keys

Token = tuple[int, bytes]
_FORM: Final = 2
_WHO: Final = b"whom a row concerned"


class Keeper:
    """Numbers whom events concern; tokens are locked under `K_spool`, identities and values are not kept."""

    def __init__(self, keys: Keys, spool: Spool) -> None:
        self._keys, self._spool = keys, spool
        self.number: Callable[[Whom], int] = Memo(self._keep).__getitem__
        """The spool's number of those whom an event concerns; the same for events of a person that come near each
        other."""
        self._locked = Memo(self._lock)

    def find(self, numbers: Iterable[int]) -> dict[int, Whom]:
        """What is known under these numbers. Raises IntegrityError HUB-G410."""
        return {one.id: self._whom(one) for one in self._spool.concerned(set(numbers))}

    def link(self, newer: Map[bytes, bytes]) -> None:
        """Name everybody by the tokens that their numbers have under the newer key, too, given for the older ones."""
        named = []
        for kept in self._spool.everybody():
            whom = self._whom(kept)
            people = [
                Somebody(
                    who.role, tuple(dict.fromkeys(one for old in who.tokens for one in _both(old, newer))), b"", b""
                )
                for who in whom.people
            ]
            if [who.tokens for who in people] != [who.tokens for who in whom.people]:
                named.append(kept._replace(persons=self._lock((whom.site, tuple(people)))))
        self._spool.concern_again(named)

    def _keep(self, whom: Whom) -> int:
        return self._spool.concern(whom.area, whom.basis, self._locked[whom[2:]])

    def _lock(self, of: Any) -> bytes:
        site, people = of
        told = marshal.dumps((site, [(who.role, who.tokens) for who in people]), _FORM)
        return self._keys.lock("K_spool", told, _WHO)

    def _whom(self, kept: Concerned) -> Whom:
        told = marshal.loads(self._keys.unlock("K_spool", kept.persons, _WHO))
        site, people = told if isinstance(told, tuple) else ("", told)  # kept before sites were
        who = tuple(Somebody(role, tuple(map(tuple, tokens)), b"", b"") for role, tokens in people)
        return Whom(kept.area, kept.basis, site, who)


def _both(old: Token, newer: Map[bytes, bytes]) -> tuple[Token, ...]:
    return ((old[0], newer[old[1]]), old) if old[1] in newer else (old,)


def forget_others(spool: Spool) -> None:
    """Forget those whom no event concerns any more, of a row or to be taken back; one byte a number while it looks."""
    named = bytearray()
    for events in chain(spool.rows.events(), spool.taken.events()):
        for made in unpack_made(events):
            if made.whom >= len(named):
                named.extend(bytes(made.whom + 1 - len(named) + len(named) // 8))
            named[made.whom] = 1
    spool.forget_others(lambda number: number < len(named) and named[number])
    spool.taken.settled = False
