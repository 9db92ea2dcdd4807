"""A newer program meets older state: it refuses, backs it up, proves that, and brings it up, wherever it is cut off."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub import backup
from hub.adapters.sql import formats
from hub.adapters.sql.intake import SqliteIntakeStore
from hub.cli.backup import VARIABLE
from tests.e2e.rig import Home, Model
from tests.e2e.test_restores import law_as_if_nothing_had_been

pytestmark = pytest.mark.slow

WORDS = "five words that nobody guesses"
INTAKE = "hub/intake.db"


@pytest.fixture
def home(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An installation after its second step, whose intake an older program made."""
    monkeypatch.setenv(VARIABLE, WORDS)
    home = model.after(2, tmp_path / "home")
    made_older(home.folder / INTAKE)
    return home


def made_older(path: Path) -> None:
    """The file as a program of format 1 wrote it: before connectors had a rhythm."""
    with closing(sqlite3.connect(path)) as database:
        for table in ("pace", "heard"):
            database.execute(f"DROP TABLE {table}")
        database.execute("PRAGMA user_version=1")
        database.commit()


def shape(path: Path) -> list[Any]:
    """Tables and columns."""
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return [(name, database.execute(f"PRAGMA table_info({name})").fetchall()) for name in sorted(tables)]


def test_older_state_is_refused_until_it_is_backed_up_and_brought_up(home: Home, tmp_path: Path) -> None:
    """Nothing is touched without a backup; with one, all goes on as if nothing had been; twice is harmless."""
    before = (home.folder / INTAKE).read_bytes()
    for words in (("agency", "list"), ("serve", "--no-connectors"), ("status",)):
        assert "HUB-B320" in home.call(*words, expect=3).stderr
    assert "HUB-B202" in home.call("upgrade", expect=2).stderr
    assert (home.folder / INTAKE).read_bytes() == before
    home.call("upgrade", "--backup", str(tmp_path / "backups"))
    (made,) = (tmp_path / "backups").iterdir()
    assert {entry.path for entry in backup.verify(made, WORDS).manifest.databases} >= {INTAKE}
    assert formats.found_in(made / "files" / INTAKE) == 1
    assert formats.found_in(home.folder / INTAKE) == 2
    home.call("upgrade", "--backup", str(tmp_path / "backups"))
    assert len(list((tmp_path / "backups").iterdir())) == 1
    law_as_if_nothing_had_been(home)


def test_the_steps_lead_to_what_the_program_makes(home: Home, tmp_path: Path) -> None:
    """The sum of frozen steps is the newest form, table by table and column by column."""
    formats.upgrade(home.folder / INTAKE, "intake")
    SqliteIntakeStore(tmp_path / "new.db").close()
    assert shape(home.folder / INTAKE) == shape(tmp_path / "new.db")


@pytest.mark.parametrize("at", ["backup", "verify", "step"])
def test_cut_off_anywhere_it_is_run_again_or_put_back(home: Home, tmp_path: Path, at: str) -> None:
    """Killed before, between and in the middle of a step: the state is the old one or the new one, and it goes on."""
    code = (
        "import os, sys\n"
        "at = sys.argv.pop(1)\n"
        "from hub import backup\n"
        "from hub.adapters.sql import formats\n"
        "def die(*args, **kwargs):\n"
        "    os.kill(os.getpid(), 9)\n"
        "if at == 'step':\n"
        "    class Steps(tuple):\n"
        "        def __iter__(self):\n"
        "            yield tuple.__getitem__(self, 0)\n"
        "            die()\n"
        "    formats.STEPS = {'intake': {2: Steps(formats.STEPS['intake'][2])}}\n"
        "else:\n"
        "    setattr(backup, {'backup': '_create', 'verify': 'verify'}[at], die)\n"
        "from hub.cli.main import main\n"
        "main()\n"
    )
    folder = tmp_path / "backups"
    command = [sys.executable, "-c", code, at, "upgrade", "--backup", str(folder), "--home", str(home.folder)]
    done = subprocess.run(command, env=home.environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == -9, done.stderr
    assert formats.found_in(home.folder / INTAKE) == 1
    assert len(shape(home.folder / INTAKE)) == len(shape(home.model.home / INTAKE)) - 2
    home.call("upgrade", "--backup", str(folder))
    for made in folder.iterdir():
        backup.verify(made, WORDS)
    assert home.call("agency", "list").stdout
