"""Enrolling without a network: `hub agency invite`, `hub connector join`, `hub agency accept`, by files on a stick."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import click

from connectors.drafting.draft import DRAFTED
from connectors.ready import SAYS
from connectors.run.offline import OFFLINE
from hub import enrolling
from hub.cli.options import home_option, json_option, print_json, quoted, settings_of
from hub.cli.usage import hide
from hub.core.errors import DataError, UsageError
from hub.core.invitation import (
    Answer,
    Invitation,
    check_digits,
    digits,
    pack_enrolment,
    unpack_answer,
    unpack_invitation,
)
from hub.ports.intake import Connector
from hub.schema.shape import SPEAKERS
from hub.texts import language, ui

ID: Final = re.compile(r"(?!\d{15})[a-z0-9][a-z0-9_-]{0,62}")  # it travels in clear: never somebody's number

_RUNS: Final = ("agency.SourceStarted", "agency.RunFinished")  # every connector says these of itself

_file = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_heard = click.option(
    "--check", "heard", required=True, metavar="DIGITS", help="The 25 digits that the file's maker reads out to you."
)


def wanted(
    connector: str,
    agency: str,
    publisher: str,
    areas: tuple[str, ...],
    types: tuple[str, ...],
    sites: tuple[str, ...],
    key_check: str,
) -> Connector:
    """What somebody asks to be registered, without its key; `types` are besides those that every connector says of
    itself. Raises UsageError HUB-I201, HUB-I203, HUB-G711 for an event type that there is not."""
    for name, value in (("connector", connector), ("agency", agency)):
        if not ID.fullmatch(value):
            raise UsageError("HUB-I201", name=name)
    if not all(re.fullmatch("[0-9]{2,6}", area) for area in areas):
        raise UsageError("HUB-I203")
    if types:
        _require_known(types)
    allowed = dict.fromkeys((*types, *_RUNS)) if types else ("agency.*", f"{publisher}.*")
    return Connector(
        0, connector, agency, publisher, " ".join(allowed), " ".join(areas), " ".join(sites), b"", key_check
    )


def _require_known(types: Sequence[str]) -> None:
    """Raises UsageError HUB-G711 for an event type, or a speaker's `*`, that there is not."""
    from hub.schema.load import folder, load  # only who names types waits for what reads schemas

    known = load(folder())  # drafts, too: who is invited today may say them tomorrow
    groups = {f"{type.partition('.')[0]}.*" for type in known}
    if unknown := next((type for type in types if type not in known and type not in groups), None):
        near = get_close_matches(unknown, [*known, *groups], 3, 0.5)
        raise UsageError("HUB-G711", type=hide(unknown), nearest=", ".join(near) or ", ".join(sorted(groups)))


