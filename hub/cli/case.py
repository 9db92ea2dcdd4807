"""`hub case`: where one case stands, who is responsible, what was offered, and how it came to this."""

from pathlib import Path
from typing import Any

import click

from hub import wiring
from hub.cli.lives import address, cases_of, code_text, documents, lines_of, newest, referred, when
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.cli.tables import grid
from hub.cli.trails import shown
from hub.installation import Installation
from hub.texts import language, ui
from projections.case.tables import Case
from projections.trail.breaches import breaches
from projections.trail.lines import Line

DATES = ("begun", "applied", "registered", "confirmed", "assigned", "accepted", "served", "closed", "followed")
WAITS = ("wait_from", "wait_until", "checked_on")


@click.group("case")
def group() -> None:
    """Cases of persons, by the references of public views."""


@group.command()
@click.argument("ref")
@home_option
@json_option
def show(ref: str, home: Path, as_json: bool) -> None:
    """The case REF (case_ref of a view, such as v_case_v1), or every case of the person REF (a pseudonym).

    For whoever answers for the case: dates are days. The person is not named; only the vault could.
    """
    settings = settings_of(home)
    with Installation(settings) as hub, wiring.open_views(settings).snapshot() as snapshot:
        found = []
        for row in cases_of(snapshot, referred(snapshot, "persons", ref)):
            whole = lines_of(hub, snapshot, row.id)
            mine = [line for line in whole if line.case_no == row.n]
            broken = _broken(whole, newest(snapshot, row.id), row.n)
            found.append({**_document(row), "rules_broken": broken, "history": documents(mine, whole)})
    if as_json:
        print_json(found)
        return
    lang = language()
    for document in found:
        click.echo(grid(_rows(document, lang)))
        click.echo("\n".join(shown(document["history"], lang)))


def _document(row: Case) -> dict[str, Any]:
    """A row of the fold without what only the hub's own dialogue needs, and without the subject."""
    dates = {name: when(getattr(row, f"{name}_on")) for name in DATES}
    waits = {name: when(getattr(row, name)) for name in WAITS}
    offer = {"site": row.offer_site, "county": row.offer_area, "valid_until": when(row.offer_until)}
    return {
        "case": row.n + 1,
        "state": row.state,
        "ended_as": row.end or None,
        "county": row.area,
        "needs": row.needs.split(",") if row.needs else [],
        "urgent": bool(row.urgent),
        "dates": {name: day for name, day in dates.items() if day},
        "waiting": {name: day for name, day in waits.items() if day},
        "custody": {"site": row.holder, "county": row.holder_area} if row.holder else None,
        "moving_to": row.to_area or None,
        "offer": offer if row.offer_site else None,
        "declined_by": [site for site in row.declined.split(",") if site],
    }


def _broken(whole: list[Line], last: Case, case_no: int) -> list[dict[str, Any]]:
    """The rules that a case broke, by which event; told on a day, or to be told from a day on."""
    places = {line.event: address("persons", line.at) for line in whole}
    return [
        {"rule": one.rule, "event": places[one.event], "told_on": when(one.told_on), "due_on": when(one.due)}
        for one in breaches(whole, last, case_no)
    ]


def _rows(document: dict[str, Any], lang: str) -> list[list[str]]:
    """Name and value of everything that a case has."""
    places = {name: document[name] for name in ("custody", "offer") if document[name]}
    rows = [
        ("case", str(document["case"])),
        ("state", code_text("case_state", document["state"], lang)),
        ("ended_as", code_text("closure_kind", document["ended_as"] or "", lang)),
        ("county", document["county"] or "-"),
        ("needs", ", ".join(code_text("service_kind", code, lang) for code in document["needs"]) or "-"),
        *((name, "  ".join(filter(None, place.values()))) for name, place in places.items()),
        ("moving_to", document["moving_to"] or "-"),
        ("declined_by", ", ".join(document["declined_by"]) or "-"),
        ("rules_broken", ", ".join(_breach(one, lang) for one in document["rules_broken"]) or "-"),
        *document["dates"].items(),
        *document["waiting"].items(),
    ]
    return [[ui(f"case.{name}", lang), value] for name, value in rows if value != "-"]


def _breach(one: dict[str, Any], lang: str) -> str:
    how = "told" if one["told_on"] else "to_tell"
    rule = code_text("rule", one["rule"], lang)
    return ui(f"case.{how}", lang, rule=rule, event=one["event"], day=one["told_on"] or one["due_on"])
