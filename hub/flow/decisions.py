"""From decisions to records: what a decider returns is numbered, encoded and put into the outbox (law 5)."""

from collections.abc import Sequence

from hub.core.calendar import DAY_MS
from hub.core.envelope import Envelope
from hub.core.errors import DataError
from hub.core.event import asserted_of
from hub.core.fold import Decision
from hub.core.frame import commitment, pack_refs
from hub.core.record import Record
from hub.flow.group import Group
from hub.ports.store import Outgoing, Unit
from hub.ports.system import System

LOOKED = "looked"
"""Name of the small state that tells at which day the decider looked last."""


def in_flight(group: Group, unit: Unit, partition: int) -> int:
    """How many decisions of the group on this partition were not read back yet."""
    given = unit.counters.get(f"{group.topic}/{partition}", 0)
    return given - unit.accepted.get(group.sender(partition), 0)


def ready(group: Group, unit: Unit, partition: int, today: int) -> bool:
    """Whether the group may decide: it has a decider, a first tick was read (go-live), nothing of it is in flight.

    A day that began since it looked last must be today's: where only some of several days landed before a kill, the
    others are still to come, whatever else follows there, and a day in the middle of them is not looked at.
    """
    day = unit.facts.get("day")
    if group.projection.decider is None or day is None or in_flight(group, unit, partition):
        return False
    return day == unit.facts.get(LOOKED) or int(day) >= today


def decide(group: Group, unit: Unit, partition: int, touched: set[bytes], first: bool, system: System) -> int:
    """Let the decider look at what was touched, or at all that is due, and queue what it decides; returns how many.

    Raises DataError HUB-P330 when the log names other policy, calendar or area files than those loaded.
    """
    decider = group.projection.decider
    if decider is None or not (touched or first):
        return 0
    if group.profile and unit.facts.get("profile") != group.profile:
        raise DataError("HUB-P330", group=group.name)
    unit.facts[LOOKED], day = unit.facts["day"], int(unit.facts["day"])
    ids = {name: key.id for name, key in unit.known(sorted(touched)).items()}
    decisions = decider.decide(unit, sorted(touched), ids, day, first)
    unit.queue(_outgoing(group, unit, partition, decisions, day, system))
    return len(decisions)


def _outgoing(
    group: Group, unit: Unit, partition: int, decisions: Sequence[Decision], day: int, system: System
) -> list[Outgoing]:
    log, sender = f"{group.topic}/{partition}", group.sender(partition)
    number = unit.counters.get(log, 0)
    outgoing: list[Outgoing] = []
    for decision in decisions:
        number += 1
        hint = f"{sender}/{number}"
        fields = decision.fields._replace(salt=system.new_id("salt", hint), recorded_at=day * DAY_MS)
        value = group.codec.encode(decision.type, fields)
        envelope = Envelope(
            id=system.new_id("event", hint),
            number=number,
            received_at=day * DAY_MS,
            asserted=asserted_of(0, partition, number),
            commitment=commitment(value),
            body=0,
            type=decision.type,
            source=f"hub/{group.name}",
            sender=sender,
            place="",
            refs=pack_refs(decision.refs),
        )
        record = Record(decision.key, group.codec.headers(envelope), value)
        outgoing.append(Outgoing(group.topic, partition, number, record))
    unit.counters[log] = number
    return outgoing
