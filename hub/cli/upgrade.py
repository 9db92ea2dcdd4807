"""`hub upgrade`: state of an older program for this one, never without a backup that was proved."""

from pathlib import Path

import click

from hub import upgrade
from hub.cli.backup import asked_passphrase, passphrase_option
from hub.cli.options import home_option, json_option, print_json, quoted, set_option, settings_of
from hub.core.errors import UsageError
from hub.texts import language, ui


@click.command("upgrade")
@click.option("--backup", "folder", type=click.Path(path_type=Path), help="Folder for the backup that is made first.")
@passphrase_option
@home_option
@set_option
@json_option
def group(folder: Path | None, file: Path | None, home: Path, flags: tuple[str, ...], as_json: bool) -> None:
    """Bring state of an older program up for this one, after a backup that is proved. Run again, it goes on."""
    settings = settings_of(home, flags)
    todo, made = upgrade.pending(settings), list[Path]()
    if todo:
        if folder is None:
            raise UsageError("HUB-B202", names=", ".join(one.name for one in todo))
        todo, made = upgrade.upgrade(settings, folder, asked_passphrase(file, again=True))
    if as_json:
        print_json({"upgraded": [one._asdict() for one in todo], "backups": [str(path) for path in made]})
        return
    lang = language()
    for path in made:
        click.echo(ui("upgrade.backup", lang, path=quoted(path)))
    for one in todo:
        click.echo(ui("upgrade.done", lang, name=one.name, found=one.found, known=one.known))
    if not todo:
        click.echo(ui("upgrade.nothing", lang))
