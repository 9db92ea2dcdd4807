"""A backfill: the whole of a source, lot after lot, each one local transaction, while runs go on in between.

    count, mark -> [ turn: outcomes, send -> has the hub too much? wait -> { lot, place } -> send ] ... -> over

What stands in braces is one transaction: fingerprints, refused rows, frames and the place where the next lot begins. So
a kill costs one lot, which is read again; nothing is lost and nothing said twice. A source with a cursor gets its first
one with the first lot: from there on runs read what is new, and what lies before it is the backfill's.
"""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from connectors.backfill.lots import Stretch
from connectors.backfill.pace import Pace
from connectors.backfill.progress import Progress, stamped
from connectors.edge import Edge
from connectors.frames.send import send
from connectors.mapping.file import load_mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.tokens import KeyedTokens, require_linked
from connectors.run.former import Former
from connectors.run.given import Asked, Given, Hop
from connectors.run.offline import OFFLINE
from connectors.run.once import Once
from connectors.run.outcomes import read_outcomes
from connectors.run.refused import destroy_old_keys
from connectors.run.report import RunReport
from connectors.run.resume import kept
from connectors.sources import Bounds, Cursor, Piece, Walk, open_walk
from connectors.spool import Spool, State
from connectors.turns import in_turn, waited_for
from hub.core.errors import DataError
from hub.ports.log import Log
from hub.ports.system import System

OVER, GOING, WAITS, HOURS, STOPPED = "over", "going", "waits", "hours", "stopped"
"""How a backfill stands: done; at work; waiting for the hub's answers; out of its hours; asked to stop."""

_PAUSE: Final = 0.2
"""Seconds between two looks for the hub's answers."""
_MOMENT: Final = 2.0
"""Seconds in which a run may be looking whether a backfill goes on."""


class Filled(NamedTuple):
    """How a backfill stands. `run` counts all lots of it; `of` is how many rows there were, `left` how many of them are
    still to be read, `before` how many earlier processes had read."""

    run: RunReport
    of: int
    left: int
    before: int
    stands: str


Tell = Callable[[Filled], None]


