"""Everybody whom a connector knows is linked under the county's newer key, while it has the older one, too.

A row that does not change says nothing any more, so that the hub would never see its person's newer token. Therefore
one full read, as soon as intake agreed to both keys, sends the tokens of everybody in it: no event, persons only. Known
rows that name nobody in it are counted, whether they are refused, not selected or gone: of them nobody can tell.
"""

from connectors.frames.seal import Sealer
from connectors.frames.whom import Keeper
from connectors.rows.lot import Lot
from connectors.rows.people import Somebody
from connectors.rows.prints import Prints, RowNames
from connectors.run.given import Given
from connectors.spool import Spool
from connectors.spool.state import State
from hub.core.county import has_two, newest


def is_due(state: State, checks: str, full: bool) -> bool:
    """Whether people are to be linked under the newest of these keys now: intake agreed, and it was not done yet, or
    rows were left and everything is read once more."""
    left = has_two(checks) and full and state.unlinked > 0
    return state.agreed == checks and (left or state.county not in ("", newest(checks)))


def claim(spool: Spool, sealer: Sealer, checks: str) -> None:
    """Say that this spool's people are linked under the newest of these keys, from now on."""
    spool.save(spool.state._replace(county=newest(checks)))
    sealer.linked = spool.state.county


class Linking:
    """Takes the lots of one read, sends whom their rows name, and renames whom the spool keeps."""

    def __init__(self, given: Given, sealer: Sealer) -> None:
        self._mapper, self._spool, self._keys = given.mapper, given.spool, given.edge.keys
        self._sealer, self._checks = sealer, given.tokens.check()
        self._names = RowNames(given.mapping, self._mapper.columns, Prints(self._keys), given.today)
        self._newer: dict[bytes, bytes] = {}

    def take(self, lot: Lot) -> None:
        """Send everybody of these rows who was not sent yet."""
        rows = lot.cells(self._mapper.columns)
        linked = []
        for token, reading in zip(self._names.tokens(rows), self._mapper.read(rows, lot.places), strict=True):
            if isinstance(reading, list):
                for draft in reading:
                    for somebody in draft.people:
                        self._send(somebody)
                linked += [token] if isinstance(token, int) else []
        self._spool.rows.link(linked)

    def finish(self) -> None:
        """The read is over: from now on the newest key is the one that this spool's people are linked under."""
        Keeper(self._keys, self._spool).link(self._newer)
        self._spool.save(self._spool.state._replace(unlinked=self._spool.rows.unlinked()))
        claim(self._spool, self._sealer, self._checks)

    def _send(self, somebody: Somebody) -> None:
        """A number's tokens stand together, the newer key's first (`Tokens.of`)."""
        pairs = {old: new for (_, new), (_, old) in zip(somebody.tokens[::2], somebody.tokens[1::2], strict=True)}
        if not self._newer.keys() >= pairs.keys():
            self._newer |= pairs
            self._sealer.link(Somebody(somebody.role, somebody.tokens, b"", b""))
