"""New transport keys of the hub or the vault, while connectors go on sending under the old ones (architecture §6).

A new key takes the place of the old one at once, which goes on opening what was sealed for it. It is destroyed when no
connector uses it any more: from then on nobody, the hub included, can open what was sent under it.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from connectors.edge import FILE, load_spec
from hub import wiring
from hub.config import Settings
from hub.core.calendar import iso
from hub.core.errors import DataError, IntegrityError
from hub.core.frame import BODY_LABEL, PERSONS_LABEL, Frame, unpack_frame
from hub.core.manifest import HUB, VAULT
from hub.ports.intake import IntakeState
from hub.ports.log import Log

OWNERS: Final = (HUB, VAULT)
"""Whose transport key; also the key's name."""

_STEP: Final = 200
_UNKNOWN: Final = "-"


class Rotated(NamedTuple):
    """A new key: its public half in hex, connectors here that seal for it from now on, and those to be told of it."""

    public: str
    here: tuple[str, ...]
    elsewhere: tuple[str, ...]


class Use(NamedTuple):
    """A transport key and the connectors that sealed for it last, or of which frames wait that only it opens."""

    key: str
    public: str
    connectors: tuple[str, ...]


def rotate(settings: Settings, owner: str) -> Rotated:
    """Make a new key, or go on where that was cut off. Raises DataError HUB-K301 when it was done today already."""
    keys = _keys(settings, owner)
    try:
        keys.rotate(owner, iso(wiring.system_of(settings).today()))
    except DataError as error:
        if error.code != "HUB-K301" or not list(_behind(settings, owner, keys)):
            raise
    public = keys.public(owner).hex()
    here = []
    for name, before in _behind(settings, owner, keys):
        _seal_for(settings.folder("edges") / name / FILE, owner, before, public)
        here.append(name)
    known = [one.id for one in sorted(wiring.registry(settings), key=lambda one: one.agency)]
    return Rotated(public, tuple(here), tuple(name for name in known if name not in here))


def _behind(settings: Settings, owner: str, keys: "wiring.FileKeys") -> Iterator[tuple[str, str]]:
    """The connectors here that seal for a key which another one took the place of, and its public half in hex."""
    older = {keys.public(name).hex() for name in keys.before(owner)}
    for name in wiring.edge_names(settings):
        if (wanted := getattr(load_spec(settings.folder("edges") / name), f"{owner}_public").hex()) in older:
            yield name, wanted


def uses(settings: Settings, owner: str) -> list[Use]:
    """Every key of the owner that is there, the newest first, with the connectors that use it.

    A connector that never sent uses the key that its folder here names; of one elsewhere nothing is known.
    """
    keys = _keys(settings, owner)
    names = [owner, *keys.before(owner)]
    found: dict[str, set[str]] = {name: set() for name in names}
    for connector, frame, _ in last_frames(settings):
        wrapped, label = (frame.body_key, BODY_LABEL) if owner == HUB else (frame.persons_key, PERSONS_LABEL)
        try:
            found[keys.opened_by(owner, wrapped, label)].add(connector)
        except IntegrityError:  # under a key that was destroyed: nothing of it can be used
            continue
    publics = {name: keys.public(name) for name in names}
    for name in wiring.edge_names(settings):
        wanted = getattr(load_spec(settings.folder("edges") / name), f"{owner}_public")
        for key, public in publics.items():
            if public == wanted:
                found[key].add(name)
    return [Use(name, publics[name].hex(), tuple(sorted(found[name]))) for name in names]


def retire(settings: Settings, owner: str, key: str, gone: Collection[str]) -> None:
    """Destroy a key that another one took the place of. Connectors that are `gone` send nothing any more.

    Raises DataError HUB-K302 for a key that is none of those, HUB-K303 while a connector uses it.
    """
    found = {use.key: use.connectors for use in uses(settings, owner)}
    if key == owner or key not in found:
        raise DataError("HUB-K302", known=", ".join(name for name in found if name != owner) or _UNKNOWN)
    if using := [name for name in found[key] if name not in gone]:
        raise DataError("HUB-K303", key=key, connectors=", ".join(using))
    _keys(settings, owner).destroy(key)


def _keys(settings: Settings, owner: str) -> "wiring.FileKeys":
    return wiring.FileKeys(settings.folder(settings.keys_hub if owner == HUB else settings.keys_vault))


def last_frames(settings: Settings) -> Iterator[tuple[str, Frame, bool]]:
    """Of each connector the frame that intake took last, and every frame that it has still to take (True).

    A connector's frames are sealed in their order, so that none before one under the new key is still to come.
    """
    with closing(wiring.open_log(settings.database("log"), make=False)) as log:
        topics = log.topics()
        for agency in sorted({one.agency for one in wiring.registry(settings)}):
            if f"ingress.{agency}" in topics:
                with closing(wiring.open_intake_store(settings)) as store:
                    yield from _backwards(log, store.state(agency))


def _backwards(log: Log, state: IntakeState) -> Iterator[tuple[str, Frame, bool]]:
    topic, wanted = f"ingress.{state.agency}", set(state.chains)
    begin, end = log.bounds(topic, 0)
    while end > begin and (wanted or end > state.offset):
        start = max(begin, end - _STEP)
        records = log.read(topic, 0, start, end - start)
        for offset, record in reversed(list(enumerate(records, start))):
            try:
                frame = unpack_frame(record.value)
            except IntegrityError:  # intake refuses it, too
                continue
            name, chain = frame.header.connector, state.chains.get(frame.header.connector)
            last = chain is not None and sha256(record.value).digest() == chain.hash
            if offset >= state.offset or (last and name in wanted):
                yield name, frame, offset >= state.offset
            if last:
                wanted.discard(name)
        end = start


def _seal_for(path: Path, owner: str, before: str, public: str) -> None:
    """Name the new key in an `edge.toml`, and leave every other character of it as it is."""
    text = path.read_text(encoding="utf-8").replace(before, public)
    text = re.sub(rf"\b{owner}:(\d+)", lambda found: f"{owner}:{int(found[1]) + 1}", text)
    draft = path.with_name(f"{path.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
