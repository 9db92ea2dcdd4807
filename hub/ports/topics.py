"""Topics as code: what a log's topics should be, and what of that they are not."""

from typing import Literal, NamedTuple, Protocol

What = Literal[
    "missing",
    "partitions",
    "compacted",
    "retention",
    "longer",
    "clock",
    "small",
    "unclean",
    "replicas",
    "min_isr",
    "unregistered",
    "again",
    "beginning",
    "right",
    "too_much",
    "open",
]


class Difference(NamedTuple):
    """One thing about a topic that is not as it should be. `right`, `too_much` and `open` are about who may use it.

    `by_hand` when no program may mend it; `refused` when a hub must not work so.
    """

    topic: str
    what: What
    found: str
    wanted: str
    by_hand: bool
    refused: bool


class Topics(Protocol):
    """The topics that an installation wants. Every call raises Unreachable HUB-L502 and NotPermitted HUB-L601."""

    def differences(self) -> list[Difference]:
        """What is not as it should be, by topic; nothing is changed."""
        ...

    def apply(self, differences: list[Difference]) -> None:
        """Mend what need not be mended by hand: make topics, set configurations. Nothing is ever deleted."""
        ...

    def close(self) -> None:
        """Give back connections; closing twice is harmless."""
        ...
