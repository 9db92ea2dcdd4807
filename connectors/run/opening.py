"""Whether a run reads, where it begins, and the source opened there."""

from collections.abc import Sequence
from contextlib import ExitStack

from connectors.edge import Edge
from connectors.mapping.language import Mapping
from connectors.run.former import Former
from connectors.run.resume import resumed
from connectors.sources import Cursor, Source, open_source
from connectors.spool.state import State
from connectors.turns import is_free
from hub.core.errors import DataError
from hub.ports.keys import Keys
from hub.ports.system import System


def waits(edge: Edge, state: State, today: int) -> bool:
    """Whether all is left to a backfill that is not over: without a cursor nothing else tells what is new.

    Raises DataError HUB-C451 where nobody goes on with it since more than a day: a run would wait for ever.
    """
    if not state.filling or state.cursor:
        return False
    days = today - state.filled
    if state.filled and days > 1 and is_free(edge.filling):  # an older program did not say when
        raise DataError("HUB-C451", connector=edge.spec.connector, days=days)
    return True


def begins(state: State, mapping: Mapping, keys: Keys, today: int, whole: bool, due: bool) -> Cursor | None:
    """Where the read begins: at the cursor, or at nothing: `whole`, or `due` while no backfill goes on."""
    days = mapping.full_every_days
    due |= days > 0 and today - state.full_day >= days
    full = whole or not state.cursor or (due and not state.filling)
    return None if full else resumed(state.cursor, keys)


def opened(
    edge: Edge, mapping: Mapping, names: Sequence[str], system: System, former: Former, after: Cursor | None
) -> Source:
    """The source; a database also with columns that former mappings alone read, where it has them still."""

    def source(*names: str) -> Source:
        today, now_ms = system.today(), system.now_ms
        return open_source(mapping.source, edge.folder, names=names, today=today, now_ms=now_ms, after=after)

    with ExitStack() as held:
        first = held.enter_context(source(*names))
        more = former.columns(first.others) if former else []
        if not more:
            held.pop_all()
            return first
    return source(*names, *more)
