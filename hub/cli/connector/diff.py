"""`hub connector diff`: what a new mapping would make of the source, before any of it is sent."""

from pathlib import Path

import click

from connectors.mapping.file import load_mapping
from connectors.trial.compare import Effect, compare
from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.texts import language, ui


@click.command("diff")
@home_option
@click.argument("name")
@click.argument("new", type=click.Path(path_type=Path))
@json_option
def diff(home: Path, name: str, new: Path, as_json: bool) -> None:
    """Count what the mapping in the file NEW would say otherwise than that of connector NAME. Publishes nothing.

    Both read the whole source as it is now. Code tables are looked for beside NEW and then in the connector's folder.
    """
    settings = settings_of(home)
    edge = wiring.open_edge(settings, name)
    old, other = load_mapping(edge.folder), load_mapping(new.absolute().parent, new.name, edge.folder)
    effect = compare(edge, wiring.system_of(settings), old, other)
    if as_json:
        changes = [{**change._asdict(), "rows": rows} for change, rows in effect.changes]
        print_json({"connector": name, **effect._asdict(), "changes": changes})
        return
    click.echo("\n".join(told(name, effect, language())))


def told(name: str, effect: Effect, lang: str) -> list[str]:
    """The sum, and a line a difference with the rows that show it."""
    sums = {"rows": effect.rows, "same": effect.same, "other": effect.rows - effect.same}
    lines = [ui("diff.sum", lang, name=name, **sums)]
    if effect.key_changed:
        lines.append("  " + ui("diff.key", lang))
    for change, rows in effect.changes:
        before, after = (ui(f"ending.{end}", lang) if end else "-" for end in change[:2])
        lines.append(f"{rows:>9}  {before} -> {after}  {change.what}")
    return lines
