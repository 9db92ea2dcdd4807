"""`hub config`: what is set, where it was set, and what it means."""

from pathlib import Path

import click

from hub import wiring
from hub.cli.options import chosen, home_option, json_option, print_json, set_option
from hub.config import load
from hub.texts import language, ui


@click.group("config")
def group() -> None:
    """The settings of an installation."""


@group.command()
@home_option
@set_option
@json_option
def show(home: Path, flags: tuple[str, ...], as_json: bool) -> None:
    """Every setting, its value, where that came from, and what it means. Passwords are never shown.

    A profile that there is not is told at the end, with exit 3: nothing starts with it.
    """
    settings = load(home, flags=chosen(flags))  # also before there is an installation
    lang = language()
    rows = [
        {"key": key, "value": value, "origin": settings.origins[key], "meaning": ui(f"config.{key}", lang)}
        for key, value in settings.shown().items()
    ]
    if as_json:
        print_json(rows)
    for row in () if as_json else rows:
        value = str(row["value"]).lower() if isinstance(row["value"], bool) else row["value"]
        origin = ui(f"origin.{row['origin']}", lang)
        click.echo(f"{row['key']} = {'-' if value == '' else value}    [{origin}]")
        click.echo(f"    {row['meaning']}")
    wiring.parking(settings.profile)
