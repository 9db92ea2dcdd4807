"""One local transaction of an edge: what stands in brackets in `connectors.run.run`, or one lot of a backfill.

begin -> try again what was refused -> rows of the source -> account for all of them -> end
"""

from collections.abc import Callable, Iterable
from typing import Final

from connectors.frames.publish import FINISHED
from connectors.rows.lot import Lot
from connectors.run.given import Asked, Given
from connectors.run.linking import is_due
from connectors.run.opening import begins, opened, waits
from connectors.run.reading import Found, read_source
from connectors.run.refused import DOUBLED, must_read
from connectors.run.report import BACKFILL, Endings, RunReport
from connectors.run.underway import Underway, begin
from connectors.sources import Piece, Row
from hub.core.county import has_two

Rows = Callable[[Underway], None]
"""What takes rows of the source, between beginning and end."""

NO_READ: Final = 0
"""What a row that was tried again is remembered by: reads begin at 1, and none has met it yet."""


class Once:
    """One transaction, and what it counts. Either `read` or `take` is called, once, inside of it."""

    def __init__(self, given: Given, asked: Asked) -> None:
        self._given, self._asked = given, asked
        self._rows, self._retried = Endings(), Endings()
        self._found = Found()
        self._events = self._new = self._closed = 0
        self.settle: Callable[[], None] = lambda: None
        """Tells the source that what was read is committed."""

    def read(self) -> None:
        """All that the source has, or what is new of it. Without a cursor, nothing while a backfill goes on."""
        given, asked, state = self._given, self._asked, self._given.spool.state
        seen, whole = state.read + 1, asked.full or asked.remap
        if not asked.read:
            self._transact(None, seen)
            return
        if not whole and not asked.begin_anew and waits(given.edge, state, given.today):
            self._found = Found(description={BACKFILL: "waits"})
            self._transact(None, seen)
            return
        goes_on = state.incarnation and not asked.begin_anew and not state.filling
        due = must_read(given.spool)
        link = bool(goes_on) and is_due(state, given.tokens.check(), asked.full)

        def rows(under: Underway) -> None:
            spool = given.spool
            after = begins(spool.state, given.mapping, given.edge.keys, given.today, whole or link, due)
            with opened(given.edge, given.mapping, given.mapper.columns, given.system, under.former, after) as source:
                self._found = read_source(source, after, given, asked, under, self._rows)
                self.settle = source.settle

        self._transact(rows, seen, link)

    def take(self, pieces: Iterable[Piece], seen: int) -> None:
        """A lot of a backfill, whose rows are remembered by the number `seen`.

        A walk tells of each row once and of none that is gone: what tells of changes has none (HUB-C419, C429).
        """

        def rows(under: Underway) -> None:
            for columns, chunk, *_ in pieces:
                assert not chunk.turn
                assert not chunk.gone
                if chunk.rows or chunk.broken:
                    places = dict(zip(columns, chunk.places, strict=True))
                    lot = Lot(chunk.alias, columns, places, chunk.rows, chunk.broken, seen)
                    under.engine.take(lot, self._rows)
                self._given.hop("chunk")
            under.engine.finish(self._rows)
            spool = self._given.spool
            spool.save(spool.state._replace(stale=spool.state.stale + under.engine.stale))

        self._transact(rows, seen)

    def report(self, dry_run: bool) -> RunReport:
        """What the run did, with the counts of the spool as they are now."""
        given, found, state = self._given, self._found, self._given.spool.state
        unsent, waiting = given.spool.waiting()
        return RunReport(
            given.edge.spec.connector, given.mapping.source.alias, dry_run, found.full, self._rows, self._retried,
            found.not_data, found.vanished, self._events, state.event, unsent, waiting, state.appended, state.refused,
            self._new, self._closed, given.spool.refusals.waiting(), state.blocked, dict(found.description),
            state.stale,
        )  # fmt: skip

    def close_receipt(self) -> None:
        """Tell the receipt which rows are refused, by this edge or by the hub."""
        if self._asked.receipt is not None:
            self._asked.receipt.close(self._given.spool.refused())

    def _transact(self, rows: Rows | None, seen: int, link: bool = False) -> None:
        """From beginning to end. `seen` numbers the read."""
        under = begin(self._given, self._asked, seen, link)
        self._retry(under)
        if rows is not None:
            rows(under)
        self._account(under)
        if self._has_to_say(under, rows is not None):
            self._say_finished(under)
        self._end(under)

    def _retry(self, under: Underway) -> None:
        """Rows of the spool that get another chance. Where their columns stood is not kept: they are told by name."""
        engine, refused = under.engine, under.refused
        for row, sealed in refused.to_retry():
            if not set(self._given.mapper.columns) <= set(sealed.columns):
                continue  # the mapping now reads what that row never had; only its source can give it
            lot = Lot(row.alias, sealed.columns, {}, [Row(row.row, sealed.cells)], (), NO_READ)
            if row.code == DOUBLED and engine.doubled(lot):
                refused.wait(row)
                continue
            engine.take(lot, self._retried)
        engine.finish(self._retried)
        engine.say_again(refused.again())
        refused.begin_read()

    def _account(self, under: Underway) -> None:
        """Every row has its ending (law 8), and those that are refused wait for their owner."""
        under.refused.save(self._given.mapping.key[0])
        self._new, self._closed = under.refused.new, under.refused.closed
        self._rows.check()
        self._retried.check()

    def _has_to_say(self, under: Underway, was_read: bool) -> bool:
        """Whether the hub is to hear that a run ended. Most nights of most connectors bring nothing new."""
        given, checks = self._given, self._given.tokens.check()
        told = under.publisher.events > under.anew or self._new or self._closed
        due = was_read and given.mapping.rhythm and under.before.ran != given.today  # once a day: it ran all the same
        asking = has_two(checks) and under.before.agreed != checks  # intake has to answer a frame with both key checks
        return bool(told or due or asking or under.linking is not None)

    def _say_finished(self, under: Underway) -> None:
        spool, all_rows = self._given.spool, self._rows.plus(self._retried)
        under.publisher.own(
            FINISHED, rows_read=all_rows.read, published=all_rows.published, unchanged=all_rows.unchanged,
            not_selected=sum(all_rows.not_selected.values()), refused=sum(all_rows.refused.values()),
            events=under.publisher.events,
        )  # fmt: skip
        spool.save(spool.state._replace(ran=self._given.today))

    def _end(self, under: Underway) -> None:
        """The last frame is sealed, and the next run goes on from its numbers."""
        spool, sealer = self._given.spool, under.sealer
        sealer.finish()
        self._events = under.publisher.events
        spool.save(spool.state._replace(frame=sealer.frame, event=sealer.event, hash=sealer.hash))
