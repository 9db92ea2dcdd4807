"""The part of a run that is one local transaction: retry, read, guard, and say what vanished (`connectors.run.run`)."""

import json
from collections.abc import Callable, Iterable
from typing import Final

from connectors.edge import Edge
from connectors.frames.publish import FINISHED, STARTED, Publisher
from connectors.frames.seal import Sealer
from connectors.frames.whom import forget_others
from connectors.mapping.language import Mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.lot import Lot
from connectors.rows.tokens import KeyedTokens
from connectors.run.engine import Engine
from connectors.run.former import Former
from connectors.run.guard import check_key, guard
from connectors.run.incarnation import begun
from connectors.run.linking import Linking, claim, is_due
from connectors.run.opening import begins, opened, waits
from connectors.run.receipt import Receipt
from connectors.run.refused import DOUBLED, RefusedRows, must_read
from connectors.run.report import Endings, RunReport
from connectors.run.resume import kept
from connectors.sources import Cursor, Piece, Row, Source
from connectors.spool import Spool
from hub.core.county import has_two, newest, oldest
from hub.core.errors import DataError
from hub.ports.log import Log
from hub.ports.system import System

Hop = Callable[[str], None]
Part = Callable[[Engine, RefusedRows, Former], None]
"""What reads, between trying again what was refused and saying how it ended."""

BACKFILL: Final = "backfill"
"""In a run's description: it read nothing, since a backfill that is not over reads it all."""
UNSEEN, NAMELESS = "unseen", "nameless"
"""In a run's description: how many known rows a whole read lacks, and how many of its rows have no readable key. Each
of these may be one of those: nobody is taken for gone until they are mended, or `--accept-vanished` says so."""

NO_READ: Final = 0
"""What a row that was tried again is remembered by: reads begin at 1, and none has met it yet."""


