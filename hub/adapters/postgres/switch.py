"""A shadow of the live tables in the same schema, compared in one snapshot and switched to behind a fence (law 5).

The fence is a lock on the live positions: while it is held nobody commits. Positions and outboxes stay the live ones,
because a decision in flight is in the outbox only; everything that a digest covers, and the pseudonyms, become the
shadow's.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hub.adapters.postgres.connection import Connection, ask, mapped, roll_back, stream, transaction
from hub.adapters.postgres.store import SCHEMA, PostgresStore, present
from hub.core.errors import IntegrityError


def _same_positions(connection: Connection, group: str, prefix: str) -> bool:
    fields = 'partition, log, "offset", last, accepted'
    both = [
        ask(connection, f'SELECT {fields} FROM {some}{group}_position WHERE "offset" > 0 ORDER BY partition')
        for some in ("", prefix)
    ]
    return bool(both[0] == both[1])


class PostgresSide:
    """The `Side` port: the tables of one store, read through the connection that holds the snapshot."""

    def __init__(self, connection: Connection, store: PostgresStore) -> None:
        self._connection, self._store = connection, store

    def tables(self, group: str) -> list[str]:
        """Those that a digest covers."""
        return self._store.tables(group)

    def columns(self, group: str, table: str) -> tuple[str, ...]:
        """Names of fields."""
        return self._store.statement(group, table).columns

    def scan(self, group: str, table: str) -> Iterator[tuple[Any, ...]]:
        """All rows in order of the table's key."""
        yield from stream(self._connection, self._store.selection(group, table))


class PostgresShadows:
    """The `Shadows` port over the live store; `open` gives a store under a prefix in the same schema."""

    def __init__(self, live: PostgresStore, open: Callable[[str], PostgresStore], prefix: str = "shadow_") -> None:
        self._live, self._open, self._prefix = live, open, prefix
        self._shadow: PostgresStore | None = None

    def make(self) -> PostgresStore:
        """A new empty shadow."""
        self.drop()
        self._shadow = self._open(self._prefix)
        return self._shadow

    @contextmanager
    def pair(self, groups: Sequence[str]) -> Iterator[tuple[PostgresSide, PostgresSide] | None]:
        """Both in one read transaction of a connection of its own."""
        connection = self._live.line.another()
        try:
            with transaction(connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY"):
                same = self._shadow and all(_same_positions(connection, group, self._prefix) for group in groups)
                if self._shadow and same:
                    yield PostgresSide(connection, self._live), PostgresSide(connection, self._shadow)
                else:
                    yield None
        finally:
            connection.close()

    def switch(self, groups: Sequence[str]) -> bool:
        """Rows change hands behind the fence, in one transaction; False when positions differ."""
        connection, prefix = self._live.line.connection(), self._prefix
        there = present(connection, SCHEMA)
        for group in groups:
            for table in [*self._live.tables(group), "name", "position"]:
                if f"{prefix}{group}_{table}" not in there:
                    raise IntegrityError("HUB-P431", table=f"{prefix}{group}_{table}")
        with mapped(connection.schema):
            connection.execute("BEGIN")
        try:
            for group in groups:
                ask(connection, f"LOCK TABLE {group}_position IN EXCLUSIVE MODE")
            if not all(_same_positions(connection, group, prefix) for group in groups):
                return False
            for group in groups:
                for table in [*self._live.tables(group), "name"]:
                    self._replace(connection, f"{group}_{table}", f"{prefix}{group}_{table}")
                ask(connection, f"ALTER TABLE {group}_position DISABLE TRIGGER USER")
                ask(
                    connection,
                    f"UPDATE {group}_position p SET keys = s.keys FROM {prefix}{group}_position s"
                    " WHERE s.partition = p.partition",
                )
                ask(connection, f"ALTER TABLE {group}_position ENABLE TRIGGER USER")
            ask(connection, "COMMIT")
            return True
        finally:
            roll_back(connection)

    @staticmethod
    def _replace(connection: Connection, name: str, shadow: str) -> None:
        """Rows change hands, the tables stay: readers and views keep their names. Guards sleep for as long."""
        ask(connection, f"ALTER TABLE {name} DISABLE TRIGGER USER")
        ask(connection, f"DELETE FROM {name}")
        ask(connection, f"INSERT INTO {name} SELECT * FROM {shadow}")
        ask(connection, f"ALTER TABLE {name} ENABLE TRIGGER USER")

    def drop(self) -> None:
        """Close the shadow and remove its tables."""
        if self._shadow:
            self._shadow.close()
            self._shadow = None
        drop(self._live, self._prefix)


def drop(live: PostgresStore, prefix: str) -> None:
    """Remove every table of a shadow."""
    connection = live.line.connection()
    for name in sorted(present(connection, SCHEMA)):
        if name.startswith(prefix):
            ask(connection, f"DROP TABLE {SCHEMA}.{name}")
