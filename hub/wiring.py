"""Puts an installation together from its settings: the only module that names adapters.

Intake, the vault and what only they need are imported when they are opened: most commands end without them.
"""

import hashlib
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from connectors import edge as edges
from connectors.ending import end_by
from connectors.run import offline
from hub.adapters import backups as backups
from hub.adapters import databases as databases
from hub.adapters import machine as machine
from hub.adapters.answers import ANSWERS
from hub.adapters.files import packets as packets
from hub.adapters.files.keys import FileKeys as FileKeys
from hub.adapters.logs import certificates_of as certificates_of
from hub.adapters.logs import fetches as fetches
from hub.adapters.logs import make_topics as make_topics
from hub.adapters.logs import on_kafka as on_kafka
from hub.adapters.logs import open_log as open_log
from hub.adapters.logs import require_free as require_free
from hub.adapters.logs import succeed as succeed
from hub.adapters.logs import topics_as_code as topics_as_code
from hub.adapters.processes import Children as Children
from hub.adapters.processes import stop_signal as stop_signal
from hub.adapters.sql.tally import disjoint as disjoint
from hub.adapters.sql.tally import pseudonym as pseudonym
from hub.adapters.sql.tally import tally as tally
from hub.adapters.system import FixedSystem, FolderLock, MachineSystem, end_all
from hub.config import Database, Settings
from hub.core.errors import DataError
from hub.core.fold import Projection
from hub.core.url import placed_under, with_password
from hub.data import fingerprinted
from hub.ports.intake import Connector, IntakeStore
from hub.ports.keys import COMING, Keys, Mac
from hub.ports.log import Log
from hub.ports.shadow import Shadows
from hub.ports.system import System
from hub.ports.views import Views
from projections import definitions, dictionary, profiles
from projections.case.parking import Parking

if TYPE_CHECKING:
    from hub.intake.intake import Intake
    from hub.vault.vault import LinkingVault

DOMAINS: Final = tuple(domain for group in ("persons", "markets") for domain in definitions.domains(group))
"""Under which public views show subjects, each with a key of its own."""

PURPOSE: Final = "K_purpose-"
"""Begins the name of each of these keys."""

end_by(end_all)

late_answers: Final = ANSWERS.late
"""HUB-G716 of each database, and of the log, that keeps this process waiting; safe to be asked from any thread."""


def system_of(settings: Settings) -> System:
    """The machine's clock and chance; with `hub.clock_day`, a clock that stands at that day and ids that repeat."""
    if settings.clock_day is None:
        return MachineSystem()
    return FixedSystem(settings.clock_day, key=hashlib.sha256(b"demo").digest())


def keys_in(folder: Path) -> FileKeys:
    """The keys of a folder, each in a file of its own."""
    return FileKeys(folder)


def certificate_ends_ms(file: Path, name: str) -> int:
    """Until when a certificate in a file is good (hub.adapters.files.certificates)."""
    from hub.adapters.files.certificates import ends_ms

    return ends_ms(file, name)


def hub_keys(settings: Settings) -> Keys:
    """The hub's keys; the vault's are opened by the vault alone."""
    return FileKeys(settings.folder(settings.keys_hub))


def projected(settings: Settings) -> tuple[Projection, ...]:
    """The projections of an installation, under the profile that it follows."""
    rules = profiles.load(settings.profile)
    return definitions.persons(rules), definitions.markets(rules)


def parking(profile: str) -> Parking:
    """The gates of consent under a profile. Raises DataError HUB-P350 for a name that none has."""
    return Parking(profiles.load(profile))


def fingerprint(settings: Settings) -> str:
    """The SHA-256, in hex, of every file of policy, calendar and areas and of which profile is followed.

    It is what `ProfileChanged` names.
    """
    others = {**fingerprinted(), "followed": settings.profile.encode()}
    return hashlib.sha256(profiles.fingerprint(others)).hexdigest()


def canonical_topics(settings: Settings) -> dict[str, int]:
    """The topics of canonical events and their partitions, fixed when the log is made."""
    return {"persons": settings.persons, "markets": settings.markets}


def open_store(settings: Settings, projections: Sequence[Projection], prefix: str = "") -> "databases.AnyStore":
    """The store with its public views; with a prefix, a shadow beside it, which has none."""
    views = {
        view.name: (view.select(), {"": view.zh} | {column.name: column.zh for column in view.columns})
        for view in dictionary.VIEWS
    }
    return databases.open_store(settings.database("store"), projections, prefix, views)


def open_views(settings: Settings) -> Views:
    """Snapshots of the store; the store must have been opened once."""
    return databases.open_views(settings.database("store"))


def set_aside_views(settings: Settings) -> list[str]:
    """Move the files of the views away. Raises UsageError HUB-P221 where they are in PostgreSQL."""
    return databases.set_aside(settings.database("store"))


def shadows(settings: Settings, projections: Sequence[Projection], live: "databases.AnyStore") -> Shadows:
    """What makes, compares and switches a shadow of the live store."""
    return databases.shadows(live, partial(open_store, settings, projections))


