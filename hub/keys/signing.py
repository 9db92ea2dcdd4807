"""A connector's signing key is rotated: announced under the old one, both good for a while, the old one forgotten.

The connector signs with the old key until the hub has the new one, for a frame under a key that the hub does not know
would be refused, and all after it would wait for it.
"""

from typing import Final

from connectors.edge import Edge
from hub import wiring
from hub.config import Settings
from hub.core.errors import DataError
from hub.core.signers import Announcement, digits, signers
from hub.installation import register
from hub.keys.transport import last_frames
from hub.ports.intake import Connector
from hub.ports.keys import COMING

KEY: Final = "agency"
NEXT: Final = f"{KEY}{COMING}"


def announce(edge: Edge) -> Announcement:
    """Make the connector's next key, or find the one that was made; it signs nothing yet."""
    keys = wiring.keys_in(edge.folder / "keys")
    with edge.lock:
        keys.make("sign", NEXT)
        announced = Announcement(edge.spec.connector, edge.spec.agency, keys.public(NEXT).hex())
        return announced._replace(signature=keys.sign(KEY, announced.signed()).hex())


def take(settings: Settings, announced: Announcement) -> None:
    """At the hub: both keys are good from now on. Twice is harmless.

    Raises DataError HUB-K318 for an announcement that the key known here did not sign, HUB-K320 while two are good.
    """
    one = _registered(settings, announced.connector, announced.agency)
    new, known = bytes.fromhex(announced.public_key), signers(one.public_key)
    signature = bytes.fromhex(announced.signature)
    if not any(wiring.hub_keys(settings).check(key, announced.signed(), signature) for key in known):
        raise DataError("HUB-K318", connector=one.id)
    if known[0] == new:
        return
    if len(known) > 1:
        raise DataError("HUB-K320", connector=one.id)
    register(settings, one._replace(public_key=new + known[0]))


def use(edge: Edge, heard: str) -> None:
    """At the agency: sign with the new key, since the hub has it; the old one is destroyed. Twice is harmless.

    `heard` are the digits that the hub shows. Raises DataError HUB-K319 for others, or where no key was announced.
    """
    keys = wiring.keys_in(edge.folder / "keys")
    newest = NEXT if NEXT in keys.names() else KEY  # the old one is not asked: it may be gone already
    announced = Announcement(edge.spec.connector, edge.spec.agency, keys.public(newest).hex())
    if heard.replace("-", "").replace(" ", "") != digits(announced).replace("-", ""):
        raise DataError("HUB-K319", connector=edge.spec.connector)
    if newest == NEXT:
        with edge.lock:
            keys.promote(KEY, NEXT, "")


def rotate(settings: Settings, name: str) -> str:
    """All of it, where hub and connector are in one installation; the new public key. Cut off, it is run again."""
    edge = wiring.open_edge(settings, name)
    keys, known = wiring.keys_in(edge.folder / "keys"), signers(_registered(settings, name, "").public_key)
    if NEXT not in keys.names() or keys.public(NEXT) != known[0]:
        take(settings, announce(edge))
    public = keys.public(NEXT).hex()
    use(edge, digits(Announcement(name, edge.spec.agency, public)))
    return public


def retire(settings: Settings, name: str, gone: bool) -> str:
    """At the hub: only the newer key is good. Raises DataError HUB-K302 where there is one only, HUB-K303 while the
    connector's last frame, or one that waits, is under the older one and it is not `gone`."""
    one = _registered(settings, name, "")
    known, keys = signers(one.public_key), wiring.hub_keys(settings)
    if len(known) < 2:
        raise DataError("HUB-K302", known="-")
    frames = [frame for connector, frame, _ in last_frames(settings) if connector == name]
    if not gone and not all(keys.check(known[0], frame.signed, frame.signature) for frame in frames):
        raise DataError("HUB-K303", key=known[1].hex(), connectors=name)
    register(settings, one._replace(public_key=known[0]))
    return known[1].hex()


def _registered(settings: Settings, name: str, agency: str) -> Connector:
    for one in wiring.registry(settings):
        if one.id == name and agency in ("", one.agency):
            return one
    raise DataError("HUB-K318", connector=name)
