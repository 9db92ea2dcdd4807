"""The store in PostgreSQL: a transaction a fetch, many rows a statement, other partitions at work beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from hub.adapters.postgres.connection import Connection, Line, ask, mapped, stream, transaction
from hub.adapters.postgres.schema import FUNCTIONS, Statements, statements
from hub.adapters.postgres.unit import PostgresUnit
from hub.adapters.sql.committed import committed
from hub.adapters.sql.tables import IN_DIGEST, of_group
from hub.core.fold import Projection
from hub.core.record import Record
from hub.ports.store import Committed, Outgoing

SCHEMA: Final = "store"
_ONE_AT_A_TIME: Final = 0x4855_4201  # the lock under which tables are made


class PostgresStore:
    """The `Store` port over the schema `store` of a database; a shadow lives in the same schema under a prefix."""

    def __init__(self, url: str, projections: Sequence[Projection], prefix: str = "") -> None:
        self._prefix = prefix
        self._folds = {each.group: [fold.table.name for fold in each.folds] for each in projections}
        self._statements = {
            each.group: statements(f"{prefix}{each.group}_", of_group(each), owned=True) for each in projections
        }
        self.line = Line(url, SCHEMA)
        try:
            create_missing(
                self.line.connection(), SCHEMA, [s for group in self._statements.values() for s in group.values()]
            )
        except BaseException:
            self.line.close()
            raise

    def statement(self, group: str, name: str) -> Statements:
        """The statements of a group's table."""
        return self._statements[group][name]

    def begin(self, group: str, partition: int) -> PostgresUnit:
        """Open the transaction. Others may begin, too; of two on one partition the first to commit wins."""
        connection = self.line.connection()
        try:
            return PostgresUnit(connection, self._prefix + group, partition, self._statements[group])
        except BaseException:
            connection.close()
            raise

    def committed(self, group: str, partition: int) -> Committed:
        """What is committed, read outside of any transaction."""
        return committed(self.ask, f"{self._prefix}{group}_position", partition)

    def outgoing(self, group: str, partition: int, limit: int) -> list[Outgoing]:
        """The oldest records of the outbox."""
        rows = self.ask(
            f"SELECT topic, dest, number, key, headers, value FROM {self._prefix}{group}_outbox WHERE partition = ?"
            " ORDER BY topic, dest, number LIMIT ?",
            (partition, limit),
        )
        return [Outgoing(topic, dest, number, Record(*record)) for topic, dest, number, *record in rows]

    def sent(self, group: str, partition: int, last: Mapping[tuple[str, int], int]) -> None:
        """Trim the outbox up to the acknowledged numbers."""
        for (topic, dest), number in last.items():
            self.ask(
                f"DELETE FROM {self._prefix}{group}_outbox WHERE partition = ? AND topic = ? AND dest = ?"
                " AND number <= ?",
                (partition, topic, dest, number),
            )

    def tables(self, group: str) -> list[str]:
        """Fold tables and the ledger's, sorted."""
        return sorted([*self._folds[group], *IN_DIGEST])

    def selection(self, group: str, table: str) -> str:
        """The SELECT of all rows of a table in order of its key."""
        found = self._statements[group][table]
        shown, order = (", ".join(f'"{name}"' for name in names) for names in (found.columns, found.key))
        return f"SELECT {shown} FROM {found.name} ORDER BY {order}"

    def scan(self, group: str, table: str) -> Iterator[tuple[Any, ...]]:
        """All rows in order of the table's key, over a connection of its own."""
        connection = self.line.another()
        try:
            with transaction(connection, "READ ONLY"):
                yield from stream(connection, self.selection(group, table))
        finally:
            connection.close()

    def ask(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Rows of a statement that stands alone; `?` is a value."""
        return ask(self.line.connection(), statement, values)

    def close(self) -> None:
        """Give back the connection."""
        self.line.close()


def create_missing(connection: Connection, schema: str, tables: Iterable[Statements]) -> None:
    """Make the schema and those of the tables that lack, with the triggers that guard them."""
    wanted = {each.name: each for each in tables}
    if not wanted.keys() - present(connection, schema):
        return
    with transaction(connection, ""), mapped(connection.schema):
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
        lacking = wanted.keys() - present(connection, schema)
        for statement in FUNCTIONS if lacking else ():
            connection.execute(statement.encode())
        for name in sorted(lacking):
            for statement in wanted[name].create:
                connection.execute(statement.encode())


def present(connection: Connection, schema: str) -> set[str]:
    """Names of the tables of a schema."""
    return {name for (name,) in ask(connection, "SELECT tablename FROM pg_tables WHERE schemaname = ?", (schema,))}
