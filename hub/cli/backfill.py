"""`hub connector backfill`: all of a source, beside its nightly run, and how long it will still take."""

import sys
import time
from pathlib import Path

import click

from connectors.backfill.backfill import GOING, WAITS, Filled, backfill
from connectors.backfill.pace import Pace
from connectors.exposed import names_person
from connectors.sources import Bounds
from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.cli.runs import as_document, told
from hub.core.errors import UsageError
from hub.texts import language, ui

ASK = "-"
_EVERY = 10.0
"""Seconds between two lines of progress in a file; on a terminal each lot writes over the line before."""


@click.command("backfill")
@home_option
@click.argument("name")
@click.option("--from", "begin", default="", metavar="KEY", help="From this key on; - asks for it unseen.")
@click.option("--to", "end", default="", metavar="KEY", help="Before this key; - asks for it unseen.")
@click.option("--since", default="", metavar="VALUE", help="From this value of the cursor column on, such as a day.")
@click.option("--until", default="", metavar="VALUE", help="Before this value of the cursor column.")
@click.option("--rows-per-second", default=0, type=click.IntRange(0), help="At most so many; 0 is no limit.")
@click.option("--anew", is_flag=True, help="From the beginning, though one is unfinished; says nothing twice.")
@json_option
def backfill_(
    home: Path, name: str, begin: str, end: str, since: str, until: str, rows_per_second: int, anew: bool, as_json: bool
) -> None:
    """Read a whole source in lots, beside its nightly run. Stopped or killed, it goes on where it was."""
    settings = settings_of(home)
    edge = wiring.open_edge(settings, name)
    bounds = bounds_of(begin, end, since, until)
    log, system, shown = wiring.edge_log(settings, edge), wiring.system_of(settings), Shown(as_json)
    try:
        with wiring.stop_signal() as stop:
            filled = backfill(edge, log, system, Pace(stop.wait, rows_per_second), bounds=bounds, anew=anew, tell=shown)
    finally:
        log.close()
        shown.close()
    if as_json:
        print_json(as_document(filled.run) | {"of": filled.of, "left": filled.left, "stands": filled.stands})
        return
    click.echo("\n".join(lines(filled, language())))


def bounds_of(begin: str, end: str, since: str, until: str) -> Bounds:
    """The bounds as they were typed, or are typed now, unseen.

    Raises UsageError HUB-C427 for a key that may be a person's number: every user of the machine sees a command line.
    HUB-C428 for bounds of both kinds.
    """
    if (begin or end) and (since or until):
        raise UsageError("HUB-C428")
    for option, text in (("--from", begin), ("--to", end), ("--since", since), ("--until", until)):
        if names_person("", text):
            raise UsageError("HUB-C427", option=option)
    if begin or end:
        return Bounds(False, _asked(begin, "--from"), _asked(end, "--to"))
    return Bounds(True, since, until) if since or until else Bounds()


def _asked(text: str, option: str) -> str:
    if text != ASK:
        return text
    return str(click.prompt(ui("backfill.ask", language(), option=option), hide_input=True, err=True))


def lines(filled: Filled, lang: str) -> list[str]:
    """How it ended: the sums of all its lots, and what follows."""
    values: dict[str, str | int] = {"left": filled.left, "name": filled.run.connector}
    return [*told(filled.run, lang), "  " + ui(f"backfill.{filled.stands}", lang, **values)]


class Shown:
    """A line on standard error: rows done, of how many, how fast, and when it will end."""

    def __init__(self, quiet: bool) -> None:
        self._quiet, self._terminal = quiet, sys.stderr.isatty()
        self._began = self._last = time.monotonic()
        self._open = False

    def __call__(self, filled: Filled) -> None:
        """After a lot."""
        now = time.monotonic()
        if self._quiet or filled.stands not in (GOING, WAITS) or (not self._terminal and now - self._last < _EVERY):
            return
        self._last = now
        click.echo(f"  {self._line(filled, now)}", nl=not self._terminal, err=True)
        if self._terminal:
            click.echo("\r", nl=False, err=True)
            self._open = True

    def close(self) -> None:
        """Leave the line."""
        if self._open:
            click.echo("", err=True)

    def _line(self, filled: Filled, now: float) -> str:
        read, lang = filled.run.rows.read, language()
        rate = (read - filled.before) / max(now - self._began, 0.001)
        values: dict[str, str | int] = {"read": f"{read:,}", "of": f"{max(filled.of, read):,}", "rate": f"{rate:,.0f}"}
        values["percent"] = 100 * read // max(filled.of, read, 1)
        line = ui("backfill.progress", lang, **values)
        if rate and filled.left:
            seconds = filled.left / rate
            line += "  " + ui("backfill.left", lang, minutes=max(1, round(seconds / 60)), at=_at(seconds))
        return line + ("  " + ui("backfill.waiting", lang) if filled.stands == WAITS else "")


def _at(seconds: float) -> str:
    """The time of the day, and the day where it is another one."""
    end, today = time.localtime(time.time() + seconds), time.localtime()
    return time.strftime("%H:%M" if end[:3] == today[:3] else "%Y-%m-%d %H:%M", end)
