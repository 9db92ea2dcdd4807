"""`hub connector schema`: what an editor knows of a mapping."""

import click

from connectors.drafting.editor_schema import schema_text
from hub.cli.options import json_option


@click.command()
@json_option
def schema(as_json: bool) -> None:
    """Print the JSON Schema of a mapping, for an editor that completes and underlines; `new` writes it, too."""
    click.echo(schema_text(), nl=False)  # JSON, whether or not that is asked for
