"""One transaction of a group on a partition of the PostgreSQL store."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.adapters.postgres.connection import Connection, ask, lost, mapped, roll_back
from hub.adapters.postgres.schema import Statements
from hub.adapters.sql.begun import BegunUnit
from hub.core.errors import DataError, HubError, IntegrityError
from hub.core.fold import Row, Table
from hub.ports.store import NOTHING, Entry, Key, Position


class PostgresUnit(BegunUnit):
    """The `Unit` port. Nobody is kept waiting by what it reads: all of it is as of one moment, and `commit` succeeds
    only while the position is still the one that was read. Whoever wrote meanwhile has won (law 6)."""

    def __init__(
        self, connection: Connection, group: str, partition: int, statements: Mapping[str, Statements]
    ) -> None:
        super().__init__(group, partition)
        self._connection, self._statements = connection, statements
        with mapped(connection.schema), connection.pipeline():
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            # Before the moment that is read: a switch to a shadow waits for this unit, or this unit for the switch.
            connection.execute(f"LOCK TABLE {group}_position IN ROW EXCLUSIVE MODE")
            connection.execute("SELECT set_config('hub.partition', %s, true)", (str(partition),))
            read = [
                connection.execute(f"SELECT {what} FROM {group}_{table} WHERE partition = %s", (partition,))
                for what, table in (
                    ('log, "offset", last, keys, accepted, counters, facts', "position"),
                    ("name, n", "source"),
                    ("name, value", "count"),
                )
            ]
            found, sources, counts = (cursor.fetchall() for cursor in read)
        self._remember(found[0] if found else None, sources, counts)
        self._began = self.position

    def known(self, keys: Sequence[bytes]) -> dict[bytes, Key]:
        """Those of the keys that exist in this partition."""
        if not keys:
            return {}
        rows = self._run(f'SELECT * FROM {self._group}_key WHERE "key" = ANY(%s)', (list(keys),))
        return {row[1]: Key(*row) for row in rows if self._low <= row[0] < self._high}

    def save_keys(self, keys: Iterable[Key]) -> None:
        """Put heads, orders and waiting corrections forward."""
        columns = list(zip(*((id, head, high, low, waiting) for id, _, head, high, low, waiting in keys), strict=True))
        if columns:
            self._run(
                f"UPDATE {self._group}_key k SET head = v.head, high = v.high, low = v.low, waiting = v.waiting FROM"
                f" unnest({', '.join(['%s::bigint[]'] * 5)}) v(id, head, high, low, waiting) WHERE k.id = v.id",
                [list(column) for column in columns],
            )

    def rows(self, table: Table, ids: Sequence[int]) -> Mapping[int, Row]:
        """The row with the highest `n` of each id that has one."""
        if not ids:
            return {}
        make = table.row._make  # type: ignore[attr-defined]
        rows = self._run(
            f"SELECT DISTINCT ON (id) * FROM {self._name(table)} WHERE id = ANY(%s) ORDER BY id, n DESC", (list(ids),)
        )
        return {row[0]: make(row) for row in rows}

    def due(self, table: Table, day: int, limit: int) -> list[Row]:
        """Rows with `due` <= day, lowest first, then id."""
        rows = self._run(
            f"SELECT * FROM {self._name(table)} WHERE due IS NOT NULL AND due <= %s AND id >= %s AND id < %s"
            " ORDER BY due, id, n LIMIT %s",
            (day, self._low, self._high, limit),
        )
        return [table.row._make(row) for row in rows]  # type: ignore[attr-defined]

    def select(self, table: Table, where: Mapping[str, Any], order: Sequence[str] = (), limit: int = 0) -> list[Row]:
        """Rows whose fields equal `where`, in order of fields then id."""
        tests = [f'"{field}" IS NULL' if value is None else f'"{field}" = %s' for field, value in where.items()]
        orders = [*(f'"{field}" NULLS FIRST' for field in order), "id", "n"]
        rows = self._run(
            f"SELECT * FROM {self._name(table)} WHERE {' AND '.join([*tests, 'id >= %s', 'id < %s'])}"
            f" ORDER BY {', '.join(orders)}{f' LIMIT {limit}' if limit else ''}",
            (*(value for value in where.values() if value is not None), self._low, self._high),
        )
        return [table.row._make(row) for row in rows]  # type: ignore[attr-defined]

    def save(self, table: Table, rows: Iterable[Row]) -> None:
        """Insert or replace rows of a fold; the table itself refuses another partition's."""
        self._many(table.name, "replace", sorted(rows))

    def drop(self, table: Table, ids: Iterable[int], keep: int) -> None:
        """Remove the rows of these ids whose `n` >= keep."""
        self._run(f"DELETE FROM {self._name(table)} WHERE id = ANY(%s) AND n >= %s", (list(ids), keep))

    def add(self, entries: Iterable[Entry]) -> None:
        """Insert ledger entries."""
        self._many("event", "insert", entries)

    def chain(self, heads: Sequence[int]) -> list[Entry]:
        """Every ledger entry of the chains that end at `heads`, in order of `at`."""
        if not heads:
            return []
        ledger = f"{self._group}_event"
        rows = self._run(
            "WITH RECURSIVE link(at) AS (SELECT unnest(%s::bigint[])"
            f" UNION SELECT e.prev FROM link JOIN {ledger} e ON e.at = link.at WHERE e.prev > 0)"
            f" SELECT e.* FROM link JOIN {ledger} e ON e.at = link.at",
            (list(heads),),
        )
        return sorted(map(Entry._make, rows))

    def commit(self, position: Position) -> None:
        """All of it, or nothing; a position that is no longer the one that was read is somebody else's victory."""
        self._save_pairs()
        values = self._remembered(position)
        table = f"{self._group}_position"
        if self._began == NOTHING:
            done = self._run(
                f'INSERT INTO {table} (partition, log, "offset", last, keys, accepted, counters, facts)'
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING 1",
                (self._partition, *values),
            )
        else:
            done = self._run(
                f'UPDATE {table} SET log = %s, "offset" = %s, last = %s, keys = %s, accepted = %s, counters = %s,'
                ' facts = %s WHERE partition = %s AND log = %s AND "offset" = %s AND last = %s RETURNING 1',
                (*values, self._partition, *self._began),
            )
        if not done:
            raise self._beaten()
        self._run("COMMIT")
        self._open = False

    def abandon(self) -> None:
        """Give it up."""
        if self._open:
            self._open = False
            roll_back(self._connection)

    def _beaten(self) -> IntegrityError:
        return IntegrityError("HUB-P410", group=self._group, partition=self._partition)

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            return ask(self._connection, statement, values)
        except HubError as error:
            if lost(error):
                raise self._beaten() from None
            if error.code == "HUB-P301":
                raise DataError("HUB-P301", group=self._group, partition=self._partition) from None
            raise

    def _many(self, name: str, what: str, rows: Iterable[Any]) -> None:
        """One statement for all rows, an array a column."""
        columns = list(zip(*rows, strict=True))
        if columns:
            self._run(getattr(self._statements[name], what), [list(column) for column in columns])
