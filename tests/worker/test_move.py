"""`hub move`: an installation on files goes on, on Kafka and PostgreSQL, as if it had always been there."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.spool import Spool
from hub import wiring
from hub.cli.main import run
from hub.config import FILE, load
from hub.core.errors import DataError, IntegrityError
from hub.core.record import Record
from hub.installation import REGISTRY
from hub.keys.vault import LOCK
from hub.moving import move
from tests.e2e.rig import NAMES, Home, Model
from tests.kafka.broker import Broker
from tests.postgres.server import PASSWORD, Server
from tests.worker.rig import worked
from tests.worker.test_demo import finished

pytestmark = pytest.mark.slow
DIES = """
import os, sys
at = sys.argv.pop(1)
from hub import moving, wiring
def after(place, name):
    done = getattr(place, name)
    def dies(*args, **kwargs):
        done(*args, **kwargs)
        os.kill(os.getpid(), 9)
    setattr(place, name, dies)
after(*{
    "copied": (moving, "copy_log"), "succeeded": (wiring, "succeed"), "intake": (wiring.databases, "move_in"),
    "switched": (moving, "_switch"), "aside": (wiring.databases, "set_aside"),
}[at])
from hub.cli.main import main
main()
"""


def elsewhere(home: Home, url: str, server: Server, *databases: str) -> Path:
    """A copy of `hub.toml` that names other places."""
    (home.folder / "password").write_text(PASSWORD, encoding="utf-8")
    lines = ["", "[log]", f'url = "{url}"']
    for name in databases:
        place = server.url(server.database().rpartition("/")[2], password=False)
        lines += ["", f"[{name}]", f'url = "{place}"', 'password_file = "password"']
    file = home.folder / "there.toml"
    file.write_text((home.folder / FILE).read_text(encoding="utf-8") + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def identity(home: Home) -> str:
    """Of the log that the installation has."""
    with closing(wiring.open_log(home.settings.database("log"), make=False)) as log:
        return log.identity()


def incarnations(home: Home) -> list[str | None]:
    """Of every connector: whoever begins anew has another."""
    found = []
    for name in NAMES:
        with Spool(home.folder / "edges" / name / "spool.db", name, write=False) as spool:
            found.append(spool.state.incarnation)
    return found


def test_an_installation_that_moved_goes_on(
    model: Model, broker: Broker, server: Server, names: Iterator[str], tmp_path: Path
) -> None:
    """Moved between two steps, it has the same log, and no connector begins anew; a worker and `advance()` go on from
    there to the facts, decisions and laws of one that never moved; what is left behind goes by other names."""
    home = model.after(2, tmp_path / "home")
    before = identity(home), incarnations(home), home.facts()
    home.call("move", str(elsewhere(home, f"{broker.url}/{next(names)}", server, "store", "intake", "vault")))
    assert (identity(home), incarnations(home), home.facts()) == before
    assert not [path.name for path in home.folder.rglob("*.db") if path.name in ("log.db", "intake.db", "vault.db")]
    worked(home, home.day)
    finished(model, home)
    assert incarnations(home) == before[1]
    assert "Nothing to do" in home.call("move", str(home.folder / "there.toml")).stdout


@pytest.mark.parametrize("at", ["copied", "succeeded", "intake", "switched", "aside"])
def test_a_move_that_was_killed_is_run_again(
    model: Model, broker: Broker, server: Server, names: Iterator[str], tmp_path: Path, at: str
) -> None:
    """SIGKILL after any step: the hub has its old places or its new ones, whole; run again, it has moved."""
    home = model.after(1, tmp_path / "home")
    before = identity(home), home.facts()
    file = elsewhere(home, f"{broker.url}/{next(names)}", server, "store", "intake", "vault")
    words = ["move", str(file), "--home", str(home.folder)]
    died = subprocess.run([sys.executable, "-c", DIES, at, *words], env=home.environment, timeout=120)
    assert died.returncode == -9
    assert (identity(home), home.facts()) == before
    home.call("move", str(file))
    assert (identity(home), home.facts()) == before
    assert not (home.folder / "hub" / "log.db").exists()
    assert home.call("projection", "lag").stdout


def test_a_move_that_would_mix_or_lose_is_refused(
    model: Model, broker: Broker, server: Server, names: Iterator[str], tmp_path: Path
) -> None:
    """Another setting, a place that a file cannot move to, a schema or a log in use; a hub at work, a backfill between
    two lots, a vault that is written anew: refused by name, and the hub has its old places."""
    home = model.after(1, tmp_path / "home")
    settings = (home.folder / FILE).read_bytes()
    url = f"{broker.url}/{next(names)}"
    file = elsewhere(home, url, server, "intake")

    def refused(code: str, exit: int, change: tuple[str, str] = ("", "")) -> None:
        text = file.read_text(encoding="utf-8")
        other = home.folder / "other.toml"
        other.write_text(text.replace(*change) if change[0] else text, encoding="utf-8")
        assert code in home.call("move", str(other), expect=exit).stderr
        assert (home.folder / FILE).read_bytes() == settings

    refused("HUB-G702", 3, ('profile = "national"', 'profile = "governing"'))
    refused("HUB-G703", 3, (url, "sqlite:///hub/other.db"))
    refused("HUB-G132", 3, ("[log]", "[log"))
    away = f"127.0.0.1:{server.port}/", "127.0.0.1:9/"
    for code, exit, change in (("HUB-P501", 5, away), ("HUB-G136", 3, ('"password"', '"no"'))):
        refused(code, exit, change)
        with pytest.raises(DataError, match="HUB-L105"):
            wiring.open_log(url, make=False)
    for setting in ("[partitions]\npersons = 9", '[keys]\nhub = "elsewhere"'):
        refused("HUB-G702", 3, ("[hub]", f"{setting}\n[hub]"))
    edge = wiring.open_edge(home.settings, NAMES[-1])
    locks = [wiring.lock(home.settings, name) for name in ("serve", "rebuild", "gateway", LOCK, REGISTRY)]
    for busy in (*locks, edge.lock, edge.filling):
        with busy:
            refused("HUB-G701", 7)
    home.call("log", "copy", str(home.folder / "hub" / "log.db"), url, home=False)
    wiring.succeed(url, "another")
    refused("HUB-L561", 4)
    twin = model.after(2, tmp_path / "twin")
    shutil.copy2(home.folder / "password", twin.folder / "password")
    there = twin.folder / "there.toml"
    there.write_text(file.read_text(encoding="utf-8").replace(url, f"{broker.url}/{next(names)}"), encoding="utf-8")
    twin.call("move", str(there))
    refused("HUB-G704", 3, (url, f"{broker.url}/{next(names)}"))
    views = server.url(server.database().rpartition("/")[2], password=False)
    with file.open("a", encoding="utf-8") as more:
        more.write(f'\n[store]\nurl = "{views}"\npassword_file = "password"\n')
    with closing(wiring.open_store(load(home.folder, file=file), wiring.projected(home.settings))):
        pass
    refused("HUB-G704", 3, (url, f"{broker.url}/{next(names)}"))


def test_two_installations_do_not_move_to_one_place(
    model: Model, broker: Broker, server: Server, names: Iterator[str], tmp_path: Path
) -> None:
    """A log that another installation moved to is refused as such, before a record is compared; so are its tables."""
    first = model.after(1, tmp_path / "first")
    url = f"{broker.url}/{next(names)}"
    file = elsewhere(first, url, server, "intake")
    first.call("move", str(file))
    second = tmp_path / "second"
    assert run(["init", "--home", str(second)]) == 0
    places = file.read_text(encoding="utf-8").partition("[log]")[2]
    (second / "password").write_text(PASSWORD, encoding="utf-8")
    for there, code in ((url, "HUB-L561"), (f"{broker.url}/{next(names)}", "HUB-G704")):
        text = (second / FILE).read_text(encoding="utf-8") + "[log]" + places.replace(url, there)
        (second / "there.toml").write_text(text, encoding="utf-8")
        with pytest.raises((IntegrityError, DataError), match=code):
            move(load(second), second / "there.toml")
    assert load(second).log_url.startswith("sqlite:")


def test_a_second_move_sets_aside_what_the_first_one_left(
    model: Model, broker: Broker, server: Server, names: Iterator[str], tmp_path: Path
) -> None:
    """A move of the log that was killed before the files had other names, then one of intake: both files have."""
    home = model.after(1, tmp_path / "home")
    words = ["move", str(elsewhere(home, f"{broker.url}/{next(names)}", server)), "--home", str(home.folder)]
    died = subprocess.run([sys.executable, "-c", DIES, "switched", *words], env=home.environment, timeout=120)
    assert died.returncode == -9
    assert (home.folder / "hub" / "log.db").exists()
    there = home.folder / "there.toml"
    place = server.url(server.database().rpartition("/")[2], password=False)
    text = (home.folder / FILE).read_text(encoding="utf-8")
    there.write_text(f'{text}\n[intake]\nurl = "{place}"\npassword_file = "password"\n', encoding="utf-8")
    home.call("move", str(there))
    left = {path.name for path in (home.folder / "hub").glob("*.db*")}
    assert not {"log.db", "intake.db"} & left
    assert {"log.db.aside-1", "intake.db.aside-1", "views.db"} <= left


def test_what_comes_while_tables_are_moved_is_not_left_behind(
    model: Model, broker: Broker, server: Server, names: Iterator[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A packet that is imported after the log was copied, and before the switch: refused, and run again it is there."""
    home = model.after(1, tmp_path / "home")
    file = elsewhere(home, f"{broker.url}/{next(names)}", server, "intake")
    done, late = wiring.databases.move_in, Record(b"late", b"", b"late")

    def imports(source: str, url: str, schema: str) -> int:
        with closing(wiring.open_log(home.settings.database("log"))) as log:
            log.append("persons", 0, [late])
        return done(source, url, schema)

    monkeypatch.setattr(wiring.databases, "move_in", imports)
    with pytest.raises(IntegrityError, match="HUB-L562"):
        move(load(home.folder), file)
    monkeypatch.undo()
    move(load(home.folder), file)
    with closing(wiring.open_log(home.settings.database("log"), make=False)) as log:
        assert log.read("persons", 0, log.bounds("persons", 0).end - 1, 1) == [late]
