"""Operating an installation whose databases are in PostgreSQL: what a backup covers, and what the doctor asks there."""

import json
from pathlib import Path

import pytest

from hub import backup, wiring
from hub.cli.main import run
from hub.config import FILE, load
from tests.postgres.server import PASSWORD, Server

pytestmark = pytest.mark.slow
WORDS = "five words that nobody guesses"


@pytest.fixture
def home(server: Server, tmp_path: Path) -> Path:
    """A new installation with all of its databases but the log in PostgreSQL."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "password").write_text(PASSWORD, encoding="utf-8")
    flags = []
    for name in ("store", "intake", "vault"):
        url = server.url(server.database().rpartition("/")[2], password=False)
        flags += ["--set", f"{name}.url={url}", "--set", f"{name}.password_file=password"]
    assert run(["init", "--home", str(home), *flags]) == 0
    return home


def test_a_backup_holds_the_databases_of_a_server_without_its_password(home: Path, tmp_path: Path) -> None:
    """The log, databases of a server, keys and passwords are in it; the password stands in it in no clear byte."""
    made = backup.create(load(home, {}), "hub", "", tmp_path / "backup", WORDS)
    found = {entry.path for entry in made.manifest.databases}
    assert found == {"hub/log.db", "postgres/store.copy", "postgres/intake.copy"}
    assert made.manifest.not_covered == ()
    assert "password" in made.secret
    for path in (tmp_path / "backup").rglob("*"):
        assert path.is_dir() or PASSWORD.encode() not in path.read_bytes()


def test_the_doctor_compares_the_clock_of_the_server(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Server and machine are one here, so that the clocks agree; the databases answer."""
    settings = load(home, {})
    assert isinstance(wiring.databases.clock_ms(settings.database("vault"), "vault"), int)
    capsys.readouterr()
    assert run(["doctor", "--home", str(home), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    levels = {(one["check"], one["of"]): one["level"] for one in found}
    assert [levels["database", name] for name in ("store", "intake", "vault")] == ["ok"] * 3
    assert levels["clock", ""] == "ok"


def test_an_installation_that_moved_is_in_order_before_its_first_start(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a move, of the views alone, too, the doctor finds every database, and the same move has nothing to do."""
    home, words = tmp_path / "home", ["--home", str(tmp_path / "home")]
    assert run(["init", *words]) == 0
    (home / "password").write_text(PASSWORD, encoding="utf-8")
    url = server.url(server.database().rpartition("/")[2], password=False)
    more = f'\n[store]\nurl = "{url}"\npassword_file = "password"\n'
    (home / "there.toml").write_text((home / FILE).read_text(encoding="utf-8") + more, encoding="utf-8")
    assert run(["move", str(home / "there.toml"), *words]) == 0
    capsys.readouterr()
    assert run(["doctor", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [one["level"] for one in found if (one["check"], one["of"]) == ("database", "store")] == ["ok"]
    assert run(["move", str(home / "there.toml"), *words]) == 0
