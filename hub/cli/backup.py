"""`hub backup`: copies of the hub, the vault or a connector, made while they work, proved, and put back."""

import os
import sys
from pathlib import Path

import click

from hub import backup
from hub.backup import Made
from hub.cli.options import home_option, json_option, print_json, quoted, set_option, settings_of
from hub.cli.tables import grid
from hub.core.errors import DataError, UsageError
from hub.core.manifest import CONNECTOR, SIDES
from hub.texts import language, ui
from hub.wiring import edge_names

VARIABLE = "HUB_BACKUP_PASSPHRASE"
SHORTEST = 12

_folder = click.argument("folder", type=click.Path(path_type=Path))
passphrase_option = click.option(
    "--passphrase-file",
    "file",
    type=click.Path(path_type=Path),
    help=f"File whose first line is the passphrase; else {VARIABLE}, else it is asked for.",
)


@click.group("backup")
def group() -> None:
    """Back up the hub, the vault or a connector; prove a backup; put it back."""


@group.command()
@click.argument("side", type=click.Choice(SIDES))
@click.argument("name", default="")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="Folder to make; not there yet.")
@passphrase_option
@home_option
@set_option
@click.option(
    "--elsewhere", multiple=True, metavar="PATH", help="What it lacks, as it names it, and you keep yourself."
)
@json_option
def create(
    side: str,
    name: str,
    folder: Path,
    file: Path | None,
    home: Path,
    flags: tuple[str, ...],
    elsewhere: tuple[str, ...],
    as_json: bool,
) -> None:
    """Copy SIDE (of a connector, its NAME) into a folder, while it is in use. Keys go under a passphrase.

    It ends with 3 when it lacks what the side needs, and no --elsewhere says that this is kept by other means.
    """
    settings = settings_of(home, flags)
    if (side == CONNECTOR) == (not name):
        raise UsageError("HUB-B201", known=", ".join(edge_names(settings)) or "-")
    made = backup.create(settings, side, name, folder, asked_passphrase(file, again=True))
    lacks = backup.lacking(made.manifest, elsewhere)
    _tell(made, as_json, ui("backup.in_part" if lacks else "backup.created", language(), folder=quoted(folder)))
    if lacks:
        named = " ".join(f"--elsewhere {quoted(Path(one))}" for one in lacks)
        raise DataError("HUB-B308", lacks=len(lacks), elsewhere=named)


@group.command()
@_folder
@passphrase_option
@click.option("--without-keys", is_flag=True, help="Prove all but the keys; needs no passphrase.")
@json_option
def verify(folder: Path, file: Path | None, without_keys: bool, as_json: bool) -> None:
    """Read a backup whole: sizes, hashes, every page of its databases, and that the passphrase opens the keys."""
    made = backup.verify(folder, None if without_keys else asked_passphrase(file))
    _tell(made, as_json, ui("backup.without_keys" if without_keys else "backup.verified", language()))


@group.command()
@_folder
@home_option
@passphrase_option
@json_option
def restore(folder: Path, home: Path, file: Path | None, as_json: bool) -> None:
    """Put a backup back into --home, where nothing of that side may be yet. It is proved first."""
    made = backup.restore(folder, home, asked_passphrase(file))
    side, name = made.manifest.side, made.manifest.name
    _tell(made, as_json, ui(f"restored.{side}", language(), home=quoted(home), name=name))


def asked_passphrase(file: Path | None, again: bool = False) -> str:
    """The passphrase, never from the command line, where every user of the machine could read it.

    `again` is for one that is to be used from now on. Raises DataError HUB-B306 where it cannot be had, HUB-B307 for
    a new one that could be tried out.
    """
    found = os.environ.get(VARIABLE, "")
    if file is not None:
        try:
            found = file.read_text(encoding="utf-8-sig").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError):
            raise DataError("HUB-B306", variable=VARIABLE) from None
    elif not found:
        if not sys.stdin.isatty():
            raise DataError("HUB-B306", variable=VARIABLE)
        question, repeated = ui("backup.passphrase", language()), ui("backup.again", language())
        found = str(click.prompt(question, hide_input=True, confirmation_prompt=again and repeated, err=True))
    if again and len(found) < SHORTEST:  # of one that is there, only that it is wrong would help
        raise DataError("HUB-B307", shortest=SHORTEST)
    return found


def _tell(made: Made, as_json: bool, last: str) -> None:
    manifest = made.manifest
    if as_json:
        print_json(
            {
                "side": manifest.side,
                "name": manifest.name,
                "made_at": manifest.made_at,
                "program": manifest.program,
                "files": [entry._asdict() for entry in (*manifest.files, manifest.sealed)],
                "not_covered": list(manifest.not_covered),
                "secret": list(made.secret),
            }
        )
        return
    lang = language()
    title = f"{manifest.side} {manifest.name}".strip()
    click.echo(ui("backup.of", lang, title=title, made_at=manifest.made_at, secrets=len(made.secret)))
    files = (*manifest.files, manifest.sealed)
    click.echo(grid([[f"  {one.path}", f"{one.size:,} B", one.sha256[:16]] for one in files], right={1}))
    for one in manifest.not_covered:
        click.echo(ui("backup.not_covered", lang, what=one))
    click.echo(last)