@click.command()
@home_option
@click.argument("agency")
@click.option("--connector", default="", help="The connector's id; else the agency's with -1.")
@click.option("--publisher", required=True, type=click.Choice(SPEAKERS), help="Kind of source.")
@click.option("--area", "areas", multiple=True, required=True, help="Area codes it may speak of; 2201 means all below.")
@click.option("--county", default="", metavar="CODE", help="County of the agency; else the one area of six digits.")
@click.option("--type", "types", multiple=True, help="Event types, or health.*; else agency.* and its publisher's.")
@click.option("--site", "sites", multiple=True, help="Sites it may speak of; else any.")
@click.option("--key-check", default="", metavar="HEX", help="Of the county's K_edge; else that of its connectors.")
@click.option("--log", default=OFFLINE, show_default=True, metavar="URL", help="Where its frames go.")
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 90), help="How long it may be used.")
@click.option("--to", "path", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@json_option
def invite(
    home: Path, agency: str, connector: str, publisher: str, areas: tuple[str, ...], county: str,
    types: tuple[str, ...], sites: tuple[str, ...], key_check: str, log: str, days: int, path: Path, as_json: bool,
) -> None:  # fmt: skip
    """Write an invitation for a connector of AGENCY, to be carried there; nothing is registered yet."""
    settings = settings_of(home)
    asked = wanted(connector or f"{agency}-1", agency, publisher, areas, types, sites, key_check)
    counties = [county] if county else [area for area in areas if len(area) == 6]
    if len(counties) != 1:
        raise UsageError("HUB-I206")
    if not any(counties[0].startswith(area) for area in areas):
        raise UsageError("HUB-G710", county=counties[0], areas=", ".join(areas))
    if not re.fullmatch("([0-9a-f]{32})?", key_check):
        raise UsageError("HUB-I207")
    invitation = enrolling.invite(settings, asked, counties[0], log, days)
    terms = invitation.terms
    enrolling.write_file(path, pack_enrolment(invitation))
    if as_json:
        print_json({"file": str(path), "check": digits(invitation), "terms": terms._asdict()})
        return
    lang = language()
    click.echo(ui("enrol.invited", lang, connector=terms.connector, agency=agency, path=str(path), until=terms.until))
    _read_out(invitation, lang)
    click.echo(ui("enrol.to_join", lang))
    click.echo(
        f"  hub connector join {quoted(Path(path.name))} --check {digits(invitation)} --county-key K_edge.key"
        f" --answer {terms.connector}.answer"
    )


@click.command()
@home_option
@_file
@_heard
@click.option("--county-key", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The county's key.")
@click.option("--answer", "path", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@json_option
def join(home: Path, file: Path, heard: str, county_key: Path | None, path: Path, as_json: bool) -> None:
    """Make the connector that an invitation is for, with keys of its own, and write the answer for the hub.

    Where the folder is no installation yet, it becomes one of connectors only.
    """
    invitation = unpack_invitation(_text(file), file.name)
    check_digits(invitation, heard, file.name)
    answer = enrolling.join(home, invitation, file.name, county_key)
    enrolling.write_file(path, pack_enrolment(answer))
    name = answer.terms.connector
    if as_json:
        print_json({"file": str(path), "check": digits(answer)} | _named(answer))
        return
    lang = language()
    click.echo(ui("enrol.joined", lang, connector=name, agency=answer.terms.agency, path=str(path)))
    _read_out(answer, lang)
    click.echo(ui("enrol.to_accept", lang))
    click.echo(f"  hub agency accept {quoted(Path(path.name))} --check {digits(answer)}")
    if answer.terms.log.startswith("http"):
        click.echo(ui("enrol.gateway", lang, agency=answer.terms.agency, file=f"edges/{name}/{enrolling.GATEWAY_KEY}"))
    click.echo(ui("enrol.to_draft", lang))
    before = "  "
    for source in drafts(answer.terms.types):
        click.echo(before + _new(source, name, home))
        before = "  " + ui("enrol.or", lang) + " "


@click.command()
@home_option
@_file
@_heard
@json_option
def accept(home: Path, file: Path, heard: str, as_json: bool) -> None:
    """Register the connector whose answer was carried back, for what its invitation says. Twice is harmless."""
    settings = settings_of(home)
    answer = unpack_answer(_text(file), file.name)
    check_digits(answer, heard, file.name)
    kept, new = enrolling.accept(settings, answer)
    if as_json:
        print_json({"new": new, "number": kept.number} | _named(answer))
        return
    key = "agency.registered" if new else "enrol.already"
    click.echo(ui(key, language(), connector=kept.id, number=kept.number, agency=kept.agency))


def drafts(types: str) -> list[str]:
    """What `hub connector new` is given by who may say these types: a mapping that is ready where it says all of them;
    else a source, with a type to draft where the usual one may not be said, and beside it what is ready for some."""
    invited = [type for type in types.split() if type not in _RUNS]
    some = [kind for kind, said in SAYS.items() if any(type in said for type in invited)]
    if len(some) == 1 and SAYS[some[0]].issuperset(invited):
        return [f"--ready {some[0]}"]
    usual = any(type in invited for type in (DRAFTED, f"{DRAFTED.partition('.')[0]}.*"))
    first = next((type for type in invited if not type.endswith("*")), "")
    drafted = "" if usual else f" --type {first or 'TYPE'}"
    return [f"--from URL TABLE{drafted}", *(f"--ready {kind}" for kind in some)]


def _named(answer: Answer) -> dict[str, Any]:
    return {"connector": answer.terms.connector, "agency": answer.terms.agency, "public_key": answer.public_key}


def _new(source: str, name: str, home: Path) -> str:
    return f"hub connector new {source} --name {name} --home {quoted(home)}"


def _read_out(file: Invitation | Answer, lang: str) -> None:
    click.echo(ui("enrol.read_out", lang, digits=digits(file)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("HUB-C350", file=path.name) from None
