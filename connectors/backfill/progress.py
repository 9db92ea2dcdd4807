"""Where a backfill stands: kept in the spool with what its lots committed, so that it goes on from there."""

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Self

from connectors.run.report import Endings
from connectors.run.sealed_row import Sealed, pack_row, unpack_row
from connectors.sources import After
from connectors.spool import State
from hub.ports.keys import Keys

_LOCKED_AS: Final = b"where a backfill stands"
_STAMP: Final = "stamp of a walk"


@dataclass(frozen=True)
class Progress:
    """`of` is how many rows there were when they were counted, `seen` the number that its rows are remembered by.

    `stamp` tells whether the place `after` is still good. The counts are of all lots, whichever process took them.
    """

    stamp: str
    of: int
    seen: int
    after: After = ()
    over: bool = False
    events: int = 0
    not_data: int = 0
    rows: Endings = field(default_factory=Endings)

    @property
    def left(self) -> int:
        """Rows that are still to be read, as far as one knows: some may have come since they were counted."""
        return 0 if self.over else max(0, self.of - self.rows.read)

    def kept(self, state: State, keys: Keys) -> State:
        """The spool's state with this in it. The place holds a row's key: it is locked."""
        whole = asdict(replace(self, after=()))
        whole["after"] = keys.lock("K_spool", pack_row(Sealed((), _flat(self.after))), _LOCKED_AS).hex()
        return state._replace(backfill=json.dumps(whole, ensure_ascii=False), filling=int(not self.over))

    @classmethod
    def load(cls, state: State, keys: Keys) -> Self | None:
        """What `kept` wrote; None where nothing was."""
        if not state.backfill:
            return None
        whole: dict[str, Any] = json.loads(state.backfill)
        cells = unpack_row(keys.unlock("K_spool", bytes.fromhex(whole.pop("after")), _LOCKED_AS)).cells
        return cls(**{**whole, "rows": Endings(**whole["rows"])}, after=_nested(list(cells)))


def stamped(stamp: str, keys: Keys) -> str:
    """A walk's stamp as the spool keeps it: it may name a file, and a file's name may be a person's."""
    return keys.mac("K_spool", _STAMP)(stamp.encode()).hex() if stamp else ""


def _flat(after: After) -> tuple[object, ...]:
    """Cells in a row: lists are spelled by their lengths."""
    found: list[object] = []
    for one in after:
        found += [len(one), *one] if isinstance(one, (tuple, list)) else [-1, one]
    return tuple(found)


def _nested(cells: list[object]) -> After:
    found: list[object] = []
    while cells:
        size = cells.pop(0)
        assert isinstance(size, int)
        found.append(cells.pop(0) if size < 0 else tuple(cells[:size]))
        del cells[: max(size, 0)]
    return tuple(found)
