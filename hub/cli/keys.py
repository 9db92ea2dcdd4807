"""`hub keys`: the keys that frames are sealed for: which there are, who uses them, a new one, the end of an old one."""

from pathlib import Path

import click

from hub import rotation
from hub.cli.options import home_option, json_option, print_json, set_option, settings_of
from hub.texts import language, ui

_owner = click.argument("owner", type=click.Choice(rotation.OWNERS))


@click.group("keys")
def group() -> None:
    """Transport keys of the hub and the vault."""


@group.command("list")
@home_option
@set_option
@json_option
def list_(home: Path, flags: tuple[str, ...], as_json: bool) -> None:
    """Every key that frames may be sealed for, with the connectors that use it."""
    settings = settings_of(home, flags)
    found = {owner: rotation.uses(settings, owner) for owner in rotation.OWNERS}
    if as_json:
        print_json([{"owner": owner, **use._asdict()} for owner, each in found.items() for use in each])
        return
    lang = language()
    for each in found.values():
        for use in each:
            click.echo(ui("keys.one", lang, key=use.key, public=use.public, users=", ".join(use.connectors) or "-"))


@group.command()
@_owner
@home_option
@set_option
@json_option
def rotate(owner: str, home: Path, flags: tuple[str, ...], as_json: bool) -> None:
    """Make a new key of OWNER. The old one goes on opening what is sealed for it until `hub keys retire`."""
    made = rotation.rotate(settings_of(home, flags), owner)
    if as_json:
        print_json({"owner": owner, **made._asdict()})
        return
    lang = language()
    click.echo(ui("keys.rotated", lang, owner=owner, public=made.public))
    if made.here:
        click.echo(ui("keys.here", lang, names=", ".join(made.here)))
    if made.elsewhere:
        click.echo(ui("keys.elsewhere", lang, names=", ".join(made.elsewhere)))
        click.echo(f'    {owner}_public = "{made.public}"')
    click.echo(ui("keys.next", lang))


@group.command()
@_owner
@click.argument("key")
@click.option("--gone", multiple=True, metavar="CONNECTOR", help="A connector that sends nothing any more; repeatable.")
@home_option
@set_option
@json_option
def retire(owner: str, key: str, gone: tuple[str, ...], home: Path, flags: tuple[str, ...], as_json: bool) -> None:
    """Destroy the old KEY of OWNER, as soon as no connector uses it. What was sent under it can never be read again."""
    rotation.retire(settings_of(home, flags), owner, key, gone)
    if as_json:
        print_json({"owner": owner, "destroyed": key})
        return
    click.echo(ui("keys.retired", language(), key=key))
