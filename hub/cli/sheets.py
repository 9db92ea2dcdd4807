"""Workbooks that `hub connector` writes: one to be filled in, and one that says what became of each row."""

from collections.abc import Mapping
from pathlib import Path

import click

from connectors.edge import MAPPING, Edge
from connectors.mapping.file import load_mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.replies import takes_answers
from connectors.rows.tokens import KeyedTokens
from connectors.run.receipt import Receipt
from hub import wiring
from hub.cli.options import home_option, settings_of, to_type
from hub.cli.runs import left_by
from hub.core.calendar import date_of, iso
from hub.core.errors import UsageError
from hub.texts import language, of_connector, text, ui

_HEAD = ("sheet", "row", "column", "ending", "code", "why", "fix")


@click.command()
@home_option
@click.argument("name")
@click.option("--xlsx", "path", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to.")
def template(home: Path, name: str, path: Path) -> None:
    """Write a workbook for those who fill the rows in: text columns, drop-downs, instructions."""
    from connectors.books.template import make  # so that no other command waits for what writes workbooks

    settings = settings_of(home)
    edge, system = wiring.open_edge(settings, name), wiring.system_of(settings)
    mapping = load_mapping(edge.folder)
    mapper = RowMapper(mapping, KeyedTokens(edge.keys), system.today(), edge.spec.go_live, system.now_ms())
    lang = language()
    asked = make(path, mapping, mapper.contracts, date_of(system.today()), lambda key: ui(f"template.{key}", lang))
    lists = sum(bool(one.choices) for one in asked)
    click.echo(ui("template.written", lang, path=str(path), columns=len(asked), lists=lists))


@click.command()
@home_option
@click.argument("name")
@click.option("--xlsx", "path", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it.")
@click.option("--from", "back", type=click.Path(path_type=Path, dir_okay=False), help="The workbook to take back.")
@click.option("--source-too", is_flag=True, help="Take another [source], too: what it starts and reads, I have seen.")
def sheet(home: Path, name: str, path: Path | None, back: Path | None, source_too: bool) -> None:
    """The mapping as a workbook, to be read, changed and signed; or the mapping from such a workbook.

    What differs is written: the mapping, its code tables, its cases. What the mapping was is kept beside it.
    """
    from connectors.books.mapping_book import BEFORE, read_book, take, write_book  # as above

    if (path is None) == (back is None):
        raise UsageError("HUB-C374")
    edge, lang = wiring.open_edge(settings_of(home), name), language()
    if path is not None:
        click.echo(ui("sheet.written", lang, path=str(path), sheets=write_book(edge.folder, path)))
    elif back is not None:
        changed = take(edge.folder, read_book(back), source_too)
        if not changed:
            click.echo(ui("sheet.same", lang))
            return
        click.echo(ui("sheet.taken", lang, files=", ".join(changed)))
        if MAPPING in changed:
            click.echo(to_type(ui("sheet.before", lang, file=BEFORE, name=name)))


def write_receipt(receipt: Receipt, folder: Path, edge: Edge, today: int) -> Path:
    """The receipt of a run, named after its connector and day."""
    connector, answers = edge.spec.connector, takes_answers(load_mapping(edge.folder))
    lang = language()

    def explain(code: str, place: Mapping[str, str | int]) -> tuple[str, str]:
        reason, fix = text(code, lang, **place)
        return reason, of_connector(fix, connector)

    def left(rule: str) -> str:
        return left_by(rule, lang, answers)

    def say(key: str) -> str:
        return ui(f"receipt.{key}", lang)

    return receipt.write(folder, f"{connector}-{iso(today)}", say("title"), list(map(say, _HEAD)), say, explain, left)
