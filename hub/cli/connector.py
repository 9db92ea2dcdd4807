"""`hub connector`: draft a mapping, check it, preview it, run it, see where it stands."""

from pathlib import Path
from typing import Any

import click

from connectors.drafting.draft import DRAFTED, columns_of
from connectors.drafting.editor_schema import schema_text
from connectors.drafting.first import first, put
from connectors.edge import MAPPING, NOWHERE, Edge, EdgeSpec, check_spec
from connectors.mapping.file import load_mapping
from connectors.ready import READY, install
from connectors.rows.drafts import RowMapper
from connectors.rows.tokens import KeyedTokens
from connectors.run.run import REASONS
from connectors.sources import open_source
from connectors.trial.cases_file import FILE
from connectors.trial.preview import Seen, preview
from hub import founding, wiring
from hub.cli.backfill import backfill_
from hub.cli.cases import test_
from hub.cli.compare import diff
from hub.cli.drafting import drafting_options, given_source, require_table
from hub.cli.enrol import join
from hub.cli.main import explain
from hub.cli.offline import answers, pack_
from hub.cli.options import home_option, json_option, print_json, settings_of, to_type, unlock_option
from hub.cli.rounds import Rounds, how_it_is_known
from hub.cli.sheets import sheet, template
from hub.cli.stands import status
from hub.cli.statements import sql
from hub.cli.studio import studio
from hub.cli.taken import take_
from hub.config import Settings
from hub.core.errors import DataError, UsageError
from hub.texts import language, text, ui


@click.group("connector")
def group() -> None:
    """Connect a source: draft, check, preview, run."""


@group.command()
@home_option
@click.option(
    "--from", "address", default="", metavar="URL", help="Database, API, topic, csv, xlsx, jsonl, folder, singer:TAP."
)
@click.option(
    "--ready", default="", type=click.Choice(("", *READY)), help="A mapping that is ready, instead of --from."
)
@click.argument("table", default="")
@click.option("--name", default="source-1", help="The connector's id: small letters, digits, hyphens.")
@drafting_options
@click.option("--type", "event", default=DRAFTED, help="Event type to draft.")
@unlock_option
def new(
    home: Path, address: str, ready: str, table: str, name: str, agency: str, publisher: str, area: str,
    password_env: str, password_file: str, event: str,
) -> None:  # fmt: skip
    """Draft a mapping from the names of the columns; not one value is read into it.

    Or take one that is ready: `answers` for the workbooks of hub site inbox, `consents` for consents signed on paper.
    """
    if bool(address) == bool(ready):
        raise UsageError("HUB-C438")
    settings = settings_of(home)
    go_live = settings.go_live if settings.go_live is not None else wiring.system_of(settings).today()
    folder = settings.folder("edges") / name
    if (folder / MAPPING).exists():
        raise DataError("HUB-C325", connector=name)
    founding.require_joined(settings, name)
    joined = name in wiring.edge_names(settings)  # its invitation says whose it is
    spec = EdgeSpec(name, agency, publisher, "", b"", b"", go_live, area or NOWHERE)
    check_spec(spec)
    if joined and not area:
        known = wiring.open_edge(settings, name).spec.area
        area = "" if known == NOWHERE else known
    if ready:
        _ready(settings, founding.make_edge(settings, spec), ready, area)
        return
    section = given_source(address, table, name, password_env, password_file)
    require_table(section)
    columns, sheets, key = columns_of(section, Path.cwd())
    files = first(name, section, columns, event, area, key)
    edge = founding.make_edge(settings, spec)
    put(edge.folder, files)
    lang = language()
    click.echo(ui("connector.drafted", lang, path=str(edge.folder / MAPPING), columns=len(columns)))
    if sheets > 1 and not table:
        click.echo(ui("connector.sheets", lang, sheets=sheets))
    click.echo(to_type(ui("cases.drafted", lang, path=str(edge.folder / FILE), name=name)))
    click.echo(to_type(ui("connector.next", lang, name=name)))
    click.echo("\n".join(how_it_is_known(settings, edge)))


