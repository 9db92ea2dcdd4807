"""`hub connector`: draft a mapping, check it, preview it, run it, see where it stands. A module a command."""

from typing import Final

import click

from hub.cli.later import Later

PLACES: Final = {
    "new": "hub.cli.connector.new:new",
    "studio": "hub.cli.connector.studio:studio",
    "join": "hub.cli.enrol:join",
    "check": "hub.cli.connector.check:check",
    "test": "hub.cli.connector.cases:test_",
    "preview": "hub.cli.connector.preview:show",
    "backfill": "hub.cli.connector.backfill:backfill_",
    "run": "hub.cli.connector.run:run_",
    "status": "hub.cli.connector.status:status",
    "take": "hub.cli.taken:take_",
    "diff": "hub.cli.connector.diff:diff",
    "sql": "hub.cli.connector.sql:sql",
    "schema": "hub.cli.connector.schema:schema",
    "sheet": "hub.cli.sheets:sheet",
    "template": "hub.cli.sheets:template",
    "pack": "hub.cli.connector.offline:pack_",
    "answers": "hub.cli.connector.offline:answers",
}


@click.group("connector", cls=Later, path=("connector",), places=PLACES)
def group() -> None:
    """Connect a source: draft, check, preview, run."""
