"""`hub connector backfill`: all of a source, beside its nightly run, and how long it will still take."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from connectors.backfill.backfill import GOING, OVER, WAITS, Filled, backfill
from connectors.backfill.half import told_of
from connectors.backfill.pace import Pace
from connectors.backfill.report import FirstLoad, first_load
from connectors.edge import Edge
from connectors.forms.exposed import names_person
from connectors.sources import Bounds
from hub import wiring
from hub.cli.main import explain
from hub.cli.options import home_option, json_option, print_json, settings_of, to_type
from hub.cli.progress import Counter
from hub.cli.runs import as_document, endings, told, warned
from hub.config import Settings
from hub.core.errors import UsageError
from hub.texts import language, text, ui

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
@click.option("--dry-run", is_flag=True, help="Tell what would be published, refused and parked; send nothing.")
@click.option("--profile", default="", help="With --dry-run: the profile that the hub follows; else hub.toml's.")
@click.option("--anew", is_flag=True, help="From the beginning, though one is unfinished; says nothing twice.")
@json_option
def backfill_(
    home: Path, name: str, begin: str, end: str, since: str, until: str, rows_per_second: int, dry_run: bool,
    profile: str, anew: bool, as_json: bool,
) -> None:  # fmt: skip
    """Read a whole source in lots, beside its nightly run. Stopped or killed, it goes on where it was."""
    settings = settings_of(home)
    edge = wiring.open_edge(settings, name)
    bounds = bounds_of(begin, end, since, until)
    if dry_run:
        report(settings, edge, bounds, profile or settings.profile, as_json)
        return
    log, system = wiring.edge_log(settings, edge), wiring.system_of(settings)

    def half(filled: Filled) -> dict[str, Any] | None:
        found = told_of(edge, system.today(), filled.run.rows.read, filled.of) if filled.stands != OVER else None
        return explain(found) if found else None

    shown = Shown(as_json, half)
    try:
        with wiring.stop_signal() as stop:
            filled = backfill(edge, log, system, Pace(stop.wait, rows_per_second), bounds=bounds, anew=anew, tell=shown)
    finally:
        log.close()
        shown.close()
    if as_json:
        stands = {"of": filled.of, "left": filled.left, "stands": filled.stands, "half_in": half(filled)}
        print_json(as_document(filled.run) | stands)
        return
    warning = half(filled)
    click.echo("\n".join([*lines(filled, language()), *(warned(warning, language()) if warning else ())]))


def report(settings: Settings, edge: Edge, bounds: Bounds, profile: str, as_json: bool) -> None:
    """What a first load would do, printed; nothing is sent and nothing stays."""
    counter, before = Counter(as_json), [0]

    def tell(read: int, of: int) -> None:
        counter("rows", read - before[0])
        before[0] = read

    with counter:
        found = first_load(edge, wiring.system_of(settings), bounds=bounds, gate=wiring.parking(profile), tell=tell)
    if as_json:
        print_json(found._asdict() | {"rows": vars(found.rows), "visible": found.visible, "profile": profile})
        return
    click.echo("\n".join(forecast(found, profile, language())))


def forecast(found: FirstLoad, profile: str, lang: str) -> list[str]:
    """The three sums of a load that was not sent."""
    events = sum(found.events.values())
    modes = {mode: found.events.get(mode, 0) for mode in ("history", "live")}
    lines = [
        f"{found.connector}  {found.alias}  {ui('connector.dry', lang)}",
        *endings("rows", found.rows, lang),
        "  " + ui("backfill.events", lang, events=events, **modes),
        "  " + ui("backfill.persons", lang, persons=found.persons),
    ]
    if found.not_data:
        lines.insert(-2, "  " + ui("connector.not_data", lang, count=found.not_data))
    if found.parked is None:
        return [*lines, "  " + ui("backfill.ungated", lang, profile=profile)]
    parked = sum(found.parked.values())
    lines.append(
        "  " + ui("backfill.gated", lang, events=events, visible=found.visible, parked=parked, profile=profile)
    )
    reason = text("HUB-P342", lang).reason
    lines += [f"    HUB-P342  {count}  {purpose}  {reason}" for purpose, count in sorted(found.parked.items())]
    return [*lines, "  " + ui("backfill.alone", lang)]


def bounds_of(begin: str, end: str, since: str, until: str) -> Bounds:
    """The bounds as they were typed, or are typed now, unseen.

    Raises UsageError HUB-C427 for a key that may be a person's number: every user of the machine sees a command line.
    HUB-C428 for bounds of both kinds.
    """
    if (begin or end) and (since or until):
        raise UsageError("HUB-C428")
    for option, typed in (("--from", begin), ("--to", end), ("--since", since), ("--until", until)):
        if names_person("", typed):
            raise UsageError("HUB-C427", option=option)
    if begin or end:
        return Bounds(False, _asked(begin, "--from"), _asked(end, "--to"))
    return Bounds(True, since, until) if since or until else Bounds()


def _asked(typed: str, option: str) -> str:
    if typed != ASK:
        return typed
    return str(click.prompt(ui("backfill.ask", language(), option=option), hide_input=True, err=True))


def lines(filled: Filled, lang: str) -> list[str]:
    """How it ended: the sums of all its lots, and what follows."""
    values: dict[str, str | int] = {"left": filled.left, "name": filled.run.connector}
    return [*told(filled.run, lang), "  " + to_type(ui(f"backfill.{filled.stands}", lang, **values))]


class Shown:
    """A line on standard error: rows done, of how many, how fast, and when it will end; above the first one, what
    `half` says of a hub that decides meanwhile."""

    def __init__(self, quiet: bool, half: Callable[[Filled], dict[str, Any] | None]) -> None:
        self._half: Callable[[Filled], dict[str, Any] | None] | None = half
        self._quiet, self._terminal = quiet, sys.stderr.isatty()
        self._began = self._last = time.monotonic()
        self._open = False

    def __call__(self, filled: Filled) -> None:
        """After a lot."""
        now = time.monotonic()
        if not self._quiet and self._half and (warning := self._half(filled)):
            click.echo("\n".join(warned(warning, language())), err=True)
        self._half = None
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
