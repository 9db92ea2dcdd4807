"""Before each fetch: what the outcomes say beyond the store, and whether store, log and vault agree (law 12)."""

from typing import Final

from hub.core.errors import IntegrityError
from hub.core.outcome import Outcome, unpack_outcome
from hub.flow.accept import NEXT, accept
from hub.flow.advance import record_hash
from hub.ports.intake import Chain, IntakeState, Taken
from hub.ports.log import Log
from hub.ports.vault import Vault

READ: Final = 200


def recover(log: Log, state: IntakeState) -> list[Taken]:
    """Put the state forward to the later of store and outcomes; returns the frames that the store had not heard of.

    Raises IntegrityError HUB-I430 for a store of another log, HUB-I433 for one that is newer than the outcomes.
    """
    topic, place = f"outcomes.{state.agency}", {"agency": state.agency}
    if state.log not in ("", log.identity()):
        raise IntegrityError("HUB-I430", **place)
    if log.bounds(topic, 0).end < state.answered:
        raise IntegrityError("HUB-I433", **place)
    state.log = log.identity()
    taken: list[Taken] = []
    last = {state.agency: state.sequence}
    while records := log.read(topic, 0, state.answered, READ):
        for record in records:
            outcome = unpack_outcome(record.value)
            if accept(last, state.agency, outcome.sequence) == NEXT:
                taken += _adopt(state, outcome)
        state.answered += len(records)
    if taken:
        found = log.read(f"ingress.{state.agency}", 0, state.offset - 1, 1)
        if not found:
            raise IntegrityError("HUB-I431", **place)
        state.last = record_hash(found[0])
    if state.offset >= state.intent:
        state.intent = 0
    return taken


def has_taken(log: Log, agency: str, connector: str) -> bool:
    """Whether a frame of this connector was ever accepted, as the outcomes tell whatever a store has forgotten."""
    topic, key = f"outcomes.{agency}", connector.encode()
    offset = log.bounds(topic, 0).begin
    while records := log.read(topic, 0, offset, 1000):
        if any(each.key == key and not unpack_outcome(each.value).code for each in records):
            return True
        offset += len(records)
    return False


def require_same_past(log: Log, vault: Vault, state: IntakeState) -> None:
    """Raises IntegrityError: HUB-I431 store newer than the log, I432 other bytes than taken, I434 older vault."""
    topic, place = f"ingress.{state.agency}", {"agency": state.agency}
    if log.bounds(topic, 0).end < state.offset:
        raise IntegrityError("HUB-I431", **place)
    if state.offset:
        found = log.read(topic, 0, state.offset - 1, 1)
        if not found or record_hash(found[0]) != state.last:
            raise IntegrityError("HUB-I432", **place)
    if vault.resolved(state.agency) < state.vault:
        raise IntegrityError("HUB-I434", **place)


def chain_of(outcome: Outcome) -> Chain:
    """How far the connector came with a frame that was taken."""
    who = outcome.connector, outcome.incarnation, outcome.generation
    return Chain(*who, outcome.frame, outcome.hash, outcome.last_event)


def tell(state: IntakeState, outcome: Outcome, registered: int) -> None:
    """Add one outcome to the totals; `registered` persons came with it.

    A frame that was refused as a whole counts as a frame only: nobody vouches for what it says of its events.
    """
    counts, sent = state.counts, len(outcome.events)
    appended = sum(not each.code for each in outcome.events)
    told = {"sent": sent, "appended": appended, "refused": sent - appended, "registered": registered, "frames": 1}
    for each in outcome.events:
        if each.code:
            told[each.code] = told.get(each.code, 0) + 1
    if outcome.code:
        told |= {"refused frames": 1, f"frame {outcome.code}": 1}
    for name, count in told.items():
        counts[name] = counts.get(name, 0) + count


def _adopt(state: IntakeState, outcome: Outcome) -> list[Taken]:
    """Take an outcome's word for what intake did."""
    before = sum(number - 1 for number in state.next.values())
    state.next = {(topic, partition): number for topic, partition, number in outcome.next}
    made = sum(number - 1 for number in state.next.values()) - before
    state.sequence, state.vault, state.offset = outcome.sequence, outcome.vault, outcome.offset + 1
    appended = sum(not each.code for each in outcome.events)
    tell(state, outcome, made - appended)
    if outcome.code:
        return []
    state.chains[outcome.connector] = chain_of(outcome)
    return [Taken(outcome.connector, outcome.generation, outcome.frame, outcome.hash)]
