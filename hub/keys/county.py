"""A county's `K_edge` is rotated: a newer key comes, everybody is linked under both, the older one goes (decision 028).

The hub never has the key, only its key check. Where hub and connectors are in one installation, one command does all;
else the keeper makes the key, the hub is told its check, and the key is carried to each agency.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from connectors.edge import Edge
from connectors.rows.tokens import KEY, key_check
from connectors.spool import Spool
from hub import wiring
from hub.config import Settings
from hub.core.calendar import iso
from hub.core.county import has_linked, has_two, newest
from hub.core.errors import DataError, IntegrityError
from hub.core.frame import FrameHeader
from hub.installation import register
from hub.keys.transport import last_frames
from hub.ports.intake import Connector


class Rotated(NamedTuple):
    """The newer key's check and the older one's; connectors here that have both keys now, and those registered so."""

    check: str
    before: str
    here: tuple[str, ...]
    registered: tuple[str, ...]


class Linked(NamedTuple):
    """A connector during a rotation: whether its people are linked under the newer key and the hub here took
    that, and how many rows were not to be read then; -1 where only its frames are known here."""

    connector: str
    linked: bool
    unlinked: int


def make(file: Path) -> str:
    """Make a key to be carried; its check. Raises DataError HUB-C356 where there is something of that name, HUB-K330
    for a name that is no key's."""
    _require_name(file)
    if file.exists():
        raise DataError("HUB-C356", file=file.name)
    wiring.keys_in(file.parent).make("secret", file.stem)
    return key_check(wiring.keys_in(file.parent), file.stem)


def rotate(settings: Settings, carried: Path | None, check: str) -> Rotated:
    """Bring a newer key in, or go on where that was cut off: the hub first, so that it refuses no frame.

    Raises DataError HUB-K310 while there are two already, HUB-K313 where only one half is here and the other is not
    told, HUB-K314 for another key than that of the `check`, HUB-K330 for a `carried` file whose name is no key's.
    """
    if carried is not None:
        _require_name(carried)
    is_hub, registry = wiring.is_made(settings, "intake"), wiring.registry(settings)
    file = wiring.county_keys(settings) / f"{KEY}.key"
    if not file.exists():
        if carried is not None or not check or not is_hub:
            raise DataError("HUB-K313")
        before = _only({one.key_check for one in registry})
        return Rotated(check, before, (), _register(settings, registry, check, before))
    if carried is None and (not is_hub or check):
        raise DataError("HUB-K313")
    if carried is not None and key_check(wiring.keys_in(carried.parent), carried.stem) != check:
        raise DataError("HUB-K314", file=carried.name)
    county = wiring.keys_in(file.parent)
    today = iso(wiring.system_of(settings).today())
    began = not county.before(KEY) or county.is_cut_off(KEY)
    if began:
        county.rotate(KEY, today, carried)
    now, before = key_check(county), key_check(county, county.before(KEY)[0])
    registered = _register(settings, registry, now, before)
    here = tuple(_bring(edge, file, today, now, before) for edge in _edges(settings))
    if not (began or any(here) or registered):
        raise DataError("HUB-K310", key=county.before(KEY)[0])
    return Rotated(now, before, tuple(name for name in here if name), registered)


def standing(settings: Settings) -> list[Linked]:
    """How far each connector is, of those here and of those that the hub here knows; empty while there is one key.

    At the hub, only what intake took counts: else a person might come from another connector first, under the newer
    key alone.
    """
    registered = {one.id: newest(one.key_check) for one in wiring.registry(settings) if has_two(one.key_check)}
    found = {name: Linked(name, True, -1) for name in registered}
    frames = [(name, frame, waits) for name, frame, waits in last_frames(settings) if name in found] if found else []
    linked = {name for name, frame, waits in frames if not waits and _tells(frame.header, registered[name])}
    found |= {name: Linked(name, name in linked, -1) for name, _, _ in frames}
    for edge in _edges(settings):
        if edge.keys.before(KEY):
            here = _of_spool(edge)
            taken = found.get(edge.spec.connector, here).linked
            found[edge.spec.connector] = here._replace(linked=here.linked and taken)
    return [found[name] for name in sorted(found)]


def retire(settings: Settings, gone: Collection[str], leave: bool) -> list[str]:
    """Let the hub expect the newer key only, and destroy the older one here; the names of what was destroyed.

    Raises DataError HUB-K302 where there is no older key, HUB-K311 while people of a connector are not linked under the
    newer one, HUB-K312 while rows were not to be read then and are not to be left (`leave`).
    """
    registry = [one for one in wiring.registry(settings) if has_two(one.key_check)]
    folders = [
        wiring.keys_in(wiring.county_keys(settings)),
        *(wiring.keys_in(e.folder / "keys") for e in _edges(settings)),
    ]
    if not registry and not any(keys.before(KEY) for keys in folders):
        raise DataError("HUB-K302", known="-")
    stand = [one for one in standing(settings) if one.connector not in gone]
    if waiting := [one.connector for one in stand if not one.linked]:
        raise DataError("HUB-K311", connectors=", ".join(waiting))
    if not leave and (left := next((one for one in stand if one.unlinked > 0), None)):
        raise DataError("HUB-K312", connector=left.connector, rows=left.unlinked)
    for one in registry:
        register(settings, one._replace(key_check=newest(one.key_check)))
    destroyed = []
    for keys in reversed(folders):
        for name in keys.before(KEY):
            keys.destroy(name)
            destroyed.append(name)
    return sorted(set(destroyed))


def _require_name(file: Path) -> None:
    if file.suffix != ".key":  # the file that is read or made is `<name>.key`, whatever was written instead
        raise DataError("HUB-K330", file=file.name)


def _register(settings: Settings, registry: Collection[Connector], now: str, before: str) -> tuple[str, ...]:
    ours = [one for one in registry if one.key_check == before]
    for one in ours:
        register(settings, one._replace(key_check=f"{now} {before}"))
    return tuple(one.id for one in ours)


def _only(checks: Collection[str]) -> str:
    """The key check that all have. Raises DataError HUB-K310 during a rotation, HUB-I376 where there are others."""
    if any(map(has_two, checks)):
        raise DataError("HUB-K310", key=next(filter(has_two, checks)).split()[1])
    if len(checks) != 1:
        raise DataError("HUB-I376", county="-", found=len(checks))
    return next(iter(checks))


def _edges(settings: Settings) -> Iterator[Edge]:
    return (wiring.open_edge(settings, name) for name in wiring.edge_names(settings))


def _bring(edge: Edge, newer: Path, until: str, now: str, before: str) -> str:
    """Give a connector the newer key beside its own; its name, or nothing where it has both."""
    keys = wiring.keys_in(edge.folder / "keys")
    with edge.lock:
        check = key_check(keys)
        if check == now and not keys.is_cut_off(KEY):
            return ""
        if check != before:
            raise IntegrityError("HUB-H402", connector=edge.spec.connector)
        keys.rotate(KEY, until, newer)
    return edge.spec.connector


def _of_spool(edge: Edge) -> Linked:
    """A connector that never ran has nobody to link."""
    name = edge.spec.connector
    if not edge.spool_path.exists():
        return Linked(name, True, 0)
    with Spool(edge.spool_path, name, write=False) as spool:
        return Linked(name, spool.state.county in ("", key_check(edge.keys)), spool.state.unlinked)


def _tells(header: FrameHeader, check: str) -> bool:
    return has_linked(header.epochs, header.key_check, check)
