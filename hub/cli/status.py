"""`hub status`: which connectors keep the rhythm declared of them, who is late since when, and what nobody takes."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from hub import wiring
from hub.cli.main import explain
from hub.cli.options import call, home_option, json_option, print_json, settings_of
from hub.cli.waiting import waiting
from hub.core.calendar import iso
from hub.core.errors import HubError
from hub.data import calendar
from hub.intake.rhythm import Standing, standing
from hub.texts import language, text, ui


@click.command("status")
@home_option
@json_option
def group(home: Path, as_json: bool) -> None:
    """Who is late, since when, in working days; then what waits in the log. It ends with 0 whoever is late."""
    settings = settings_of(home)
    today, days = wiring.system_of(settings).today(), calendar()
    with closing(wiring.open_intake_store(settings)) as store:
        found = [standing(pace, today, days) for pace in store.paces()]
        found.sort(key=lambda one: (one.error is None, one.connector))
        if not as_json:
            _say(found, today)
        waits = waiting(settings, store)
    if as_json:
        connectors, partitions = [_document(one) for one in found], [each.document() for each in waits]
        print_json({"today": iso(today), "connectors": connectors, "partitions": partitions})
        return
    lang, untaken = language(), [each.error for each in waits if each.error]
    if waits:
        click.echo(ui("status.untaken", lang, unread=len(waits), untaken=len(untaken)))
    for error in untaken:
        click.echo("  " + _told(error, lang))


def _say(found: Sequence[Standing], today: int) -> None:
    lang, late = language(), sum(one.late is not None for one in found)
    click.echo(ui("status.sum", lang, date=iso(today), connectors=len(found), late=late))
    for one in found:
        click.echo("  " + _line(one, lang))


def _document(one: Standing) -> dict[str, Any]:
    return {
        "connector": one.connector,
        "agency": one.agency,
        "rhythm": one.rhythm,
        "last_run": _day(one.heard),
        "due": _day(one.due),
        "late_working_days": one.late,
        "error": explain(one.error) if one.error else None,
    }


def _line(one: Standing, lang: str) -> str:
    last = ui("status.never", lang) if one.heard is None else iso(one.heard)
    words = rhythm(one.rhythm, lang)
    line = ui("status.line", lang, connector=one.connector, agency=one.agency, rhythm=words, last=last)
    if one.error is not None:
        return f"{line}\n    {_told(one.error, lang)}"
    return line if one.due is None else line + "  " + ui("status.due", lang, due=iso(one.due))


def _told(error: HubError, lang: str) -> str:
    told, office = f"{error.code}  {text(error.code, lang, **error.place).reason}", call(error)
    return f"{told}\n    {ui('error.call', lang)}  {office}" if office else told


def rhythm(name: str, lang: str) -> str:
    """A rhythm in words."""
    return ui("rhythm.days", lang, days=name) if name.isdecimal() else ui(f"rhythm.{name or 'none'}", lang)


def _day(day: int | None) -> str | None:
    return None if day is None else iso(day)
