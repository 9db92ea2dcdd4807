"""Whom the events of a row concern: kept locked, for a retraction when the row has changed or is gone."""

import marshal
from collections.abc import Mapping as Map
from typing import Final

from connectors.cells import Memo
from connectors.changes import Persons
from connectors.people import Somebody
from hub.ports.keys import Keys

_FORM: Final = 2
_WHO: Final = b"whom a row concerned"

Whom = tuple[str, str, Persons]
"""Area, legal basis and persons of one event."""


class Keeper:
    """Packs and opens what is kept of persons: their tokens, locked once a person under `K_spool`.

    Area and legal basis stand beside them in clear: they say of nobody who he is.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._locked = Memo(lambda tokens: keys.lock("K_spool", marshal.dumps(tokens, _FORM), _WHO))

    def pack(self, kept: Map[int, Whom]) -> bytes:
        """By section, the persons of its event."""
        locked = self._locked
        found = [
            (id, area, basis, [(role, locked[who.tokens]) for role, who in people])
            for id, (area, basis, people) in kept.items()
        ]
        return marshal.dumps(found, _FORM)

    def unpack(self, packed: bytes | None) -> dict[int, Whom]:
        """The inverse of `pack`; identities and values are not kept. Raises IntegrityError HUB-G410."""
        if packed is None:
            return {}
        return {
            id: (area, basis, tuple((role, self._somebody(locked)) for role, locked in people))
            for id, area, basis, people in marshal.loads(packed)
        }

    def _somebody(self, locked: bytes) -> Somebody:
        tokens = marshal.loads(self._keys.unlock("K_spool", locked, _WHO))
        return Somebody(tuple(tuple(token) for token in tokens), b"", b"")
