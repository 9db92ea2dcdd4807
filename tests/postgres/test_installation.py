"""A whole installation on a real PostgreSQL, by configuration: the same facts, the same rows, every reading word."""

import os
import re
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hub import wiring
from hub.adapters.memory.store import MemoryStore
from hub.adapters.postgres.migrate import TABLE, migrate
from hub.adapters.postgres.schema import FUNCTIONS, statements
from hub.adapters.postgres.store import PostgresStore, present
from hub.adapters.postgres.views import READERS
from hub.adapters.sql.tables import INTAKE, VAULT, of_group
from hub.cli.main import run
from hub.core.calendar import iso
from hub.core.errors import DataError, IntegrityError, NotPermitted, Unreachable
from hub.installation import Installation
from hub.ports.store import Position
from projections.dictionary import VIEWS
from tests.docs.blocks import ROOT, blocks
from tests.e2e.laws import digests, law_at_rest, rebuilt
from tests.e2e.rig import Home, Model, anonymous, decided, facts
from tests.flow.toy import MARKETS, PERSONS
from tests.postgres.rig import on_postgresql, registered
from tests.postgres.server import PASSWORD, Server, recipes

pytestmark = pytest.mark.slow
TOYS = [PERSONS, MARKETS]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The embedded run: sixty persons, history and two live steps."""
    return Model(tmp_path_factory.mktemp("model"), 60, 3)


@pytest.fixture(scope="module")
def home(model: Model, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """All three databases on PostgreSQL, and three steps of the demo."""
    folder = tmp_path_factory.mktemp("postgres")
    like = model.twin(folder / "like")
    found = on_postgresql(model.twin(folder / "home"), server, "store", "intake", "vault")
    registered(found, like)
    for _ in model.steps:
        found.step()
    return found


def test_the_demo_ends_with_the_same_facts_and_decisions(model: Model, home: Home) -> None:
    """What agencies said and what the hub decided are those of the embedded run, and every law holds at rest."""
    ours, theirs = home.facts(), facts(model.home)
    assert anonymous(ours) == anonymous(theirs)
    assert decided(ours) == decided(theirs)
    law_at_rest(home)


def test_rows_from_one_log_are_bit_equal_to_sqlites(model: Model, server: Server, tmp_path: Path) -> None:
    """What stands in SQLite is, to the last bit, what the same log gives in PostgreSQL (promise i)."""
    there = model.after(len(model.steps), tmp_path / "there")
    with Installation(there.settings) as hub, closing(PostgresStore(server.database(), hub.projections)) as store:
        assert digests(hub, rebuilt(hub, store)) == digests(hub, hub.store)


def test_every_reading_word_works(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Projections are listed, shown, exported, compared, rebuilt and switched to; cases, needs and trails are shown."""
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", iso(home.day))
    monkeypatch.setenv("HUB_LANG", "en")
    with Installation(home.settings) as hub, wiring.open_views(home.settings).snapshot() as snapshot:
        (case, *_), *_ = list(snapshot.rows("v_case_v1", ["case_ref"]))
        assert hub.lag() == {"persons": 0, "markets": 0}
    for words in (
        *(("projection", word) for word in ("list", "lag", "diff", "rebuild")),
        ("projection", "show", "v_case_v1"),
        ("projection", "export", "v_waiting_v1", "--to", "csv"),
        *(("case", "show", case), ("referral", "list"), ("audit", "trail", "--case", case), ("agency", "list")),
    ):
        capsys.readouterr()
        assert run([*words, "--home", str(home.folder)]) == 0, (words, capsys.readouterr())
        said = capsys.readouterr()
        assert PASSWORD not in said.out + said.err


def test_readers_see_the_views_and_nothing_else(home: Home, server: Server) -> None:
    """Who has the readers' role selects from the public views, in SQL and by psql, and from no table behind them."""
    name = home.settings.store_url.rpartition("/")[2]
    with server.admin(name) as connection:
        connection.execute("DROP ROLE IF EXISTS analyst")
        connection.execute(f"CREATE ROLE analyst LOGIN PASSWORD 'analyst' IN ROLE {READERS}".encode())
        (zh,) = connection.execute("SELECT col_description('views.v_case_v1'::regclass, 1)").fetchone() or ("",)
        assert zh == VIEWS[0].columns[0].zh
    url = f"host=127.0.0.1 port={server.port} user=analyst password=analyst dbname={name}"
    with psycopg.connect(url, autocommit=True) as reader:
        for view in VIEWS:
            columns = ", ".join(column.name for column in view.columns)
            reader.execute(f"SELECT {columns} FROM views.{view.name} LIMIT 5".encode()).fetchall()
        for table in ("store.persons_case", "store.persons_name", "vault.link"):
            with pytest.raises(psycopg.Error):
                reader.execute(f"SELECT * FROM {table}".encode())
        with pytest.raises(psycopg.Error):
            reader.execute(b"DELETE FROM views.v_case_v1")
    psql = [server.programs / "psql", url, "-Atc", "SELECT count(*) FROM views.v_case_v1"]
    done = subprocess.run(psql, capture_output=True, text=True, check=True, timeout=30)
    assert int(done.stdout) > 10


