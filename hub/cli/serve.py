"""`hub serve`: intake, projections and clock until SIGTERM; connectors in child processes with folders of their own."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import click

from hub import certificates, wiring
from hub.cli.main import explain
from hub.cli.options import home_option, set_option, settings_of
from hub.cli.pages import schemas
from hub.cli.serving import Service
from hub.cli.watchdog import Seen, watched
from hub.config import Settings
from hub.core.errors import HubError
from hub.data import calendar
from hub.flow.tail import Tail
from hub.flow.unread import INGRESS
from hub.half_loads import half_loads
from hub.installation import Installation
from hub.intake.agencies import Agencies
from hub.intake.intake import Intake
from hub.intake.rhythm import Watch
from hub.ports.telemetry import Telemetry
from hub.telemetry.health import Health
from hub.telemetry.logs import LibraryLogs
from hub.telemetry.metrics import Observer, exposing
from hub.telemetry.progress import Progress
from hub.telemetry.seldom import Seldom

RUN_FINISHED = "agency.RunFinished"
OPENING = 10
"""So many times the patience is had with opening: an older store is brought up, and all that was heard is read."""
MINUTE_MS, HOUR_MS = 60_000, 3_600_000
ENDINGS = ("published", "unchanged", "not_selected", "refused")


@click.command("serve")
@home_option
@set_option
@click.option("--connectors/--no-connectors", default=True, help="Also run the connectors that have a folder here.")
@click.option("--every", default=60, type=click.IntRange(1, 86_400), help="Seconds between two runs of a connector.")
def group(home: Path, flags: tuple[str, ...], connectors: bool, every: int) -> None:
    """Run the hub until asked to stop. Health, readiness with reasons and metrics on 127.0.0.1."""
    settings = settings_of(home, flags)
    observer = Observer(sys.stderr)
    LibraryLogs(observer.logger).install()
    commands = _commands(settings, every) if connectors else {}
    progress, services = Progress(), list[Service]()  # none until everything is opened

    def waits(topic: str) -> bool:
        return any(service.waits or topic.removeprefix(INGRESS) in turn.stopped for service in services)

    def patience() -> float:
        return settings.worker_patience * (1 if services else OPENING)

    with (
        wiring.lock(settings, "serve"),
        watched(progress, waits, patience, observer),
        Installation(settings) as hub,
        wiring.stop_signal() as stop,
        closing(wiring.open_intake(settings, hub.log)) as intake,
    ):
        hub.announce()
        turn = Turn(hub, intake, observer, progress.took)
        untaken = hub.untaken(intake.offsets)
        progress.took(0)
        with wiring.Children(commands) as children:
            service = Service(turn, Seen(untaken, progress).lag, children, observer, progress.alive)
            services.append(service)

            def reasons() -> list[HubError]:
                return [*service.reasons(), *turn.stopped.values(), *untaken.lost(), *wiring.late_answers()]

            host, port = settings.serve_host, settings.serve_port
            now_ms = hub.system.now_ms
            ends = Seldom(partial(certificates.notices, settings), HOUR_MS, now_ms)
            loads = Seldom(partial(half_loads, settings), MINUTE_MS, now_ms)

            def late() -> Sequence[HubError]:
                return [*turn.watch.notices(), *untaken.notices(waits), *ends.notices(), *loads.notices()]

            metrics = exposing(observer, reasons, late)
            with Health(host, port, reasons, explain, metrics, schemas(), late) as health:
                observer.log("listening", port=health.port)
                service.run(stop, settings.serve_pause_ms / 1000)


class Turn:
    """One turn of everything in this process: the clock when a day began, intake of every agency, groups, relays."""

    def __init__(
        self, hub: Installation, intake: Intake, telemetry: Telemetry, after: Callable[[int], None] = lambda done: None
    ) -> None:
        """`after` is told after each fetch how much was done by it."""
        self._hub, self._telemetry, self._after = hub, telemetry, after
        self._agencies = Agencies(intake, telemetry, hub.settings.fetch)
        self.watch = Watch(intake.paces, hub.system.today, calendar())
        self._day = -1
        self._runs = Tail(hub.log, hub.codec, "markets", frozenset((RUN_FINISHED,)))

    @property
    def stopped(self) -> Mapping[str, HubError]:
        """Agencies that wait for a person."""
        return self._agencies.stopped

    def __call__(self) -> int:
        """Returns how much was done."""
        steps = [partial(self._agencies.advance, agency) for agency in self._agencies.names()]
        done = self._hub.follower(steps, self._after).round(self._hub.settings.fetch)
        today = self._hub.system.today()
        if today != self._day and not done:  # a day begins when what was there before it is read
            done += self._hub.tick()
            self._day = today
        if done:
            self._count_rows()
        self.watch.look()
        return done

    def _count_rows(self) -> None:
        """Rows by ending, as the connectors' own last events tell: they run in processes of their own."""
        for run in self._runs.new():
            for ending in ENDINGS:
                agency = run.source.removeprefix("agency/")
                self._telemetry.count("rows", getattr(run.fields, ending), publisher=agency, type=ending)


def _commands(settings: Settings, every: int) -> dict[str, list[str]]:
    """The command of each connector's child process."""
    run = [sys.executable, "-P", "-m", "hub.cli.main", "connector", "run"]  # -P: there may be a folder named hub here
    where = ["--follow", "--every", str(every), "--home", str(settings.home)]
    return {name: [*run, name, *where] for name in wiring.edge_names(settings)}
