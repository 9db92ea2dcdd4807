"""Opens the hub's databases by their URLs, whichever kind they are of: SQLite files, or schemas of PostgreSQL.

PostgreSQL's libraries are imported only where they are needed: a small hub installs without them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hub.adapters.sql import formats
from hub.adapters.sql.faults import INTAKE
from hub.adapters.sql.store import SqliteStore
from hub.adapters.sql.switch import SqliteShadows
from hub.adapters.sql.table_copies import check_copy
from hub.adapters.sql.views import SqliteViews
from hub.adapters.sql.views import install as install_in_file
from hub.core.errors import DataError, UsageError
from hub.core.fold import Projection
from hub.ports.intake import IntakeStore
from hub.ports.shadow import Shadows
from hub.ports.vault import VaultTables
from hub.ports.views import Views

if TYPE_CHECKING:
    from hub.adapters.postgres.store import PostgresStore

    AnyStore = SqliteStore | PostgresStore

POSTGRESQL: Final = "postgresql+psycopg://"
Described = Mapping[str, tuple[str, Mapping[str, str]]]
"""By name of a view: its SELECT, and the meaning of its columns, under "" its own."""


def _path(url: str) -> Path:
    """The file of an SQLite URL. Raises DataError HUB-G150 for a database that this program has no adapter for."""
    if not url.startswith("sqlite:///"):
        raise DataError("HUB-G150", kind=url.partition(":")[0])
    return Path(url.removeprefix("sqlite:///"))


def on_postgresql(url: str) -> bool:
    """Whether a database is one of PostgreSQL."""
    return url.startswith(POSTGRESQL)


def is_made(url: str, schema: str) -> bool:
    """Whether a database has what `schema` (store, intake, vault) is made of; a file, whether it is there."""
    if on_postgresql(url):
        with installed():
            from hub.adapters.postgres.migrate import is_made as is_migrated
        return is_migrated(url, schema)
    return _path(url).exists()


def open_store(url: str, projections: Sequence[Projection], prefix: str, views: Described) -> "AnyStore":
    """The store with its public views; with a prefix, a shadow in the same place, which has none."""
    if on_postgresql(url):
        with installed():
            from hub.adapters.postgres.migrate import ready
            from hub.adapters.postgres.store import SCHEMA, PostgresStore
            from hub.adapters.postgres.views import install
        if not prefix:
            ready(url, SCHEMA)
        kept = PostgresStore(url, projections, prefix)
        if not prefix:
            install(kept, {name: one[0] for name, one in views.items()}, {name: one[1] for name, one in views.items()})
        return kept
    store = SqliteStore(_path(url), projections, prefix)
    if not prefix:
        install_in_file(store, {name: select for name, (select, _) in views.items()})
    return store


def set_aside(url: str) -> list[str]:
    """Give the files of the views in use other names beside the old ones; returns those. UsageError HUB-P221 where the
    views are in no file."""
    if on_postgresql(url):
        raise UsageError("HUB-P221")
    path = _path(url)
    number = next(n for n in count(1) if not path.with_name(f"{path.name}.aside-{n}").exists())
    moved = []
    for end in ("-wal", "-shm", ""):  # the database goes last: a kill before leaves something to move away again
        old, new = (path.with_name(f"{path.name}{some}{end}") for some in ("", f".aside-{number}"))
        if old.exists():
            old.replace(new)
            moved.append(new.name)
    return moved


def open_views(url: str) -> Views:
    """Snapshots of a store that was opened once."""
    if on_postgresql(url):
        with installed():
            from hub.adapters.postgres.views import PostgresViews
        return PostgresViews(url)
    return SqliteViews(_path(url))


def shadows(live: "AnyStore", open: Callable[[str], "AnyStore"]) -> Shadows:
    """What makes, compares and switches a shadow of the live store; `open` gives a store under a prefix."""
    if isinstance(live, SqliteStore):
        return SqliteShadows(live, open)  # type: ignore[arg-type]
    from hub.adapters.postgres.switch import PostgresShadows

    return PostgresShadows(live, open)  # type: ignore[arg-type]


def pending(url: str, name: str) -> tuple[str, str] | None:
    """The format of a database that an older program made, and the one that this program wants; else None."""
    if on_postgresql(url):
        with installed():
            from hub.adapters.postgres.migrate import pending as behind
        return behind(url, name)
    found, known = formats.found_in(_path(url)), formats.newest(name)
    return (str(found), str(known)) if 0 < found < known else None


def upgrade(url: str, name: str) -> None:
    """Bring a database to the newest format, in steps that are done or not begun."""
    if on_postgresql(url):
        with installed():
            from hub.adapters.postgres.migrate import migrate
        migrate(url, name)
    else:
        formats.upgrade(_path(url), name)


def open_intake_store(url: str, older: bool = False) -> IntakeStore:
    """Intake's own database; one of an `older` program as it is, to be backed up."""
    if on_postgresql(url):
        with installed():
            from hub.adapters.postgres.intake import PostgresIntakeStore
        return PostgresIntakeStore(url, older)
    from hub.adapters.sql.intake import SqliteIntakeStore

    return SqliteIntakeStore(_path(url), older)


