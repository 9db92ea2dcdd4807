"""Backups of the three sides of an exchange, each by itself: the hub, the vault, a connector (architecture §6).

No side's backup holds keys of another one: whoever has the hub's cannot tell who anybody is, whoever has an edge's
cannot open what others sent. What lies outside of the installation's folder, or on Kafka, is not covered, and named.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from connectors.mapping.file import load_mapping
from hub import founding, kept, wiring
from hub.config import DATABASES, FILE, Database, Settings, load
from hub.core.errors import DataError, HubError, IntegrityError, UsageError
from hub.core.manifest import CONNECTOR, HUB, SERVER, VAULT, Manifest
from hub.core.url import mask, placed_under
from hub.kept import COUNTY
from hub.keys.own import check_edge, check_hub, check_vault
from hub.keys.vault import LOCK

on_server = wiring.backups.on_server
SHARED: Final = (FILE, COUNTY)
"""What more than one side has; where it is there already, it stays."""


class Made(NamedTuple):
    """What a backup or a restored side consists of: the manifest, and the names of what only the passphrase opens."""

    manifest: Manifest
    secret: tuple[str, ...]


def create(settings: Settings, side: str, name: str, folder: Path, passphrase: str, older: bool = False) -> Made:
    """Back up one side while it is in use. `name` is the connector's; `older` a state that is going to be upgraded.

    Raises DataError HUB-B301 when there is something of that name, HUB-B305 for a side that has nothing here, HUB-C486
    for one whose databases all lie elsewhere, whatever an incomplete or foreign key raises (a backup without the right
    keys would be none), and what writing it raises.
    """
    if folder.exists():
        raise DataError("HUB-B301", folder=folder.name)
    with wiring.lock(settings, LOCK) if side == VAULT else nullcontext():  # its keys and its database change together
        return _create(settings, side, name, folder, passphrase, older)


def _create(settings: Settings, side: str, name: str, folder: Path, passphrase: str, older: bool) -> Made:
    content = _content(settings, side, name, older)
    moment = datetime.fromtimestamp(wiring.system_of(settings).now_ms() / 1000, UTC)
    about = side, name, moment.strftime("%Y-%m-%dT%H:%M:%SZ"), version("rehab-exchange-hub")
    return Made(wiring.backups.write(settings.home, folder, content, about, passphrase), tuple(content.secret))


def lacking(manifest: Manifest, elsewhere: Sequence[str]) -> list[str]:
    """What a backup does not cover, and nobody says is kept `elsewhere`. A log on Kafka always is: by its replicas."""
    return [one for one in manifest.not_covered if one not in elsewhere and not wiring.on_kafka(one)]


def verify(folder: Path, passphrase: str | None) -> Made:
    """Prove a backup without putting it back; without the passphrase, all of it but the keys."""
    manifest = wiring.backups.check(folder)
    secrets = wiring.backups.secrets_of(folder, manifest, passphrase) if passphrase is not None else {}
    return Made(manifest, tuple(secrets))


def restore(folder: Path, home: Path, passphrase: str) -> Made:
    """Put one side back where nothing of it is, or where that was cut off. The backup is proved first.

    Raises DataError HUB-B303 where something of that side is that the backup has otherwise, HUB-B304 where `hub.toml`
    puts it elsewhere, IntegrityError HUB-B404 where the county's key is another one.
    """
    manifest = wiring.backups.check(folder)
    secrets = wiring.backups.secrets_of(folder, manifest, passphrase)
    inside = folder / wiring.backups.FILES
    settings = _with_passwords(replace(load(home if (home / FILE).exists() else inside), home=home), secrets)
    _check_place(settings, manifest, secrets, inside)
    shared = [path for path in secrets if _is_county(path) and (home / path).exists()]
    if any((home / path).read_bytes() != secrets[path] for path in shared):
        raise IntegrityError("HUB-B404")
    if manifest.side != CONNECTOR:  # an agency has neither hub nor vault
        founding.make_folders(settings)
    for path, name in _covered(settings, manifest.side)[0].items() if manifest.side != CONNECTOR else ():
        if on_server(path):
            wiring.put_back_tables(settings, name, inside / path, path)
    wiring.backups.put_back(
        folder, manifest, secrets, home, [*shared, *(one for one in SHARED if (home / one).exists())]
    )
    return Made(manifest, tuple(secrets))


def _with_passwords(settings: Settings, secrets: Mapping[str, bytes]) -> Settings:
    """With those passwords of servers that are in the backup, where the environment has no other."""
    files = {name: getattr(settings, f"{name}_password_file") for name in DATABASES}
    found = {name: secrets[file].decode().strip("\r\n") for name, file in files.items() if file in secrets}
    return replace(settings, passwords=found | dict(settings.passwords))


def _check_place(settings: Settings, manifest: Manifest, secrets: Mapping[str, bytes], inside: Path) -> None:
    databases = {entry.path for entry in manifest.databases}
    paths: dict[str, Database] = {}
    if manifest.side == CONNECTOR:
        folders = {f"edges/{manifest.name}"}
        wanted = databases
    else:
        paths = _covered(settings, manifest.side)[0]
        wanted = set(paths)
        folders = {Path(path).parent.as_posix() for path in databases if not on_server(path)}
        folders |= {_keys(settings, manifest.side)}
    if databases != wanted or not all(_under(path, folders) for path in secrets if path.endswith(".key")):
        raise DataError("HUB-B304", side=manifest.side, file=FILE)
    for path, database in paths.items():
        if on_server(path) and not wiring.databases.takes(settings.database(database), database, inside / path, path):
            raise DataError("HUB-B303", folder=database)
    for name in sorted(folders):
        held = [path for path in settings.folder(name).rglob("*") if path.is_file() and path.suffix != ".lock"]
        if any(path != settings.folder(FILE) and not _is_back(settings, path, manifest, secrets) for path in held):
            raise DataError("HUB-B303", folder=name)


def _is_back(settings: Settings, file: Path, manifest: Manifest, secrets: Mapping[str, bytes]) -> bool:
    """Whether a file is just as the backup has it: it was put back before that was cut off."""
    path = file.absolute().relative_to(settings.home.absolute()).as_posix()
    if path in secrets:
        return file.read_bytes() == secrets[path]
    return wiring.backups.entry_of(file, path) in manifest.files


def _is_county(path: str) -> bool:
    """The county's key, or the older one of two."""
    return Path(path).parent == Path(COUNTY).parent


