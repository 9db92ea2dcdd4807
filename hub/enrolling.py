"""Enrolling a connector by files that are carried by hand: the hub invites, the agency joins, the hub accepts.

Each of the three may be done again. The county's `K_edge` is in no file: its keeper carries it, and it is compared with
the key check of the invitation before anything is made.
"""

import os
from datetime import date
from pathlib import Path
from typing import Final

from connectors.edge import FILE, EdgeSpec, check_spec, load_spec
from connectors.rows.tokens import KEY, key_check
from hub import founding, installation, wiring
from hub.config import FILE as SETTINGS
from hub.config import Settings, load, write
from hub.core.calendar import day_of, iso
from hub.core.county import has_two
from hub.core.errors import DataError
from hub.core.invitation import LABEL, Answer, Invitation, Terms
from hub.core.signers import signers
from hub.core.url import has_password
from hub.ports.intake import Connector
from hub.ports.keys import Keys

GATEWAY_KEY: Final = "gateway-key.txt"
"""The file in a connector's folder that its agency's key for the gateway is put into."""

_SECRET: Final = "K_gateway"
_FIXED: Final = ("connector", "agency", "publisher", "hub_public", "vault_public", "area")


def invite(settings: Settings, asked: Connector, county: str, log: str, days: int) -> Invitation:
    """An invitation to what is asked for. An empty key check is that of the connectors which speak of the county.

    Raises DataError HUB-I375 for a connector that is registered, HUB-I376 where the key check cannot be known,
    HUB-C322 for a name or county that no edge could have, HUB-G135 for a password in the address.
    """
    if has_password(log):
        raise DataError("HUB-G135", key="log")
    registry = wiring.registry(settings)
    if any(one.id == asked.id for one in registry):
        raise DataError("HUB-I375", connector=asked.id)
    today = wiring.system_of(settings).today()
    terms = Terms(
        *asked[1:7],
        county=county,
        log=log,
        go_live=iso(today if settings.go_live is None else settings.go_live),
        until=iso(today + days),
        hub_public=wiring.hub_keys(settings).public("hub").hex(),
        vault_public=wiring.keys_in(settings.folder(settings.keys_vault)).public("vault").hex(),
        key_check=asked.key_check or _check_of(registry, county),
    )
    check_spec(_spec(terms))
    return Invitation(terms, _secret(wiring.hub_keys(settings), terms))


def join(home: Path, invitation: Invitation, name: str, county_key: Path | None) -> Answer:
    """Make the connector's folder and keys, and the installation around them where there is none.

    Raises DataError HUB-C350 for terms that no edge could have, HUB-C352 for an invitation that is over, HUB-C354
    without the county's key and HUB-C353 for a wrong one, HUB-C355 where the folder is another connector's.
    """
    terms = invitation.terms
    spec = _sound(terms, name)
    settings = load(home)
    _check_day(settings, terms)
    folder = settings.folder("edges")
    carried = _checked_keys(settings, terms, county_key)
    if (folder / terms.connector / FILE).exists():
        there = load_spec(folder / terms.connector)
        if other := next((field for field in _FIXED if getattr(there, field) != getattr(spec, field)), None):
            raise DataError("HUB-C355", connector=terms.connector, setting=other)
    if not (home / SETTINGS).exists():
        wiring.machine.refuse_share(home)
        write(home, {"hub.go_live": terms.go_live})
    if carried is not None:
        founding.carry_county_key(settings, carried)
    keys = founding.make_edge(settings, spec).keys
    answer = Answer(terms, keys.public("agency").hex(), "", "")
    return answer._replace(signature=keys.sign("agency", answer.signed()).hex()).proved(invitation.secret)


def accept(settings: Settings, answer: Answer) -> tuple[Connector, bool]:
    """Register who answered; returns that, and whether it is new. The same answer again changes nothing.

    Raises DataError HUB-I373 for an answer to no invitation of this hub, or that was changed; HUB-I374 for an
    invitation that another key was registered by; HUB-C352 for one that is over; and what registering raises.
    """
    terms, keys = answer.terms, wiring.hub_keys(settings)
    public = bytes.fromhex(answer.public_key)
    if not answer.proves(_secret(keys, terms)) or not keys.check(public, answer.signed(), _raw(answer.signature)):
        raise DataError("HUB-I373", connector=_sound(terms, "answer").connector)
    for one in wiring.registry(settings):
        if one.id == terms.connector:
            if one.agency != terms.agency or public not in signers(one.public_key):
                raise DataError("HUB-I374", connector=one.id)
            return one, False
    _check_day(settings, terms)
    return installation.register(settings, Connector(0, *terms[:6], public, terms.key_check)), True


def _check_of(registry: list[Connector], county: str) -> str:
    """The key check that all connectors of a county have. Raises DataError HUB-I376 without any, or with two."""
    found = {one.key_check for one in registry if any(county.startswith(area) for area in one.areas.split())}
    if any(map(has_two, found)):
        raise DataError("HUB-K315", county=county)
    if len(found) != 1:
        raise DataError("HUB-I376", county=county, found=len(found))
    return found.pop()


def _secret(keys: Keys, terms: Terms) -> str:
    return keys.mac(_SECRET, LABEL)(terms.bound())[:16].hex()


def _spec(terms: Terms) -> EdgeSpec:
    return EdgeSpec(
        connector=terms.connector,
        agency=terms.agency,
        publisher=terms.publisher,
        log=terms.log,
        hub_public=bytes.fromhex(terms.hub_public),
        vault_public=bytes.fromhex(terms.vault_public),
        go_live=day_of(date.fromisoformat(terms.go_live)),
        area=terms.county,
        log_password_file=GATEWAY_KEY if terms.log.startswith("http") else "",
    )


def _sound(terms: Terms, name: str) -> EdgeSpec:
    """The settings of the edge that terms describe. Raises DataError HUB-C350 when there can be no such edge."""
    try:
        spec = _spec(terms)
        date.fromisoformat(terms.until)
        check_spec(spec)
    except (ValueError, DataError):
        raise DataError("HUB-C350", file=name) from None
    return spec


def _check_day(settings: Settings, terms: Terms) -> None:
    if wiring.system_of(settings).today() > day_of(date.fromisoformat(terms.until)):
        raise DataError("HUB-C352", until=terms.until)


def _checked_keys(settings: Settings, terms: Terms, county_key: Path | None) -> Path | None:
    """The county's key where it still has to be carried in; every copy that is there must be the invitation's."""
    folder = settings.folder("edges")
    county = wiring.county_keys(settings) / f"{KEY}.key"
    there = [path for path in (county_key, county, folder / terms.connector / "keys" / f"{KEY}.key") if path]
    there = [path for path in there if path.exists() or path == county_key]
    if not county.exists() and county_key is None:
        raise DataError("HUB-C354", path="edges/keys/K_edge.key")
    for path in there:
        if key_check(wiring.keys_in(path.parent), path.stem) != terms.key_check:
            raise DataError("HUB-C353", file=path.name if path == county_key else path.relative_to(folder).as_posix())
    return None if county.exists() else county_key


def _raw(signature: str) -> bytes:
    try:
        return bytes.fromhex(signature)
    except ValueError:
        return b""


def write_file(path: Path, text: str) -> None:
    """Write a file to be carried, whole or not at all. Raises DataError HUB-C356 where another one has the name."""
    if path.exists():
        if path.read_text(encoding="utf-8", errors="replace") != text:
            raise DataError("HUB-C356", file=path.name)
        return
    draft = path.with_name(f"{path.name}.part")
    draft.write_text(text, encoding="utf-8", newline="\n")
    os.replace(draft, path)
