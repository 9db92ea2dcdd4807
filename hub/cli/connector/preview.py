"""`hub connector preview`: rows before and after, side by side."""

from pathlib import Path
from typing import Any

import click

from connectors.trial.preview import Seen, preview
from hub import wiring
from hub.cli.main import explain
from hub.cli.options import home_option, json_option, print_json, settings_of, unlock_option
from hub.texts import language, text, ui


@click.command("preview")
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
