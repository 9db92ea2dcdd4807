"""`hub referral`: who needs a site, what was proposed, and why that one."""

from pathlib import Path
from typing import Any

import click

from hub import wiring
from hub.cli.lives import code_text, referred, when
from hub.cli.options import home_option, json_option, print_json, settings_of
from hub.cli.tables import grid
from hub.core.errors import DataError
from hub.installation import Installation
from hub.ports.views import Snapshot
from hub.texts import language, ui
from projections.dictionary import NEEDS
from projections.market.tables import Need

OPEN = "open"
STANDING = ("proposed", "offered")
"""While a need is in one of these, its newest proposal stands."""
LISTED = ("need_ref", "market", "county", "state", "needs", "urgent", "registered", "opened", "offers")


@click.group("referral")
def group() -> None:
    """Needs of the markets and the sites proposed for them."""


@group.command("list")
@click.option("--market", metavar="CODE", help="Only this market: a city's four digits, a municipality's two.")
@click.option("--waiting", is_flag=True, help="Only needs for which no site was found yet.")
@click.option("--limit", default=100, type=click.IntRange(1, 1_000_000), help="At most so many rows; 100.")
@home_option
@json_option
def list_(market: str | None, waiting: bool, limit: int, home: Path, as_json: bool) -> None:
    """Needs, newest state, as the view v_market_need_v1 shows them; need_ref is what `explain` takes."""
    where = {name: value for name, value in (("market", market), ("state", OPEN if waiting else None)) if value}
    settings = settings_of(home)
    with Installation(settings), wiring.open_views(settings).snapshot() as snapshot:
        rows = list(snapshot.rows(NEEDS.name, LISTED, where, limit))
    if as_json:
        print_json([dict(zip(LISTED, row, strict=True)) for row in rows])
        return
    lang = language()
    if rows:
        click.echo(grid([list(LISTED), *(["-" if value is None else str(value) for value in row] for row in rows)]))
    click.echo(ui("referral.sum", lang, rows=len(rows)))


@group.command()
@click.argument("ref")
@home_option
@json_option
def explain(ref: str, home: Path, as_json: bool) -> None:
    """Why this site: REF is a need_ref of v_market_need_v1 or an offer_ref of v_offer_v1."""
    settings = settings_of(home)
    with Installation(settings) as hub, wiring.open_views(settings).snapshot() as snapshot:
        document = _document(_need(hub, snapshot, ref))
    if as_json:
        print_json(document)
        return
    click.echo("\n".join(_told(document, language())))


def _need(hub: Installation, snapshot: Snapshot, ref: str) -> Need:
    """The row of a need. Raises DataError HUB-P361 for no such need, HUB-P362 for an earlier proposal of it."""
    reference = referred(snapshot, "markets", ref)
    if not reference.numbers:
        raise DataError("HUB-P361")
    for id in reference.ids:
        for values in snapshot.rows("markets_need", Need._fields, {"id": id, "need_no": reference.numbers[0]}):
            row = Need(*values)
            if reference.numbers[1:] and reference.numbers[1] != row.offers:
                raise DataError("HUB-P362", offers=row.offers)
            return row
    raise DataError("HUB-P361")


def _document(row: Need) -> dict[str, Any]:
    """What a need asks for, and why the last proposal is what it is. Distances are whole metres from a 2 km cell."""
    offer = {
        "site": row.offer_site,
        "county": row.offer_area,
        "offered_on": when(row.offer_on),
        "valid_until": when(row.offer_until),
        "reason": row.offer_reason,
        "distance_m": row.distance_m,
        "runner_up": _other(row.runner_up, row.runner_up_m),
        "nearer_but_full": _other(row.full_site, row.full_m),
        "voided_as": row.void_reason or None,
    }
    return {
        "market": row.market,
        "county": row.area,
        "state": row.state,
        "needs": row.needs.split(",") if row.needs else [],
        "age_group": row.age_group or None,
        "urgent": row.rush == 0,
        "registered_on": when(row.registered_on),
        "opened_on": when(row.opened_on),
        "closed_as": row.closed_reason or None,
        "declined_by": [site for site in row.refused.split(",") if site],
        "proposals": row.offers,
        "offer": offer if row.offers else None,
    }


def _other(site: str, metres: int | None) -> dict[str, Any] | None:
    return {"site": site, "distance_m": metres} if site else None


def _told(need: dict[str, Any], lang: str) -> list[str]:
    """The same in words."""
    services = ", ".join(code_text("service_kind", code, lang) for code in need["needs"]) or "-"
    asked = {"county": need["county"], "services": services, "day": need["registered_on"]}
    lines = [ui("referral.need", lang, **asked)]
    if need["urgent"]:
        lines.append(ui("referral.urgent", lang))
    if need["declined_by"]:
        lines.append(ui("referral.declined", lang, sites=", ".join(need["declined_by"])))
    offer = need["offer"]
    if offer is None:
        return [*lines, ui("referral.nothing", lang)]
    where = {"day": offer["offered_on"], "site": offer["site"]}
    if offer["distance_m"] is None:
        lines.append(ui("referral.offer_far", lang, **where))
    else:
        lines.append(ui("referral.offer", lang, km=_km(offer["distance_m"]), **where))
        lines.append(ui(f"referral.{offer['reason']}", lang, county=offer["county"]))
    for name in ("nearer_but_full", "runner_up"):
        other = offer[name]
        if other:
            lines.append(ui(f"referral.{name}", lang, site=other["site"], km=_km(other["distance_m"])))
    if offer["voided_as"]:
        lines.append(ui("referral.voided", lang, reason=code_text("void_reason", offer["voided_as"], lang)))
    state = ui(f"referral.{need['state']}", lang)
    if need["state"] not in STANDING:
        return [*lines, ui("referral.over", lang, state=state)]
    return [*lines, ui("referral.now", lang, state=state, day=offer["valid_until"] or "-")]


def _km(metres: int | None) -> str:
    """Kilometres with one decimal, cut; "?" when a place is not known."""
    return "?" if metres is None else f"{metres // 1000}.{metres % 1000 // 100}"
