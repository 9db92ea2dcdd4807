"""Which runs ended, by the connectors' own last events: a frame alone may be half of a run."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from hub.codec import Codec
from hub.core.errors import IntegrityError
from hub.core.frame import BODY_LABEL, Entry, unpack_entries, unpack_frame
from hub.core.outcome import Outcome, unpack_outcome
from hub.intake.arrive import HUB_KEY
from hub.intake.fetch import Work
from hub.intake.recover import READ
from hub.ports.keys import Keys
from hub.ports.log import Log

FINISHED: Final = "agency.RunFinished"


def heard(work: Work) -> dict[str, int]:
    """By connector, the day of the run that ended with a frame; empty when none did."""
    if work.opened is None or work.opened.code:
        return {}
    days = [each.fields.occurred_on for each in work.checked if each.type == FINISHED and not each.code]
    return {work.arrival.header.connector: days[-1]} if days else {}


def heard_again(log: Log, keys: Keys, codec: Codec, agency: str, first: int, end: int) -> dict[str, int]:
    """The same of frames that the store had not heard of, by the outcomes from `first` to `end`: opened once more."""
    found: dict[str, int] = {}
    for outcome in _outcomes(log, agency, first, end):
        entries = _entries(log, keys, agency, outcome)
        for entry, answer in zip(entries, outcome.events, strict=True) if entries else ():
            if not answer.code:
                kind, fields = codec.decode(entry.value)
                found |= {outcome.connector: fields.occurred_on} if kind.type == FINISHED else {}
    return found


def _outcomes(log: Log, agency: str, first: int, end: int) -> Iterator[Outcome]:
    while first < end and (records := log.read(f"outcomes.{agency}", 0, first, min(READ, end - first))):
        yield from (unpack_outcome(record.value) for record in records)
        first += len(records)


def _entries(log: Log, keys: Keys, agency: str, outcome: Outcome) -> list[Entry]:
    """The events of an answered frame; none where its key was retired, or where the log holds another frame."""
    records = log.read(f"ingress.{agency}", 0, outcome.offset, 1)
    if not records or sha256(records[0].value).digest() != outcome.hash or all(each.code for each in outcome.events):
        return []
    try:
        frame = unpack_frame(records[0].value)
        key = keys.unwrap(HUB_KEY, frame.body_key, BODY_LABEL)
        return list(unpack_entries(keys.open(key, frame.body, frame.header_bytes), frame.header.events))
    except IntegrityError:
        return []
