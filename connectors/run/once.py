"""The part of a run that is one local transaction: retry, read, guard, and say what vanished (`connectors.run.run`)."""

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack

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
from connectors.run.guard import guard
from connectors.run.reached import Told, reached
from connectors.run.receipt import Receipt
from connectors.run.refused import DOUBLED, RefusedRows, listed, must_read
from connectors.run.report import Endings, RunReport
from connectors.sources import Cursor, Row, Source, open_source
from connectors.spool import Spool
from hub.core.errors import DataError
from hub.ports.log import Log
from hub.ports.system import System

Hop = Callable[[str], None]


class Once:
    """The parts of one run, and what it counts."""

    def __init__(
        self, edge: Edge, log: Log, system: System, spool: Spool, mapping: Mapping, mapper: RowMapper,
        tokens: KeyedTokens, hop: Hop, begin_anew: str, remap: bool, receipt: Receipt | None,
    ) -> None:  # fmt: skip
        self._edge, self._log, self._system, self._spool = edge, log, system, spool
        self._mapping, self._mapper, self._tokens, self._hop = mapping, mapper, tokens, hop
        self._begin_anew, self._remap = begin_anew, remap
        self._receipt = receipt
        self._rows, self._retried = Endings(), Endings()
        self._vanished = self._not_data = self._events = self._new = self._closed = 0
        self._full = False
        self._description: dict[str, str] = {}
        self.settle: Callable[[], None] = lambda: None

    def read(self, wanted: bool, full: bool, accept_vanished: int | None) -> None:
        """Everything between the brackets; inside the transaction."""
        spool, spec, today = self._spool, self._edge.spec, self._system.today()
        started = self._incarnation()
        before = spool.state
        key = json.dumps(self._mapping.key)
        if before.key not in ("", key) and spool.rows.size():
            raise DataError("HUB-C326", connector=spec.connector)
        former = Former("" if self._remap else before.mappings, self._mapping, self._edge.keys)
        spool.save(
            before._replace(
                read=before.read + 1, mapping=self._mapping.hash, county=self._tokens.check(), key=key,
                mappings=former.keep(whole=False),
                stale=before.stale if before.mapping == self._mapping.hash else 0,
            )
        )  # fmt: skip
        state = spool.state
        sealer = Sealer(
            self._edge, self._system, self._tokens, self._mapping.hash, lambda frame: spool.add_frames([frame]),
            state.incarnation, state.generation, state.frame, state.event, state.hash,
        )  # fmt: skip
        publisher = Publisher(spec, self._mapper.sections, sealer, today, self._system.now_ms())
        if started is not None:
            publisher.own(STARTED, **started)
        refused = RefusedRows(spool, self._edge.keys, self._mapping.hash, today)
        whole = full or self._remap or must_read(spool)
        engine = Engine(
            self._mapping, self._mapper, spool, self._edge.keys, publisher, refused, former, state.read, today,
            self._remap, self._receipt,
        )  # fmt: skip
        self._retry(engine, refused)
        engine.say_again(refused.again())
        refused.begin_read()
        if wanted:
            with self._opened(former) as source:
                self._source(engine, refused, source, former, whole, accept_vanished)
                self.settle = source.settle
        refused.save(self._mapping.key[0])
        self._new, self._closed = refused.new, refused.closed
        self._rows.check()
        self._retried.check()
        told = publisher.events > (started is not None) or self._new or self._closed
        due = wanted and self._mapping.rhythm and state.ran != today  # once a day: it ran, though nothing is new
        if told or due:
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
            self._new, self._closed, len(listed(self._spool.refused())), state.blocked, self._description, state.stale,
        )  # fmt: skip

    def close_receipt(self) -> None:
        """Tell the receipt which rows are refused, by this edge or by the hub."""
        if self._receipt is not None:
            self._receipt.close(self._spool.refused())

    def _source(
        self, engine: Engine, refused: RefusedRows, source: Source, former: Former, full: bool,
        accept_vanished: int | None,
    ) -> None:  # fmt: skip
        """Read the source from its cursor, or whole when that is due; then guard, then say what vanished."""
        spool, state, today = self._spool, self._spool.state, self._system.today()
        columns = tuple(column.name for column in source.columns())
        known = spool.rows.size()
        days = self._mapping.full_every_days
        due = full or not state.cursor or (days > 0 and today - state.full_day >= days)
        for chunk in source.rows(None if due else Cursor.load(state.cursor)):
            places = dict(zip(columns, chunk.places, strict=True))
            engine.take(Lot(chunk.alias, columns, places, chunk.rows, chunk.broken, state.read), self._rows)
            if self._receipt is not None:
                self._receipt.read(chunk.alias, [one.number for one in chunk.rows])
                self._receipt.read(chunk.alias, [one.number for one in chunk.broken])
            self._hop("chunk")
        engine.finish(self._rows)
        self._full, self._not_data, self._description = source.full, source.not_data, dict(source.description)
        lost = spool.rows.unseen_count(state.read) if source.full else 0
        guard(source, self._mapping.guard, known, lost, accept_vanished)
        self._vanished = lost
        cursor = source.cursor
        changed = spool.state._replace(
            cursor=cursor.dump() if cursor else state.cursor, mappings=former.keep(source.full),
            stale=0 if self._remap else state.stale + engine.stale,
        )  # fmt: skip
        if source.full:
            for rows in spool.rows.unseen(state.read):
                engine.vanish(rows)
            if lost:
                forget_others(spool)
            refused.gone()
            changed = changed._replace(full_day=today)
        spool.save(changed)

    def _opened(self, former: Former) -> Source:
        """The source; a database also with columns that former mappings alone read, where it has them still."""
        names = self._mapper.columns
        with ExitStack() as held:
            source = held.enter_context(self._open(names))
            more = former.columns(source.others) if former else []
            if not more:
                held.pop_all()
                return source
        return self._open((*names, *more))

    def _open(self, names: Sequence[str]) -> Source:
        spec, folder, system = self._mapping.source, self._edge.folder, self._system
        return open_source(spec, folder, names=names, today=system.today(), now_ms=system.now_ms)

    def _retry(self, engine: Engine, refused: RefusedRows) -> None:
        """Rows of the spool that get another chance. Where their columns stood is not kept: they are told by name."""
        seen = self._spool.state.read - 1
        for row, sealed in refused.to_retry():
            if not set(self._mapper.columns) <= set(sealed.columns):
                continue  # the mapping now reads what that row never had; only its source can give it
            lot = Lot(row.alias, sealed.columns, {}, [Row(row.row, sealed.cells)], (), seen)
            if row.code == DOUBLED and engine.doubled(lot):
                refused.wait(row)
                continue
            engine.take(lot, self._retried)
        engine.finish(self._retried)

    def _incarnation(self) -> dict[str, str | int | None] | None:
        """Begin a first or a new incarnation; what is to be said of it, None if this one goes on."""
        spool, connector = self._spool, self._edge.spec.connector
        state = spool.state
        if state.incarnation and not self._begin_anew:
            return None
        identity = self._log.identity()
        told = Told(state.sequence, state.outcome, None, 1)  # of a first run, as its outcomes were just read
        if self._begin_anew:
            told = reached(self._edge, self._log)
        last, generation = told.reached, told.next
        if not generation:  # intake takes generation after generation, and nobody here sees what waits for it
            here = state.generation if state.sent and state.log == identity else 0
            generation = max(here, last.generation if last else 0) + 1
        previous = last.incarnation if last else state.incarnation or None
        number = last.frame if last else state.frame if state.incarnation else None
        incarnation = self._system.new_id("incarnation", f"{connector}/{generation}").hex()
        spool.forget_all()
        spool.save(
            state._replace(
                incarnation=incarnation, generation=generation, frame=0, event=0, hash="", cursor="", sent=0,
                appended=0, refused=0, blocked="", outcome=told.offset, sequence=told.sequence, log=identity,
                sent_at=-1, sent_hash="", ahead=told.sequence,
            )
        )  # fmt: skip
        return {"previous": previous, "last_number": number, "reason": self._begin_anew or "first"}

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