def namers(keys: Keys, coming: str = "") -> dict[str, Mac]:
    """The keyed names of subjects, one a domain of public views (architecture §6, `K_purpose`).

    Raises DataError HUB-K333 where the rotation of a key was cut off, but for the domain whose key is `coming`: half of
    all people would have a name under one key, and half under the other.
    """
    there, found = set(keys.names()), {}
    for domain in DOMAINS:
        name = f"{PURPOSE}{domain}"
        if f"{name}{COMING}" in there:
            if domain != coming:
                raise DataError("HUB-K333", key=name)
            name += COMING
        found[domain] = keys.mac(name, f"pseudonym/{domain}")
    return found


def put_back_tables(settings: Settings, name: Database, file: Path, path: str) -> None:
    """Put a copy of tables back into their empty schema on a server (hub.adapters.postgres.copies)."""
    url = settings.database(name)

    def make() -> None:
        if name == "store":
            databases.open_store(url, projected(settings), "", {}).close()

    databases.copy_in(url, name, file, path, make)


def open_vault(settings: Settings) -> "LinkingVault":
    """The identity vault: its own database and its own keys, which nothing else opens."""
    from hub.vault.vault import LinkingVault

    tables = databases.open_vault_tables(settings.database("vault"))
    return LinkingVault(tables, FileKeys(settings.folder(settings.keys_vault)), system_of(settings))


def renew_vault(settings: Settings, until: str) -> dict[str, int]:
    """Write the vault anew under other keys (hub.vault.anew)."""
    from hub.vault.anew import write_anew

    with closing(databases.open_vault_tables(settings.database("vault"))) as tables:
        return write_anew(tables, FileKeys(settings.folder(settings.keys_vault)), until)


def open_intake_store(settings: Settings, older: bool = False) -> IntakeStore:
    """Intake's own database, with the registry of connectors; one of an older program only to be backed up."""
    return databases.open_intake_store(settings.database("intake"), older)


def registry(settings: Settings) -> list[Connector]:
    """Every connector that the hub here knows; none where no hub is here."""
    if not is_made(settings, "intake"):
        return []
    with closing(open_intake_store(settings)) as store:
        return store.registry()[1]


def open_intake(settings: Settings, log: Log) -> "Intake":
    """Intake over a log that has the topics `persons` and `markets`; it makes those of agencies itself."""
    from hub.intake.intake import Intake

    return Intake(log, open_vault(settings), hub_keys(settings), open_intake_store(settings))


def lock(settings: Settings, name: str) -> FolderLock:
    """Keeps a second process of that name out of the installation. Raises AlreadyRunning HUB-G701 when entered."""
    return FolderLock(settings.home, name)


def is_made(settings: Settings, name: Database) -> bool:
    """Whether a database is there with its tables."""
    return databases.is_made(settings.database(name), name)


def shown(settings: Settings, name: Database) -> str:
    """A database as its owner knows it: its file, or where it is."""
    return databases.shown(settings.database(name), settings.home.absolute())


def edge_names(settings: Settings) -> list[str]:
    """The connectors that have a folder in this installation, sorted."""
    return sorted(path.parent.name for path in settings.folder("edges").glob(f"*/{edges.FILE}"))


def county_keys(settings: Settings) -> Path:
    """The folder of the county's `K_edge`, of which each connector that is made here gets a copy."""
    return settings.folder("edges") / "keys"


def open_edge(settings: Settings, connector: str) -> edges.Edge:
    """A connector's folder with its keys and locks. Raises DataError HUB-C324 for one that is not there."""
    if connector not in edge_names(settings):
        raise DataError("HUB-C324", connector=edges.shown(connector), known=", ".join(edge_names(settings)) or "-")
    folder = settings.folder("edges") / connector
    locks = [FolderLock(folder, name) for name in ("connector", "turn", "backfill")]
    return edges.Edge(folder, edges.load_spec(folder), FileKeys(folder / "keys"), *locks)


def edge_log(settings: Settings, edge: edges.Edge) -> Log:
    """The log that an edge publishes to: the one its edge.toml names, else the installation's, with its topics."""
    if edge.spec.log not in ("", offline.OFFLINE):
        url = placed_under(edge.spec.log, str(edge.folder.absolute()))
        secret = settings.passwords.get("log") or edge.log_password()
        if url.startswith("http"):
            from hub.adapters.http.log import HttpLog

            return HttpLog(url, edge.spec.agency, secret)
        return open_log(with_password(url, secret), make=False)
    away = f"sqlite:///{edge.folder.absolute()}/{offline.LOG}" if edge.spec.log else ""
    log = open_log(away or settings.database("log"), make=bool(away))  # the installation's was made with it
    for topic in (edge.ingress, edge.outcomes):
        log.create(topic, 1)
    return log


def is_registered(settings: Settings, edge: edges.Edge) -> bool:
    """Whether the hub knows a connector; of one that sends to another machine's hub nothing is known here: True."""
    if edge.spec.log or not is_made(settings, "intake"):
        return True
    return any((one.id, one.agency) == (edge.spec.connector, edge.spec.agency) for one in registry(settings))
