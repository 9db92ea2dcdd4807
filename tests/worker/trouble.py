"""What befalls a cluster of three brokers, each with its mending; and a log in whose appends it begins."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from hub.core.record import Record
from hub.ports.log import Log
from tests.kafka.three import NUMBERS, Three

AWAY_SECONDS: Final = 3.0

Trouble = Callable[[Three, str], None]
"""Befalls the cluster, whose leader of a topic is of special interest, and is over when it returns."""


def leader(three: Three, topic: str) -> None:
    """SIGKILL of whoever leads; another one does before it comes back."""
    led = three.leader(topic)
    three.kill(led)
    three.until(lambda: three.leader(topic) not in (led, -1), "nobody leads")
    three.start()


def controller(three: Three, topic: str) -> None:
    """SIGKILL of whoever says who leads; another one does before it comes back."""
    said = three.controller()
    three.kill(said)
    three.until(lambda: three.controller() not in (said, -1), "nobody says who leads")
    three.start()


def follower(three: Three, topic: str) -> None:
    """SIGKILL of one that does not lead; it comes back long after the others went on without it."""
    three.kill(followers(three, topic)[0])
    three.until(lambda: three.in_sync(topic, 0, 2), "nobody noticed")
    time.sleep(AWAY_SECONDS)
    three.start()


def two(three: Three, topic: str) -> None:
    """SIGKILL of both that do not lead: nothing can be appended until one of them is back."""
    three.kill(*followers(three, topic))
    time.sleep(AWAY_SECONDS)
    three.start()


def rolling(three: Three, topic: str) -> None:
    """Each is stopped and started, one after another, as for a new version of Kafka."""
    for number in NUMBERS:
        three.stop(number)
        three.start()


def everything(three: Three, topic: str) -> None:
    """SIGKILL of all three: the power went off."""
    three.kill(*NUMBERS)
    time.sleep(AWAY_SECONDS)
    three.start()


TROUBLES: Final[dict[str, Trouble]] = {
    each.__name__: each for each in (leader, controller, follower, two, rolling, everything)
}


def followers(three: Three, topic: str) -> list[int]:
    """Those that do not lead the topic's first partition."""
    return [number for number in NUMBERS if number != three.leader(topic)]


@contextmanager
def befalling(trouble: Callable[[], None]) -> Iterator[None]:
    """Something happens while the body goes on; raises what was raised there."""
    failed: list[BaseException] = []

    def happen() -> None:
        try:
            trouble()
        except BaseException as error:  # noqa: BLE001 - raised below
            failed.append(error)

    thread = threading.Thread(target=happen)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failed:
        raise failed[0]


class Troubled:
    """A log; when so many appends were made, `begin` is called, and the next append is under way meanwhile."""

    def __init__(self, log: Log, appends: int, begin: Callable[[], None]) -> None:
        self._log, self._left, self._begin = log, appends, begin

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        self._left -= 1
        if self._left == 0:
            self._begin()
        return self._log.append(topic, partition, records)
