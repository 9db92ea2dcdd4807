"""`hub connector check`: is a mapping right?"""

from pathlib import Path

import click

from connectors.mapping.file import load_mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.tokens import KeyedTokens
from connectors.sources import open_source
from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of, unlock_option
from hub.texts import language, ui


@click.command()
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
