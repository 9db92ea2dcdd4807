"""`hub move`: from files of one machine to Kafka and PostgreSQL, with all that there is."""

from pathlib import Path

import click

from hub import moving
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.config import FILE
from hub.texts import language, ui


@click.command("move")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@home_option
@json_option
def group(file: Path, home: Path, as_json: bool) -> None:
    """Move log, intake and vault to where FILE, a copy of hub.toml with other places, says; it is hub.toml then.

    The hub's programs and connectors stand still. Run again, it goes on.
    """
    moved, aside = moving.move(settings_of(home), file)
    if as_json:
        print_json({"moved": [one._asdict() for one in moved], "set_aside": aside})
        return
    lang = language()
    for one in moved:
        words = "move.again" if one.many is None else "move.log" if one.name == "log" else "move.tables"
        click.echo(ui(words, lang, name=one.name, count=one.many or 0))
    for name in aside:
        click.echo(ui("move.aside", lang, path=name))
    click.echo(ui("move.done", lang, file=FILE, before=moving.BEFORE) if moved else ui("move.nothing", lang))
