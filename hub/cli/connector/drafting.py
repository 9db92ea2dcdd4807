"""What `hub connector new` and `studio` ask of who has a source that nobody has mapped yet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from connectors.drafting.address import source_section
from connectors.forms.exposed import names_person
from connectors.sources.tables import in_schema, tables_of
from hub.cli.options import Command
from hub.cli.runs import found
from hub.core.errors import DataError
from hub.schema.shape import SPEAKERS
from hub.texts import language

_SHOWN: Final = 40
"""Names of tables in one message."""

_OPTIONS: Final = (
    click.option("--agency", default="agency-1", help="The organisation whose source it is."),
    click.option("--publisher", default="agency", type=click.Choice(SPEAKERS), help="Kind of source."),
    click.option("--area", default="", metavar="CODE", help="County of the agency, six digits."),
    click.option("--password-env", default="", metavar="NAME", help="Variable that holds the password or key."),
    click.option("--password-file", default="", type=click.Path(dir_okay=False), help="File that holds it."),
)


def drafting_options(command: Command) -> Command:
    """Whose source it is, and where its password lies: never on the command line."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def given_source(address: str, table: str, name: str, password_env: str, password_file: str) -> dict[str, Any]:
    """The `[source]` that was named, as the mapping of connector `name` will have it; where an interface tells of
    further pages and not how to come there, that is told. Raises DataError HUB-C230, C487, C495, C496; and as opening
    one does where it is an interface, or a table is named with a dot, which may be its schema's."""
    section = source_section(address, table, name[:24], Path.cwd())
    if password_env:
        section["password_env"] = password_env
    if password_file:
        section["password_file"] = str(Path(password_file).absolute())
    if section["kind"] == "http":
        from connectors.drafting.pages import paged  # only who has an interface waits for what reads one

        section, unclear = paged(section, Path.cwd())
        if unclear:
            click.echo("\n".join(found("HUB-C497", name, language(), members=", ".join(unclear))), err=True)
        return section
    return in_schema(section, Path.cwd())


def require_table(section: Mapping[str, Any]) -> None:
    """Raises DataError HUB-C482 for a database of which no table was named, with those that it has; and as opening one
    does. A table that is called by a person's number is not shown."""
    if section["kind"] != "sql" or section["table"]:
        return
    tables = [name for name in tables_of(dict(section), Path.cwd()) if not names_person("", name)]
    shown = ", ".join(tables[:_SHOWN]) + (", ..." if len(tables) > _SHOWN else "")
    raise DataError("HUB-C482", count=len(tables), tables=shown or "-")