def _under(path: str, folders: Iterable[str]) -> bool:
    return _is_county(path) or any(path.startswith(f"{folder}/") for folder in folders)


def _content(settings: Settings, side: str, name: str, older: bool) -> "wiring.backups.Content":
    if side == CONNECTOR:
        return _of_connector(settings, name)
    if name:
        raise UsageError("HUB-B201", known=", ".join(wiring.edge_names(settings)) or "-")
    paths, not_covered = _covered(settings, side)
    if not paths:
        raise DataError("HUB-C486", side=side, place=", ".join(not_covered))
    for one, url in zip(kept.of_side(side), _urls(settings, side), strict=True):
        made = Path(path).exists() if (path := url.removeprefix("sqlite:///")) != url else True
        if not made or (one != "log" and not wiring.is_made(settings, one)):
            raise DataError("HUB-B305", name=one)
    check_hub(settings, older) if side == HUB else check_vault(settings)
    secret = [getattr(settings, f"{one}_password_file") for one in kept.of_side(side)]
    secret += [settings.gateway_cert, settings.gateway_key] if side == HUB else []  # one file may hold both
    keys = settings.folder(_keys(settings, side))
    secret += [path.absolute().as_posix() for path in sorted(keys.glob("*.key"))]
    sealed, lost = _there(settings, secret)
    databases = {path: settings.database(name) if on_server(path) else () for path, name in paths.items()}
    return wiring.backups.Content(databases, [FILE], sealed, [*not_covered, *lost])


def _of_connector(settings: Settings, name: str) -> "wiring.backups.Content":
    """What refused rows held stays behind, and their daily keys: a backup must not outlive the day of their end."""
    edge = wiring.open_edge(settings, name)
    check_edge(edge)
    held = {one: then for one, then in kept.EDGE_DATABASES.items() if (edge.folder / one).exists()}
    databases = {f"edges/{name}/{one}": then for one, then in held.items()}
    secret = [path for path in sorted(edge.folder.glob(kept.EDGE_KEYS)) if not path.stem.startswith(kept.DAILY)]
    plain = [path for pattern in kept.EDGE_FILES for path in sorted(edge.folder.glob(pattern))]
    more, needed = _of_mapping(edge.folder)
    plain += [path for path in more if path not in plain]
    needed += [edge.spec.log_password_file]
    secret += [edge.folder / one for one in needed if one]
    secret += sorted(settings.folder(COUNTY).parent.glob("K_edge*.key"))
    plain_here, missed = _here(settings, [FILE, *(path.absolute().as_posix() for path in plain if path.exists())])
    secret_here, lost = _there(settings, [path.absolute().as_posix() for path in secret])
    return wiring.backups.Content(databases, plain_here, secret_here, [*missed, *lost])


def _of_mapping(folder: Path) -> tuple[list[Path], list[str]]:
    """Code tables and the files that the source needs beside its data, as far as the mapping can be read today."""
    try:
        mapping = load_mapping(folder)
    except HubError:  # somebody is at work on it: the file itself goes in as it is
        return [], []
    return [folder / path for path in mapping.tables], list(mapping.source.beside)


def _keys(settings: Settings, side: str) -> str:
    return settings.keys_hub if side == HUB else settings.keys_vault


def _urls(settings: Settings, side: str) -> list[str]:
    """Addresses of a side's databases without passwords."""
    home = str(settings.home.absolute())
    return [placed_under(getattr(settings, f"{one}_url"), home) for one in kept.of_side(side)]


def _covered(settings: Settings, side: str) -> tuple[dict[str, Database], list[str]]:
    """A side's databases by their paths in a backup, in the order in which they are copied; and those that no backup
    covers, by address: a file elsewhere, a log on Kafka, which its replicas keep."""
    paths: dict[str, Database] = {}
    missed: list[str] = []
    for name, url in zip(kept.of_side(side), _urls(settings, side), strict=True):
        file = url.removeprefix("sqlite:///")
        here, elsewhere = _here(settings, [file] if file != url else [])
        if wiring.databases.on_postgresql(url):
            here = [f"{SERVER}{name}{wiring.backups.SUFFIX}"]
        elif file == url:
            elsewhere = [mask(url)]
        paths |= dict.fromkeys(here, name)
        missed += elsewhere
    return paths, missed


def _here(settings: Settings, paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """Paths relative to the installation's folder, and those outside of it, which it does not speak for."""
    inside: list[str] = []
    outside: list[str] = []
    home = settings.home.absolute()
    for path in paths:
        if path:
            place = home / path
            below = place.relative_to(home) if place.is_relative_to(home) else Path("..")
            covered = ".." not in below.parts  # of the path, not of the folder: `--home ..` is a folder like any other
            (inside if covered else outside).append(below.as_posix() if covered else path)
    return inside, outside


def _there(settings: Settings, paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """As `_here`; files that are not there are named with those outside."""
    inside, outside = _here(settings, paths)
    return [path for path in inside if settings.folder(path).exists()], [
        *outside,
        *(path for path in inside if not settings.folder(path).exists()),
    ]
