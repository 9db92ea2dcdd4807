"""A backup as a folder: written under another name first, checked against its manifest, put back into an installation.

Whoever reads a backup gets the same as from the disk that it was made of, but no key: those are under the passphrase.
"""

import base64
import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final, NamedTuple

from hub.adapters.databases import copy_out
from hub.adapters.files.passphrase import open_sealed, seal
from hub.adapters.sql.copies import check_database, copy_database
from hub.adapters.sql.table_copies import SUFFIX as SUFFIX
from hub.adapters.sql.table_copies import check_copy
from hub.adapters.system import keep_names
from hub.core.errors import DataError, IntegrityError, NotPermitted, Unreachable
from hub.core.manifest import SERVER, Entry, Manifest, pack_manifest, sound, unpack_manifest

MANIFEST: Final = "manifest.json"
SEALED: Final = "keys.sealed"
FILES: Final = "files"
_NOTHING: Final = Entry(SEALED, 0, "")


class Content(NamedTuple):
    """What goes into a backup, by paths relative to the installation: databases in the order in which they are copied,
    each with statements for the copy, one on a server with its address instead; files that lie open; files that only
    the passphrase opens."""

    databases: Mapping[str, Sequence[str] | str]
    plain: Sequence[str]
    secret: Sequence[str]
    not_covered: Sequence[str]


def write(home: Path, folder: Path, content: Content, about: tuple[str, str, str, str], passphrase: str) -> Manifest:
    """Make the backup `folder` of the installation `home`; `about` is side, name, moment, program.

    Raises NotPermitted HUB-G623 and Unreachable HUB-G548 when the folder cannot be written. What raised leaves nothing
    that could be taken for a backup.
    """
    draft = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    try:
        (draft / FILES).mkdir(parents=True, mode=0o700)
        databases = tuple(_copied(home, draft, path, content.databases[path]) for path in content.databases)
        plain = tuple(_written(draft / FILES, path, (home / path).read_bytes()) for path in content.plain)
        manifest = Manifest(*about, databases, plain, tuple(content.not_covered), _NOTHING)
        secrets = {path: base64.b64encode((home / path).read_bytes()).decode() for path in content.secret}
        sealed = seal(passphrase, json.dumps(secrets).encode(), manifest.bound())
        manifest = manifest._replace(sealed=_written(draft, SEALED, sealed))
        _written(draft, MANIFEST, pack_manifest(manifest).encode())
        draft.rename(folder)
        keep_names(folder.absolute().parent)
    except PermissionError:
        raise NotPermitted("HUB-G623", folder=folder.name) from None
    except OSError:
        raise Unreachable("HUB-G548", folder=folder.name) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def check(folder: Path) -> Manifest:
    """Read a backup whole: every file is there with its size and hash, no other is, every database is sound.

    Raises DataError HUB-B302 for a folder that is no backup, IntegrityError HUB-B401 or HUB-B403 for what is not as it
    was.
    """
    try:
        manifest = unpack_manifest((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise DataError("HUB-B302", file="manifest.json") from None
    wanted = {f"{FILES}/{entry.path}": entry for entry in manifest.files} | {SEALED: manifest.sealed}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {MANIFEST}
    for path in sorted(wanted.keys() ^ found):
        raise IntegrityError("HUB-B401", path=path)
    for path, entry in wanted.items():
        if entry_of(folder / path, entry.path) != entry:
            raise IntegrityError("HUB-B401", path=path)
    for entry in manifest.databases:
        (check_copy if on_server(entry.path) else check_database)(folder / FILES / entry.path, entry.path)
    return manifest


def secrets_of(folder: Path, manifest: Manifest, passphrase: str) -> dict[str, bytes]:
    """Keys and passwords by path. Raises as `open_sealed` does."""
    opened = json.loads(open_sealed(passphrase, (folder / SEALED).read_bytes(), manifest.bound()))
    if not all(map(sound, opened)):
        raise IntegrityError("HUB-B402")
    return {path: base64.b64decode(value) for path, value in opened.items()}


def put_back(folder: Path, manifest: Manifest, secrets: Mapping[str, bytes], home: Path, kept: Iterable[str]) -> None:
    """Put everything but what is `kept` into its place under `home`, on disk first and by its name last."""
    draft = home / ".restoring"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True, mode=0o700)
        own = [entry for entry in manifest.files if not on_server(entry.path)]
        for entry in own:
            _file(folder / FILES / entry.path, draft / entry.path)
        for path, secret in secrets.items():
            _written(draft, path, secret)
        paths = [
            *(one.path for one in own if one in manifest.databases),
            *secrets,
            *(one.path for one in manifest.plain),
        ]
        for path in [path for path in paths if path not in set(kept)]:
            (home / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.replace(draft / path, home / path)
            keep_names((home / path).parent)
    except PermissionError:
        raise NotPermitted("HUB-G623", folder=home.name) from None
    except OSError:
        raise Unreachable("HUB-G548", folder=home.name) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def entry_of(file: Path, path: str) -> Entry:
    """Size and hash of a file, as a manifest names them."""
    with file.open("rb") as handle:
        return Entry(path, file.stat().st_size, file_digest(handle, "sha256").hexdigest())


def on_server(path: str) -> bool:
    """Whether a database of a backup is a copy of tables on a server."""
    return path.startswith(SERVER)


def _copied(home: Path, draft: Path, path: str, then: Sequence[str] | str) -> Entry:
    target = draft / FILES / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.touch(mode=0o600)
    if isinstance(then, str):
        copy_out(then, path.removeprefix(SERVER).removesuffix(SUFFIX), target)
    else:
        copy_database(home / path, target, path, then)
    _settle(target)
    return entry_of(target, path)


def _file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
    _settle(target)


def _written(folder: Path, path: str, data: bytes) -> Entry:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(
        os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600), "wb"
    ) as f:
        f.write(data)
    _settle(target)
    return Entry(path, len(data), sha256(data).hexdigest())


def _settle(file: Path) -> None:
    """On disk before its name says so."""
    with file.open("r+b") as handle:
        os.fsync(handle.fileno())
