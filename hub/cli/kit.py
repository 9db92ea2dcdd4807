"""`hub kit`: what an agency installs the program from, where no network is."""

from pathlib import Path

import click

from hub import kit
from hub.cli.options import json_option, print_json
from hub.core.errors import UsageError
from hub.texts import language, ui


@click.group("kit")
def group() -> None:
    """What agencies without a network install from."""


@group.command()
@click.option("--role", default="agency", show_default=True, type=click.Choice(list(kit.ROLES)), help="For whom.")
@click.option("--platform", required=True, type=click.Choice(list(kit.PLATFORMS)), help="The agency's machine.")
@click.option("--python", default="3.11", show_default=True, type=click.Choice(kit.PYTHONS), help="Its Python.")
@click.option("--to", "path", type=click.Path(path_type=Path, dir_okay=False), help="Zip file to write.")
@click.option(
    "--wheels",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with the libraries' wheels; else they are fetched from the package index.",
)
@click.option("--dry-run", is_flag=True, help="Only find out whether every wheel can be had.")
@json_option
def build(
    role: str, platform: str, python: str, path: Path | None, wheels: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Write one zip with the program, its libraries, quick start, examples and checksums, for one kind of machine."""
    if dry_run == (path is not None):
        raise UsageError("HUB-G219")
    built = kit.build(role, platform, python, path, wheels)
    if as_json:
        print_json({"file": str(path) if path else ""} | built._asdict())
        return
    key = "kit.built" if path else "kit.resolved"
    click.echo(ui(key, language(), path=str(path), platform=platform, python=python, wheels=len(built.wheels)))
    for name in built.wheels:
        click.echo(f"  {name}")
