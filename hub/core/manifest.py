"""What a backup says of itself: of which side it is, what is in it with size and SHA-256, and what is not.

    <backup>/manifest.json  keys.sealed  files/<path as in the installation>

Keys and passwords are in `keys.sealed` only. Its seal is bound to the manifest without it, so that whoever has the
passphrase proves every other file with it.
"""

import json
from typing import Any, Final, NamedTuple

from hub.core.errors import DataError
from hub.core.format import check_format

FORMAT: Final = 2
SERVER: Final = "postgres/"
"""Before the path of a copy of tables on a server, which format 1 did not know."""
HUB, VAULT, CONNECTOR = "hub", "vault", "connector"
SIDES: Final = (HUB, VAULT, CONNECTOR)


class Entry(NamedTuple):
    """A file of a backup; `path` is relative to the installation's folder, with slashes."""

    path: str
    size: int
    sha256: str


class Manifest(NamedTuple):
    """A backup of one side. `name` is the connector's, else empty. `databases` and `plain` lie open, `sealed` is one
    file with everything secret; `not_covered` names what the side also needs and this backup does not hold."""

    side: str
    name: str
    made_at: str
    program: str
    databases: tuple[Entry, ...]
    plain: tuple[Entry, ...]
    not_covered: tuple[str, ...]
    sealed: Entry

    @property
    def files(self) -> tuple[Entry, ...]:
        """What lies open."""
        return self.databases + self.plain

    def bound(self) -> bytes:
        """What the seal is bound to: everything else that the manifest says."""
        return json.dumps(_document(self), sort_keys=True, separators=(",", ":")).encode()


def pack_manifest(manifest: Manifest) -> str:
    """The text of `manifest.json`."""
    return json.dumps(_document(manifest) | {"sealed": manifest.sealed._asdict()}, indent=2, ensure_ascii=False) + "\n"


def unpack_manifest(text: str) -> Manifest:
    """The inverse. Raises DataError HUB-B302 for what is none, HUB-G130 for one of a newer program."""
    try:
        found = json.loads(text)
        form = found.pop("format")
        check_format(form, FORMAT, "backup")
        databases, plain = (tuple(_entry(one) for one in found.pop(kind)) for kind in ("databases", "plain"))
        not_covered, sealed = tuple(map(_text, found.pop("not_covered"))), _entry(found.pop("sealed"))
        texts = {name: _text(value) for name, value in found.items()}
        manifest = Manifest(**texts, databases=databases, plain=plain, not_covered=not_covered, sealed=sealed)
        if manifest.side not in SIDES:
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise DataError("HUB-B302", file="manifest.json") from None
    return manifest


def _document(manifest: Manifest) -> dict[str, Any]:
    on_server = any(entry.path.startswith(SERVER) for entry in manifest.databases)
    found: dict[str, Any] = {"format": FORMAT if on_server else 1} | manifest._asdict()
    del found["sealed"]
    return found | {kind: [entry._asdict() for entry in getattr(manifest, kind)] for kind in ("databases", "plain")}


def _entry(found: dict[str, Any]) -> Entry:
    entry = Entry(**found)
    if type(entry.size) is not int or not sound(_text(entry.path)):
        raise ValueError
    _text(entry.sha256)
    return entry


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def sound(path: str) -> bool:
    """Whether a path stays in the folder that it is relative to."""
    parts = path.split("/")
    return not {"", ".", ".."} & set(parts) and not any(letter in path for letter in ("\\", ":", "\0"))
