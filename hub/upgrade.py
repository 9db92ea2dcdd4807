"""State of an older program is brought up for this one, after a backup that was proved."""

from itertools import count
from pathlib import Path
from typing import NamedTuple

from hub import backup, kept, wiring
from hub.config import Database, Settings


class Pending(NamedTuple):
    """A database with an older format, whose side is backed up first."""

    side: str
    name: Database
    found: str
    known: str


def pending(settings: Settings) -> list[Pending]:
    """Every database here that an older program made. Raises DataError HUB-G130 for a newer one when it is opened."""
    found = []
    for name, side, changes, _ in kept.DATABASES:
        if changes and wiring.is_made(settings, name):
            formats = wiring.databases.pending(settings.database(name), name)
            found += [Pending(side, name, *formats)] if formats else []
    return found


def upgrade(settings: Settings, folder: Path, passphrase: str) -> tuple[list[Pending], list[Path]]:
    """Back up each side that has something pending, prove that, then bring it up; what was done, and the backups.

    While it works, nobody serves (AlreadyRunning HUB-G701). Cut off anywhere, it is run again: what is brought up
    stays, and what is left is backed up once more under another name.
    """
    with wiring.lock(settings, "serve"), wiring.lock(settings, "gateway"):
        todo = pending(settings)
        made = []
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for side in dict.fromkeys(one.side for one in todo):
            place = next(path for n in count(1) if not (path := folder / f"{side}-{n}").exists())
            backup.create(settings, side, "", place, passphrase, older=True)
            backup.verify(place, passphrase)
            made.append(place)
        for one in todo:
            wiring.databases.upgrade(settings.database(one.name), one.name)
    return todo, made
