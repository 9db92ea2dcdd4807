"""`hub init`: an installation's folders, configuration, keys and databases, or whatever of them lacks."""

from pathlib import Path

import click

from hub import founding, wiring
from hub.cli.options import chosen, home_option, json_option, print_json, quoted, set_option, settings_of
from hub.config import FILE, load, write
from hub.core.calendar import iso
from hub.core.errors import UsageError
from hub.texts import language, ui


@click.command("init")
@home_option
@click.option(
    "--go-live", metavar="DATE", help="History before this day causes no offer, deadline or breach. Else today."
)
@set_option
@json_option
def group(home: Path, go_live: str | None, flags: tuple[str, ...], as_json: bool) -> None:
    """Make an installation in a folder. Run again, it makes what lacks and changes nothing else."""
    made = []
    wiring.machine.refuse_share(home)
    if go_live:
        flags = (*flags, f"hub.go_live={go_live}")
    if not (home / FILE).exists():
        settings = load(home, flags=chosen(flags))
        today = iso(wiring.system_of(settings).today())
        write(home, {"hub.profile": settings.profile, "hub.installed_on": today, "hub.go_live": today} | chosen(flags))
        made.append(FILE)
    elif flags:
        raise UsageError("HUB-G207", file=FILE)
    settings = settings_of(home)
    for step in founding.STEPS:
        made += step(settings)
    if as_json:
        print_json({"home": str(home), "made": made})
        return
    lang = language()
    for name in made:
        path = name if "://" in name else (home / name).as_posix()
        click.echo(f"+ {path}{'/' if name.endswith('/') else ''}")
    click.echo(ui("init.done" if made else "init.nothing", lang, home=quoted(home)))
