"""`hub keys`: the keys of hub, vault and county: which there are, who uses them, a new one, the end of an old one."""

import re
from pathlib import Path

import click

from connectors.rows.tokens import KEY
from hub import founding
from hub.cli.options import home_option, json_option, print_json, quoted, require_hub, set_option, settings_of
from hub.cli.tables import grid
from hub.config import Settings
from hub.core.errors import DataError, UsageError
from hub.core.signers import digits, pack_announcement, unpack_announcement
from hub.enrolling import write_file
from hub.keys import county, listing, purpose, signing, transport, vault
from hub.texts import language, ui
from hub.wiring import open_edge

COUNTY = KEY
NEVER = "K_intake"
_owner = click.argument(
    "owner",
    type=click.Choice((*transport.OWNERS, COUNTY, vault.KEY, signing.KEY, *purpose.NAMES, NEVER, "K_gateway")),
)


@click.group("keys")
def group() -> None:
    """Keys of the hub, the vault and the county, and how they are rotated."""


@group.command("list")
@home_option
@set_option
@json_option
def list_(home: Path, flags: tuple[str, ...], as_json: bool) -> None:
    """Every key of the installation, never the key itself; who uses those of frames, and who is linked under K_edge.

    Keys of refused rows, one a day (rows-DAY), are counted here and listed with --json.
    """
    settings = settings_of(home, flags)
    found = {owner: transport.uses(settings, owner) for owner in transport.OWNERS if founding.is_hub(settings)}
    standing = county.standing(settings)
    every = listing.listed(settings)
    if as_json:
        uses = {(owner, use.key): use._asdict() for owner, each in found.items() for use in each}
        unused = {"public": "", "connectors": ()}
        keys = [one._asdict() | unused | uses.get((one.owner, one.key), {}) for one in every]
        keys.sort(key=lambda one: not one["public"])  # those that frames are sealed for stand first, as ever
        print_json([*keys, *({"owner": COUNTY, **one._asdict()} for one in standing)])
        return
    lang = language()
    for each in found.values():
        for use in each:
            click.echo(ui("keys.one", lang, key=use.key, public=use.public, users=", ".join(use.connectors) or "-"))
    for one in standing:
        click.echo(ui("keys.linked" if one.linked else "keys.not_linked", lang, connector=one.connector))
        if one.unlinked > 0:
            click.echo(ui("keys.unlinked", lang, rows=one.unlinked))
    shown = [one for one in every if not one.key.startswith("rows-")]
    click.echo(
        grid(
            [
                ui("keys.columns", lang).split("|"),
                *([*map(str, one[:6]), ui("keys.overlaps", lang) if one.overlaps else ""] for one in shown),
            ],
            right={3},
        )
    )
    if daily := len(every) - len(shown):
        click.echo(ui("keys.daily", lang, number=daily))


@group.command()
@_owner
@click.argument("name", default="")
@click.option(
    "--to", "made", type=click.Path(path_type=Path), help="Only make a key: a file with it, or that announces it."
)
@click.option("--from", "carried", type=click.Path(path_type=Path, exists=True), help="The file that was carried here.")
@click.option("--check", default="", metavar="DIGITS", help="The digits that were read out to you.")
@home_option
@set_option
@json_option
def rotate(
    owner: str, name: str, made: Path | None, carried: Path | None, check: str, home: Path, flags: tuple[str, ...],
    as_json: bool,
) -> None:  # fmt: skip
    """Make a new key of OWNER (agency: of the connector NAME).

    The old one goes on opening what is sealed for it until `hub keys retire`.
    """
    if owner == signing.KEY:
        _rotate_signing(settings_of(home, flags), name, made, carried, check, as_json)
        return
    if owner == COUNTY and not name:
        _rotate_county(made, carried, check, home, flags, as_json)
        return
    if made or carried or check or name:
        raise UsageError("HUB-K210", owner=owner)
    _refuse(owner)
    settings = settings_of(home, flags)
    require_hub(settings, f"keys rotate {owner}")
    if owner in purpose.NAMES:
        views = purpose.rotate(settings, owner)
        if as_json:
            print_json({"owner": owner, "views": views})
        else:
            click.echo(ui("keys.purpose", language(), owner=owner, views=", ".join(views)))
        return
    if owner == vault.KEY:
        counts = vault.rotate(settings)
        if as_json:
            print_json({"owner": owner, **counts})
        else:
            click.echo(ui("keys.vault_anew" if counts else "keys.vault_named", language(), **counts))
        return
    made_key = transport.rotate(settings, owner)
    if as_json:
        print_json({"owner": owner, **made_key._asdict()})
        return
    lang = language()
    click.echo(ui("keys.rotated", lang, owner=owner, public=made_key.public))
    if made_key.here:
        click.echo(ui("keys.here", lang, names=", ".join(made_key.here)))
    if made_key.elsewhere:
        click.echo(ui("keys.elsewhere", lang, names=", ".join(made_key.elsewhere)))
        click.echo(f'    {owner}_public = "{made_key.public}"')
    click.echo(ui("keys.next", lang))