class Once:
    """The parts of one run, and what it counts."""

    def __init__(
        self, edge: Edge, log: Log | None, system: System, spool: Spool, mapping: Mapping, mapper: RowMapper,
        tokens: KeyedTokens, hop: Hop, begin_anew: str, remap: bool, receipt: Receipt | None,
        sealer: Callable[..., Sealer] = Sealer,
    ) -> None:  # fmt: skip
        """`log` may lack for a spool that has begun: it is asked only where an incarnation begins."""
        self._edge, self._log, self._system, self._spool = edge, log, system, spool
        self._mapping, self._mapper, self._tokens, self._hop = mapping, mapper, tokens, hop
        self._begin_anew, self._remap = begin_anew, remap
        self._receipt, self._sealer = receipt, sealer
        self._rows, self._retried = Endings(), Endings()
        self._vanished = self._not_data = self._events = self._new = self._closed = 0
        self._full = False
        self._linking: Linking | None = None
        self._claims: Callable[[], None] | None = None
        self._description: dict[str, str] = {}
        self.settle: Callable[[], None] = lambda: None

    def read(self, wanted: bool, full: bool, accept_vanished: int | None) -> None:
        """Everything between the brackets; inside the transaction. A source without a cursor waits for its backfill."""
        spool = self._spool
        whole, due = full or self._remap, must_read(spool)
        anew = whole or bool(self._begin_anew)
        if wanted and not anew and waits(self._edge, spool.state, self._system.today()):
            self._description, wanted = {BACKFILL: "waits"}, False
        if not wanted:
            self._tell(None, spool.state.read + 1)
            return
        goes_on = spool.state.incarnation and not self._begin_anew and not spool.state.filling
        linking = bool(goes_on) and is_due(spool.state, self._tokens.check(), full)
        whole |= linking

        def part(engine: Engine, refused: RefusedRows, former: Former) -> None:
            edge, today = self._edge, self._system.today()
            after = begins(spool.state, self._mapping, edge.keys, today, whole, due)
            with opened(edge, self._mapping, self._mapper.columns, self._system, former, after) as source:
                self._source(engine, refused, source, former, after, accept_vanished)
                self.settle = source.settle

        self._tell(part, spool.state.read + 1, linking)

    def take(self, pieces: Iterable[Piece], seen: int) -> None:
        """A lot of a backfill, whose rows are remembered by the number `seen`; inside the transaction.

        A walk tells of each row once and of none that is gone: what tells of changes has none (HUB-C419, C429).
        """

        def part(engine: Engine, refused: RefusedRows, former: Former) -> None:
            for columns, chunk, *_ in pieces:
                assert not chunk.turn
                assert not chunk.gone
                if chunk.rows or chunk.broken:
                    places = dict(zip(columns, chunk.places, strict=True))
                    engine.take(Lot(chunk.alias, columns, places, chunk.rows, chunk.broken, seen), self._rows)
                self._hop("chunk")
            engine.finish(self._rows)
            self._spool.save(self._spool.state._replace(stale=self._spool.state.stale + engine.stale))

        self._tell(part, seen)

    def _tell(self, part: Part | None, seen: int, linking: bool = False) -> None:
        """Try again what was refused, let `part` read, and say what became of it. `seen` numbers the read."""
        spool, spec, today = self._spool, self._edge.spec, self._system.today()
        started = begun(self._edge, self._log, self._system, spool, self._begin_anew)
        before = spool.state
        key, checks = json.dumps(self._mapping.key), self._tokens.check()
        if before.key not in ("", key) and spool.rows.size():
            raise DataError("HUB-C326", connector=spec.connector)
        former = Former("" if self._remap else before.mappings, self._mapping, self._edge.keys)
        spool.save(
            before._replace(
                read=max(before.read, seen), mapping=self._mapping.hash, key=key,
                county=(before.county if started is None else "") or oldest(checks),
                mappings=former.keep(whole=False),
                stale=before.stale if before.mapping == self._mapping.hash else 0,
            )
        )  # fmt: skip
        state = spool.state
        sealer = self._sealer(
            self._edge, self._system, self._tokens, self._mapping.hash, lambda frame: spool.add_frames([frame]),
            state.incarnation, state.generation, state.frame, state.event, state.hash,
        )  # fmt: skip
        publisher = Publisher(spec, self._mapper.sections, sealer, today, self._system.now_ms())
        if started is not None:
            publisher.own(STARTED, **started)
        refused = RefusedRows(spool, self._edge.keys, self._mapping.hash, today)
        self._claims = (lambda: claim(spool, sealer, checks)) if started is not None and has_two(checks) else None
        if linking:
            self._linking = Linking(self._mapping, self._mapper, spool, self._edge.keys, sealer, checks, today)
        if has_two(checks) and spool.state.county == newest(checks):
            sealer.linked = spool.state.county
        engine = Engine(
            self._mapping, self._mapper, spool, self._edge.keys, publisher, refused, former, seen, today,
            self._remap, self._receipt,
        )  # fmt: skip
        self._retry(engine, refused)
        engine.say_again(refused.again())
        refused.begin_read()
        if part is not None:
            part(engine, refused, former)
        refused.save(self._mapping.key[0])
        self._new, self._closed = refused.new, refused.closed
        self._rows.check()
        self._retried.check()
        told = publisher.events > (started is not None) or self._new or self._closed
        due = part and self._mapping.rhythm and state.ran != today  # once a day: it ran, though nothing is new
        asking = has_two(checks) and before.agreed != checks  # intake has to answer a frame with both key checks
        if told or due or asking or linking:
            publisher.own(FINISHED, **self._numbers(publisher.events))
            spool.save(spool.state._replace(ran=today))
        sealer.finish()
        self._events = publisher.events
        spool.save(spool.state._replace(frame=sealer.frame, event=sealer.event, hash=sealer.hash))

    def report(self, dry_run: bool) -> RunReport:
        """What the run did, with the counts of the spool as they are now."""
        state = self._spool.state
        unsent, waiting = self._spool.waiting()
        return RunReport(
            self._edge.spec.connector, self._mapping.source.alias, dry_run, self._full, self._rows, self._retried,
            self._not_data, self._vanished, self._events, state.event, unsent, waiting, state.appended, state.refused,
            self._new, self._closed, self._spool.refusals.waiting(), state.blocked, self._description, state.stale,
        )  # fmt: skip

    def close_receipt(self) -> None:
        """Tell the receipt which rows are refused, by this edge or by the hub."""
        if self._receipt is not None:
            self._receipt.close(self._spool.refused())

    def _source(
        self, engine: Engine, refused: RefusedRows, source: Source, former: Former, after: Cursor | None,
        accept_vanished: int | None,
    ) -> None:  # fmt: skip
        """Read the source from `after` on; then guard, then say what vanished."""
        spool, state, today = self._spool, self._spool.state, self._system.today()
        columns = tuple(column.name for column in source.columns())
        check_key(source, self._mapping.key)
        known = spool.rows.size()
        turn = deleted = passed = 0
        for chunk in source.rows(after):
            if chunk.turn != turn:
                turn = chunk.turn
                engine.turn(state.read + turn, self._rows)
            places = dict(zip(columns, chunk.places, strict=True))
            lot = Lot(chunk.alias, columns, places, chunk.rows, chunk.broken, state.read + turn)
            engine.take(lot, self._rows)
            if self._linking is not None:
                self._linking.take(lot)
            told = engine.gone(lot._replace(rows=chunk.gone)) if chunk.gone else 0
            deleted, passed = deleted + told, passed + len(chunk.gone) - told
            self._hop("chunk")
        engine.finish(self._rows)
        check_key(source, self._mapping.key)
        if self._linking is not None:
            self._linking.finish()
        elif self._claims is not None and source.full:  # of a new incarnation everybody was told under both keys
            self._claims()
        self._full, self._description = source.full, dict(source.description)
        self._not_data = source.not_data + passed
        since = state.read + source.since
        unseen = spool.rows.unseen_count(since) if source.full else 0
        lost = deleted + unseen
        guard(source, self._mapping.guard, known, lost, accept_vanished)
        sure = not (unseen and engine.nameless) or (accept_vanished is not None and lost <= accept_vanished)
        self._vanished = lost if sure else deleted
        if not sure:
            self._description |= {UNSEEN: str(unseen), NAMELESS: str(engine.nameless)}
        cursor = source.cursor
        changed = spool.state._replace(
            cursor=kept(cursor, self._edge.keys) if cursor else state.cursor, mappings=former.keep(source.full),
            stale=0 if self._remap else state.stale + engine.stale, read=state.read + turn,
            full_day=today if after is None or source.full else state.full_day,
            filling=0 if source.full else state.filling,
        )  # fmt: skip
        if source.full and sure:
            for rows in spool.rows.unseen(since):
                engine.vanish(rows)
            if lost:
                forget_others(spool)
            refused.gone()
        spool.save(changed)

    def _retry(self, engine: Engine, refused: RefusedRows) -> None:
        """Rows of the spool that get another chance. Where their columns stood is not kept: they are told by name."""
        for row, sealed in refused.to_retry():
            if not set(self._mapper.columns) <= set(sealed.columns):
                continue  # the mapping now reads what that row never had; only its source can give it
            lot = Lot(row.alias, sealed.columns, {}, [Row(row.row, sealed.cells)], (), NO_READ)
            if row.code == DOUBLED and engine.doubled(lot):
                refused.wait(row)
                continue
            engine.take(lot, self._retried)
        engine.finish(self._retried)

    def _numbers(self, events: int) -> dict[str, int]:
        rows, again = self._rows, self._retried
        return {
            "rows_read": rows.read + again.read,
            "published": rows.published + again.published,
            "unchanged": rows.unchanged + again.unchanged,
            "not_selected": sum(rows.not_selected.values()) + sum(again.not_selected.values()),
            "refused": sum(rows.refused.values()) + sum(again.refused.values()),
            "events": events,
        }
