"""What an installation makes for itself: folders, keys, databases and topics, and the folder of a connector.

Whatever is there is kept, so that each of these may be run again.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from connectors import edge as edges
from connectors.rows.tokens import KEY as COUNTY
from hub import wiring
from hub.config import Database, Settings
from hub.core.errors import DataError, NotPermitted

Step = Callable[[Settings], list[str]]

# Kind and name of each key that an installation makes for itself. A county's K_edge is carried in by its keeper.
PURPOSES: Final = tuple(f"{wiring.PURPOSE}{domain}" for domain in wiring.DOMAINS)
DERIVED: Final = (*PURPOSES, "K_gateway")  # nothing that is kept was made with these
HUB_KEYS: Final = (("wrap", "hub"), ("secret", "K_intake"), *(("secret", k) for k in DERIVED))
VAULT_KEYS: Final = (("wrap", "vault"), ("secret", "K_vault"), ("secret", "K_identity"))


def is_hub(settings: Settings) -> bool:
    """Whether a hub is, or was, in this folder; an agency that joined has connectors, and neither hub nor vault."""
    kept = (path for name in ("hub", "vault") for path in settings.folder(name).rglob("*") if path.is_file())
    return settings.installed_on is not None or any(kept) or not wiring.edge_names(settings)


def require_joined(settings: Settings, connector: str) -> None:
    """Raises DataError HUB-C483 where an agency has no invitation for a connector: the hub's keys are not here."""
    if not (settings.folder("edges") / connector / edges.FILE).exists() and not is_hub(settings):
        raise DataError("HUB-C483", connector=connector)


def make_folders(settings: Settings) -> list[str]:
    """The folders of an installation, their owner's only: views without names still tell how each of us fares."""
    made = []
    for name in ("hub", "vault", "edges", settings.keys_hub, settings.keys_vault):
        folder = settings.folder(name)
        if not folder.is_dir():
            try:
                folder.mkdir(parents=True, mode=0o700)
            except PermissionError:
                raise NotPermitted("HUB-G622", folder=name) from None
            made.append(f"{name}/")
    return made


def make_keys(settings: Settings) -> list[str]:
    """The keys that lack. DataError HUB-G123 for one that data here was made with; a view's may be a new one."""
    made = []
    wanted: Mapping[str, tuple[tuple[str, str], ...]] = {settings.keys_hub: HUB_KEYS, settings.keys_vault: VAULT_KEYS}
    for folder, keys in wanted.items():
        store = wiring.keys_in(settings.folder(folder))
        known = store.names()
        for kind, name in keys:
            if name not in known:
                database: Database = "vault" if folder == settings.keys_vault else "intake"
                if name not in DERIVED and wiring.is_made(settings, database):
                    raise DataError("HUB-G123", key=name)
                store.make(kind, name)
                made.append(Path(folder, f"{name}.key").as_posix())
    return made


def make_databases(settings: Settings) -> list[str]:
    """The databases that lack, with their tables, and the log's canonical topics; one that is there is not opened."""
    url = settings.database("log")
    makers: Mapping[Database, Callable[[Settings], object]] = {
        **(
            {}
            if wiring.on_kafka(url)
            else {"log": lambda settings: wiring.make_topics(url, wiring.canonical_topics(settings))}
        ),
        "store": lambda settings: wiring.open_store(settings, wiring.projected(settings)).close(),
        "intake": lambda settings: wiring.open_intake_store(settings).close(),
        "vault": lambda settings: wiring.open_vault(settings).close(),
    }
    made = []
    for name, make in makers.items():
        if not wiring.is_made(settings, name):
            make(settings)
            made.append(wiring.shown(settings, name))
    return made if "log" in makers else [*wiring.make_topics(url, topics_of(settings)), *made]


def topics_of(settings: Settings) -> dict[str, int]:
    """Every topic that an installation has now, with its partitions: the canonical ones and those of its agencies."""
    agencies = sorted({connector.agency for connector in wiring.registry(settings)})
    of_agencies = {f"{topic}.{agency}": 1 for agency in agencies for topic in ("ingress", "outcomes")}
    return wiring.canonical_topics(settings) | of_agencies


def make_edge(settings: Settings, spec: edges.EdgeSpec) -> edges.Edge:
    """A connector's folder with settings and keys; what is there is kept. The county's key is `edges/keys/K_edge`.

    Public keys of hub and vault that `spec` leaves empty are this installation's. Raises as `require_joined`.
    """
    folder = settings.folder("edges") / spec.connector
    if not spec.hub_public:
        require_joined(settings, spec.connector)
    if not (folder / edges.FILE).exists():
        vault = wiring.keys_in(settings.folder(settings.keys_vault))
        known = spec.hub_public or wiring.hub_keys(settings).public("hub"), spec.vault_public or vault.public("vault")
        edges.write_spec(folder, replace(spec, hub_public=known[0], vault_public=known[1]))
    edges.make_keys(wiring.keys_in(folder / "keys"))
    county = wiring.county_keys(settings)
    wiring.keys_in(county).make("secret", COUNTY)
    if not (folder / "keys" / f"{COUNTY}.key").exists():
        for name in (*wiring.keys_in(county).before(COUNTY), COUNTY):
            shutil.copy2(county / f"{name}.key", folder / "keys" / f"{name}.key")
    return wiring.open_edge(settings, spec.connector)


def carry_county_key(settings: Settings, file: Path) -> None:
    """Keep the county's key, which its keeper brought, where connectors are made from; for its owner only."""
    folder = wiring.county_keys(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{COUNTY}.{os.getpid()}.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
        kept.write(file.read_bytes())
    os.replace(draft, folder / f"{COUNTY}.key")


# What `hub init` does, in order. Each step makes what lacks, says what it made, and may be run again.
STEPS: Final[tuple[Step, ...]] = (make_folders, make_keys, make_databases)
