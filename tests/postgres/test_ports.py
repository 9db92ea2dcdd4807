"""Intake's store and the vault's tables on a real PostgreSQL: every test that they have on SQLite, word for word."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tests.intake.build
import tests.vault.rig
from hub.adapters.postgres.intake import PostgresIntakeStore
from hub.adapters.postgres.vault import PostgresVaultTables
from tests.intake.test_intake import *  # noqa: F403
from tests.intake.test_recovery import *  # noqa: F403
from tests.postgres.server import Server
from tests.vault.test_vault import *  # noqa: F403

pytestmark = pytest.mark.slow

# These look into SQLite's files, put copies of them back, or type commands at an installation of files.
for _name in (
    "test_an_erased_person_comes_back_as_another",
    "test_an_older_vault_stops_intake",
    "test_nothing_that_was_given_is_in_the_files",
    "test_an_older_vault_stops_an_older_intake_too",
    "test_another_key_is_noticed_before_a_person_is_made",
    "test_a_fork_is_passed_once_a_person_decided",
    "test_an_identity_is_shown_on_a_warrant_and_that_is_kept",
):
    del globals()[_name]


@pytest.fixture(autouse=True)
def on_postgresql(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What asks for a file of SQLite gets a database of its own, the same for the same file."""
    known: dict[Path, str] = {}

    def placed(make: Callable[[str], Any]) -> Callable[[Path], Any]:
        def opened(path: Path) -> Any:
            if path not in known:
                known[path] = server.database()
            return make(known[path])

        return opened

    monkeypatch.setattr(tests.intake.build, "SqliteIntakeStore", placed(PostgresIntakeStore))
    monkeypatch.setattr(tests.intake.build, "SqliteVaultTables", placed(PostgresVaultTables))
    monkeypatch.setattr(tests.vault.rig, "SqliteVaultTables", placed(PostgresVaultTables))
