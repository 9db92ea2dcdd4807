"""Options that many words share, and how a reading word answers a program."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from hub import contacts
from hub.cli.usage import hide
from hub.config import FILE, Settings, load
from hub.core.errors import DataError, HubError, UsageError
from hub.texts import OF_CONNECTOR, language, of_connector, ui

Command = Callable[..., Any]

DEMO = Path("demo")


def _home() -> Path:
    """Here, when this is an installation; else the demo's folder, when there is one: its screen names our commands."""
    return DEMO if not Path(FILE).exists() and (DEMO / FILE).exists() else Path(".")


home_option = click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="HUB_HOME",
    default=_home,
    help="Folder of the installation; else HUB_HOME, else here, else ./demo.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document.")


def _ask(context: click.Context, option: click.Parameter, wanted: bool) -> None:
    """Ask once, without showing it, and keep it for this process only: a command line is seen by everybody."""
    if wanted:
        from connectors.sources.spec import ASKED  # with all sources, which few commands need

        os.environ[ASKED] = click.prompt(ui("connector.password", language()), hide_input=True, err=True)


unlock_option = click.option(
    "--unlock",
    is_flag=True,
    expose_value=False,
    callback=_ask,
    help="Ask for the password of a locked workbook.",
)
set_option = click.option(
    "--set", "flags", multiple=True, metavar="KEY=VALUE", help="A setting for this run only, such as serve.port=9000."
)


def settings_of(home: Path, flags: tuple[str, ...] = ()) -> Settings:
    """The settings of an installation under the `--set` flags.

    Raises DataError HUB-G139 for a folder that is none: nothing is made where a name was mistyped; HUB-C484 for an
    agency's, where the word is about a hub. UsageError HUB-G206 for a flag without `=`.
    """
    if not (home / FILE).exists():
        raise DataError("HUB-G139", folder=str(home), file=FILE)
    settings = load(home, flags=chosen(flags))
    _USED.append(settings)
    _TYPED.append(click.get_current_context(silent=True))
    _require_hub(settings)
    return settings


THE_HUBS: Final = re.compile(
    r"(init|move|status|serve|worker|gateway|event|case|referral|site inbox|audit|projection|log|topics|agency|ingress)"
    r"(?![\w-])"
)
"""Words that are about a hub, and make nothing of an agency's folder."""


def _require_hub(settings: Settings) -> None:
    """Raises DataError HUB-C484 for a word about a hub, in the folder of an agency that joined."""
    typed = click.get_current_context(silent=True)
    words = typed.command_path.partition(" ")[2] if typed else ""
    if THE_HUBS.match(words):
        require_hub(settings, words)


def require_hub(settings: Settings, words: str) -> None:
    """Raises DataError HUB-C484 in the folder of an agency that joined."""
    from hub.founding import is_hub  # so that help waits for no adapter

    if not is_hub(settings):
        raise DataError("HUB-C484", word=words)


_USED: list[Settings] = []
_TYPED: list[click.Context | None] = []


def to_type(told: str, connector: str = "") -> str:
    """A remedy or next step with its commands as they are typed here.

    The connector that was typed, or that it is about, stands in the place of NAME; the folder follows it in every
    command about it, where it was typed. A connector that is only being made has no mapping to check yet: a remedy
    says `new` again.
    """
    typed = _TYPED[-1] if _TYPED else None
    if typed is None:
        return told
    named = connector or typed.params.get("name") or typed.params.get("connector")
    if typed.command_path == "hub connector new":
        told = OF_CONNECTOR.sub("hub connector new", told)
    if not isinstance(named, str) or not named:
        return told
    by_hand = typed.get_parameter_source("home") is click.core.ParameterSource.COMMANDLINE
    told = of_connector(told, hide(named))
    return in_folder(told, hide(named), f" --home {quoted(typed.params['home'])}") if by_hand else told


def in_folder(told: str, named: str, home: str) -> str:
    """A sentence whose commands about that connector, and about refused rows, are followed by that option."""
    about = rf"hub (?:connector [a-z]+|refused [a-z]+(?: --connector)?) {re.escape(named)}(?![\w-])"
    return re.sub(rf"{about}|hub refused list(?! --)", lambda found: found[0] + home, told)


def forget() -> None:
    """A command has ended: what is told after it is about no folder and no connector that was typed."""
    _USED.clear()
    _TYPED.clear()


def call(error: HubError) -> str:
    """Whom to call about an error, by the settings that this process goes by."""
    return contacts.of(error, _USED[-1]) if _USED else ""


def chosen(flags: tuple[str, ...]) -> dict[str, str]:
    """`--set` flags by their keys. Raises UsageError HUB-G206 for one without `=`."""
    found: dict[str, str] = {}
    for number, flag in enumerate(flags, 1):
        key, equals, value = flag.partition("=")
        if not equals:
            raise UsageError("HUB-G206", number=number)
        found[key] = value
    return found


def quoted(path: Path) -> str:
    """A path as a shell takes it, blanks and all."""
    return subprocess.list2cmdline([str(path)]) if os.name == "nt" else shlex.quote(str(path))


def print_json(document: object) -> None:
    """Print one JSON document, readable by people, too."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
