"""Either side put back from a backup, older or newer than the other: nothing is lost, nothing is there twice."""

import shutil
from pathlib import Path

import pytest

from hub import backup, wiring
from hub.core.errors import IntegrityError
from tests.e2e.laws import law_invariants, law_rows_are_the_fold
from tests.e2e.rig import Home, Model, put_back
from tests.e2e.test_restores import CONNECTOR, LOG, law_as_if_nothing_had_been, refuses, stops

pytestmark = pytest.mark.slow

WORDS = "five words that nobody guesses"
FOLDERS = {"hub": "hub", "vault": "vault", "connector": f"edges/{CONNECTOR}"}


@pytest.fixture
def home(model: Model, tmp_path: Path) -> Home:
    """An installation today, after its third step; the agencies' sources go on."""
    return model.after(3, tmp_path / "home")


def replaced(home: Home, source: Path, side: str) -> None:
    """One side is lost and comes back from the backup that was made in the installation `source`."""
    other = Home(source, home.model, home.done)
    folder = home.folder.parent / f"backup-{side}"
    backup.create(other.settings, side, CONNECTOR if side == "connector" else "", folder, WORDS)
    shutil.rmtree(home.folder / FOLDERS[side])
    backup.restore(folder, home.folder, WORDS)


def last_week(home: Home) -> Path:
    """The same installation, one step younger."""
    return home.model.folder / "after-2"


def test_last_weeks_backup_and_todays_log_give_todays_state(home: Home, tmp_path: Path) -> None:
    """The hub is a week old but for its log: it catches up to today's rows, decides nothing twice, and goes on."""
    shutil.copytree(home.folder / "hub", tmp_path / "today")
    facts, rows = home.facts(), home.rows()
    replaced(home, last_week(home), "hub")
    put_back("log.db", tmp_path / "today", home.folder / "hub")
    assert home.rows() != rows, "the backup is as new as the log, so that this test would prove nothing"
    home.drain()
    assert (home.facts(), home.rows()) == (facts, rows)
    law_as_if_nothing_had_been(home)


@pytest.mark.parametrize("side", ["hub", "connector"])
def test_a_side_put_back_as_it_was_goes_on(home: Home, side: str) -> None:
    """Where nothing happened since the backup, the rest of the steps ends as if nothing had been."""
    replaced(home, home.folder, side)
    law_as_if_nothing_had_been(home)


def test_a_hub_older_than_its_connectors_stops_them_and_is_told_everything_again(home: Home) -> None:
    """The hub lost what connectors had sent: exit 4 names the command, and after it no row is lost or there twice."""
    replaced(home, last_week(home), "hub")
    refuses(home, "HUB-C406")
    assert "--begin-anew moved" in home.call("connector", "run", CONNECTOR, expect=4).stderr
    home.call("connector", "run", CONNECTOR, "--begin-anew", "moved")
    home.drain()
    law_rows_are_the_fold(home)
    law_invariants(home)


def test_a_connector_older_than_the_hub_stops_before_it_reads_a_row(home: Home) -> None:
    """The hub answered frames that a restored spool never made: exit 4 names the command, and after it all is true."""
    replaced(home, last_week(home), "connector")
    refuses(home, "HUB-C401")
    assert "--begin-anew restored" in home.call("connector", "run", CONNECTOR, expect=4).stderr
    home.call("connector", "run", CONNECTOR, "--begin-anew", "restored")
    home.drain()
    law_rows_are_the_fold(home)
    law_invariants(home)


def test_a_vault_older_than_intake_stops_the_hub(home: Home) -> None:
    """It would name known people anew: exit 4, and every log stays as it was."""
    replaced(home, last_week(home), "vault")
    stops(home, "HUB-I434")


def test_a_vault_newer_than_the_hub_answers_as_before(home: Home, tmp_path: Path) -> None:
    """The hub is a week old and its log is today's, the vault was backed up after both: nobody becomes another."""
    shutil.copytree(home.folder / "hub", tmp_path / "today")
    facts = home.facts()
    replaced(home, last_week(home), "hub")
    put_back("log.db", tmp_path / "today", home.folder / "hub")
    replaced(home, home.folder, "vault")
    home.drain()
    assert home.facts() == facts
    home.step()
    law_invariants(home)


def test_a_log_older_than_its_store_stops_everybody(home: Home, tmp_path: Path) -> None:
    """Only the log comes out of the backup: exit 4 for everybody who had read further."""
    other = Home(last_week(home), home.model, home.done)
    backup.create(other.settings, "hub", "", tmp_path / "backup", WORDS)
    put_back(LOG, tmp_path / "backup/files", home.folder)
    wiring.open_log(home.settings.database("log")).close()  # from now on it has the form of a log in use
    stops(home, "HUB-I433")
    with pytest.raises(IntegrityError) as stop:
        home.feed([CONNECTOR])
    assert stop.value.code == "HUB-C406"


@pytest.mark.parametrize(
    ("side", "key", "code"),
    [
        ("hub", "hub/keys/K_intake", "HUB-I436"),
        ("vault", "vault/keys/K_vault", "HUB-V411"),
        ("connector", f"edges/{CONNECTOR}/keys/K_edge", "HUB-C410"),
    ],
)
def test_keys_that_the_data_was_not_made_with_are_not_backed_up(
    home: Home, tmp_path: Path, side: str, key: str, code: str
) -> None:
    """Such a backup would name everybody anew once it is put back: exit 4, and nothing is written."""
    (home.folder / f"{key}.key").write_text(f"secret {'ab' * 32}\n", encoding="ascii")
    with pytest.raises(IntegrityError) as stop:
        backup.create(home.settings, side, CONNECTOR if side == "connector" else "", tmp_path / "backup", WORDS)
    assert stop.value.code == code
    assert not (tmp_path / "backup").exists()
