"""Switching from the live tables to a rebuilt shadow, behind a fence (law 5).

The fence is SQLite's write lock: while it is held nobody advances. Positions and outboxes stay the live ones, because a
decision in flight is in the outbox only; everything that a digest covers, and the pseudonyms, become the shadow's.
"""

from hub.adapters.sql.schema import mapped
from hub.adapters.sql.store import SqliteStore
from hub.core.errors import IntegrityError


def at_same_positions(live: SqliteStore, group: str, prefix: str) -> bool:
    """Whether both have committed the same offsets of a group; to be asked while the fence is held."""
    with mapped():
        fields = 'partition, log, "offset", last, accepted'
        positions = [
            live.connection.execute(
                f'SELECT {fields} FROM {some}{group}_position WHERE "offset" > 0 ORDER BY partition'
            ).fetchall()
            for some in ("", prefix)
        ]
    return positions[0] == positions[1]


def switch(live: SqliteStore, groups: list[str], prefix: str) -> bool:
    """Replace the live tables of the groups by the shadow's in one transaction; False when positions differ.

    Raises IntegrityError HUB-P431 when the shadow has no such tables.
    """
    run = live.connection.execute
    with mapped():
        run("BEGIN IMMEDIATE")
    try:
        if not all(at_same_positions(live, group, prefix) for group in groups):
            return False
        for group in groups:
            for table in [*live.tables(group), "name"]:
                _replace(live, f"{group}_{table}", f"{prefix}{group}_{table}")
        with mapped():
            run("COMMIT")
        return True
    finally:
        if live.connection.in_transaction:
            run("ROLLBACK")


def _replace(live: SqliteStore, name: str, shadow: str) -> None:
    """Rows change hands, the tables stay: readers and views keep their names."""
    with mapped():
        if not live.connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (shadow,)).fetchone():
            raise IntegrityError("HUB-P431", table=name)
        live.connection.execute(f"DELETE FROM {name}")
        live.connection.execute(f"INSERT INTO {name} SELECT * FROM {shadow}")


def drop(live: SqliteStore, prefix: str) -> None:
    """Remove every table of a shadow."""
    with mapped():
        found = live.connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, ?) = ?", (len(prefix), prefix)
        ).fetchall()
        for (name,) in found:
            live.connection.execute(f"DROP TABLE {name}")