def _ready(settings: Settings, edge: Edge, kind: str, area: str) -> None:
    """A connector with a mapping that is ready, and how it is registered."""
    files, lang = install(kind, edge.folder, area), language()
    click.echo(ui("connector.readied", lang, path=str(edge.folder / MAPPING), files=len(files)))
    click.echo(to_type(ui(f"connector.ready_{kind}", lang, name=edge.spec.connector)))
    click.echo("\n".join(how_it_is_known(settings, edge)))


@group.command()
@json_option
def schema(as_json: bool) -> None:
    """Print the JSON Schema of a mapping, for an editor that completes and underlines; `new` writes it, too."""
    click.echo(schema_text(), nl=False)  # JSON, whether or not that is asked for


@group.command()
@home_option
@click.argument("name")
@unlock_option
@json_option
def check(home: Path, name: str, as_json: bool) -> None:
    """Judge a mapping against the schemas and its source, without reading a row."""
    settings = settings_of(home)
    edge, system = wiring.open_edge(settings, name), wiring.system_of(settings)
    mapping = load_mapping(edge.folder)
    mapper = RowMapper(mapping, KeyedTokens(edge.keys), system.today(), edge.spec.go_live, system.now_ms())
    with open_source(
        mapping.source, edge.folder, names=mapper.columns, today=system.today(), now_ms=system.now_ms
    ) as source:
        columns = [*(column.name for column in source.columns()), *source.others]
        told = dict(source.description)
    document = {
        "connector": name,
        "events": [section.type for section in mapping.sections],
        "columns": list(mapper.columns),
        "unused": [column for column in columns if column not in mapper.columns],
        "source": told,
    }
    if as_json:
        print_json(document)
        return
    lang = language()
    click.echo(ui("connector.checked", lang, name=name, events=len(mapping.sections), columns=len(mapper.columns)))
    for key, value in told.items():
        click.echo(f"  {key}: {value}")
    if document["unused"]:
        click.echo("  " + ui("connector.unused", lang, columns=", ".join(document["unused"])))


@group.command("preview")
@home_option
@click.argument("name")
@click.option("--rows", default=5, type=click.IntRange(1, 200), help="How many rows.")
@unlock_option
@json_option
def show(home: Path, name: str, rows: int, as_json: bool) -> None:
    """Before and after, side by side: shapes and verdicts, never a digit. Publishes nothing."""
    settings = settings_of(home)
    seen = preview(wiring.open_edge(settings, name), wiring.system_of(settings), rows)
    if as_json:
        print_json([_seen(one) for one in seen])
        return
    lang = language()
    for one in seen:
        click.echo(f"{one.alias}:{one.row}  {ui(f'ending.{one.verdict}', lang)}  {_why(one, lang)}".rstrip())
        left = [f"{column} = {shape}" for column, shape in one.cells]
        right = [line for type, fields in one.events for line in (type, *(f"  {k} = {v}" for k, v in fields))]
        for at in range(max(len(left), len(right))):
            before = left[at] if at < len(left) else ""
            after = right[at] if at < len(right) else ""
            click.echo(f"  {_padded(before, 42)} {'|' if after else ''} {after}".rstrip())


@group.command("run")
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


def _seen(one: Seen) -> dict[str, Any]:
    return one._asdict() | {
        "why": one.why if isinstance(one.why, str) else explain(one.why),
        "cells": dict(one.cells),
        "events": [{"type": type, "fields": dict(fields)} for type, fields in one.events],
    }


def _why(one: Seen, lang: str) -> str:
    if isinstance(one.why, str):
        return one.why
    return f"{one.why.code}  {text(one.why.code, lang, **one.why.place).reason}"


def _padded(line: str, width: int) -> str:
    """A line filled up to a width, where a Han character takes two places."""
    taken = sum(2 if ord(character) > 0x2E7F else 1 for character in line)
    return line + " " * max(0, width - taken)


group.add_command(join)
group.add_command(backfill_)
group.add_command(test_)
group.add_command(diff)
group.add_command(sql)
group.add_command(status)
group.add_command(pack_)
group.add_command(answers)
group.add_command(template)
group.add_command(sheet)
group.add_command(studio)
group.add_command(take_)
