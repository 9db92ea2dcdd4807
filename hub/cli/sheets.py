"""Workbooks that `hub connector` writes: one to be filled in, and one that says what became of each row."""

from collections.abc import Mapping
from pathlib import Path

import click

from connectors.mapping_file import load_mapping
from connectors.receipt import Receipt
from connectors.rows import RowMapper
from connectors.tokens import KeyedTokens
from hub import wiring
from hub.cli.options import home_option, settings_of
from hub.config import as_day
from hub.core.calendar import date_of
from hub.texts import language, text, ui

_HEAD = ("sheet", "row", "column", "ending", "code", "why", "fix")


@click.command()
@home_option
@click.argument("name")
@click.option("--xlsx", "path", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to.")
def template(home: Path, name: str, path: Path) -> None:
    """Write a workbook for those who fill the rows in: text columns, drop-downs, instructions."""
    from connectors.template import make  # so that no other command waits for what writes workbooks

    settings = settings_of(home)
    edge, system = wiring.open_edge(settings, name), wiring.system_of(settings)
    mapping = load_mapping(edge.folder)
    mapper = RowMapper(mapping, KeyedTokens(edge.keys), system.today(), edge.spec.go_live, system.now_ms())
    lang = language()
    asked = make(path, mapping, mapper.contracts, date_of(system.today()), lambda key: ui(f"template.{key}", lang))
    lists = sum(bool(one.choices) for one in asked)
    click.echo(ui("template.written", lang, path=str(path), columns=len(asked), lists=lists))


def write_receipt(receipt: Receipt, folder: Path, connector: str, today: int) -> Path:
    """The receipt of a run, named after its connector and day."""
    lang = language()

    def explain(code: str, place: Mapping[str, str | int]) -> tuple[str, str]:
        return text(code, lang, **place)

    def say(key: str) -> str:
        return ui(f"receipt.{key}", lang)

    return receipt.write(folder, f"{connector}-{as_day(today)}", say("title"), list(map(say, _HEAD)), say, explain)
