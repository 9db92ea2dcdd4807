"""`hub site`: what a site is asked, as a table or as a workbook to answer in; and its answers read back."""

from pathlib import Path

import click

from connectors.edge import MAPPING, Edge
from connectors.run.receipt import Receipt
from hub import wiring
from hub.cli.lives import code_text, when
from hub.cli.options import home_option, json_option, print_json, settings_of, unlock_option
from hub.cli.tables import grid
from hub.cli.taken import tell_runs
from hub.config import Settings
from hub.core.errors import DataError
from hub.core.reply import written
from hub.founding import is_hub
from hub.installation import Installation
from hub.sites.answered import with_answers
from hub.sites.desk import desks, take
from hub.sites.inbox import Question, inbox
from hub.texts import language, ui


@click.group("site")
def group() -> None:
    """Sites: what each is asked, and its answers."""


@group.command("inbox")
@click.argument("site", metavar="SITE")
@click.option("--xlsx", "path", type=click.Path(path_type=Path, dir_okay=False), help="Write a workbook to answer in.")
@home_option
@json_option
def inbox_(site: str, path: Path | None, home: Path, as_json: bool) -> None:
    """Offers, assignments and hand-overs that wait for the answer of SITE; nothing in it names a person.

    An offer that was answered with yes is shown until it is assigned, and stands in no workbook: nobody is asked twice.
    """
    settings = settings_of(home)
    with Installation(settings) as hub, wiring.open_views(settings).snapshot() as snapshot:
        questions = with_answers(hub, snapshot, inbox(settings, snapshot, site))
    lang, asked = language(), [one for one in questions if one.answered_on is None]
    if path is not None:
        from hub.sites.book import make  # so that no other command waits for what writes workbooks

        make(path, asked, lang, lambda key, each: ui(f"site.{key}", each))
    if as_json:
        print_json([_document(one) for one in questions])
        return
    if questions and path is None:
        click.echo(grid([_head(lang), *(_line(one, lang) for one in questions)]))
    if path is None:
        click.echo(ui("site.sum", lang, count=len(asked)))
    else:
        click.echo(ui("site.written", lang, path=str(path), count=len(asked)))
    if len(asked) < len(questions):
        click.echo(ui("site.answered_sum", lang, count=len(questions) - len(asked)))


def _document(one: Question) -> dict[str, object]:
    return {
        "number": one.number,
        "matter": one.matter,
        "site": one.site,
        "county": one.county,
        "needs": list(one.needs),
        "age_group": one.age_group or None,
        "urgent": one.urgent,
        "sent_on": when(one.since),
        "answer_by": when(one.until),
        "answered_on": when(one.answered_on),
        "code": written(one.code),
    }


def _head(lang: str) -> list[str]:
    return [ui(f"site.{name}", lang) for name in ("number", "matter", "needs", "age", "sent", "until", "answered")]


def _line(one: Question, lang: str) -> list[str]:
    needs = ", ".join(code_text("service_kind", code, lang) for code in one.needs) or "-"
    needs = f"{ui('site.urgent', lang)}: {needs}" if one.urgent else needs
    age = code_text("age_group", one.age_group, lang)
    days = [when(one.since) or "-", when(one.until) or "-"]
    yes = ui("site.yes", lang, day=when(one.answered_on) or "-") if one.answered_on is not None else "-"
    return [one.number, ui(f"site.{one.matter}", lang), needs, age, *days, yes]


@group.command("answer")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--connector", default="", metavar="NAME", help="The connector that says it; else the only one that can.")
@click.option(
    "--receipts",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Leave a workbook there that says of every row what became of it.",
)
@unlock_option
@home_option
@json_option
def answer(file: Path, connector: str, receipts: Path | None, home: Path, as_json: bool) -> None:
    """Read a workbook of `hub site inbox` that was filled in, and publish its answers.

    By the station's own connector, or at the hub by a desk that is registered for the station's site. Every row has
    an ending; the same file again says nothing twice, and rows that were refused may be mended and sent again.
    """
    settings = settings_of(home)
    edge = _edge(settings, connector)
    click.get_current_context().params["connector"] = edge.spec.connector  # the one that a remedy names
    receipt = Receipt()
    reports = take(settings, edge, file, receipt)
    unanswered = [number for _, number in receipt.left()]
    tell_runs(settings, edge, reports, receipt, receipts, as_json, {"unanswered": unanswered})
    if unanswered and not as_json:
        rows = ", ".join(map(str, unanswered[:50])) + (" ..." if len(unanswered) > 50 else "")
        click.echo(ui("site.unanswered", language(), count=len(unanswered), rows=rows))


def _edge(settings: Settings, name: str) -> Edge:
    """The connector of that name, or the one that takes answers.

    Raises DataError HUB-C437 for several, HUB-G707 to HUB-G709 where none does.
    """
    known = desks(settings)
    if name and name not in known:
        wiring.open_edge(settings, name)  # raises for one that is not there
    if not name and len(known) == 1:
        name = known[0]
    if name not in known:
        raise DataError("HUB-C437", known=", ".join(known)) if known else _none(settings)
    return wiring.open_edge(settings, name)


def _none(settings: Settings) -> DataError:
    """What makes a connector that takes answers: a desk at a hub; at an agency only one that was invited."""
    if is_hub(settings):
        return DataError("HUB-G707")
    names = wiring.edge_names(settings)
    if bare := [each for each in names if not (settings.folder("edges") / each / MAPPING).exists()]:
        return DataError("HUB-G708", connector=bare[0])
    return DataError("HUB-G709", agency=wiring.open_edge(settings, names[0]).spec.agency)
