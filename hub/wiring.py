"""Puts an installation together from its settings: the only module that names adapters."""

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from connectors import edge as edges
from connectors.offline import OFFLINE
from hub.adapters import backups as backups
from hub.adapters import databases as databases
from hub.adapters import machine as machine
from hub.adapters.files import packets as packets
from hub.adapters.files.keys import FileKeys as FileKeys
from hub.adapters.http.log import HttpLog
from hub.adapters.logs import fetches as fetches
from hub.adapters.logs import make_topics
from hub.adapters.logs import on_kafka as on_kafka
from hub.adapters.logs import open_log as open_log
from hub.adapters.logs import topics_as_code as topics_as_code
from hub.adapters.processes import Children as Children
from hub.adapters.processes import stop_signal as stop_signal
from hub.adapters.sql.tally import disjoint as disjoint
from hub.adapters.sql.tally import pseudonym as pseudonym
from hub.adapters.sql.tally import tally as tally
from hub.adapters.system import FixedSystem, FolderLock, MachineSystem
from hub.config import Database, Settings
from hub.core.errors import DataError, NotPermitted
from hub.core.fold import Projection
from hub.core.url import placed_under, with_password
from hub.data import fingerprinted
from hub.intake.intake import Intake
from hub.ports.intake import IntakeStore
from hub.ports.keys import Keys, Mac
from hub.ports.log import Log
from hub.ports.shadow import Shadows
from hub.ports.system import System
from hub.ports.views import Views
from hub.vault.vault import LinkingVault
from projections import definitions, dictionary, profiles

Step = Callable[[Settings], list[str]]

# Kind and name of each key that an installation makes for itself. A county's K_edge is carried in by its keeper.
DOMAINS: Final = tuple(domain for group in ("persons", "markets") for domain in definitions.domains(group))
PURPOSES: Final = tuple(f"K_purpose-{domain}" for domain in DOMAINS)
DERIVED: Final = (*PURPOSES, "K_gateway")  # nothing that is kept was made with these
HUB_KEYS: Final = (("wrap", "hub"), ("secret", "K_intake"), *(("secret", k) for k in DERIVED))
VAULT_KEYS: Final = (("wrap", "vault"), ("secret", "K_vault"), ("secret", "K_identity"))


def system_of(settings: Settings) -> System:
    """The machine's clock and chance; with `hub.clock_day`, a clock that stands at that day and ids that repeat."""
    if settings.clock_day is None:
        return MachineSystem()
    return FixedSystem(settings.clock_day, key=hashlib.sha256(b"demo").digest())


def hub_keys(settings: Settings) -> Keys:
    """The hub's keys; the vault's are opened by the vault alone."""
    return FileKeys(settings.folder(settings.keys_hub))


def projected(settings: Settings) -> tuple[Projection, ...]:
    """The projections of an installation, under the profile that it follows."""
    rules = profiles.load(settings.profile)
    return definitions.persons(rules), definitions.markets(rules)


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


def namers(keys: Keys) -> dict[str, Mac]:
    """The keyed names of subjects, one a domain of public views (architecture §6, `K_purpose`)."""
    return {domain: keys.mac(f"K_purpose-{domain}", f"pseudonym/{domain}") for domain in DOMAINS}


def open_vault(settings: Settings) -> LinkingVault:
    """The identity vault: its own database and its own keys, which nothing else opens."""
    tables = databases.open_vault_tables(settings.database("vault"))
    return LinkingVault(tables, FileKeys(settings.folder(settings.keys_vault)), system_of(settings))


def open_intake_store(settings: Settings) -> IntakeStore:
    """Intake's own database, with the registry of connectors."""
    return databases.open_intake_store(settings.database("intake"))


def open_intake(settings: Settings, log: Log) -> Intake:
    """Intake over a log that has the topics `persons` and `markets`; it makes those of agencies itself."""
    return Intake(log, open_vault(settings), hub_keys(settings), open_intake_store(settings))


def lock(settings: Settings, name: str) -> FolderLock:
    """Keeps a second process of that name out of the installation. Raises AlreadyRunning HUB-G701 when entered."""
    return FolderLock(settings.home, name)


def make_folders(settings: Settings) -> list[str]:
    """The folders of an installation; those with keys or identities are their owner's only."""
    private = (settings.keys_hub, settings.keys_vault)
    made = []
    for name in ("hub", "vault", "edges", *private):
        folder = settings.folder(name)
        if not folder.is_dir():
            try:
                folder.mkdir(parents=True, mode=0o700 if name in (*private, "vault") else 0o755)
            except PermissionError:
                raise NotPermitted("HUB-G622", folder=name) from None
            made.append(f"{name}/")
    return made