def test_the_recipes_of_the_page_run(home: Home, server: Server) -> None:
    """What docs/postgresql.md shows of SQL, psql, pandas and DuckDB does what it says, for a reader."""
    name = home.settings.store_url.rpartition("/")[2]
    page = {block.language: block.text for block in blocks(ROOT / "docs/postgresql.md")}
    with server.admin(name) as connection:
        connection.execute("DROP ROLE IF EXISTS analyst")
        connection.execute("CREATE ROLE analyst LOGIN PASSWORD 'analyst'")
        owner = f"host=127.0.0.1 port={server.port} user=hub dbname={name}"
        psql = [server.programs / "psql", owner, "-v", "ON_ERROR_STOP=1", "-At"]
        typed = subprocess.run(
            psql,
            input=page["sql"],
            env=os.environ | {"PGPASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert typed.returncode == 0, typed.stderr
        assert "220102|" in typed.stdout
        assert VIEWS[0].columns[0].zh in typed.stdout
        (total,) = connection.execute("SELECT count(*) FROM views.v_case_v1").fetchone() or (0,)
    environment = os.environ | {
        "PYTHONPATH": str(recipes()),
        "PGPASSWORD": "analyst",
        "VIEWS_URL": f"postgresql+psycopg://analyst@127.0.0.1:{server.port}/{name}",
    }
    done = subprocess.run(
        [sys.executable, "-c", page["python"] + "print(len(cases))"], env=environment, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[-1]) == total
    assert "220102" in done.stdout


def test_a_role_that_was_made_later_gets_its_rights_with_the_next_start(home: Home, server: Server) -> None:
    """Readers without rights are given them by whoever opens the store, although no view is to be made."""
    name = home.settings.store_url.rpartition("/")[2]
    allowed = f"SELECT has_schema_privilege('{READERS}', 'views', 'USAGE')".encode()
    with server.admin(name) as connection:
        connection.execute(f"REVOKE USAGE ON SCHEMA views FROM {READERS}".encode())
        assert connection.execute(allowed).fetchone() == (False,)
        with Installation(home.settings):
            assert connection.execute(allowed).fetchone() == (True,)


def test_of_two_workers_on_one_partition_one_wins(server: Server) -> None:
    """Both read the position before either commits: one does, the other is told so, and no row is there twice."""
    url = server.database()
    stores = [PostgresStore(url, TOYS) for _ in range(2)]
    units = [store.begin("persons", 0) for store in stores]
    barrier, ends = threading.Barrier(2), []

    def commit(unit: Any) -> None:
        unit.counts["raced"] = unit.counts.get("raced", 0) + 1
        barrier.wait(20)
        try:
            unit.commit(Position("log", 1, b"hash"))
            ends.append("won")
        except IntegrityError as error:
            ends.append(error.code)
            unit.abandon()

    threads = [threading.Thread(target=commit, args=(unit,)) for unit in units]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["HUB-P410", "won"]
    unit = stores[0].begin("persons", 0)
    assert (unit.counts["raced"], unit.position.offset) == (1, 1)
    unit.abandon()
    for store in stores:
        store.close()


def test_workers_on_different_partitions_neither_wait_nor_touch_each_others_rows(server: Server) -> None:
    """Two units of different partitions are open at once, and both commit; another partition's row is refused."""
    url = server.database()
    one, two = (PostgresStore(url, TOYS) for _ in range(2))
    first, second = one.begin("persons", 1), two.begin("persons", 2)
    (key,), _ = first.keys([b"a" * 16])[1], second.keys([b"b" * 16])
    first.commit(Position("log", 1, b"hash"))
    table = PERSONS.folds[0].table
    empty = PERSONS.folds[0].empty(key.id, key.key)
    with pytest.raises(DataError, match="HUB-P301"):
        second.save(table, [empty])
    second.abandon()
    again = two.begin("persons", 2)
    again.commit(Position("log", 1, b"hash"))
    for store in (one, two):
        store.close()


@pytest.mark.parametrize("schema", ["store", "intake", "vault"])
def test_revisions_make_exactly_the_tables_of_the_code(server: Server, home: Home, schema: str) -> None:
    """Frozen revisions and declared tables describe one schema: columns, keys, indexes and triggers; twice is once."""
    url = server.database()
    assert migrate(url, schema)
    assert migrate(url, schema) == []
    declared = {"intake": INTAKE, "vault": VAULT}.get(schema)
    with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as connection:
        made = described(connection, schema)
        connection.execute(f"DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}; SET search_path = {schema}".encode())
        tables = [
            each
            for prefix, some in (
                [("", declared)]
                if declared
                else [(f"{p.group}_", of_group(p)) for p in wiring.projected(home.settings)]
            )
            for each in statements(prefix, some, owned=schema == "store").values()  # type: ignore[arg-type]
        ]
        for statement in (*FUNCTIONS, *(text for table in tables for text in table.create)):
            connection.execute(statement.encode())
        assert described(connection, schema) == {row for row in made if "revision" not in str(row)}


def described(connection: Any, schema: str) -> set[tuple[Any, ...]]:
    """Columns, indexes and triggers of a schema, but for Alembic's own table."""
    found: set[tuple[Any, ...]] = set()
    for statement in (
        "SELECT table_name, column_name, data_type, is_nullable, collation_name, ordinal_position"
        " FROM information_schema.columns WHERE table_schema = %s",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s",
        "SELECT event_object_table, trigger_name, event_manipulation, action_condition, action_statement"
        " FROM information_schema.triggers WHERE trigger_schema = %s",
    ):
        found |= set(connection.execute(statement, (schema,)).fetchall())
    return {tuple(str(one).replace(f"{schema}.", "") for one in row) for row in found if row[0] != TABLE}


def test_a_database_of_a_newer_program_is_refused(server: Server) -> None:
    """A revision that this program does not know stops it before it touches anything; only views may be made again."""
    url = server.database()
    for schema, code in (("store", "HUB-P302"), ("intake", "HUB-G130"), ("vault", "HUB-G130")):
        migrate(url, schema)
        with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as connection:
            connection.execute(f"UPDATE {schema}.alembic_version SET version_num = '9999_later'".encode())
        with pytest.raises(DataError, match=code):
            migrate(url, schema)


def test_views_come_back_after_their_schema_was_dropped(
    home: Home, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows = fold(log): where no file can be moved away, what the refusal tells to do makes the same views again."""
    monkeypatch.setenv("HUB_HUB_CLOCK_DAY", iso(home.day))
    where = ["--home", str(home.folder), "--lang", "en"]
    with Installation(home.settings) as hub:
        hub.follower().drain()
        before = digests(hub, hub.store)
    assert run(["projection", "rebuild", "--set-aside", *where]) == 2
    (statement,) = re.findall(r"DROP SCHEMA \w+ CASCADE", capsys.readouterr().err)
    with server.admin(home.settings.store_url.rpartition("/")[2]) as connection:
        connection.execute(statement.encode())
    assert run(["projection", "rebuild", *where]) == 0
    assert "made from the log, and in use now" in capsys.readouterr().out
    assert run(["projection", "diff", *where]) == 0
    assert run(["projection", "show", "v_case_v1", *where]) == 0
    with Installation(home.settings) as hub:
        assert digests(hub, hub.store) == before
        hub.follower().drain()


def test_the_ledger_is_for_ever(home: Home) -> None:
    """Neither an update nor a delete of the ledger goes through, whoever types it."""
    with Installation(home.settings) as hub:
        assert isinstance(hub.store, PostgresStore)
        assert "persons_event" in present(hub.store.line.connection(), "store")
        for statement in ("UPDATE persons_event SET place = 'x'", "DELETE FROM persons_event"):
            with pytest.raises((IntegrityError, NotPermitted, DataError)):
                hub.store.ask(statement)


def test_a_server_that_dies_is_waited_for_and_nothing_is_lost(model: Model, tmp_path: Path) -> None:
    """Killed in the middle of a drain and started again, PostgreSQL ends with rows = fold(log)."""
    own = Server().start()
    try:
        home = on_postgresql(model.after(len(model.steps), tmp_path / "home"), own, "store")
        with Installation(home.settings) as hub:
            hub.workers[0].advance(0, 20)
            own.kill()
            with pytest.raises(Unreachable) as caught:
                hub.workers[0].advance(1, 20)
            assert PASSWORD not in str(caught.value.place)
            own.start()
            hub.follower().drain(500)
            assert digests(hub, rebuilt(hub, MemoryStore(hub.projections))) == digests(hub, hub.store)
    finally:
        own.stop()
