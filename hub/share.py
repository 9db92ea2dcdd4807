"""A worker's share of an installation: the partitions that it has just now, and what it does with their fetches.

The engine is the one of `hub serve`: every fetch goes to `advance()` of a group or of intake, over a log whose next
records are at hand. Here is only what a share needs besides: which partitions, the clock, and trying again.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from hub import wiring
from hub.config import Settings
from hub.core.errors import DataError, HubError, IntegrityError, Unreachable
from hub.core.record import Record
from hub.data import calendar
from hub.flow.advance import Worker
from hub.flow.clock import Heard, announce, heard_by, tick
from hub.flow.group import Group
from hub.flow.handed import Handed
from hub.flow.rebuild import position
from hub.flow.relay import relay
from hub.flow.unread import INGRESS
from hub.installation import Installation
from hub.intake.agencies import Agencies
from hub.intake.rhythm import Watch
from hub.ports.telemetry import Telemetry
from hub.telemetry.progress import Place, Progress

LOST_RACES: Final = frozenset(("HUB-P410", "HUB-I440"))  # another process has the partition now, or had it until now
BROKEN: Final = frozenset(("HUB-P421", "HUB-P422", "HUB-I431", "HUB-I432"))
PAUSES: Final = (0.2, 1.0, 5.0, 15.0)  # seconds between tries at something that does not answer; then the process ends
LOOK_SECONDS: Final = 5.0  # between looks at the ends of the log: who gave us nothing may have fallen silent

T = TypeVar("T")


class Share:
    """The `Taker` port over an installation on Kafka. `stop` cuts waiting short; `progress` is told how it goes."""

    def __init__(
        self, settings: Settings, telemetry: Telemetry, stop: threading.Event, progress: Progress | None = None
    ) -> None:
        self._telemetry, self._stop, self._progress = telemetry, stop, progress or Progress()
        self._hub = Installation(settings)
        self._log = Handed(self._hub.log)
        self._fetch, self._looked = settings.fetch, 0.0
        self._opened = wiring.open_intake(settings, self._log)
        self._intake = Agencies(self._opened, telemetry, settings.fetch)
        self._watch = Watch(self._opened.paces, self._hub.system.today, calendar())
        self._untaken = self._hub.untaken(self._opened.offsets)
        self._agencies = self._intake.names()
        self._groups = {group.topic: group for group in self._hub.groups}
        self._workers: dict[Place, Worker] = {}
        self._ours: set[Place] = set()
        self._day: dict[Place, int] = {}
        self._waits: HubError | None = Unreachable("HUB-G540")

    @property
    def stopped(self) -> Mapping[str, HubError]:
        """Agencies that wait for a person."""
        return self._intake.stopped

    def topics(self) -> list[str]:
        """Those of the groups, and one an agency."""
        return [*self._groups, *(f"{INGRESS}{agency}" for agency in self._agencies)]

    def lag(self) -> dict[str, int]:
        """Records of our partitions that are not taken yet, by topic; safe to be asked from another thread."""
        found = dict.fromkeys(self.topics(), 0)
        for (topic, _), behind in self._progress.lag().items():
            if not self.waits(topic):
                found[topic] += behind
        return found

    def waits(self, topic: str) -> bool:
        """Whether a topic is of an agency that waits for a person; safe to be asked from another thread."""
        return topic.removeprefix(INGRESS) in self.stopped

    def reasons(self) -> list[HubError]:
        """Why not all of the work is done, or cannot be done again: nothing was shared out yet, something does not
        answer, an agency waits for a person, a beginning is lost. Safe to be asked from another thread."""
        return [*([self._waits] if self._waits else []), *self.stopped.values(), *self._untaken.lost()]

    def notices(self) -> list[HubError]:
        """Who is late, and what nobody takes; safe to be asked from another thread."""
        return [*self._watch.notices(), *self._untaken.notices(self.waits)]

    def give_back(self, kept: set[Place]) -> None:
        """Forget those that are not among `kept`."""
        self._waits = None
        self._progress.given()
        for topic, partition in self._ours - kept:
            self._log.drop(topic, partition)
            self._progress.forget((topic, partition))
            for known in (self._workers, self._day):
                known.pop((topic, partition), None)
        self._ours &= kept

    def begin(self, topic: str, partition: int) -> int:
        """Where the store is, after whoever had the partition before. Its last record is asked for once more.

        Raises IntegrityError when store and log do not belong together.
        """
        self._ours.add((topic, partition))
        return self._trying(lambda: self._begin(topic, partition))

    def take(self, topic: str, partition: int, first: int, records: Sequence[Record], end: int) -> None:
        """Everything of a fetch into the store, and on to the logs."""
        place = topic, partition
        if place not in self._ours:
            return
        began = time.monotonic()
        self._log.hand(topic, partition, first, records)
        self._progress.behind(place, max(0, end - first))
        self._trying(lambda: self._advance(topic, partition))
        self._log.taken(topic, partition)
        self._progress.behind(place, max(0, end - first - len(records)), moved=True)
        self._telemetry.took("fetch", time.monotonic() - began, type=topic)

    def rest(self) -> bool:
        """The clock, where everything is read; outboxes; and whether the agencies are still the same."""
        if time.monotonic() > self._looked + LOOK_SECONDS:
            self._trying(self._look)
        for topic, partition in sorted(self._ours):
            group = self._groups.get(topic)
            if group and not self._progress.waiting((topic, partition)):
                self._trying(lambda group=group, partition=partition: self._control(group, partition))  # type: ignore[misc]
        for topic, behind in self.lag().items():
            self._telemetry.level("lag", behind, type=topic)
        same = self._trying(self._intake.names) == self._agencies
        self._progress.alive()
        return same

    def close(self) -> None:
        """Give everything back."""
        self._opened.close()
        self._hub.close()

    def _look(self) -> None:
        """How far behind we are, by log and store: a consumer that fell silent tells of nothing new."""
        for one in self._untaken.look():  # all of them are looked at there, so ours are
            if one.place in self._ours:
                self._progress.behind(one.place, one.records)
        self._watch.look()
        self._looked = time.monotonic()

    def _at(self, topic: str, partition: int) -> int:
        group = self._groups.get(topic)
        return (
            position(self._hub.store, group, partition) if group else self._intake.offset(topic.removeprefix(INGRESS))
        )

    def _begin(self, topic: str, partition: int) -> int:
        self._log.drop(topic, partition)
        self._day.pop((topic, partition), None)
        group = self._groups.get(topic)
        end = self._log.bounds(topic, partition).end
        if group is None:
            agency = topic.removeprefix(INGRESS)
            self._intake.advance(agency)  # what was begun and not committed is done again from the log, to its end
        else:
            self._anew(group, partition)
        at = self._at(topic, partition)
        self._progress.behind((topic, partition), max(0, end - at), moved=True)
        return max(0, at - 1)

    def _anew(self, group: Group, partition: int) -> None:
        """A worker that remembers nothing, so that whatever is due is looked at; over the log itself.

        Where the log names other files than ours, ours are named to it, and what it names is read before a decision.
        """
        try:
            self._fresh(group, partition).advance(partition, 0)
        except DataError as error:
            if error.code != "HUB-P330":
                raise
            self._announce(group, partition)
            self._fresh(group, partition).advance(partition, 0)
        self._relay(group, partition)

    def _fresh(self, group: Group, partition: int) -> Worker:
        self._log.drop(group.topic, partition)
        worker = self._workers[group.topic, partition] = Worker(group, self._log, self._hub.store, self._hub.system)
        return worker

    def _advance(self, topic: str, partition: int) -> None:
        """Take everything that is at hand. Where that and the store do not fit, the log itself is asked."""
        group = self._groups.get(topic)
        try:
            while self._step(group, topic, partition):
                self._progress.alive()
        except IntegrityError as error:
            if error.code not in BROKEN:
                raise
            self._log.drop(topic, partition)
            self._step(group, topic, partition)
        except DataError as error:
            if error.code != "HUB-P330" or group is None:
                raise
            self._announce(group, partition)
            self._anew(group, partition)
            while self._step(group, topic, partition):
                self._progress.alive()

    def _step(self, group: Group | None, topic: str, partition: int) -> int:
        if group is None:
            return self._intake.advance(topic.removeprefix(INGRESS))
        done = self._workers[topic, partition].advance(partition, self._fetch)
        return done + self._relay(group, partition)

    def _relay(self, group: Group, partition: int) -> int:
        sent = 0
        while some := relay(group, partition, self._log, self._hub.store):
            sent += some
        return sent

    def _announce(self, group: Group, partition: int) -> Heard:
        """Name the files in force to a partition that heard of others last; returns what it had heard."""
        hub = self._hub
        heard = heard_by(group, partition, hub.log, hub.store)
        announce(hub.log, hub.codec, hub.system, hub.profile, [heard])
        return heard

    def _control(self, group: Group, partition: int) -> None:
        """A day begins in a partition when what was there before it is read. Numbered by day: twice is harmless."""
        hub, place, today = self._hub, (group.topic, partition), self._hub.system.today()
        if self._day.get(place) == today or hub.settings.go_live is None:
            return
        if hub.log.bounds(*place).end == position(hub.store, group, partition):
            heard = self._announce(group, partition)
            tick(hub.log, hub.codec, hub.system, hub.settings.go_live, [heard])
            self._anew(group, partition)  # it decides when all of these days are read, however few a fetch holds
            self._day[place] = today

    def _trying(self, work: Callable[[], T]) -> T:
        """Work, again after a pause while something does not answer. Raises what it raised last."""
        for pause in PAUSES:
            try:
                done = work()
                self._waits = None
                return done
            except (Unreachable, IntegrityError) as error:
                if isinstance(error, IntegrityError) and error.code not in LOST_RACES:
                    raise
                self._telemetry.failed("unreachable", error)
                self._waits = error
                if self._stop.wait(pause):
                    raise
        return work()
