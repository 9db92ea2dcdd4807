"""A newer program meets an older schema on a server: it refuses, backs it up, proves that, and brings it up."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from hub import backup, upgrade
from hub.adapters.postgres.migrate import migrate
from hub.cli.backup import VARIABLE
from tests.e2e.laws import law_invariants, law_rows_are_the_fold
from tests.e2e.rig import Home, Model
from tests.postgres.rig import to_postgresql
from tests.postgres.server import Server

pytestmark = pytest.mark.slow

WORDS = "five words that nobody guesses"
FIRST = "0001_first"
LATER = ("pace", "heard")
COLUMNS = (
    "SELECT table_name, column_name, data_type, collation_name, is_nullable FROM information_schema.columns"
    " WHERE table_schema = 'intake' ORDER BY 1, ordinal_position"
)
DIES = """
import os, sys
at = sys.argv.pop(1)
from hub import backup, wiring
from hub.adapters.postgres import migrate
def die(*args, **kwargs):
    os.kill(os.getpid(), 9)
def one(*names):
    yield next(iter(frozen(*names)))
    die()
def after(*args):
    bring_up(*args)
    die()
frozen, bring_up = migrate.frozen, wiring.databases.upgrade
place, name, other = {
    "backup": (backup, "_create", die), "verify": (backup, "verify", die),
    "step": (migrate, "frozen", one), "end": (wiring.databases, "upgrade", after),
}[at]
setattr(place, name, other)
from hub.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Thirty persons: history and two live steps."""
    return Model(tmp_path_factory.mktemp("model"), 30, 3)


@pytest.fixture
def home(model: Model, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An installation with data, whose intake is at the oldest revision."""
    monkeypatch.setenv(VARIABLE, WORDS)
    home = model.twin(tmp_path / "home")
    to_postgresql(server, home)
    for _ in range(2):
        home.step()
    oldest = server.database()
    migrate(oldest, "intake", FIRST)
    with connected(home) as connection:
        for table in LATER:
            connection.execute(f"DROP TABLE intake.{table}".encode())
        connection.execute("UPDATE intake.alembic_version SET version_num = %s", (FIRST,))
        with psycopg.connect(oldest.replace("+psycopg", "")) as fresh:
            assert connection.execute(COLUMNS).fetchall() == fresh.execute(COLUMNS).fetchall()
    return home


def connected(home: Home) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection to intake's database."""
    return psycopg.connect(home.settings.database("intake").replace("+psycopg", ""))


def stands(home: Home) -> tuple[object, list[tuple[object, ...]]]:
    """The revision of intake's schema, and its columns."""
    with connected(home) as connection:
        revision = connection.execute("SELECT version_num FROM intake.alembic_version").fetchone()
        return revision, connection.execute(COLUMNS).fetchall()


@pytest.mark.parametrize("at", ["backup", "verify", "step", "end"])
def test_an_older_schema_is_brought_up_wherever_that_is_killed(home: Home, tmp_path: Path, at: str) -> None:
    """Refused and untouched without a backup; killed before, within and after a revision it is the old schema or the
    new one, whole; run again it ends, and the hub goes on with every row and fact."""
    before = stands(home)
    for words in (("agency", "list"), ("serve", "--no-connectors"), ("status",)):
        assert "HUB-B320" in home.call(*words, expect=3).stderr
    assert "HUB-B202" in home.call("upgrade", expect=2).stderr
    folder = tmp_path / "backups"
    command = [sys.executable, "-c", DIES, at, "upgrade", "--backup", str(folder), "--home", str(home.folder)]
    done = subprocess.run(command, env=home.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == -9, done.stderr
    assert (stands(home) == before) == (at != "end"), "a revision was half done"
    home.call("upgrade", "--backup", str(folder))
    assert upgrade.pending(home.settings) == []
    tables = {str(row[0]) for row in stands(home)[1]}
    assert tables >= {*LATER, *(str(row[0]) for row in before[1])}
    for made in folder.iterdir():
        backup.verify(made, WORDS)
    home.call("upgrade", "--backup", str(folder))
    rows, facts = home.rows(), home.facts()
    home.drain()
    assert (home.rows(), home.facts()) == (rows, facts)
    home.step()
    law_rows_are_the_fold(home)
    law_invariants(home)