def _refuse(owner: str) -> None:
    """Raises DataError for what cannot be rotated, or not here: HUB-K332, HUB-K334."""
    if owner == NEVER:
        raise DataError("HUB-K332")
    if owner == "K_gateway":
        raise DataError("HUB-K334")


def _rotate_county(
    file: Path | None, carried: Path | None, check: str, home: Path, flags: tuple[str, ...], as_json: bool
) -> None:
    if (check and not re.fullmatch("[0-9a-f]{32}", check)) or (file and (carried or check)):
        raise UsageError("HUB-K211")
    lang = language()
    if file is not None:
        check = county.make(file)
        if as_json:
            print_json({"owner": COUNTY, "check": check})
        else:
            click.echo(ui("keys.county_made", lang, file=quoted(file), check=check))
        return
    done = county.rotate(settings_of(home, flags), carried, check)
    if as_json:
        print_json({"owner": COUNTY, **done._asdict()})
        return
    click.echo(ui("keys.county_rotated", lang, check=done.check, before=done.before))
    if done.registered:
        click.echo(ui("keys.county_registered", lang, names=", ".join(done.registered)))
    if done.here:
        click.echo(ui("keys.county_here", lang, names=", ".join(done.here)))
    click.echo(ui("keys.county_next", lang))


def _rotate_signing(
    settings: Settings, name: str, made: Path | None, carried: Path | None, check: str, as_json: bool
) -> None:
    """At the agency: --to announces, --check uses; at the hub: --from takes; where both are one: nothing of these."""
    lang = language()
    if carried is not None:
        announced = unpack_announcement(carried.read_text(encoding="utf-8", errors="replace"), carried.name)
        signing.take(settings, announced)
        name, public = announced.connector, announced.public_key
        phrase = ui("keys.signing_taken", lang, connector=name, digits=digits(announced))
    elif made is not None:
        announced = signing.announce(open_edge(settings, name))
        write_file(made, pack_announcement(announced))
        public, phrase = announced.public_key, ui("keys.signing_made", lang, connector=name, file=quoted(made))
    elif check:
        edge = open_edge(settings, name)
        signing.use(edge, check)
        public, phrase = edge.keys.public(signing.KEY).hex(), ui("keys.signing_used", lang, connector=name)
    else:
        public = signing.rotate(settings, name)
        phrase = ui("keys.signing_used", lang, connector=name)
    if as_json:
        print_json({"owner": signing.KEY, "connector": name, "public_key": public})
    else:
        click.echo(phrase)


@group.command()
@_owner
@click.argument("key", default="")
@click.option("--gone", multiple=True, metavar="CONNECTOR", help="A connector that sends nothing any more; repeatable.")
@click.option(
    "--leave-unlinked", "leave", is_flag=True, help="K_edge: whom rows named that are not to be read any more."
)
@home_option
@set_option
@json_option
def retire(
    owner: str, key: str, gone: tuple[str, ...], leave: bool, home: Path, flags: tuple[str, ...], as_json: bool
) -> None:
    """Destroy the old KEY of OWNER (agency: of the connector KEY), as soon as no connector uses it.

    What was sent under it can never be read again.
    """
    settings = settings_of(home, flags)
    _refuse(owner)
    if owner == vault.KEY:
        raise DataError("HUB-K316")
    if owner in purpose.NAMES:
        raise DataError("HUB-K302", known="-")
    if owner == COUNTY:
        destroyed = county.retire(settings, gone, leave)
    elif owner == signing.KEY:
        destroyed = [signing.retire(settings, key, key in gone)]
    else:
        transport.retire(settings, owner, key, gone)
        destroyed = [key]
    if as_json:
        print_json({"owner": owner, "destroyed": ", ".join(destroyed)})
        return
    phrase = {COUNTY: "keys.county_retired", signing.KEY: "keys.signing_retired"}.get(owner, "keys.retired")
    click.echo(ui(phrase, language(), key=", ".join(destroyed)))
