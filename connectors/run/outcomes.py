"""What intake answered: read before each run, so that a spool that is not the one last used is known (law 12)."""

from hashlib import sha256
from itertools import count
from typing import Final

from connectors.edge import Edge
from connectors.frames.seal import unpack_places
from connectors.frames.whom import forget_others
from connectors.run.reached import reached
from connectors.run.unsaid import answered
from connectors.spool import RefusedRow, Spool
from hub.core.errors import IntegrityError, NotPermitted, Unreachable
from hub.core.frame import unpack_frame
from hub.core.outcome import Outcome, unpack_outcome
from hub.core.partition import partition_of
from hub.flow.accept import NEXT, accept
from hub.ports.log import Log

_MANY: Final = 200


def read_outcomes(spool: Spool, edge: Edge, log: Log, today: int) -> None:
    """Take every new outcome of the agency: count its events, list those that intake refused, forget the frame.

    Taken is exactly the next (law 3): a lower number is a repeat, a higher one is remembered, since it comes again with
    those before it. A spool that is new looks whether frames of another one wait for intake.

    Raises IntegrityError: HUB-C401 intake knows later frames than this spool, C402 other bytes under one of our
    numbers, C403 another spool of this connector, C406 another log or one that lost what it had acknowledged (an older
    one was put back), C407 frames of this connector and a spool that never ran. Unreachable HUB-C502 for outcomes that
    are missing and will come again.
    """
    identity = log.identity()
    if spool.state.log not in ("", identity):
        raise IntegrityError("HUB-C406", connector=edge.spec.connector)
    if edge.outcomes in log.topics():
        _read(spool, edge, log, today, identity)
    if not spool.state.incarnation and (other := reached(edge, log).reached):
        who = edge.spec.connector
        raise IntegrityError("HUB-C407", connector=who, generation=other.generation, frame=other.frame)
    if _lost(spool, edge, log):
        raise IntegrityError("HUB-C406", connector=edge.spec.connector)


def _read(spool: Spool, edge: Edge, log: Log, today: int, identity: str) -> None:
    agency = edge.spec.agency
    last = {agency: spool.state.sequence}
    while records := log.read(edge.outcomes, 0, spool.state.outcome, _MANY):
        with spool.transaction():
            highest = spool.state.ahead
            for record in records:
                outcome = unpack_outcome(record.value)
                highest = max(highest, outcome.sequence)
                if accept(last, agency, outcome.sequence) == NEXT and outcome.connector == edge.spec.connector:
                    take(spool, outcome, today)
            at = spool.state.outcome + len(records)
            spool.save(spool.state._replace(outcome=at, sequence=last[agency], ahead=highest, log=identity))
    if spool.taken.settled:
        with spool.transaction():
            forget_others(spool)
    if spool.state.ahead > last[agency]:
        raise Unreachable("HUB-C502", agency=agency, first=last[agency] + 1, last=spool.state.ahead)


def _lost(spool: Spool, edge: Edge, log: Log) -> bool:
    """Whether the log no longer has the frame that was sent last, where it said that it put it.

    It would wait for ever: the log acknowledged it, and intake never sees it. A log may forget its beginning.
    """
    at = spool.state.sent_at
    if at < 0:
        return False
    partition = partition_of(edge.spec.connector.encode(), log.topics().get(edge.ingress, 1))
    begin, end = log.bounds(edge.ingress, partition)
    if not begin <= at < end:
        return at >= end
    try:
        found = log.read(edge.ingress, partition, at, 1)
    except NotPermitted:  # brokers let an agency write there, and know no more of it
        return False
    return sha256(found[0].value).hexdigest() != spool.state.sent_hash


def take(spool: Spool, outcome: Outcome, today: int) -> None:
    """One outcome of this connector; inside a transaction. Raises IntegrityError HUB-C401 to C403, C407.

    An outcome with a code used no number up. If the frame is ours, it and all after it are sent again; if not, somebody
    else wrote into our log under our name, and intake did not believe it either.
    """
    state = spool.state
    frame = spool.frame(outcome.frame) if outcome.generation == state.generation else None
    if outcome.code:
        if frame is not None and frame.hash == outcome.hash:
            again = spool.send_again(outcome.frame)
            spool.save(state._replace(blocked=outcome.code, sent=state.sent - again))
        return
    _same_history(spool, outcome, frame.hash.hex() if frame else "")
    if frame is None:
        return
    places = unpack_places(frame.places)
    first = spool.first_event(outcome.frame)
    told = zip(count(first), places, outcome.events, strict=False)
    wrong = {number: (place, event.code) for number, place, event in told if event.code}
    # An event of the connector itself has no row: nobody could mend it, and nothing would ever close it.
    of_rows = {number: (place, code) for number, (place, code) in wrong.items() if place.place}
    spool.refuse([_refused(place.place, place.token, code, today, state.mapping) for place, code in of_rows.values()])
    tokens = {number: place.token for number, (place, _) in of_rows.items()}
    answered(spool, state.generation, first, first + len(places) - 1, tokens)
    spool.forget_frame(outcome.frame)
    right = len(places) - len(wrong)
    agreed = state.agreed if not outcome.events or _other_key(outcome) else unpack_frame(frame.raw).header.key_check
    spool.save(
        state._replace(blocked="", appended=state.appended + right, refused=state.refused + len(wrong), agreed=agreed)
    )


def _other_key(outcome: Outcome) -> bool:
    """Whether intake expects tokens under other keys of the county; it refuses all events of a frame alike then."""
    return outcome.events[0].code == "HUB-I306"


def _same_history(spool: Spool, outcome: Outcome, ours: str) -> None:
    """Raises IntegrityError when this outcome is of a frame that this spool did not make."""
    state = spool.state
    place: dict[str, str | int] = {
        "connector": outcome.connector,
        "generation": outcome.generation,
        "frame": outcome.frame,
    }
    if not state.incarnation:
        raise IntegrityError("HUB-C407", **place)
    if outcome.generation < state.generation:
        return
    if outcome.incarnation != state.incarnation or outcome.generation > state.generation:
        raise IntegrityError("HUB-C403", **place)
    if outcome.frame > state.frame:
        raise IntegrityError("HUB-C401", **place)
    ours = ours or (state.hash if outcome.frame == state.frame else outcome.hash.hex())
    if outcome.hash.hex() != ours:
        raise IntegrityError("HUB-C402", **place)


def _refused(place: str, token: int, code: str, today: int, mapping: str) -> RefusedRow:
    """An event that intake refused, among the refused rows: its row is to be found at its source."""
    alias, row, column = [*place.split(":"), "", "0", ""][:3]
    return RefusedRow(0, token, b"", code, "{}", alias, int(row), column, today, today, mapping, b"", "open")
