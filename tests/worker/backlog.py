"""A process that takes everything of `URL`'s persons, slowly at first, and tells how much memory it needed at most.

python -m tests.worker.backlog URL RECORDS        prints kilobytes
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hub import wiring
from hub.core.record import Record

TOPIC: Final = "persons"
FETCH, SESSION = 5000, 10
STUCK_SECONDS: Final = 2.0


class Slow:
    """A taker that is stuck in its first fetch, while the consumer could go on reading."""

    def __init__(self) -> None:
        self.taken: dict[int, int] = {}

    def topics(self) -> list[str]:
        """One."""
        return [TOPIC]

    def begin(self, topic: str, partition: int) -> int:
        """Where it was, so that a rebalance loses nothing."""
        return self.taken.get(partition, 0)

    def give_back(self, kept: set[tuple[str, int]]) -> None:
        """There is nothing to give back."""

    def take(self, topic: str, partition: int, first: int, records: Sequence[Record], end: int) -> None:
        """Count."""
        if not self.taken:
            time.sleep(STUCK_SECONDS)
        self.taken[partition] = first + len(records)

    def rest(self) -> bool:
        """Go on."""
        return True

    def close(self) -> None:
        """There is nothing to close."""


def peak() -> int:
    """The most memory that this process had, in kB; of its own, and not of whoever started it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def main() -> None:
    """Take it all."""
    url, records = sys.argv[1], int(sys.argv[2])
    slow = Slow()
    wiring.fetches(url, FETCH, SESSION).run(lambda: slow, lambda: sum(slow.taken.values()) >= records)
    print(peak())  # noqa: T201 - what it was started for


if __name__ == "__main__":
    main()
