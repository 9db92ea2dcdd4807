"""Brings a schema to the newest revision with Alembic; each of the three databases has revisions of its own.

A revision is frozen SQL (`migrations/<schema>/versions/*.sql`), so that what it did never changes with the code; a test
holds the sum of them against the tables that the code declares.
"""

from contextlib import closing
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from hub.adapters.postgres.connection import ask, connect, ours
from hub.adapters.sql.faults import INTAKE, VAULT
from hub.core.errors import DataError

TABLE: Final = "alembic_version"
SPLIT: Final = "\n--;\n"
_ONE_AT_A_TIME: Final = 0x4855_4205


def migrate(url: str, schema: str, to: str = "") -> list[str]:
    """Apply the revisions that lack, all or up to one, in one transaction; returns their names.

    Raises DataError HUB-P302 for views that a newer program has brought further, HUB-G130 for another such database:
    only views may be made again.
    """
    script = ScriptDirectory(str(folder(schema)))
    known = [each.revision for each in script.walk_revisions()]  # newest first
    with closing(connect(url, schema)) as connection:
        now = revision_of(connection, schema)
    to = to or known[0]
    if now == to:
        return []
    if to not in known or (now and now not in known):
        now = now if to in known else to
        if schema in (INTAKE, VAULT):
            raise DataError("HUB-G130", what=schema, found=now, known=known[0])
        raise DataError("HUB-P302", found=now, known=known[0])
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool, hide_parameters=True)
    try:
        with engine.begin() as bound:
            bound.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")
            bound.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            bound.exec_driver_sql(f"SET LOCAL search_path = {schema}")
            return _upgrade(bound, script, schema, to)
    except sa.exc.DBAPIError as error:
        raise ours(error.orig, schema) from None
    finally:
        engine.dispose()


def ready(url: str, schema: str) -> None:
    """Make a schema that is not there. Raises DataError HUB-B320 for one that is behind, and what `migrate` raises."""
    if found := pending(url, schema):
        raise DataError("HUB-B320", name=schema, found=found[0], known=found[1])
    migrate(url, schema)


def pending(url: str, schema: str) -> tuple[str, str] | None:
    """The revision of a schema that is behind, and the newest one; None where nothing is to be done."""
    known = [each.revision for each in ScriptDirectory(str(folder(schema))).walk_revisions()]
    with closing(connect(url, schema)) as connection:
        now = revision_of(connection, schema)
    return (now, known[0]) if now in known[1:] else None


def is_made(url: str, schema: str) -> bool:
    """Whether the schema has been made by some revision."""
    with closing(connect(url, schema)) as connection:
        return bool(revision_of(connection, schema))


def _upgrade(bound: sa.Connection, script: ScriptDirectory, schema: str, to: str) -> list[str]:
    done: list[str] = []

    def lacking(revision: Any, _: Any) -> Any:
        steps: list[Any] = list(script._upgrade_revs(to, revision))
        done.extend(step.revision.revision for step in steps)
        return steps

    options = {"version_table": TABLE, "version_table_schema": schema, "fn": lacking}
    context = MigrationContext.configure(connection=bound, opts=options)
    with Operations.context(context):
        context.run_migrations()
    return done


def folder(schema: str) -> Path:
    """Where the revisions of a schema are."""
    return Path(__file__).parent / "migrations" / schema


def frozen(schema: str, name: str) -> list[str]:
    """The statements of a revision, as they were when it was made."""
    text = (folder(schema) / "versions" / f"{name}.sql").read_text(encoding="utf-8")
    return [statement.strip() for statement in text.split(SPLIT) if statement.strip()]


def revision_of(connection: Any, schema: str) -> str:
    """The newest revision that was applied; empty where the schema is not made."""
    there = ask(connection, "SELECT 1 FROM pg_tables WHERE schemaname = ? AND tablename = ?", (schema, TABLE))
    found = ask(connection, f"SELECT version_num FROM {schema}.{TABLE}") if there else []
    return str(found[0][0]) if found else ""
