"""Change events as they lie somewhere, in order, each with its place: lines of a file, or partitions of a topic."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from connectors.sources.envelope import Part, json_part, split
from connectors.sources.files import find
from connectors.sources.objects import parse
from connectors.sources.spec import DebeziumSpec


class Told(NamedTuple):
    """A message at its place. `raw` are its bytes; key and value are None where these cannot be read."""

    place: int
    raw: bytes
    key: Part | None
    value: Part | None


class Bounds(NamedTuple):
    """The first place that is still there, and the one after the last."""

    begin: int
    end: int


class Feed(Protocol):
    """Places rise by at least one; partitions are in no order among each other."""

    def bounds(self) -> Mapping[int, Bounds]:
        """Of each partition, as they are now."""

    def read(self, partition: int, begin: int, end: int) -> Iterator[Told]:
        """What lies from `begin` on, before `end`."""

    def close(self) -> None:
        """Let go of it. May be called twice."""


class FileFeed:
    """Lines of a file, each an event or a pair of key and value. Places are line numbers.

    A last line without its end that is no JSON is still being written: it is left for the next read.
    """

    def __init__(self, spec: DebeziumSpec, folder: Path) -> None:
        self._path = find(spec.alias, folder, spec.path)
        self._end = 0

    def bounds(self) -> Mapping[int, Bounds]:
        """From the first line on."""
        last = b"\n"
        number = 0
        with self._path.open("rb") as file:
            for number, last in enumerate(file, 1):  # noqa: B007  the last one counts
                pass
        whole = last.endswith(b"\n") or _sound(last)
        return {0: Bounds(1, number + whole)}

    def read(self, partition: int, begin: int, end: int) -> Iterator[Told]:
        """Those lines that are not blank."""
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if number >= end:
                    return
                raw = line.strip()
                if number >= begin and raw:
                    yield told(number, raw)

    def close(self) -> None:
        """Nothing is open between reads."""


def told(number: int, raw: bytes) -> Told:
    """A line as a message: `{"key": ..., "value": ...}`, or an event alone."""
    try:
        found = json_part(raw)
    except ValueError:
        return Told(number, raw, None, None)
    pair = found.payload
    if found.schema is None and isinstance(pair, dict) and pair.keys() == {"key", "value"}:
        return Told(number, raw, split(pair["key"]), split(pair["value"]))
    return Told(number, raw, Part(None), found)


def _sound(line: bytes) -> bool:
    try:
        return isinstance(parse(line), dict)
    except ValueError:
        return False
