"""Every key of an installation, told apart without telling any: whose, what for, which generation, since when."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from connectors.rows.tokens import KEY as COUNTY
from connectors.rows.tokens import key_check
from hub import wiring
from hub.config import Settings
from hub.core.errors import HubError
from hub.core.manifest import HUB, VAULT
from hub.ports.keys import UNTIL

_DIGITS: Final = 32


class Listed(NamedTuple):
    """A key. `owner` is hub, vault, county or a connector; `kind` is empty for a file that holds no key.

    `generation` counts those of one name that are here, 1 for the oldest; `since` is the day on which its file was
    written, as YYYY-MM-DD, empty where it just went; `check` 32 digits that tell equal keys, of a pair the first of the
    public half, or the code of what is wrong; `overlaps`: another one took its place, and it still opens or links what
    was made with it.
    """

    owner: str
    key: str
    kind: str
    generation: int
    since: str
    check: str
    overlaps: bool


def listed(settings: Settings) -> list[Listed]:
    """The keys of hub, vault, county and connectors, each with those before it, the newest first."""
    folders = {HUB: settings.folder(settings.keys_hub), VAULT: settings.folder(settings.keys_vault)}
    folders["county"] = wiring.county_keys(settings)
    folders |= {name: settings.folder("edges") / name / "keys" for name in wiring.edge_names(settings)}
    return [one for owner, folder in folders.items() for one in _of(owner, folder)]


def _of(owner: str, folder: Path) -> Iterator[Listed]:
    keys = wiring.keys_in(folder)
    for name in keys.names():
        if UNTIL not in name:
            before = keys.before(name)
            for at, each in enumerate((name, *before)):
                yield _one(owner, folder, keys, each, len(before) - at + 1)


def _one(owner: str, folder: Path, keys: "wiring.FileKeys", name: str, generation: int) -> Listed:
    try:
        written = datetime.fromtimestamp((folder / f"{name}.key").stat().st_mtime, UTC).date().isoformat()
    except FileNotFoundError:  # of a day whose rows nobody keeps any more: destroyed while we list
        written = ""
    try:
        kind = keys.kind(name)
        check = _check(keys, kind, name)
    except HubError as error:
        kind, check = "", error.code
    return Listed(owner, name, kind, generation, written, check, UNTIL in name)


def _check(keys: "wiring.FileKeys", kind: str, name: str) -> str:
    if kind != "secret":
        return keys.public(name).hex()[:_DIGITS]
    if name.partition(UNTIL)[0] == COUNTY:
        return key_check(keys, name)
    return keys.mac(name, "key check")(b"").hex()[:_DIGITS]
