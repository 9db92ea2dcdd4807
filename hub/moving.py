"""An installation that outgrew its files moves: its log to Kafka, its tables to PostgreSQL, and goes on there.

The log that is left goes by no other name than the one that is moved to: intake, views and connectors find the log that
they know (decision 035). Nothing is switched before all was copied and compared.
"""

import os
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final, NamedTuple

from hub import kept, wiring
from hub.config import DATABASES, FILE, Database, Settings, load
from hub.core.errors import DataError, IntegrityError
from hub.flow.copy import copy_log
from hub.installation import REGISTRY
from hub.keys import vault

BEFORE: Final = "hub-before.toml"
_STAYS: Final = ("hub.", "partitions.", "keys.")
_ON_SERVER: Final = "PostgreSQL", wiring.databases.on_postgresql


class Moved(NamedTuple):
    """What was moved, and of how many records or rows; None for views, which are made again from the log."""

    name: Database
    many: int | None


def move(settings: Settings, file: Path) -> tuple[list[Moved], list[str]]:
    """Move to where `file` says, put it into the place of `hub.toml`, and set aside the files that are no longer used.

    What was moved, and the files. Cut off anywhere, it is run again. Raises AlreadyRunning HUB-G701 while somebody is
    at work, DataError HUB-G702 where `file` says more than places, HUB-G703 for a move that there is not, HUB-G704 for
    a schema that holds something, IntegrityError HUB-L410, HUB-L411, HUB-L561 for a log that does, HUB-L562 where the
    log grew meanwhile, and what a place raises that cannot be had. Then `hub.toml` is what it was.
    """
    coming = load(settings.home, file=file)
    changed = [name for name in DATABASES if _url(settings, name) != _url(coming, name)]
    _check(settings, coming, changed, file)
    with ExitStack() as stack:
        for name in ("rebuild", "serve", "gateway", vault.LOCK, REGISTRY):
            stack.enter_context(wiring.lock(settings, name))
        for connector in wiring.edge_names(settings):
            edge = wiring.open_edge(settings, connector)
            stack.enter_context(edge.lock)
            with edge.filling:  # a backfill is at work between two of its lots, too
                pass
        aside = _set_aside(settings.home, settings)  # of a move before, which was cut off
        moved = [_move(settings, coming, name) for name in changed]
        if "log" in changed:
            _require_same(settings, coming)
        if changed:
            _switch(settings.home, file)
            aside += _set_aside(settings.home, coming)
        return moved, aside


def _check(settings: Settings, coming: Settings, changed: list[Database], file: Path) -> None:
    then = coming.shown()
    for key, now in settings.shown().items():
        if key.startswith(_STAYS) and then[key] != now:
            raise DataError("HUB-G702", key=key, file=file.name)
    for name in changed:
        wanted, is_there = ("Kafka", wiring.on_kafka) if name == "log" else _ON_SERVER
        if not is_there(_url(coming, name)) or not _url(settings, name).startswith("sqlite:"):
            raise DataError("HUB-G703", key=f"{name}.url", wanted=wanted)
        if name != "log":
            wiring.is_made(coming, name)  # whoever has no password, or no server there, is told before hours of copying


def _move(settings: Settings, coming: Settings, name: Database) -> Moved:
    source, target = settings.database(name), coming.database(name)
    moves = next(one.moves for one in kept.DATABASES if one.name == name)
    if moves == kept.RECORDS:
        return Moved(name, _move_log(source, target))
    if moves == kept.ANEW:
        wiring.databases.require_empty(target, name)  # else the hub would not start beside another one's views
        wiring.open_store(coming, wiring.projected(coming)).close()  # so that nothing lacks before the next start
        return Moved(name, None)
    return Moved(name, wiring.databases.move_in(source, target, name))


def _move_log(source: str, target: str) -> int:
    with closing(wiring.open_log(source, make=False)) as ours, closing(wiring.open_log(target)) as theirs:
        identity = ours.identity()
        wiring.require_free(target, identity)  # before hours of copying, and before it is called different records
        plan = copy_log(ours, theirs)
    wiring.succeed(target, identity)
    return sum(one.records for one in plan)


def _require_same(settings: Settings, coming: Settings) -> None:
    """Raises IntegrityError HUB-L562 where the log grew since it was copied: an import of packets takes no lock."""
    source, target = settings.database("log"), coming.database("log")
    with closing(wiring.open_log(source, make=False)) as ours, closing(wiring.open_log(target, make=False)) as theirs:
        for topic, partitions in ours.topics().items():
            for partition in range(partitions):
                if topic not in theirs.topics() or ours.bounds(topic, partition) != theirs.bounds(topic, partition):
                    raise IntegrityError("HUB-L562", topic=topic)


def _switch(home: Path, file: Path) -> None:
    """`hub.toml` is the new one or the old one, whenever this is cut off."""
    (home / BEFORE).write_bytes((home / FILE).read_bytes())
    draft = home / f"{FILE}.new"
    draft.write_bytes(file.read_bytes())
    os.replace(draft, home / FILE)


def _set_aside(home: Path, settings: Settings) -> list[str]:
    """Give files other names that were used before the move, so that no program takes them for those in use."""
    if not (home / BEFORE).exists():
        return []
    used = _files(settings)
    left = [url for url in _files(load(home, file=home / BEFORE)) if url not in used]
    return [moved for url in left for moved in wiring.databases.set_aside(url)]


def _files(settings: Settings) -> list[str]:
    return [settings.database(name) for name in DATABASES if _url(settings, name).startswith("sqlite:")]


def _url(settings: Settings, name: Database) -> str:
    url: str = getattr(settings, f"{name}_url")
    return url
