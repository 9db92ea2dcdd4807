"""Public views in the schema `views`, for whoever has SQL and the role of readers; snapshots over all of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from hub.adapters.postgres.connection import VIEWS, Connection, ask, connect, mapped, stream, transaction
from hub.adapters.postgres.store import SCHEMA, PostgresStore
from hub.adapters.sql.chains import Chains
from hub.ports.views import Value

READERS: Final = "hub_readers"
_ONE_AT_A_TIME: Final = 0x4855_4202

# What the views' SQL says in SQLite's words. A day is shown as its month or its date.
_WORDS: Final = (
    "CREATE OR REPLACE FUNCTION hex(bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
    " AS $$ SELECT upper(encode($1, 'hex')) $$",
    "CREATE OR REPLACE FUNCTION strftime(text, bigint, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
    " AS $$ SELECT to_char(timestamp 'epoch' + $2 * interval '1 second',"
    " replace(replace($1, '%Y', 'YYYY'), '%m', 'MM')) $$",
    'CREATE OR REPLACE FUNCTION "date"(bigint, text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE'
    " AS $$ SELECT to_char(timestamp 'epoch' + $1 * interval '1 second', 'YYYY-MM-DD') $$",
)
# Who may not make roles is given one by the keeper of the database; then its rights are given here.
_ROLE: Final = (
    f"DO $$ BEGIN CREATE ROLE {READERS} NOLOGIN; EXCEPTION WHEN duplicate_object OR insufficient_privilege THEN NULL;"
    " END $$",
    f"DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{READERS}') THEN"
    f" GRANT USAGE ON SCHEMA {VIEWS} TO {READERS}; GRANT SELECT ON ALL TABLES IN SCHEMA {VIEWS} TO {READERS};"
    " END IF; END $$",
)
_WITHOUT_RIGHTS: Final = (
    f"SELECT 1 FROM pg_roles WHERE rolname = '{READERS}' AND NOT has_schema_privilege(oid, '{VIEWS}', 'USAGE')"
)


def install(store: PostgresStore, views: Mapping[str, str], comments: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Make the views (name -> SELECT) that lack and replace those defined otherwise; returns which.

    `comments` give each view's columns their meaning, under "" the view's own. The definition of each is kept beside
    its comment, since PostgreSQL keeps another form of it.
    """
    connection = store.line.connection()
    if not _stale(connection, views, comments) and not ask(connection, _WITHOUT_RIGHTS):
        return []
    with transaction(connection, ""), mapped(connection.schema):
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {VIEWS}".encode())
        for statement in _WORDS:
            connection.execute(statement.encode())
        changed = _stale(connection, views, comments)
        for name in changed:
            connection.execute(f"DROP VIEW IF EXISTS {VIEWS}.{name}".encode())
            connection.execute(f"CREATE VIEW {VIEWS}.{name} AS {views[name]}".encode())
            for column, meaning in comments[name].items():
                if column:
                    _comment(connection, f"COLUMN {VIEWS}.{name}.{column}", meaning)
            _comment(connection, f"VIEW {VIEWS}.{name}", _marked(comments[name].get("", ""), views[name]))
        for statement in _ROLE:
            connection.execute(statement.encode())
    return changed


def _stale(connection: Connection, views: Mapping[str, str], comments: Mapping[str, Mapping[str, str]]) -> list[str]:
    found = dict(
        ask(
            connection,
            "SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v' AND n.nspname = ?",
            (VIEWS,),
        )
    )
    return [name for name, select in views.items() if found.get(name) != _marked(comments[name].get("", ""), select)]


def _marked(meaning: str, select: str) -> str:
    return f"{meaning}\n{select}"


def _comment(connection: Connection, what: str, text: str) -> None:
    quoted = text.replace("'", "''")
    connection.execute(f"COMMENT ON {what} IS '{quoted}'".encode())


class PostgresViews:
    """The `Views` port. Each snapshot has a connection of its own that cannot write."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def snapshot(self) -> Iterator["PostgresSnapshot"]:
        """A read transaction that sees one moment."""
        connection = connect(self._url, SCHEMA)
        try:
            with transaction(connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY"):
                yield PostgresSnapshot(connection)
        finally:
            connection.close()


class PostgresSnapshot(Chains):
    """The `Snapshot` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def rows(
        self, view: str, columns: Sequence[str], where: Mapping[str, Value] | None = None, limit: int = 0
    ) -> Iterator[tuple[Any, ...]]:
        """Rows in order of the columns, texts by their bytes, nothing before anything, as SQLite has it."""
        shown = ", ".join(f'"{name}"' for name in columns)
        given = dict(where or {})
        tests = [f'"{name}" IS NULL' if value is None else f'"{name}" = ?' for name, value in given.items()]
        order = ", ".join(f"{n} NULLS FIRST" for n in range(1, len(columns) + 1))
        among = f" WHERE {' AND '.join(tests)}" if tests else ""
        least = f" LIMIT {limit}" if limit else ""
        statement = f"SELECT {shown} FROM {view}{among} ORDER BY {order}{least}"
        yield from stream(self._connection, statement, [value for value in given.values() if value is not None])

    def _run(self, statement: str, values: Sequence[Value] = ()) -> list[Any]:
        return ask(self._connection, statement, values)
