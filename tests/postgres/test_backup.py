"""Databases on a server are in backups, too: copied in one moment, proved, and put back into empty ones only."""

import gzip
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hub import backup, wiring
from hub.adapters.postgres import copies
from hub.adapters.sql.table_copies import Reading
from hub.config import FILE
from hub.core.errors import DataError, IntegrityError
from tests.deaths import Death, Killed
from tests.e2e.laws import law_invariants, law_rows_are_the_fold
from tests.e2e.rig import Home, Model, put_back
from tests.postgres.rig import to_postgresql
from tests.postgres.server import Server

pytestmark = pytest.mark.slow

WORDS = "five words that nobody guesses"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Forty persons: history and three live steps."""
    return Model(tmp_path_factory.mktemp("model"), 40, 4)


@pytest.fixture
def home(model: Model, tmp_path: Path, server: Server) -> Home:
    """An installation whose views, intake and vault are on a server, after its second step."""
    home = model.twin(tmp_path / "home")
    to_postgresql(server, home)
    for _ in range(2):
        home.step()
    return home


def emptied(home: Home, *names: Any) -> None:
    """Somebody dropped these schemas."""
    for name in names:
        url = home.settings.database(name).replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            connection.execute(f"DROP SCHEMA {name} CASCADE")


def content(folder: Path) -> dict[str, list[bytes]]:
    """The rows of a copied vault, but for the number that every opening raises."""
    with Reading(folder / "files/postgres/vault.copy", "-") as reading:
        return {one.table: list(one.rows) for one in reading.tables() if one.table != "revision" or not list(one.rows)}


def test_last_weeks_backup_and_todays_log_give_todays_state_on_a_server(home: Home, tmp_path: Path) -> None:
    """The hub's tables are a week old, its log is today's: it catches up to today's rows and facts, and goes on."""
    made = backup.create(home.settings, "hub", "", tmp_path / "week", WORDS)
    assert [one.path for one in made.manifest.databases] == [
        "postgres/store.copy",
        "postgres/intake.copy",
        "hub/log.db",
    ]
    assert not any("postgresql" in one for one in made.manifest.not_covered)
    old = home.rows()
    home.step()
    facts, rows = home.facts(), home.rows()
    assert rows != old
    shutil.copytree(home.folder / "hub", tmp_path / "today")
    with pytest.raises(DataError) as full:
        backup.restore(tmp_path / "week", home.folder, WORDS)
    assert full.value.code == "HUB-B303"
    emptied(home, "store", "intake")
    shutil.rmtree(home.folder / "hub")
    backup.restore(tmp_path / "week", home.folder, WORDS)
    assert home.rows() == old
    put_back("log.db", tmp_path / "today", home.folder / "hub")
    home.drain()
    assert (home.facts(), home.rows()) == (facts, rows)
    home.step()
    law_rows_are_the_fold(home)
    law_invariants(home)


def test_a_copy_is_of_one_moment_whole_and_the_same_again(home: Home, tmp_path: Path, server: Server) -> None:
    """The vault comes back into another database as it was, guards included; an older one stops the hub by name."""
    backup.create(home.settings, "vault", "", tmp_path / "one", WORDS)
    backup.create(home.settings, "vault", "", tmp_path / "two", WORDS)
    before = content(tmp_path / "one")
    assert content(tmp_path / "two") == before
    assert before["link"]
    assert "disclosure" in before
    home.step()
    emptied(home, "vault")
    shutil.rmtree(home.folder / "vault")
    backup.restore(tmp_path / "one", home.folder, WORDS)
    backup.create(home.settings, "vault", "", tmp_path / "again", WORDS)
    assert content(tmp_path / "again") == before
    with psycopg.connect(home.settings.database("vault").replace("+psycopg", "")) as connection:
        off = connection.execute(
            "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'"
        ).fetchone()
        assert off == (0,)
    with pytest.raises(IntegrityError) as stop:
        home.drain()
    assert stop.value.code == "HUB-I434"


