"""`hub connector test`: rows that somebody thought up, and what the mapping makes of them."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import click

from connectors.edge import Edge
from connectors.mapping.file import load_mapping
from connectors.rows.drafts import RowMapper
from connectors.rows.prints import Prints, RowNames
from connectors.rows.tokens import KeyedTokens
from connectors.trial.cases import Judged, judge
from connectors.trial.cases_file import FILE, load_cases
from hub import wiring
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.core.errors import DataError
from hub.ports.system import System
from hub.texts import language, ui


@click.command("test")
@home_option
@click.argument("name")
@json_option
def test_(home: Path, name: str, as_json: bool) -> None:
    """Judge the cases beside a mapping: rows with what must become of them. Reads no source, publishes nothing."""
    settings = settings_of(home)
    found = judged(wiring.open_edge(settings, name), wiring.system_of(settings))
    counts = counted(found)
    if as_json:
        print_json({"connector": name, **counts, "cases": [one._asdict() for one in found]})
    else:
        click.echo("\n".join(told(found, language())))
    if counts["differ"] or counts["open"]:
        raise DataError("HUB-C365", **counts)


def counted(found: Sequence[Judged]) -> dict[str, int]:
    """How many cases there are, and how each kind ended."""
    ends = Counter(one.verdict for one in found)
    return {"count": len(found), "passed": ends["passed"], "differ": ends["differs"], "open": ends["open"]}


def told(found: Sequence[Judged], lang: str) -> list[str]:
    """A line a case, what differs below it, and the sum."""
    lines: list[str] = []
    for one in found:
        lines += [f"{FILE}:{one.line}  {ui(f'cases.{one.verdict}', lang)}  {one.found}"]
        lines += [f"  {fault}" for fault in one.faults]
    return [*lines, ui("cases.sum", lang, **counted(found))]


def judged(edge: Edge, system: System) -> list[Judged]:
    """The cases of a connector, each with what became of it. Raises DataError as `load_cases` and a mapping do."""
    mapping, tokens, prints, today = (
        load_mapping(edge.folder),
        KeyedTokens(edge.keys),
        Prints(edge.keys),
        system.today(),
    )

    @cache
    def mapper(day: int) -> RowMapper:
        return RowMapper(mapping, tokens, day, edge.spec.go_live, system.now_ms())

    @cache
    def names(day: int) -> RowNames:
        return RowNames(mapping, mapper(day).columns, prints, day)

    return judge(load_cases(edge.folder, mapping, today, mapper(today)), mapper, names)
