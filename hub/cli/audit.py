"""`hub audit`: everything that was said of one case, one person, or by one agency, and what followed from it."""

from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import click

from hub import wiring
from hub.cli.lives import cases_of, documents, lines_of, referred
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.cli.trails import shown
from hub.core.errors import DataError, UsageError
from hub.installation import Installation
from hub.ports.views import Snapshot
from hub.texts import language, ui


@click.group("audit")
def group() -> None:
    """Who asserted what, when, from which row, on what ground, and what followed."""


@group.command()
@click.option("--case", "case", metavar="REF", help="A case_ref of a view.")
@click.option("--person", metavar="PSEUDONYM", help="A person of a view.")
@click.option("--agency", metavar="AGENCY", help="What this agency asserted, person by person.")
@click.option("--limit", default=500, type=click.IntRange(1, 1_000_000), help="At most so many lines; 500.")
@home_option
@json_option
def trail(case: str | None, person: str | None, agency: str | None, limit: int, home: Path, as_json: bool) -> None:
    """The trail of a case, a person or an agency; exactly one is to be named."""
    if sum(one is not None for one in (case, person, agency)) != 1:
        raise UsageError("HUB-P220")
    settings = settings_of(home)
    with Installation(settings) as hub, wiring.open_views(settings).snapshot() as snapshot:
        if agency is not None:
            some = _of_agency(hub, snapshot, agency)
        elif case is not None:
            some = _of_case(hub, snapshot, case)
        else:
            some = _of_person(hub, snapshot, person or "")
        found = list(islice(some, limit + 1))
    if as_json:
        print_json({"lines": found[:limit], "more": len(found) > limit})
        return
    lang = language()
    for whom, lines in groupby(found[:limit], key=lambda line: str(line.get("person", ""))):
        if whom:
            click.echo(ui("trail.person", lang, person=whom))
        click.echo("\n".join(shown(list(lines), lang)))
    click.echo(ui("trail.more" if len(found) > limit else "trail.end", lang, lines=min(limit, len(found))))


def _of_case(hub: Installation, snapshot: Snapshot, ref: str) -> Iterator[dict[str, Any]]:
    for row in cases_of(snapshot, referred(snapshot, "persons", ref)):
        whole = lines_of(hub, snapshot, row.id)
        yield from documents([line for line in whole if line.case_no == row.n], whole)


def _of_person(hub: Installation, snapshot: Snapshot, ref: str) -> Iterator[dict[str, Any]]:
    for id in referred(snapshot, "persons", ref).ids:
        yield from documents(lines_of(hub, snapshot, id))


def _of_agency(hub: Installation, snapshot: Snapshot, agency: str) -> Iterator[dict[str, Any]]:
    """Person by person under the pseudonym of v_trail_v1. Raises DataError HUB-P364 for one that asserted nothing."""
    names = {str(each) for (each,) in snapshot.rows("persons_source", ("name",))}
    name = agency if agency in names else f"agency/{agency}"
    if name not in names:
        known = sorted(each.removeprefix("agency/") for each in names if each.startswith("agency/"))
        raise DataError("HUB-P364", known=", ".join(known) or "-")
    for id in snapshot.spoken("persons", name):
        person = wiring.pseudonym(hub.store, "persons", id, "trail")
        whole = lines_of(hub, snapshot, id)
        for document in documents([line for line in whole if line.source == name], whole):
            yield {"person": person, **document}
