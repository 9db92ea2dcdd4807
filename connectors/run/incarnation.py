"""Incarnations: what an edge calls the time that a spool of it lasts (architecture §5)."""

from connectors.edge import Edge
from connectors.run.reached import Told, reached
from connectors.spool import Spool
from hub.ports.log import Log
from hub.ports.system import System


def begun(
    edge: Edge, log: Log | None, system: System, spool: Spool, begin_anew: str
) -> dict[str, str | int | None] | None:
    """Begin a first or a new incarnation; what is to be said of it, None if this one goes on."""
    connector = edge.spec.connector
    state = spool.state
    if state.incarnation and not begin_anew:
        return None
    assert log is not None
    identity = log.identity()
    told = Told(state.sequence, state.outcome, None, 1)  # of a first run, as its outcomes were just read
    if begin_anew:
        told = reached(edge, log)
    last, generation = told.reached, told.next
    if not generation:  # intake takes generation after generation, and nobody here sees what waits for it
        here = state.generation if state.sent and state.log == identity else 0
        generation = max(here, last.generation if last else 0) + 1
    previous = last.incarnation if last else state.incarnation or None
    number = last.frame if last else state.frame if state.incarnation else None
    incarnation = system.new_id("incarnation", f"{connector}/{generation}").hex()
    spool.forget_all()
    spool.save(
        state._replace(
            incarnation=incarnation, generation=generation, frame=0, event=0, hash="", cursor="", sent=0,
            appended=0, refused=0, blocked="", outcome=told.offset, sequence=told.sequence, log=identity,
            sent_at=-1, sent_hash="", ahead=told.sequence, backfill="", filling=0,
        )
    )  # fmt: skip
    return {"previous": previous, "last_number": number, "reason": begin_anew or "first"}
