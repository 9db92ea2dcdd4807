"""An installation on a real broker whose work is done by `hub worker`, and how to tell that it is done."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hub import founding, wiring
from hub.config import FILE, Settings
from hub.core.calendar import iso
from hub.flow.rebuild import position
from hub.installation import Installation
from tests.e2e.rig import Home, Model

BEFORE_ALL = 10_000  # a day before any go-live: nothing ticks


def twin_on(model: Model, folder: Path, url: str) -> Home:
    """Another installation with the model's keys and connectors, whose log is on Kafka."""
    home = model.twin(folder)
    with (home.folder / FILE).open("a", encoding="utf-8") as file:
        file.write(f'\n[log]\nurl = "{url}"\n')
    (home.folder / "hub" / "log.db").unlink()
    for make in founding.STEPS:
        make(home.settings)
    with closing(wiring.open_intake_store(home.settings)) as store:
        agencies = {connector.agency for connector in store.registry()[1]}
    with closing(wiring.open_log(home.settings.database("log"))) as log:
        for agency in agencies:
            for topic in ("ingress", "outcomes"):
                log.create(f"{topic}.{agency}", 1)
    return home


def twin_fed(model: Model, folder: Path, url: str, move: Callable[[Home], object] = lambda home: None) -> Home:
    """Such a twin, into which history and the first live step were fed, and nothing of it was taken yet.

    Before that its databases `move` to where they shall be.

    Whoever drains it under the clock of `BEFORE_ALL`, and then lets the day of the step begin, decides what the model
    decided (iii): in the model nothing is decided before the first live step.
    """
    home = twin_on(model, folder, url)
    move(home)
    for _ in range(2):
        home.grow()
        announce(home)
        home.feed()
    return home


class Workers:
    """Processes of `hub worker` over one installation, under the clock of `day`; killed at the end."""

    def __init__(self, home: Home, day: int, *flags: str) -> None:
        self.home, self.day, self.flags = home, day, flags
        self.said = home.folder / "said"
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self._listened: dict[int, int] = {}

    def start(self, *numbers: int, supervised: bool = False, fault: str = "") -> None:
        """Start processes that nobody supervises, or one that supervises itself as many as the settings say.

        `fault` names one of `tests.worker.sabotage` that the process suffers from.
        """
        for number in numbers:
            module = "tests.worker.sabotage" if fault else "hub.cli.main"
            command = [sys.executable, "-P", "-m", module, "worker", "--home", str(self.home.folder)]
            for flag in ("worker.port=0", "worker.session_seconds=2", *self.flags):
                command += ["--set", flag]
            if not supervised:
                command += ["--alone", str(number)]
            environment = {**os.environ, "HUB_HUB_CLOCK_DAY": iso(self.day), "HUB_LANG": "en"}
            if fault:
                environment |= {"FAULT": fault, "PYTHONPATH": str(Path(__file__).parents[2])}
            self._listened[number] = self._listening(number)
            with self.said.open("ab") as out:
                self.processes[number] = subprocess.Popen(command, env=environment, stdout=out, stderr=out)

    def kill(self, number: int) -> None:
        """SIGKILL."""
        self.processes.pop(number).kill()

    def up(self, *numbers: int, seconds: float = 60) -> None:
        """Wait until each of these has opened its port, or has ended: before that, SIGTERM is not heard."""
        until = time.monotonic() + seconds
        for number in numbers:
            while self._listening(number) == self._listened[number] and self.processes[number].poll() is None:
                assert time.monotonic() < until, f"{number} does not listen"
                time.sleep(0.1)

    def stop(self, number: int) -> int:
        """SIGTERM once it listens; returns the exit code."""
        self.up(number)
        process = self.processes.pop(number)
        process.terminate()
        return process.wait(40)

    def ended(self, number: int, seconds: float = 60) -> int:
        """Wait until it ends by itself; returns the exit code."""
        code = self.processes[number].wait(seconds)
        self.processes.pop(number)
        return code

    def codes(self) -> list[str]:
        """The code of every error that was logged, in order."""
        return [str(line["code"]) for line in self.lines() if line.get("code")]

    def _listening(self, number: int) -> int:
        return sum(line.get("event") == "listening" and line.get("number") == number for line in self.lines())

    def lines(self) -> list[dict[str, Any]]:
        """Everything that was logged."""
        found: list[dict[str, Any]] = []
        if not self.said.exists():
            return found
        for line in self.said.read_text(encoding="utf-8").splitlines():
            with suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found

    def port(self) -> int:
        """Where the process that began last serves health and metrics."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            ports = [line["port"] for line in self.lines() if line.get("event") == "listening"]
            if ports:
                return int(ports[-1])
            time.sleep(0.1)
        raise AssertionError("no process listens")

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of one answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port()}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def settle(self, seconds: float = 180) -> None:
        """Wait until everything is read, sent and decided, and today has begun."""
        until, quiet = time.monotonic() + seconds, 0
        go_live = self.home.settings.go_live
        ticked = go_live is not None and go_live <= self.day
        with Installation(replace(self.home.settings, clock_day=self.day)) as hub:
            while quiet < 3:
                left = undone(hub, self.day if ticked else None)
                quiet = 0 if left else quiet + 1
                gone = [process.poll() for process in self.processes.values()]
                assert None in gone, f"no process is left: {gone}\n{self.said.read_text()[-3000:]}"
                assert time.monotonic() < until, f"not done: {left}\n{self.said.read_text()[-3000:]}"
                time.sleep(0.3)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGKILL)
        for process in self.processes.values():
            process.wait(30)


def worked(home: Home, day: int, *flags: str) -> None:
    """One worker does what is left to do by a day, and ends with 0."""
    with Workers(home, day, *flags) as workers:
        workers.start(0)
        workers.settle()
        assert workers.stop(0) == 0


def undone(hub: Installation, day: int | None) -> list[str]:
    """What is still to be done."""
    found = []
    topics = hub.log.topics()
    with closing(wiring.open_intake_store(hub.settings)) as intake:
        for agency in intake.agencies():
            end = hub.log.bounds(f"ingress.{agency}", 0).end
            if intake.state(agency).offset < end:
                found.append(f"ingress.{agency} {end}")
    for group in hub.groups:
        for partition in range(topics[group.topic]):
            end = hub.log.bounds(group.topic, partition).end
            at = position(hub.store, group, partition)
            unit = hub.store.begin(group.name, partition)
            today = unit.facts.get("day", "")
            unit.abandon()
            waiting = hub.store.outgoing(group.name, partition, 1)
            if at < end or waiting or (day is not None and today != str(day)):
                found.append(f"{group.topic}/{partition} at {at} of {end}, {len(waiting)} to be sent, day {today}")
    return found


def step(home: Home, numbers: Sequence[int] = (0,), *flags: str) -> None:
    """A whole step as the demo plays it: fed, drained under a clock before go-live or of the day before, ticked."""
    before = home.day if home.done > 1 else BEFORE_ALL
    home.grow()
    announce(home)
    home.feed()
    for day in (before, home.day):
        with Workers(home, day, *flags) as workers:
            workers.start(*numbers)
            workers.settle()
            for number in numbers:
                assert workers.stop(number) == 0


def announce(home: Home) -> None:
    """Name the files in force, as the demo does at the day of the step."""
    settings: Settings = home.settings
    with Installation(settings) as hub:
        hub.announce()
