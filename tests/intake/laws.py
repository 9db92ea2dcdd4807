"""Laws of intake as functions over an installation, so that broken variants can be tried on them."""

from collections import Counter

from hub.core.envelope import unpack_envelope
from hub.core.frame import commitment
from hub.core.outcome import EventOutcome
from tests.intake.build import AGENCY, SIZES, Installation


def law_one_outcome_a_frame(home: Installation, frames: int) -> None:
    """Every frame is answered once, in order, and what an outcome says of an event is where the event is."""
    outcomes = home.outcomes()
    assert [outcome.sequence for outcome in outcomes] == list(range(1, frames + 1))
    assert len({outcome.hash for outcome in outcomes}) == frames
    kept = {
        (topic, partition, unpack_envelope(record.headers).number): commitment(record.value)
        for (topic, partition), part in home.parts().items()
        if topic in SIZES
        for record in part
    }
    for event in appended(home):
        assert kept[event.topic, event.partition, event.number] == event.commitment
    for topic, partition, number in outcomes[-1].next:
        assert (topic, partition, number) not in kept
        assert number == 1 or (topic, partition, number - 1) in kept


def law_payload_untouched(home: Installation, values: list[bytes]) -> None:
    """Intake adds headers; the bytes of a value are those that left the agency."""
    ours = [fact.value for fact in home.facts() if not fact.type.startswith("hub.")]
    assert Counter(ours) == Counter(values)


def law_sums(home: Installation) -> None:
    """Events sent = appended + repeat + refused; what was appended is in the logs, what was refused has a code."""
    totals = home.intake.totals(AGENCY)
    assert totals["sent"] == totals["appended"] + totals.get("repeat", 0) + totals["refused"]
    assert totals["appended"] == len(appended(home)) == len([f for f in home.facts() if f.type[:4] != "hub."])
    codes = {code: count for code, count in totals.items() if code.startswith("HUB-")}
    assert sum(codes.values()) == totals["refused"]
    assert codes == Counter(code for code in home.codes() if code)


def appended(home: Installation) -> list[EventOutcome]:
    """The outcomes of events that were appended."""
    return [event for outcome in home.outcomes() for event in outcome.events if not event.code]
