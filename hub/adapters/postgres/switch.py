"""A shadow of the live tables in the same schema; its fence is a lock on the live positions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from hub.adapters.postgres.connection import ask, mapped, roll_back, stream, transaction
from hub.adapters.postgres.schema import GUARDS
from hub.adapters.postgres.store import SCHEMA, PostgresStore
from hub.adapters.sql.shadowed import Ask, Stream, TableShadows

_GUARDS: Final = ",".join(GUARDS)


class PostgresShadows(TableShadows[PostgresStore]):
    """The `Shadows` port over the live store; whoever reads both has a connection of its own."""

    _foreign = (
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
        f" WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND NOT t.tgisinternal"
        f" AND NOT (p.pronamespace = c.relnamespace AND p.proname = ANY ('{{{_GUARDS}}}'::name[]))"
        f" UNION SELECT tablename FROM pg_rules WHERE schemaname = '{SCHEMA}'"
    )

    def _ask(self) -> Ask:
        return self._live.ask

    def _names(self, ask: Ask) -> set[str]:
        return {name for (name,) in ask(f"SELECT tablename FROM pg_tables WHERE schemaname = '{SCHEMA}'")}

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Ask, Stream]]:
        connection = self._live.line.another()
        try:
            with transaction(connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY"):
                yield partial(ask, connection), partial(stream, connection)
        finally:
            connection.close()

    @contextmanager
    def _fence(self, groups: Sequence[str]) -> Iterator[Ask]:
        connection = self._live.line.connection()
        with mapped(connection.schema):
            connection.execute("BEGIN")
        try:
            for group in groups:
                ask(connection, f"LOCK TABLE {group}_position IN EXCLUSIVE MODE")
            yield partial(ask, connection)
        finally:
            roll_back(connection)

    @contextmanager
    def _unguarded(self, ask: Ask, table: str) -> Iterator[None]:
        """Its triggers sleep. Whatever is raised undoes that, too."""
        ask(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        ask(f"ALTER TABLE {table} ENABLE TRIGGER USER")
