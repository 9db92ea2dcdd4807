"""`hub connector run`: read, publish, send, and account for every row."""

from pathlib import Path
from typing import Any

import click

from connectors.run.run import REASONS
from hub import wiring
from hub.cli.options import home_option, json_option, settings_of, unlock_option
from hub.cli.rounds import Rounds


@click.command("run")
@home_option
@click.argument("names", nargs=-1)
@click.option("--follow", is_flag=True, help="Again and again, until asked to stop.")
@click.option("--every", default=60, type=click.IntRange(1, 86_400), help="Seconds between two runs of --follow.")
@click.option("--full", is_flag=True, help="Read everything, though there is a cursor.")
@click.option("--remap", is_flag=True, help="Say what the mapping, edited since, says otherwise of unchanged rows.")
@click.option("--dry-run", is_flag=True, help="Count and judge; publish nothing.")
@click.option("--accept-vanished", type=click.IntRange(0), metavar="N", help="So many rows are really gone.")
@click.option("--begin-anew", type=click.Choice(REASONS), help="A new incarnation of a spool that was lost.")
@click.option(
    "--receipts",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Leave a workbook there that says of every row what became of it.",
)
@unlock_option
@json_option
def run_(
    home: Path, names: tuple[str, ...], follow: bool, every: int, full: bool, remap: bool, dry_run: bool,
    accept_vanished: int | None, begin_anew: str | None, receipts: Path | None, as_json: bool,
) -> int:  # fmt: skip
    """Read, publish, send and account for every row. Without names, all connectors.

    What stops one is told and stops no other; the exit code is that of the worst. --remap, --accept-vanished and
    --begin-anew are of the first run only.
    """
    settings = settings_of(home)
    rounds = Rounds(settings, names, as_json, follow, receipts)
    once: dict[str, Any] = {
        "accept_vanished": accept_vanished,
        "begin_anew": begin_anew or "",
        "remap": remap,
    }  # a person said it of what is there now
    if not follow:
        rounds.round(full=full, dry_run=dry_run, **once)
        return rounds.exit_code
    with wiring.stop_signal() as stop:  # also when the hub that started us dies: nobody would know of us
        while rounds.names and not stop.is_set():
            rounds.round(full=full, dry_run=dry_run, **once)
            once = {}
            stop.wait(every)
    return rounds.exit_code
