"""What an installation keeps: each database and each kind of file once, and what becomes of it (decision 036).

Whoever adds a database, or a file that outlives the process which wrote it, adds it here: backup, upgrade, move and
doctor go by these lists, and a test looks for what lies in an installation and is in none of them. Which format a
database has is in `hub.adapters.sql.formats`, `hub.adapters.postgres.migrations` and `connectors.spool.state`.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from connectors import edge as edges
from connectors.drafting.editor_schema import FILE as EDITOR_SCHEMA
from connectors.rows.tokens import KEY
from connectors.run import offline
from connectors.spool.tables import FORGET_SEALED
from connectors.trial.cases_file import FILE as CASES
from hub.config import Database
from hub.core.manifest import HUB, VAULT

RECORDS, ROWS, ANEW = "records", "rows", "anew"


class Kept(NamedTuple):
    """A database, by its name in `hub.toml`. `side` is whose backup it is in.

    `changes`: a later program may want another form of it, which an upgrade gives it; a record of the log keeps the
    form that it was written in. `moves`: what goes along to a server: its records, its rows, or nothing, since views
    are made again from the log.
    """

    name: Database
    side: str
    changes: bool
    moves: str


DATABASES: Final = (
    Kept("store", HUB, changes=True, moves=ANEW),
    Kept("intake", HUB, changes=True, moves=ROWS),
    Kept("log", HUB, changes=False, moves=RECORDS),
    Kept("vault", VAULT, changes=True, moves=ROWS),
)
"""In the order in which they are copied: whoever reads before what is read, so no copy knows more than the log's."""

TABLES: Final = tuple(one.name for one in DATABASES if one.changes)
"""Those with tables of rows: in a file, or in a schema on PostgreSQL."""


def of_side(side: str) -> tuple[Database, ...]:
    """The databases of a side, in the order in which they are copied."""
    return tuple(one.name for one in DATABASES if one.side == side)


COUNTY: Final = f"edges/keys/{KEY}.key"
"""The county's key, from which each connector that is made here gets a copy; while it is rotated, two lie there."""

EDGE_DATABASES: Final[Mapping[str, Sequence[str]]] = {edges.SPOOL: (FORGET_SEALED,), offline.LOG: ()}
"""In a connector's folder, each with what is done to its copy: what refused rows held stays behind."""

EDGE_FILES: Final = ("*.toml", "codes/*.csv", CASES, EDITOR_SCHEMA, offline.STATE)
"""In a connector's folder, lying open in its backup. A source may lie there, too: it is the agency's."""

EDGE_KEYS: Final = "keys/*.key"
"""In a connector's folder, under the passphrase in its backup, but for `DAILY`."""

DAILY: Final = "rows-"
"""Begins the names of keys that are destroyed when their day is over: no backup may outlive them."""
