"""`hub connector status`: where every connector of this machine stands, and whether it keeps its rhythm."""

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import click

from connectors.backfill.half import half_in
from connectors.mapping.file import load_mapping
from connectors.rows.tokens import KeyedTokens
from connectors.spool import Spool
from hub import wiring
from hub.cli.main import explain
from hub.cli.options import home_option, json_option, print_json, settings_of, to_type
from hub.cli.runs import warned
from hub.cli.status import rhythm
from hub.config import Settings
from hub.core.calendar import iso
from hub.core.errors import DataError, HubError
from hub.core.rhythm import due_after, late
from hub.data import calendar
from hub.texts import language, ui

SUMS: Final = ("generation", "frame", "events", "unsent", "waiting", "appended", "refused", "open")
"""What only the spool knows; null where it cannot be read."""


@click.command()
@home_option
@json_option
def status(home: Path, as_json: bool) -> None:
    """Where every connector stands: last numbers, what waits, what is refused, whether it is late."""
    settings = settings_of(home)
    rows = [_status(settings, name) for name in wiring.edge_names(settings)]
    if as_json:
        print_json(rows)
        return
    lang = language()
    if not rows:
        click.echo(ui("connector.none", lang))
    for row in rows:
        known = row["frame"] is not None
        numbers = {key: value for key, value in row.items() if key != "error"}
        click.echo(ui("connector.status", lang, **numbers) if known else row["connector"])
        if row["rhythm"]:
            click.echo(f"  {_rhythm(row, lang)}")
        if row["stale"]:
            stale = ui("connector.stale", lang, stale=row["stale"], name=row["connector"])
            click.echo("  " + to_type(stale, row["connector"]))
        if row["half_in"]:
            click.echo("\n".join(warned(row["half_in"], lang)))
        if row["error"]:
            click.echo("\n".join(warned(row["error"], lang)))


def _status(settings: Settings, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"connector": name, "agency": ""} | dict.fromkeys(SUMS) | {"blocked": "", "error": None}
    row |= {"public_key": "", "key_check": "", "rhythm": "", "last_run": None, "due": None, "late_working_days": None}
    row |= {"stale": None, "half_in": None}
    try:
        edge = wiring.open_edge(settings, name)
        row["agency"] = edge.spec.agency
        row |= {"public_key": edge.keys.public("agency").hex(), "key_check": KeyedTokens(edge.keys).check()}
        with suppress(DataError):  # `hub connector check` tells what is wrong with a mapping
            row["rhythm"] = load_mapping(edge.folder).rhythm
        if not edge.spool_path.exists():
            return row | dict.fromkeys((*SUMS, "stale"), 0)
        with Spool(edge.spool_path, name, write=False) as spool:
            state = spool.state
            unsent, waiting = spool.waiting()
            row |= {"generation": state.generation, "frame": state.frame, "events": state.event, "unsent": unsent}
            row |= {"waiting": waiting, "appended": state.appended, "refused": state.refused}
            row |= {"open": sum(one.state in ("open", "again") for one in spool.refused()), "blocked": state.blocked}
            row["stale"] = state.stale
        today = wiring.system_of(settings).today()
        if half := half_in(edge, today):
            row["half_in"] = explain(half, name)
        if state.ran:
            row |= {"last_run": iso(state.ran)} | _due(row["rhythm"], state.ran, today)
    except HubError as error:
        row["error"] = explain(error, name)
    return row


def _due(rhythm: str, ran: int, today: int) -> dict[str, Any]:
    if not rhythm:
        return {}
    found = late(rhythm, ran, today, calendar())
    return {
        "due": iso(due_after(rhythm, ran, calendar())),
        "late_working_days": found.working_days if found else None,
    }


def _rhythm(row: dict[str, Any], lang: str) -> str:
    days, last = row["late_working_days"], row["last_run"] or "-"
    words = {"rhythm": rhythm(row["rhythm"], lang), "last": last, "due": row["due"] or "-"}
    return ui("connector.rhythm", lang, **words) if days is None else ui("connector.late", lang, **words, days=days)
