"""Accept next, for those who read the topics themselves (law 3): each record once, in its order, whatever comes twice.

An append whose answer was lost is sent again, so that a topic may hold a record twice, or a later one before an earlier
one that comes again. Offsets do not tell: the numbers that each sender gives do.

    seen = Distinct()
    for message in distinct(consumer, seen):     # kafka-python's or confluent-kafka's consumer, or any iterable
        ...
    state = seen.state                           # keep it beside what was made of the records; Distinct(state) goes on
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from hub.core.errors import IntegrityError
from hub.core.outcome import FRAMING, unpack_outcome
from hub.core.record import unpack_headers
from hub.flow.accept import NEXT, accept

State = dict[str, dict[str, int]]
"""By "topic/partition": by sender, the number of the last record taken. It is JSON."""

_OUTCOMES: Final = "outcomes"
_M = TypeVar("_M")


class Distinct:
    """Which records were taken: as many numbers as there are senders, whatever the topics hold."""

    def __init__(self, state: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self.state: State = {place: dict(numbers) for place, numbers in (state or {}).items()}

    def take(self, topic: str, partition: int, headers: Mapping[str, bytes], value: bytes) -> bool:
        """Whether a record is the next of its sender in its partition; then it counts as taken.

        `headers` are those of the record. Raises IntegrityError HUB-P411 for a record that no hub has written.
        """
        sender, number = _numbered(headers, value)
        return accept(self.state.setdefault(f"{topic}/{partition}", {}), sender, number) == NEXT


def distinct(messages: Iterable[_M], seen: Distinct) -> Iterator[_M]:
    """The messages of `persons`, `markets` or `outcomes.*` that come for the first time.

    A message is one of kafka-python (attributes), of confluent-kafka (methods), or anything with topic, partition,
    headers and value; None, an empty poll, and errors of a poll are passed on to nobody.
    """
    for message in messages:
        if message is None or (callable(error := getattr(message, "error", None)) and error()):
            continue
        topic, partition, value = (_of(message, name) for name in ("topic", "partition", "value"))
        if seen.take(topic, partition, _headers(_of(message, "headers")), value):
            yield message


def _of(message: Any, name: str) -> Any:
    found = getattr(message, name)
    return found() if callable(found) else found


def _headers(found: Any) -> dict[str, bytes]:
    pairs = unpack_headers(found) if isinstance(found, bytes) else found or ()
    return {name: value or b"" for name, value in pairs}


def _numbered(headers: Mapping[str, bytes], value: bytes) -> tuple[str, int]:
    if value.startswith(FRAMING):
        return _OUTCOMES, unpack_outcome(value).sequence
    try:
        return headers["sender"].decode(), int.from_bytes(headers["number"], "big")
    except (KeyError, UnicodeDecodeError):
        raise IntegrityError("HUB-P411") from None
