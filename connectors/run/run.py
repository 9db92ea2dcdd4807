"""One run of a connector: read, publish, send, and account for every row (architecture §5).

    outcomes -> send what was left -> [ retry -> read -> guard -> vanished ] -> send -> outcomes

What stands in brackets is one local transaction: cursor, fingerprints, refused rows and frames, or nothing.
"""

from collections.abc import Set as AbstractSet
from typing import Final

from connectors.edge import Edge
from connectors.frames.send import send
from connectors.mapping.file import load_mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.tokens import KeyedTokens, require_linked
from connectors.run.given import Asked, Given, Hop
from connectors.run.once import Once
from connectors.run.outcomes import read_outcomes
from connectors.run.receipt import Receipt
from connectors.run.refused import destroy_old_keys
from connectors.run.report import RunReport
from connectors.spool import Spool
from connectors.turns import held
from hub.core.errors import DataError
from hub.ports.log import Log
from hub.ports.system import System

REASONS: Final = ("restored", "replaced", "moved")


def _nothing(hop: str) -> None:
    """No fault is injected."""


class _Undo(Exception):
    """A dry run goes back."""


def run(
    edge: Edge, log: Log, system: System, *, dry_run: bool = False, full: bool = False, read: bool = True,
    accept_vanished: int | None = None, begin_anew: str = "", remap: bool = False, receipt: Receipt | None = None,
    open_replies: AbstractSet[bytes] | None = None, hop: Hop = _nothing,
) -> RunReport:  # fmt: skip
    """Run a connector once. One without a cursor leaves all to a backfill that is not over (`run.opening`).

    `full` reads everything though there is a cursor. `read` False only tries refused rows again. `dry_run` changes
    nothing and sends nothing. `accept_vanished` is how many rows are really gone. `begin_anew` (restored, replaced,
    moved) starts a new incarnation, which publishes everything again. `remap` reads everything, and corrects what
    another mapping said of rows that did not change; without it, that stands. `hop` is called between the steps and may
    raise. `receipt` is told what became of each row. `open_replies` are the reply codes that may be answered
    now; without them, any that is whole and in time.

    Raises DataError (exit 3) for a mapping, source or guard that says no, and HUB-C451 for a backfill that was left;
    IntegrityError (4) for a spool that is not the one last used, and HUB-C410 for another `K_edge`: its tokens would
    link nobody; Unreachable (5); AlreadyRunning (7).
    """
    if begin_anew and begin_anew not in REASONS:
        raise DataError("HUB-C323", reason=begin_anew, allowed=", ".join(REASONS))
    with held(edge), Spool(edge.spool_path, edge.spec.connector) as spool:
        mapping = load_mapping(edge.folder)
        tokens = KeyedTokens(edge.keys)
        if not begin_anew:
            require_linked(edge.spec.connector, spool.state.county, tokens.check())
        today = system.today()
        mapper = RowMapper(mapping, tokens, today, edge.spec.go_live, system.now_ms(), open_replies)
        if not begin_anew:
            read_outcomes(spool, edge, log, today)
        destroy_old_keys(edge, spool, today)
        if not dry_run and not begin_anew:
            send(spool, edge, log, hop)
        once = Once(
            Given(edge, log, system, today, spool, mapping, mapper, tokens, hop),
            Asked(read, full, accept_vanished, begin_anew=begin_anew, remap=remap, receipt=receipt),
        )
        try:
            with spool.transaction():
                once.read()
                hop("before commit")
                if dry_run:
                    once.report(True).check()
                    once.close_receipt()
                    raise _Undo
            hop("committed")
        except _Undo:
            return once.report(True)
        send(spool, edge, log, hop)
        read_outcomes(spool, edge, log, system.today())
        once.settle()
        hop("settled")
        report = once.report(False)
        report.check()
        once.close_receipt()
        return report
