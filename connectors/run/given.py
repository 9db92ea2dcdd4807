"""What a run is given: what its parts work with, and what whoever starts it asks for."""

from collections.abc import Callable
from dataclasses import dataclass

from connectors.edge import Edge
from connectors.frames.seal import Sealer
from connectors.mapping.language import Mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.tokens import KeyedTokens
from connectors.run.receipt import Receipt
from connectors.spool import Spool
from hub.ports.log import Log
from hub.ports.system import System

Hop = Callable[[str], None]
"""Is called between the steps and may raise: tests kill a run there."""


@dataclass(frozen=True)
class Given:
    """What one local transaction works with. `today` is one day, however long it takes.

    `log` may lack for a spool that has begun: it is asked only where an incarnation begins.
    """

    edge: Edge
    log: Log | None
    system: System
    today: int
    spool: Spool
    mapping: Mapping
    mapper: RowMapper
    tokens: KeyedTokens
    hop: Hop
    sealer: Callable[..., Sealer] = Sealer


@dataclass(frozen=True)
class Asked:
    """What whoever starts a run asks for, as `connectors.run.run` says. A lot of a backfill asks for nothing."""

    read: bool = True
    full: bool = False
    accept_vanished: int | None = None
    begin_anew: str = ""
    remap: bool = False
    receipt: Receipt | None = None
