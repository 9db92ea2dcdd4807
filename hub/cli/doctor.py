"""`hub doctor`: is everything here as it has to be, and if not, what mends it."""

from itertools import chain
from pathlib import Path
from typing import Any

import click

from hub.cli.main import explain
from hub.cli.options import home_option, json_option, print_json, set_option, settings_of, to_type
from hub.cli.rounds import WORST_FIRST
from hub.doctor import edges, machine, state
from hub.doctor.finding import FAIL, OK, Finding
from hub.texts import language, text, ui


@click.command("doctor")
@home_option
@set_option
@json_option
def group(home: Path, flags: tuple[str, ...], as_json: bool) -> int:
    """Look at the machine, the keys, the databases and the connectors; change nothing.

    Ends with 0 when nothing fails (warnings may be told), else with the exit code of the worst.
    """
    settings = settings_of(home, flags)
    found: list[Finding] = []
    for finding in chain(machine.examine(settings), state.examine(settings), edges.examine(settings)):
        found.append(finding)
        if not as_json:
            click.echo(_told(finding, language()))
    codes = {finding.error.exit_code for finding in found if finding.error and finding.level == FAIL}
    worst = next((code for code in WORST_FIRST if code in codes), 0)
    counts = {level: sum(finding.level == level for finding in found) for level in ("ok", "warn", "fail")}
    if as_json:
        print_json({"exit": worst, **counts, "findings": [_document(finding) for finding in found]})
    else:
        click.echo(ui("doctor.sum", language(), **counts))
    return worst


def _told(finding: Finding, lang: str) -> str:
    head = f"{ui(f'level.{finding.level}', lang)}  {ui(f'doctor.{finding.check}', lang)}"
    head += f" {finding.of}" if finding.of else ""
    if finding.error is None:
        said = ui(f"found.{finding.check}", lang, **finding.place)
        return f"{head}: {said}"
    reason, fix = text(finding.error.code, lang, **finding.error.place)
    return (
        f"{head}: {finding.error.code}  {reason}\n        {ui('error.fix', lang).strip()}  {to_type(fix, finding.of)}"
    )


def _document(finding: Finding) -> dict[str, Any]:
    document: dict[str, Any] = {"level": finding.level, "check": finding.check, "of": finding.of}
    if finding.level == OK:
        return document | {"found": dict(finding.place)}
    assert finding.error is not None
    return document | {"error": explain(finding.error, finding.of)}
