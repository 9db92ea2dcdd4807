"""`hub demo`: two thousand synthetic people from dirty files to views, in one folder, and what it shows."""

import dataclasses
import time
from pathlib import Path

import click

from hub import wiring
from hub.cli.options import json_option, print_json
from hub.config import load
from hub.core.errors import IntegrityError
from hub.demo.figures import figures
from hub.demo.findings import holds
from hub.demo.play import Play
from hub.demo.screen import screen
from hub.texts import language


@click.command("demo")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), help="Else ./demo.")
@click.option("--people", type=click.IntRange(20, 1_000_000), help="How many, in a new folder; else 2000.")
@click.option("--quiet", is_flag=True, help="Only the screen at the end.")
@json_option
def group(home: Path, people: int | None, quiet: bool, as_json: bool) -> int:
    """Play the demo, or what is left of it, and show what came out. Run again, it adds nothing.

    Exit code 4 where a sum does not come out, a number stands in clear, or what was made again differs.
    """
    began = time.monotonic()
    lang = language()
    silent = quiet or as_json
    day = wiring.system_of(load(home)).today()
    play = Play(home, people, day, (lambda line: None) if silent else click.echo, lang)
    steps = play.steps()
    repeated = not any(step.grows for step in steps)
    added = sum(play.play(step) for step in steps)
    found = figures(play, max(day, steps[-1].day), began, added if repeated else None)
    if as_json:
        print_json(dataclasses.asdict(found) if dataclasses.is_dataclass(found) else found._asdict())
    else:
        click.echo(screen(found, lang), nl=False)
    return 0 if holds(found) else IntegrityError.exit_code
