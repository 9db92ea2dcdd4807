"""`hub agency`: which connectors are registered, for what, and what became of their events."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from hub import installation, wiring
from hub.api.ingress import key_of
from hub.cli.enrol import ID, accept, invite, wanted
from hub.cli.main import explain
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.cli.status import rhythm as in_words
from hub.config import Settings
from hub.core.errors import HubError, UsageError
from hub.core.rhythm import WANTED, rhythm_of
from hub.intake.forks import fork_of
from hub.ports.intake import Connector, IntakeStore
from hub.schema.shape import SPEAKERS
from hub.texts import language, text, ui


@click.group("agency")
def group() -> None:
    """Agencies and what their connectors are registered for."""


@group.command("list")
@home_option
@json_option
def show(home: Path, as_json: bool) -> None:
    """Every connector, what it may publish, and the sums of its agency's events; then which agency a fork stops.

    It ends with 0 whoever is stopped.
    """
    settings = settings_of(home)
    with closing(wiring.open_intake_store(settings)) as store:
        told = [_agency(store, agency) for agency in store.agencies()]
        if not as_json:
            _say(told)  # before the log is asked, which may be away
        forks = _forks(settings, store)
    if as_json:
        stops = {agency: explain(fork) for agency, fork in forks.items()}
        print_json([one | {"stopped": stops.get(one["agency"])} for one in told])
        return
    lang = language()
    for agency, fork in forks.items():
        stopped = text(fork.code, lang, **fork.place)
        click.echo(f"{ui('agency.stopped', lang, agency=agency)}: {fork.code}  {stopped.reason}\n    {stopped.fix}")


def _say(told: list[dict[str, Any]]) -> None:
    lang = language()
    if not told:
        click.echo(ui("agency.none", lang))
    for agency in told:
        click.echo(agency["agency"])
        for one in agency["connectors"]:
            click.echo(f"  {one['connector']}  {ui('agency.number', lang)} {one['number']}")
            for name in ("publisher", "types", "areas", "sites"):
                click.echo(f"    {ui(f'agency.{name}', lang)}: {one[name] or ui('agency.any', lang)}")
            if one["rhythm"]:
                click.echo(f"    {ui('agency.rhythm', lang)}: {in_words(one['rhythm'], lang)}")
        _echo_sums(agency["events"], lang)


@group.command()
@home_option
@click.argument("connector")
@click.option("--agency", required=True, help="Id of the organisation; its frames go to ingress.<agency>.")
@click.option("--publisher", required=True, type=click.Choice(SPEAKERS), help="Kind of source.")
@click.option("--key", "public_key", required=True, metavar="HEX", help="Public key that signs its frames, 64 digits.")
@click.option("--key-check", required=True, metavar="HEX", help="Key check value of the county's K_edge.")
@click.option("--area", "areas", multiple=True, required=True, help="Area codes it may speak of; 2201 means all below.")
@click.option("--type", "types", multiple=True, help="Event types, or health.*; else agency.* and its publisher's.")
@click.option("--site", "sites", multiple=True, help="Sites it may speak of; else any.")
@click.option("--rhythm", default="", help="daily, working_days, weekly, monthly or a number of days; else none.")
@json_option
def add(
    home: Path,
    connector: str,
    agency: str,
    publisher: str,
    public_key: str,
    key_check: str,
    areas: tuple[str, ...],
    types: tuple[str, ...],
    sites: tuple[str, ...],
    rhythm: str,
    as_json: bool,
) -> None:
    """Register a connector, or change what it is registered for."""
    asked = wanted(connector, agency, publisher, areas, types, sites, key_check)
    if not re.fullmatch("[0-9a-f]{64}", public_key):
        raise UsageError("HUB-I202")
    kept_rhythm = rhythm_of(rhythm) if rhythm else ""
    if kept_rhythm is None:
        raise UsageError("HUB-I208", wanted=WANTED)
    asked = asked._replace(public_key=bytes.fromhex(public_key))
    kept = installation.register(settings_of(home), asked, kept_rhythm)
    if as_json:
        print_json(_connector(kept, kept_rhythm))
        return
    click.echo(ui("agency.registered", language(), connector=kept.id, number=kept.number, agency=agency))


@group.command()
@home_option
@click.argument("agency")
@click.option("--epoch", default=1, show_default=True, type=click.IntRange(1, 99_999), help="Raise it for a new key.")
def key(home: Path, agency: str, epoch: int) -> None:
    """The key with which an agency's connectors use the gateway. It is printed and kept nowhere."""
    if not ID.fullmatch(agency):
        raise UsageError("HUB-I201", name="agency")
    settings = settings_of(home)
    if epoch < settings.gateway_oldest_key:
        raise UsageError("HUB-I205", epoch=epoch, oldest=settings.gateway_oldest_key)
    click.echo(key_of(wiring.hub_keys(settings), agency, epoch))


@group.command("rule-out")
@home_option
@click.argument("frame", metavar="SHA256")
@click.option("--by", required=True, help="Who decided it, for the record.")
def rule_out(home: Path, frame: str, by: str) -> None:
    """Decide a fork: this frame is not the connector's history, and intake refuses it and goes on."""
    if not re.fullmatch("[0-9a-f]{64}", frame):
        raise UsageError("HUB-I204")
    settings = settings_of(home)
    with wiring.lock(settings, installation.REGISTRY), closing(wiring.open_intake_store(settings)) as store:
        store.rule_out(bytes.fromhex(frame), by)
    click.echo(ui("agency.ruled", language(), frame=frame))


group.add_command(invite)
group.add_command(accept)


def _connector(one: Connector, rhythm: str) -> dict[str, str | int]:
    return {
        "connector": one.id,
        "number": one.number,
        "publisher": one.publisher,
        "types": one.types,
        "areas": one.areas,
        "sites": one.sites,
        "public_key": one.public_key.hex(),
        "key_check": one.key_check,
        "rhythm": rhythm,
    }


def _agency(store: IntakeStore, agency: str) -> dict[str, Any]:
    rhythms = {pace.connector: pace.rhythm for pace in store.paces()}
    connectors = [_connector(one, rhythms[one.id]) for one in store.registry()[1] if one.agency == agency]
    return {"agency": agency, "connectors": connectors, "events": dict(sorted(store.state(agency).counts.items()))}


def _forks(settings: Settings, store: IntakeStore) -> dict[str, HubError]:
    """The fork of each agency that one stops."""
    if not (agencies := store.agencies()):
        return {}
    with closing(wiring.open_log(settings.database("log"), make=False)) as log:
        found = {agency: fork_of(log, store, wiring.hub_keys(settings), agency) for agency in agencies}
    return {agency: fork for agency, fork in found.items() if fork is not None}


def _echo_sums(counts: dict[str, int], lang: str) -> None:
    """The second sum of law 8, and why what was refused was refused."""
    names = ("sent", "appended", "repeat", "refused")
    click.echo("  " + ui("agency.sums", lang, **{name: counts.get(name, 0) for name in names}))
    for code, count in counts.items():
        if code.startswith("HUB-"):
            click.echo("  " + ui("agency.refused", lang, count=count, code=code, reason=text(code, lang).reason))
    frames = counts.get("frames", 0), counts.get("refused frames", 0)
    click.echo("  " + ui("agency.frames", lang, frames=frames[0], refused=frames[1]))
