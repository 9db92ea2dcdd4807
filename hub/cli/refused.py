"""`hub refused`: which row, why, what mends it; try it again, or give it up."""

import json
from pathlib import Path
from typing import Any

import click

from connectors.edge import Edge
from connectors.run import refused
from connectors.run.run import run
from connectors.spool import RefusedRow, Spool
from connectors.trial.preview import masked
from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of, to_type
from hub.cli.runs import as_document, to_carry, told
from hub.core.calendar import iso
from hub.core.errors import HubError
from hub.texts import language, text, ui

connector_option = click.option("--connector", "names", multiple=True, help="Only this connector; else all.")


@click.group("refused")
def group() -> None:
    """Rows that were refused: which, why, and what mends them."""


@group.command("list")
@home_option
@connector_option
@json_option
def show_all(home: Path, names: tuple[str, ...], as_json: bool) -> None:
    """Every refused row that waits: code, reason, what mends it, source, row and column."""
    settings = settings_of(home)
    rows = []
    for name in names or wiring.edge_names(settings):
        edge = wiring.open_edge(settings, name)
        if edge.spool_path.exists():
            with Spool(edge.spool_path, name, write=False) as spool:
                rows += [_told(name, row) for row in refused.listed(spool.refused())]
    if as_json:
        print_json(rows)
        return
    lang = language()
    if not rows:
        click.echo(ui("refused.none", lang))
    for row in rows:
        _echo(row, lang)


@group.command()
@home_option
@click.argument("connector")
@click.argument("id", type=int)
@json_option
def show(home: Path, connector: str, id: int, as_json: bool) -> None:
    """One refused row: the shape of its cells, never their content."""
    edge = wiring.open_edge(settings_of(home), connector)
    with Spool(edge.spool_path, connector, write=False) as spool:
        row = spool.one_refused(id)
    document = _told(connector, row) | {"cells": _cells(edge, row)}
    if as_json:
        print_json(document)
        return
    lang = language()
    click.echo(
        ui("refused.row", lang, **{key: document[key] for key in ("connector", "id", "where", "code", "reason")})
    )
    click.echo("    " + ui("refused.fix", lang, fix=document["fix"]))
    state = ui(f"refused_state.{document['state']}", lang)
    click.echo("    " + ui("refused.since", lang, since=document["since"], state=state))
    for column, shape in document["cells"]:
        click.echo(f"    {column} = {shape}")


@group.command()
@home_option
@click.argument("connector")
@click.argument("ids", type=int, nargs=-1)
@json_option
def retry(home: Path, connector: str, ids: tuple[int, ...], as_json: bool) -> None:
    """Try rows again, from the bytes that wait here; without ids, all. What the hub refused is read again; what it
    refused to take back is said again."""
    settings = settings_of(home)
    edge = wiring.open_edge(settings, connector)
    with edge.lock, Spool(edge.spool_path, connector) as spool:
        refused.retry(spool, ids)
        again = refused.must_read(spool)
    log = wiring.edge_log(settings, edge)
    try:
        report = run(edge, log, wiring.system_of(settings), read=again)
    finally:
        log.close()
    lang = language()
    lines = [*told(report, lang), *to_carry(edge, [report], lang)]
    print_json(as_document(report)) if as_json else click.echo("\n".join(lines))


@group.command()
@home_option
@click.argument("connector")
@click.argument("ids", type=int, nargs=-1, required=True)
@json_option
def discard(home: Path, connector: str, ids: tuple[int, ...], as_json: bool) -> None:
    """Give rows up: their bytes are removed, and the same content is not listed again."""
    edge = wiring.open_edge(settings_of(home), connector)
    with edge.lock, Spool(edge.spool_path, connector) as spool:
        count = refused.discard(spool, ids)
    if as_json:
        print_json({"discarded": count})
        return
    click.echo(ui("refused.discarded", language(), count=count))


def _echo(row: dict[str, Any], lang: str) -> None:
    shown = {key: row[key] for key in ("connector", "id", "where", "code", "reason")}
    click.echo(ui("refused.row", lang, **shown))
    click.echo("    " + ui("refused.fix", lang, fix=row["fix"]))


def _told(connector: str, row: RefusedRow) -> dict[str, Any]:
    """A refused row as a person reads it."""
    place = json.loads(row.place) | {"column": row.column or "-"}
    reason, fix = text(row.code, language(), **place)
    fix = to_type(fix, connector)
    where = f"{row.alias}:{row.row}:{row.column}".rstrip(":")
    found = {"connector": connector, "id": row.id, "code": row.code, "reason": reason, "fix": fix, "where": where}
    found |= {"alias": row.alias, "row": row.row, "column": row.column, "since": iso(row.since)}
    return found | {"state": row.state, "sealed": bool(row.sealed)}


def _cells(edge: Edge, row: RefusedRow) -> list[tuple[str, str]]:
    if not row.sealed:
        return []
    try:
        return masked(*refused.open_row(edge.keys, row))
    except HubError as error:
        return [(error.code, text(error.code, language(), **error.place).reason)]
