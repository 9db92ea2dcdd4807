"""`hub connector studio`: the page on which a mapping is made, for the browser of this machine."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from connectors.edge import MAPPING, NOWHERE, Edge, EdgeSpec, check_spec, shown
from connectors.rows.tokens import KeyedTokens, PassingTokens, Tokens
from connectors.studio.desk import Desk
from connectors.studio.file import File, Home
from connectors.studio.server import SAVE, Studio, Work
from hub import founding, wiring
from hub.cli.connector.drafting import drafting_options, given_source
from hub.cli.main import explain, where
from hub.cli.options import home_option, settings_of, to_type, unlock_option
from hub.cli.rounds import how_it_is_known
from hub.config import Settings
from hub.core.errors import DataError, HubError, UsageError
from hub.texts import language, phrases, ui

ENDINGS: Final = ("published", "not_selected", "refused")


@click.command()
@home_option
@click.argument("name")
@click.argument("table", default="")
@click.option("--from", "address", default="", metavar="URL", help="Source of a new connector, as new takes it.")
@drafting_options
@click.option("--port", default=0, type=click.IntRange(0, 65_535), help="Port of 127.0.0.1; 0 takes a free one.")
@unlock_option
def studio(
    home: Path, name: str, table: str, address: str, agency: str, publisher: str, area: str, password_env: str,
    password_file: str, port: int,
) -> None:  # fmt: skip
    """Make or edit a mapping on a page in the browser of this machine, with mouse or keyboard.

    The page has columns, shapes and verdicts, never a value. It is served on 127.0.0.1 only, until Ctrl-C; whoever has
    its address can use it.
    """
    settings, lang = settings_of(home), language()
    there = (settings.folder("edges") / name / MAPPING).exists()
    if there and (address or table):
        raise DataError("HUB-C325", connector=name)
    if not there and not address:
        raise UsageError("HUB-C380", connector=shown(name))
    made = name in wiring.edge_names(settings)  # by join, perhaps: keys and no mapping yet
    tokens = _tokens(settings, name, made)
    if there:
        file = _kept(settings, name)
    else:
        founding.require_joined(settings, name)
        section = given_source(address, table, name, password_env, password_file)
        spec = EdgeSpec(name, agency, publisher, "", b"", b"", 0, area or NOWHERE)
        file = _new(settings, wiring.open_edge(settings, name).spec if made else spec, made, section)
    desk = Desk(file, tokens, wiring.system_of(settings), explain, lang)
    with wiring.stop_signal() as stop, Studio(port, works(desk, lang), explain, bug) as page:
        click.echo(ui("studio.address", lang, name=name))
        click.echo(f"  {page.address}")
        click.echo(ui("studio.stop", lang))
        while not stop.wait(0.5):  # an endless wait hears no Ctrl-C on Windows
            pass


def works(desk: Desk, lang: str) -> dict[str, Work]:
    """What the page may ask for, by name; `words` are its texts in the reader's language, as templates."""
    words = {key: phrases(lang)[f"studio.{key}"] for key in _keys(lang)}
    words |= {f"ending_{name}": ui(f"ending.{name}", lang) for name in ENDINGS}
    return {
        "words": lambda _: {"lang": lang, "words": words},
        "state": desk.state,
        "open": desk.open,
        "draft": desk.draft,
        "add": desk.add,
        "judge": desk.judge,
        "changes": desk.changes,
        SAVE: desk.save,
    }


def _keys(lang: str) -> list[str]:
    return [key.removeprefix("studio.") for key in phrases(lang) if key.startswith("studio.")]


def _tokens(settings: Settings, name: str, made: bool) -> Tokens:
    """What makes tokens of the first rows. A connector that is not there yet has a key in memory alone: the page is
    told how many tokens there are, and no folder is made before something is saved."""
    if made:
        return KeyedTokens(wiring.open_edge(settings, name).keys)
    return PassingTokens(wiring.keys_in(settings.folder("edges")).fresh())


def _kept(settings: Settings, name: str) -> File:
    edge = wiring.open_edge(settings, name)
    home = Home(edge.spec, lambda: edge, partial(_told, settings))
    return File(home, edge.folder, wiring.system_of(settings))


def _new(settings: Settings, spec: EdgeSpec, made: bool, section: dict[str, Any]) -> File:
    """A connector without a mapping; its folder is made by the first save, if it is not there."""
    system = wiring.system_of(settings)
    if not made:
        spec = replace(spec, go_live=settings.go_live if settings.go_live is not None else system.today())
        check_spec(spec)

    home = Home(spec, lambda: founding.make_edge(settings, spec), partial(_told, settings))
    return File(home, Path.cwd(), system, section)


def _told(settings: Settings, edge: Edge) -> list[str]:
    """What whoever saved types next."""
    next_ = to_type(ui("connector.next", language(), name=edge.spec.connector), edge.spec.connector)
    return [next_, *how_it_is_known(settings, edge)]


def bug(error: Exception) -> HubError:
    """What is told of what was never meant to happen: its type and place, and no message."""
    return HubError("HUB-G001", type=type(error).__name__, at=where(error.__traceback__))