def open_vault_tables(url: str) -> VaultTables:
    """The vault's own database; only the vault itself may open it."""
    if on_postgresql(url):
        with installed():
            from hub.adapters.postgres.vault import PostgresVaultTables
        return PostgresVaultTables(url)
    from hub.adapters.sql.vault import SqliteVaultTables

    return SqliteVaultTables(_path(url))


def copy_out(url: str, schema: str, file: Path) -> None:
    """Write a copy of a schema on a server, as of one moment."""
    with installed():
        from hub.adapters.postgres.copies import copy_out as copied
    copied(url, schema, file)


def move_in(source: str, url: str, schema: str) -> int:
    """Put all rows of a file of tables into an empty schema on a server; how many there are."""
    with installed():
        from hub.adapters.postgres.moved import move_in as moved
    (open_intake_store if schema == INTAKE else open_vault_tables)(source).close()  # refuses another format
    return moved(_path(source), url, schema)


def require_empty(url: str, schema: str) -> None:
    """Raises DataError HUB-G704 for a schema on a server that holds something."""
    with installed():
        from hub.adapters.postgres.copies import is_empty
    if not is_empty(url, schema):
        raise DataError("HUB-G704", schema=schema)


def takes(url: str, schema: str, file: Path, path: str) -> bool:
    """Whether a schema on a server holds nothing yet, or just what a copy has."""
    with installed():
        from hub.adapters.postgres.copies import holds, is_empty
    return is_empty(url, schema) or holds(url, schema, file, path)


def copy_in(url: str, schema: str, file: Path, path: str, make: Callable[[], object]) -> None:
    """Put a copy into an empty schema on a server. `make` makes tables that no revision makes."""
    with installed():
        from hub.adapters.postgres.copies import copy_in as put
        from hub.adapters.postgres.copies import make_tables
    make_tables(url, schema, check_copy(file, path).revision)
    make()
    put(url, schema, file, path)


def clock_ms(url: str, schema: str) -> int | None:
    """What the clock of a schema's server says, in milliseconds since 1970; None for a file, which has none."""
    if not on_postgresql(url):
        return None
    with installed():
        from hub.adapters.postgres.connection import clock_ms as asked
    return asked(url, schema)


def shown(url: str, home: Path) -> str:
    """How a database is named to who made it: its file under the installation's folder, or its URL without password."""
    if on_postgresql(url):
        scheme, _, place = url.partition("://")
        return f"{scheme}://{place.rpartition('@')[2]}"
    path = _path(url)
    return path.relative_to(home).as_posix() if path.is_relative_to(home) else path.name


@contextmanager
def installed() -> Iterator[None]:
    """Raises DataError HUB-G153 where the extra `postgres` is not installed."""
    try:
        yield
    except ModuleNotFoundError:
        raise DataError("HUB-G153") from None
