"""Whom the events of a row concern: kept locked, once, for a retraction when the row has changed or is gone."""

import marshal
from collections.abc import Callable, Iterable
from typing import Final

from connectors.cells import Memo
from connectors.changes import unpack_made
from connectors.people import People, Somebody
from connectors.spool import Spool
from hub.ports.keys import Keys

_FORM: Final = 2
_WHO: Final = b"whom a row concerned"

Whom = tuple[str, str, People]
"""Area, legal basis and persons of one event."""


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
        return {one.id: (one.area, one.basis, self._people(one.persons)) for one in self._spool.concerned(set(numbers))}

    def forget_others(self) -> None:
        """Forget those whom no event of a row concerns any more; one byte a number while it looks."""
        named = bytearray()
        for events in self._spool.rows.events():
            for made in unpack_made(events):
                if made.whom >= len(named):
                    named.extend(bytes(made.whom + 1 - len(named) + len(named) // 8))
                named[made.whom] = 1
        self._spool.forget_others(lambda number: number < len(named) and named[number])

    def _keep(self, whom: Whom) -> int:
        area, basis, people = whom
        return self._spool.concern(area, basis, self._locked[people])

    def _lock(self, people: People) -> bytes:
        told = marshal.dumps([(who.role, who.tokens) for who in people], _FORM)
        return self._keys.lock("K_spool", told, _WHO)

    def _people(self, locked: bytes) -> People:
        told = marshal.loads(self._keys.unlock("K_spool", locked, _WHO))
        return tuple(Somebody(role, tuple(map(tuple, tokens)), b"", b"") for role, tokens in told)