def make_keys(settings: Settings) -> list[str]:
    """The keys that lack. DataError HUB-G123 for one that data here was made with; a view's may be a new one."""
    made = []
    wanted: Mapping[str, tuple[tuple[str, str], ...]] = {settings.keys_hub: HUB_KEYS, settings.keys_vault: VAULT_KEYS}
    for folder, keys in wanted.items():
        store = FileKeys(settings.folder(folder))
        known = store.names()
        for kind, name in keys:
            if name not in known:
                database: Database = "vault" if folder == settings.keys_vault else "intake"
                if name not in DERIVED and is_made(settings, database):
                    raise DataError("HUB-G123", key=name)
                store.make(kind, name)
                made.append(Path(folder, f"{name}.key").as_posix())
    return made


def is_made(settings: Settings, name: Database) -> bool:
    """Whether a database is there with its tables."""
    return databases.is_made(settings.database(name), name)


def make_databases(settings: Settings) -> list[str]:
    """The databases that lack, with their tables, and the log's canonical topics; one that is there is not opened."""
    url = settings.database("log")
    makers: Mapping[Database, Callable[[Settings], object]] = {
        **({} if on_kafka(url) else {"log": lambda settings: make_topics(url, canonical_topics(settings))}),
        "store": lambda settings: open_store(settings, projected(settings)).close(),
        "intake": lambda settings: open_intake_store(settings).close(),
        "vault": lambda settings: open_vault(settings).close(),
    }
    made = []
    for name, make in makers.items():
        if not is_made(settings, name):
            make(settings)
            made.append(databases.shown(settings.database(name), settings.home.absolute()))
    return made if "log" in makers else [*make_topics(url, topics_of(settings)), *made]


def topics_of(settings: Settings) -> dict[str, int]:
    """Every topic that an installation has now, with its partitions: the canonical ones and those of its agencies."""
    agencies: set[str] = set()
    if is_made(settings, "intake"):
        with closing(open_intake_store(settings)) as store:
            agencies = {connector.agency for connector in store.registry()[1]}
    of_agencies = {f"{topic}.{agency}": 1 for agency in sorted(agencies) for topic in ("ingress", "outcomes")}
    return canonical_topics(settings) | of_agencies


# What `hub init` does, in order. Each step makes what lacks, says what it made, and may be run again.
STEPS: Final[tuple[Step, ...]] = (make_folders, make_keys, make_databases)


def edge_names(settings: Settings) -> list[str]:
    """The connectors that have a folder in this installation, sorted."""
    return sorted(path.parent.name for path in settings.folder("edges").glob(f"*/{edges.FILE}"))


def open_edge(settings: Settings, connector: str) -> edges.Edge:
    """A connector's folder with its keys and lock. Raises DataError HUB-C324 for one that is not there."""
    if connector not in edge_names(settings):
        raise DataError("HUB-C324", connector=edges.shown(connector), known=", ".join(edge_names(settings)) or "-")
    folder = settings.folder("edges") / connector
    return edges.Edge(folder, edges.load_spec(folder), FileKeys(folder / "keys"), FolderLock(folder, "connector"))


def edge_log(settings: Settings, edge: edges.Edge) -> Log:
    """The log that an edge publishes to: the one its edge.toml names, else the installation's, with its topics."""
    if edge.spec.log not in ("", OFFLINE):
        url = placed_under(edge.spec.log, str(edge.folder.absolute()))
        secret = settings.passwords.get("log") or edge.log_password()
        if url.startswith("http"):
            return HttpLog(url, edge.spec.agency, secret)
        return open_log(with_password(url, secret), make=False)
    log = open_log(f"sqlite:///{edge.folder.absolute()}/offline.db" if edge.spec.log else settings.database("log"))
    for topic in (edge.ingress, edge.outcomes):
        log.create(topic, 1)
    return log


def is_registered(settings: Settings, edge: edges.Edge) -> bool:
    """Whether the hub knows a connector; of one that sends to another machine's hub nothing is known here: True."""
    if edge.spec.log or not is_made(settings, "intake"):
        return True
    with closing(open_intake_store(settings)) as store:
        return any((one.id, one.agency) == (edge.spec.connector, edge.spec.agency) for one in store.registry()[1])


def make_edge(settings: Settings, spec: edges.EdgeSpec) -> edges.Edge:
    """A connector's folder with settings and keys; what is there is kept. The county's key is `edges/keys/K_edge`.

    Public keys of hub and vault that `spec` leaves empty are this installation's.
    """
    folder = settings.folder("edges") / spec.connector
    if not (folder / edges.FILE).exists():
        vault = FileKeys(settings.folder(settings.keys_vault))
        known = spec.hub_public or hub_keys(settings).public("hub"), spec.vault_public or vault.public("vault")
        edges.write_spec(folder, replace(spec, hub_public=known[0], vault_public=known[1]))
    edges.make_keys(FileKeys(folder / "keys"))
    county = settings.folder("edges") / "keys"
    FileKeys(county).make("secret", "K_edge")
    if not (folder / "keys" / "K_edge.key").exists():
        shutil.copy2(county / "K_edge.key", folder / "keys" / "K_edge.key")
    return open_edge(settings, spec.connector)
