"""The formats of our databases in files, and from one to the next: frozen SQL, one transaction a step.

What a step does never changes with the code. A test holds their sum against what the code makes anew.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from hub.adapters.sql.faults import mapped
from hub.core.errors import DataError
from hub.core.format import check_format

STEPS: Final[Mapping[str, Mapping[int, tuple[str, ...]]]] = {
    "intake": {
        2: (
            "CREATE TABLE IF NOT EXISTS pace (connector TEXT NOT NULL, rhythm TEXT NOT NULL, since INTEGER NOT NULL,"
            " PRIMARY KEY (connector))",
            "CREATE TABLE IF NOT EXISTS heard (connector TEXT NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (connector))",
        ),
    },
}
"""By database (log, store, intake, vault) and the format that a step leads to; the first format has none."""


def newest(name: str) -> int:
    """The format that this program writes."""
    return max(STEPS.get(name, {}), default=1)


def check(found: int, name: str) -> None:
    """Raises DataError HUB-G130 for the database of a newer program, HUB-B320 for that of an older one; 0 is new."""
    if check_format(found or newest(name), newest(name), name):
        raise DataError("HUB-B320", name=name, found=found, known=newest(name))


def found_in(path: Path) -> int:
    """The format of a database in a file."""
    with mapped(), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def upgrade(path: Path, name: str) -> int:
    """Bring a database up, step by step; how many there were. Each step is done or not begun."""
    done = 0
    with mapped(), closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        while (found := int(connection.execute("PRAGMA user_version").fetchone()[0])) < newest(name):
            connection.execute("BEGIN EXCLUSIVE")
            for statement in STEPS[name][found + 1]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={found + 1}")
            connection.execute("COMMIT")
            done += 1
    return done