class Backfill:
    """One process of a backfill."""

    def __init__(
        self, edge: Edge, log: Log, system: System, pace: Pace, bounds: Bounds, anew: bool, hop: Hop, tell: Tell
    ) -> None:  # fmt: skip
        self._edge, self._log, self._system, self._pace, self._bounds = edge, log, system, pace, bounds
        self._anew, self._hop, self._tell = anew, hop, tell
        self._mapping = load_mapping(edge.folder)
        self._tokens = KeyedTokens(edge.keys)
        self._mark: Cursor | None = None
        self._incarnation = ""
        self._before = 0

    def go(self) -> Filled:
        """Lot after lot, until nothing is left, the hours end, or somebody asks to stop."""
        with waited_for(self._edge.filling, time.monotonic() + _MOMENT):
            with in_turn(self._edge), Spool(self._edge.spool_path, self._edge.spec.connector) as spool:
                state = self._sound(spool)
                with spool.transaction():  # what the hub did not take goes again: the cause may be mended
                    spool.save(state._replace(blocked=""))
            with self._opened(state) as walk:
                progress = self._resumed(walk, state)
                self._incarnation = state.incarnation
                self._before = progress.rows.read
                return self._lots(walk, progress)

    def _lots(self, walk: Walk, progress: Progress) -> Filled:
        pieces = walk.pieces(progress.after, self._pace.at_once)
        while True:
            had = progress.rows.read
            progress, filled = self._turn(walk, pieces, progress)
            gc.collect()  # a lot leaves cycles that hold what it remembered of its cells; programs look for them seldom
            self._tell(filled)
            if filled.stands not in (GOING, WAITS):
                return filled
            waits = filled.stands == WAITS
            if self._pace.rest(_PAUSE) if waits else self._pace.took(progress.rows.read - had):
                return filled._replace(stands=STOPPED)

    def _turn(self, walk: Walk, pieces: Iterator[Piece], progress: Progress) -> tuple[Progress, Filled]:
        """One lot, unless the hub has too much to do; what is new to the hub is sent before and after."""
        edge, stands = self._edge, WAITS
        with in_turn(edge), Spool(edge.spool_path, edge.spec.connector) as spool:
            if blocked := self._sound(spool).blocked:
                raise DataError("HUB-C424", connector=edge.spec.connector, blocked=blocked)
            send(spool, edge, self._log, self._hop)
            once = self._once(spool)
            waits = edge.spec.log != OFFLINE and self._pace.waits(sum(spool.waiting()), edge.spec.connector)
            if not waits:
                lot = Stretch(pieces)
                with spool.transaction():
                    seen = progress.seen or spool.state.read + 1
                    once.take(lot, seen)
                    self._hop("before commit")
                    report = once.report(False)
                    over = lot.ended and walk.ended
                    progress = replace(
                        progress, seen=seen, after=lot.after or progress.after, over=over,
                        events=progress.events + report.events, not_data=progress.not_data + lot.not_data,
                        rows=progress.rows.plus(report.rows),
                    )  # fmt: skip
                    spool.save(progress.kept(self._kept(spool.state, over), edge.keys))
                self._incarnation = spool.state.incarnation
                self._hop("committed")
                send(spool, edge, self._log, self._hop)
                stands = OVER if over else HOURS if lot.ended else GOING
            report = once.report(False)._replace(
                full=not self._bounds, rows=progress.rows, events=progress.events, not_data=progress.not_data,
                description=dict(walk.description),
            )  # fmt: skip
            report.check()
        return progress, Filled(report, progress.of, progress.left, self._before, stands)

    def _kept(self, state: State, over: bool) -> State:
        """The state of a spool whose source was read in part: runs go on from the mark, and no whole read is due."""
        mark = kept(self._mark, self._edge.keys) if self._mark and not state.cursor else state.cursor
        whole = self._system.today() if not state.full_day or (over and not self._bounds) else state.full_day
        return state._replace(cursor=mark, full_day=whole, filled=self._system.today())

    def _sound(self, spool: Spool) -> State:
        """The spool's state, after what the hub answered.

        Raises IntegrityError as a run does; DataError HUB-C426 where the mapping was edited meanwhile, HUB-C450
        where a run began the connector anew: what is left was to be read for the incarnation before.
        """
        edge, today = self._edge, self._system.today()
        require_linked(edge.spec.connector, spool.state.county, self._tokens.check())
        read_outcomes(spool, edge, self._log, today)
        destroy_old_keys(edge, spool, today)
        if load_mapping(edge.folder).hash != self._mapping.hash:
            raise DataError("HUB-C426", connector=edge.spec.connector)
        if self._incarnation not in ("", spool.state.incarnation):
            raise DataError("HUB-C450", connector=edge.spec.connector)
        return spool.state

    def _once(self, spool: Spool) -> Once:
        """The parts of one lot; today is the day on which it is read."""
        edge, system, mapping, tokens = self._edge, self._system, self._mapping, self._tokens
        mapper = RowMapper(mapping, tokens, today := system.today(), edge.spec.go_live, system.now_ms())
        return Once(Given(edge, self._log, system, today, spool, mapping, mapper, tokens, self._hop), Asked())

    def _opened(self, state: State) -> Walk:
        """The walk; of a database also with columns that former mappings alone read, where it has them still."""
        names = self._mapping.columns()
        walk = self._walk(names)
        former = Former(state.mappings, self._mapping, self._edge.keys)
        try:
            more = former.columns(walk.others) if former else []
        except BaseException:
            walk.close()
            raise
        if not more:
            return walk
        walk.close()
        return self._walk((*names, *more))

    def _walk(self, names: tuple[str, ...]) -> Walk:
        edge, system, mapping = self._edge, self._system, self._mapping
        return open_walk(
            mapping.source, edge.folder, names=names, key=mapping.key, today=system.today(), now_ms=system.now_ms,
            bounds=self._bounds,
        )  # fmt: skip

    def _resumed(self, walk: Walk, state: State) -> Progress:
        """Where an earlier process stopped; else the beginning, with the rows counted.

        Raises DataError HUB-C423 where the unfinished one went through something else.
        """
        stamp = stamped(walk.stamp, self._edge.keys)
        before = Progress.load(state, self._edge.keys)
        if before is not None and not before.over and not self._anew and stamp and before.stamp:
            if before.stamp == stamp:
                return before
            place = {"read": before.rows.read, "of": before.of}
            raise DataError("HUB-C423", connector=self._edge.spec.connector, **place)
        walk.columns()
        self._mark = walk.mark()
        return Progress(stamp, walk.count(), 0)


def backfill(
    edge: Edge, log: Log, system: System, pace: Pace, *, bounds: Bounds = Bounds(), anew: bool = False,  # noqa: B008
    hop: Hop = lambda _: None, tell: Tell = lambda _: None,
) -> Filled:  # fmt: skip
    """Read all of a source, or its part within `bounds`, beside its runs; go on where an earlier process stopped.

    `anew` begins at the beginning all the same. `tell` hears of each lot; `hop` is called between steps and may raise.
    Raises what a run raises; DataError HUB-C420 to C424, C426, C450; Unreachable HUB-C425 where the hub is silent;
    AlreadyRunning HUB-G701 where another backfill of this edge goes on.
    """
    return Backfill(edge, log, system, pace, bounds, anew, hop, tell).go()
