"""What the hub refused was not said: the spool must not believe that it was (law 8)."""

from collections.abc import Mapping as Map
from typing import Final

from connectors.rows.changes import pack_made, unpack_made
from connectors.spool import Spool

_ANY: Final = bytes(16)
"""The fingerprint of an event that nobody ever said: whatever the row says now differs from it."""


def answered(spool: Spool, generation: int, first: int, last: int, wrong: Map[int, int]) -> None:
    """Take the hub's word for the events `first` to `last`; `wrong` are those it refused, with the token of their row.

    A row forgets the event that was refused, or has the one back that it was to correct. A refused retraction waits.
    """
    backs = spool.taken.between(first, last)
    rows = spool.rows.known(sorted(set(wrong.values())))
    waiting: list[int] = []
    for number, token in wrong.items():
        back, row = backs.get(number), rows.get(token)
        said = unpack_made(row.events) if row else []
        stand = [made for made in said if (made.generation, made.number) != (generation, number)]
        if row is None or len(stand) == len(said):
            waiting += [number] if back else []
            continue
        if back is not None:
            stand += [made._replace(print=_ANY) for made in unpack_made(back.made)]
        rows[token] = row._replace(events=b"".join(pack_made(stand)))
    spool.rows.put(rows.values())
    spool.taken.answered(first, last, waiting)
