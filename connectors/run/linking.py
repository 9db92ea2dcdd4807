"""Everybody whom a connector knows is linked under the county's newer key, while it has the older one, too.

A row that does not change says nothing any more, so that the hub would never see its person's newer token. Therefore
one full read, as soon as intake agreed to both keys, sends the tokens of everybody in it: no event, persons only.
"""

from connectors.frames.seal import Sealer
from connectors.frames.whom import Keeper, Token
from connectors.rows.drafts import RowMapper
from connectors.rows.lot import Lot
from connectors.rows.people import Somebody
from connectors.spool import Spool
from connectors.spool.state import State
from hub.core.county import has_two, newest
from hub.ports.keys import Keys


def is_due(state: State, checks: str, full: bool) -> bool:
    """Whether people are to be linked under the newest of these keys now: intake agreed, and it was not done yet, or
    rows were left and everything is read once more."""
    left = has_two(checks) and full and state.unlinked > 0
    return state.agreed == checks and (left or state.county not in ("", newest(checks)))


class Linking:
    """Takes the lots of one read, sends whom their rows name, and renames whom the spool keeps."""

    def __init__(self, mapper: RowMapper, sealer: Sealer, checks: str) -> None:
        self._mapper, self._sealer, self._newest = mapper, sealer, newest(checks)
        self._doubled: dict[Token, tuple[Token, ...]] = {}

    def take(self, lot: Lot) -> None:
        """Send everybody of these rows who was not sent yet."""
        rows = lot.cells(self._mapper.columns)
        for reading in self._mapper.read(rows, lot.places):
            for draft in reading if isinstance(reading, list) else ():
                for somebody in draft.people:
                    if not self._doubled.keys() >= set(somebody.tokens):
                        self._send(somebody)

    def finish(self, spool: Spool, keys: Keys) -> None:
        """The read is over: from now on the newest key is the one that this spool's people are linked under."""
        state = spool.state
        Keeper(keys, spool).link(self._doubled)
        spool.save(state._replace(county=self._newest, unlinked=spool.rows.unseen_count(state.read)))
        self._sealer.linked = self._newest

    def _send(self, somebody: Somebody) -> None:
        for kind, token in somebody.tokens:
            of_kind = tuple(one for one in somebody.tokens if one[0] == kind)
            self._doubled[kind, token] = self._doubled.get((kind, token), ()) or of_kind
        self._sealer.link(Somebody(somebody.role, somebody.tokens, b"", b""))
