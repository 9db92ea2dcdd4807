"""`hub connector sql`: what a run sends to a database, the index that it needs, and the rights that it needs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connectors.mapping.file import load_mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.tokens import KeyedTokens
from connectors.sources import explain_sql
from connectors.sources.spec import SqlSpec
from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.core.errors import DataError
from hub.texts import language, ui

if TYPE_CHECKING:
    from connectors.sources.explained import Explained

_SENT = ("login", "columns", "whole", "later", "following", "walk")


@click.command("sql")
@home_option
@click.argument("name")
@click.option("--for", "product", default="", metavar="PRODUCT", help="As another product would be asked.")
@json_option
def sql(home: Path, name: str, product: str, as_json: bool) -> None:
    """Every statement that a run sends, its index, and a script of rights. Connects to nothing.

    What is printed is SQL with remarks, to be read and run by who keeps the database. PRODUCT is one of postgresql,
    mysql, oracle, mssql, sqlite, dameng, kingbase, gbase.
    """
    settings = settings_of(home)
    edge, system = wiring.open_edge(settings, name), wiring.system_of(settings)
    mapping = load_mapping(edge.folder)
    if not isinstance(mapping.source, SqlSpec):
        raise DataError("HUB-C275", connector=name, kind=mapping.source.kind)
    mapper = RowMapper(mapping, KeyedTokens(edge.keys), system.today(), edge.spec.go_live, system.now_ms())
    found = explain_sql(mapping.source, mapper.columns, product, mapping.key)
    if as_json:
        print_json(found._asdict())
        return
    click.echo("\n".join(_script(found, name, language())))


def _script(found: "Explained", name: str, lang: str) -> list[str]:
    lines = ["-- " + ui("statements.head", lang, name=name, product=found.product)]
    if not found.own:
        lines.append("-- " + ui("statements.stand_in", lang, product=found.product))
    if not found.heard:
        lines.append("-- " + ui("statements.unheard", lang))
    for part in (*_SENT, "indexes", "grants"):
        statements = getattr(found, part)
        lines += ["", "-- " + ui(f"statements.{part}", lang)]
        lines += [f"{statement};" for statement in statements] or ["-- " + ui(f"statements.no_{part}", lang)]
    return lines
