"""The hub and the vault of an installation: permissions, keys, log, databases, clocks."""

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Final

from hub import founding, kept, wiring
from hub.codec import Codec
from hub.config import Database, Settings
from hub.core.calendar import day_at
from hub.core.errors import DataError, HubError, IntegrityError, NotPermitted
from hub.doctor.finding import Finding, Place, looked
from hub.intake.forks import fork_of
from hub.keys.own import check_hub, check_vault
from hub.ports.intake import IntakeStore
from hub.ports.log import Log

SKEW_MS: Final = 60_000
"""More than this between two clocks is told."""

_machine = wiring.machine


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything that is the hub's and the vault's affair."""
    yield looked("permissions", partial(permissions, settings))
    if not founding.is_hub(settings):
        return
    yield looked("profile", partial(profile, settings))
    yield looked("keys_hub", partial(keys, settings, settings.keys_hub))
    yield looked("keys_vault", partial(keys, settings, settings.keys_vault))
    yield looked("log", partial(log, settings))
    yield looked("clock", partial(clock, settings))
    for name in kept.TABLES:
        yield looked("database", partial(database, settings, name), name)
    yield from agencies(settings)


def profile(settings: Settings) -> Place:
    """The profile of policy is one that there is. Raises DataError HUB-P350."""
    wiring.parking(settings.profile)
    return {"profile": settings.profile}


def permissions(settings: Settings) -> Place:
    """This account may write where it must, and nobody else may look into what is kept.

    Raises NotPermitted HUB-H601 for a folder that may not be written to, HUB-H602 for one that others may enter.
    """
    folders = [
        path for path in (Path("."), Path("hub"), Path("vault"), Path("edges")) if settings.folder(str(path)).is_dir()
    ]
    for folder in folders:
        if not _machine.writable(settings.folder(str(folder))):
            raise NotPermitted("HUB-H601", folder=folder.as_posix())
    for folder in (path for path in folders if path.name in ("hub", "vault")):
        if _machine.open_to_others(settings.folder(str(folder))):
            raise NotPermitted("HUB-H602", path=folder.as_posix(), mode="700")
    return {"folders": len(folders)}


def keys(settings: Settings, folder: str) -> Place:
    """Keys are there, whole, closed to others, and those that data was made with. Raises as `hub.keys.own`."""
    closed(settings.home, settings.folder(folder))
    check = check_hub if folder == settings.keys_hub else check_vault
    return {"keys": check(settings)}


def closed(home: Path, folder: Path) -> None:
    """Raises NotPermitted HUB-H602 for a key, or a folder of keys, that others may read."""
    for path, mode in ((folder, "700"), *((path, "600") for path in sorted(folder.glob("*.key")))):
        if path.exists() and _machine.open_to_others(path):
            told = path.relative_to(home) if path.is_relative_to(home) else Path(path.name)
            raise NotPermitted("HUB-H602", path=told.as_posix(), mode=mode)


def log(settings: Settings) -> Place:
    """The log answers and has its topics. Raises what opening it raises, DataError HUB-H104 for a topic that lacks."""
    with closing(wiring.open_log(settings.database("log"), make=False)) as found:
        topics = found.topics()
        for topic, partitions in wiring.canonical_topics(settings).items():
            if topics.get(topic) != partitions:
                raise DataError("HUB-H104", topic=topic, partitions=partitions, found=topics.get(topic, 0))
        records = sum(found.bounds(topic, n).end for topic, size in topics.items() for n in range(size))
        return {"identity": found.identity(), "records": f"{records:,}"}


def clock(settings: Settings) -> Place:
    """This machine's day is not before the last one in the log, its clock not far from the databases' servers.

    Raises IntegrityError HUB-H401 for a clock that went back, DataError HUB-H306 for two clocks that differ.
    """
    system = wiring.system_of(settings)
    now, today = system.now_ms(), system.today()
    with closing(wiring.open_log(settings.database("log"), make=False)) as found:
        latest = max(_received(found, wiring.canonical_topics(settings)), default=today)
    if latest > today:
        raise IntegrityError("HUB-H401", days=latest - today)
    for name in kept.TABLES:
        server = wiring.databases.clock_ms(settings.database(name), name)
        if server is not None and settings.clock_day is None and abs(server - now) > SKEW_MS:
            raise DataError("HUB-H306", name=name, seconds=abs(server - now) // 1000)
    return {}


def database(settings: Settings, name: Database) -> Place:
    """A database answers and is of this program's form. Raises DataError HUB-H105 where there is none."""
    if not wiring.is_made(settings, name):
        raise DataError("HUB-H105", name=name)
    if name == "store":
        with wiring.open_views(settings).snapshot() as snapshot:
            snapshot.positions("persons")
    else:
        opened = wiring.open_intake_store(settings) if name == "intake" else wiring.open_vault(settings)
        opened.close()
    return {"name": name}


def agencies(settings: Settings) -> Iterator[Finding]:
    """Each agency by itself; what keeps us from looking was found at the log or the database already."""
    with suppress(HubError, OSError):
        if not wiring.is_made(settings, "intake"):  # looking must not make it
            return
        with (
            closing(wiring.open_log(settings.database("log"), make=False)) as opened,
            closing(wiring.open_intake_store(settings)) as store,
        ):
            for name in store.agencies():
                yield looked("agency", partial(agency, settings, opened, store, name), name)


def agency(settings: Settings, opened: Log, store: IntakeStore, name: str) -> Place:
    """No fork stops its intake. Raises IntegrityError: HUB-I420 to HUB-I422 for one that does, others as `fork_of`."""
    if fork := fork_of(opened, store, wiring.hub_keys(settings), name):
        raise fork
    return {}


def _received(log: Log, topics: Iterable[str]) -> Iterator[int]:
    """The day in Shanghai on which the last record of each partition was received."""
    codec, there = Codec(), log.topics()
    for topic in topics:
        for partition in range(there.get(topic, 0)):
            end = log.bounds(topic, partition).end
            for record in log.read(topic, partition, end - 1, 1) if end else ():
                yield day_at(codec.envelope(record.headers).received_at)
