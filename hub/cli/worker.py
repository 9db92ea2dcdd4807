"""`hub worker`: with a log on Kafka, processes that share its partitions, here and on other machines."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from hub import wiring
from hub.cli.main import explain
from hub.cli.options import home_option, set_option, settings_of
from hub.cli.pages import schemas
from hub.cli.watchdog import watched
from hub.config import Settings
from hub.core.errors import HubError, Unreachable
from hub.ports.fetches import Fetches
from hub.share import Share
from hub.telemetry.health import Health
from hub.telemetry.logs import LibraryLogs
from hub.telemetry.metrics import Observer, exposing
from hub.telemetry.progress import Progress

PAUSES: Final = (1.0, 2.0, 5.0, 15.0)  # seconds before a process that failed is started again
LOOK_SECONDS: Final = 0.5


@click.command("worker")
@home_option
@set_option
@click.option("--alone", type=click.IntRange(0, 63), hidden=True, help="Be one of the processes, and supervise none.")
def group(home: Path, flags: tuple[str, ...], alone: int | None) -> int:
    """Share a log on Kafka among processes until asked to stop. Each has health and metrics on a port of its own.

    Run it on as many machines as you like, each with a folder of its own and the same log and databases.
    """
    settings = settings_of(home, flags)
    fetches = wiring.fetches(settings.database("log"), settings.fetch, settings.worker_session)
    if alone is not None:
        return _work(settings, fetches, alone)
    command = [sys.executable, "-P", "-m", "hub.cli.main", "worker", "--home", str(home)]
    command += [word for flag in flags for word in ("--set", flag)]
    commands = {f"worker-{n}": [*command, "--alone", str(n)] for n in range(settings.worker_processes)}
    with wiring.lock(settings, "serve"), wiring.stop_signal() as stop:
        return _supervise(wiring.Children(commands, pauses=PAUSES), stop)


def _supervise(children: wiring.Children, stop: threading.Event) -> int:
    """Start again whoever ends, until asked to stop, or until none is left that a new start would mend."""
    with children:
        while not stop.wait(LOOK_SECONDS):
            children.look()
            final = children.final()
            if len(final) == len(children.commands):
                return max(final.values())
    return 0


def _work(settings: Settings, fetches: Fetches, number: int) -> int:
    observer = Observer(sys.stderr)
    LibraryLogs(observer.logger).install()
    shares: list[Share] = []  # empty until it is opened, in a thread of its own
    progress = Progress()

    def reasons() -> list[HubError]:
        return [*(shares[0].reasons() if shares else [Unreachable("HUB-G540")]), *wiring.late_answers()]

    def open_share() -> Share:
        shares.append(Share(settings, observer, stop, progress))
        return shares[0]

    def late() -> Sequence[HubError]:
        return shares[0].notices() if shares else ()

    def waits(topic: str) -> bool:
        return bool(shares) and shares[0].waits(topic)

    port = settings.worker_port + number if settings.worker_port else 0
    metrics = exposing(observer, reasons, late)
    with (
        wiring.stop_signal() as stop,
        Health(settings.serve_host, port, reasons, explain, metrics, schemas(), late) as health,
        watched(progress, waits, lambda: settings.worker_patience, observer),
    ):
        observer.log("listening", port=health.port, number=number)
        try:
            fetches.run(open_share, stop.is_set)
        except HubError as error:
            observer.failed("stopped", error)
            raise
        observer.log("stopped")
    return 0