def test_a_restore_that_was_killed_is_run_again(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed within a table, before and after each schema and each file: the same command ends it with the same state;
    what somebody else put there meanwhile is not overwritten."""
    backup.create(home.settings, "hub", "", tmp_path / "backup", WORDS)
    rows, facts = home.rows(), home.facts()
    emptied(home, "store", "intake")
    shutil.rmtree(home.folder / "hub")
    restore = partial(backup.restore, tmp_path / "backup", home.folder, WORDS)
    put, tables, replace = copies._put, wiring.put_back_tables, os.replace
    for schema in ("store", "intake"):
        at = Death(tmp_path, 3)

        def cut(connection: Any, name: str, *rest: Any, at: Death = at, schema: str = schema) -> None:
            if name == schema:
                at.step()
            put(connection, name, *rest)

        monkeypatch.setattr(copies, "_put", cut)
        with pytest.raises(Killed):
            restore()
    monkeypatch.setattr(copies, "_put", put)
    killed = 0
    while True:
        death = Death(tmp_path, killed + 1)

        def stepping(*args: Any, death: Death = death) -> None:
            death.step()
            tables(*args)
            death.step()

        def renamed(*args: Any, death: Death = death) -> None:
            death.step()
            replace(*args)

        with monkeypatch.context() as patch:
            patch.setattr(wiring, "put_back_tables", stepping)
            patch.setattr(os, "replace", renamed)
            try:
                restore()
            except Killed:
                killed += 1
                continue
        break
    assert killed > 8, "some step was not met"
    restore()
    assert (home.rows(), home.facts()) == (rows, facts)
    for name in ("store", "intake"):
        (entry,) = [
            one for one in backup.verify(tmp_path / "backup", WORDS).manifest.databases if f"/{name}." in one.path
        ]
        wiring.databases.copy_out(home.settings.database(name), name, tmp_path / f"{name}.copy")
        held = [[one.table, list(one.rows)] for one in Reading(tmp_path / f"{name}.copy", "-").tables()]
        assert held == [
            [one.table, list(one.rows)] for one in Reading(tmp_path / "backup/files" / entry.path, "-").tables()
        ]
    home.step()
    with pytest.raises(DataError) as full:
        restore()
    assert full.value.code == "HUB-B303"


@pytest.mark.parametrize("what", ["cut", "a row less", "no count"])
def test_a_damaged_copy_is_not_put_back(home: Home, tmp_path: Path, what: str) -> None:
    """Also one whose manifest was made to fit: the copy itself tells how many rows it has."""
    backup.create(home.settings, "vault", "", tmp_path / "backup", WORDS)
    file = tmp_path / "backup/files/postgres/vault.copy"
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith(b'{"columns"') and b'"link"' in line) + 1
    kept = {"cut": lines[: at + 1], "a row less": lines[:at] + lines[at + 1 :], "no count": lines[:-1]}[what]
    file.write_bytes(gzip.compress(b"".join(kept)))
    with pytest.raises(IntegrityError) as stop:
        wiring.backups.check_copy(file, "postgres/vault.copy")
    assert stop.value.code == "HUB-B403"
    with pytest.raises(IntegrityError) as changed:
        backup.verify(tmp_path / "backup", None)
    assert changed.value.code == "HUB-B401"


def test_a_backup_goes_to_the_server_that_the_new_machine_names(home: Home, tmp_path: Path, server: Server) -> None:
    """Moved: where hub.toml of the new machine names another database, the copy goes there."""
    backup.create(home.settings, "vault", "", tmp_path / "backup", WORDS)
    new = tmp_path / "new"
    new.mkdir()
    place = server.database().rpartition("/")[2]
    text = (home.folder / FILE).read_text(encoding="utf-8")
    old = home.settings.vault_url
    (new / FILE).write_text(text.replace(old, server.url(place, password=False)), encoding="utf-8")
    backup.restore(tmp_path / "backup", new, WORDS)
    there = Home(new, home.model, home.done).settings
    assert wiring.open_vault(there).counts() == wiring.open_vault(home.settings).counts()
