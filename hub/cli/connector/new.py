"""`hub connector new`: draft a mapping, or take one that is ready."""

from pathlib import Path

import click

from connectors.drafting.draft import DRAFTED, columns_of
from connectors.drafting.first import first, put
from connectors.edge import MAPPING, NOWHERE, Edge, EdgeSpec, check_spec
from connectors.ready import READY, install
from connectors.trial.cases_file import FILE
from hub import founding, wiring
from hub.cli.connector.drafting import drafting_options, given_source, require_table
from hub.cli.options import home_option, settings_of, to_type, unlock_option
from hub.cli.rounds import how_it_is_known
from hub.config import Settings
from hub.core.errors import DataError, UsageError
from hub.texts import language, ui


@click.command()
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
