"""Databases that were damaged: each names itself, says what may be done, and what it says works."""

import os
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hub import wiring
from hub.cli.main import run
from hub.config import Settings, load
from hub.core.errors import IntegrityError
from hub.deliver.rebuild import Rebuilding
from hub.flow.relay import relay
from hub.installation import Installation
from hub.texts import text
from tests.cli.rig import fed, lived
from tests.damage.databases import torn
from tests.damage.kept import garbage
from tests.e2e.laws import digests
from tests.projections.test_case import REGISTERED, SERVED, D

FILES = {"log": "hub/log.db", "views": "hub/views.db", "intake": "hub/intake.db", "vault": "vault/vault.db"}
CODES = {"log": "HUB-L402", "views": "HUB-P414", "intake": "HUB-I442", "vault": "HUB-V412"}
OPENING: dict[str, Callable[[Settings], object]] = {
    "log": lambda settings: wiring.open_log(settings.database("log")),
    "views": lambda settings: wiring.open_store(settings, wiring.projected(settings)),
    "intake": wiring.open_intake_store,
    "vault": wiring.open_vault,
}


def newer(path: Path) -> None:
    """A later program has written it."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA user_version=99")


def lost(path: Path) -> None:
    """Somebody removed it."""
    path.unlink()


@pytest.mark.parametrize("damage", [garbage, torn])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_database_names_itself(name: str, damage: Callable[[Path], None], tmp_path: Path) -> None:
    """Damage is exit 4 whichever database it is, the file is left as it is, and only views may be made again."""
    settings = fed(tmp_path, day=D)
    damage(tmp_path / FILES[name])
    before = (tmp_path / FILES[name]).read_bytes()
    with pytest.raises(IntegrityError) as caught:
        OPENING[name](settings)
    assert (caught.value.code, caught.value.exit_code) == (CODES[name], 4)
    assert (tmp_path / FILES[name]).read_bytes() == before
    _, fix = text(CODES[name], "en", **caught.value.place)
    assert ("rebuild" in fix) == (name == "views")
    assert ("backup" in fix) == (name != "views")
    assert "delete" not in fix.replace("never delete", "")


@pytest.mark.parametrize("name", FILES)
def test_a_database_that_could_not_be_opened_is_given_back(name: str, tmp_path: Path) -> None:
    """Who is told to move a damaged file away finds nobody holding it: no descriptor of it is left."""
    settings = fed(tmp_path, day=D)
    garbage(tmp_path / FILES[name])
    with pytest.raises(IntegrityError) as caught:
        OPENING[name](settings)
    held = [os.readlink(each) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    assert str((tmp_path / FILES[name]).resolve()) not in held, caught.value.code


def documented(code: str) -> list[str]:
    """The words of the command that an error's remedy names."""
    found = re.search(r"hub (projection rebuild(?: --[a-z-]+)?)", text(code, "en", found=0, known=0, reason="")[1])
    assert found
    return found[1].split()


@pytest.mark.parametrize(
    ("damage", "code"), [(garbage, "HUB-P414"), (torn, "HUB-P414"), (newer, "HUB-P302"), (lost, "")]
)
def test_views_come_back_by_the_command_that_the_error_names(
    damage: Callable[[Path], None], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows = fold(log), whatever happened to the file: after the command the views are bit by bit those from before."""
    home = ["--home", str(tmp_path)]
    lived(tmp_path, *SERVED, day=D + 30)
    settings = load(tmp_path, {})
    with Installation(settings) as hub:
        before, facts = digests(hub, hub.store), hub.log.bounds("persons", 0).end
    damage(tmp_path / FILES["views"])
    capsys.readouterr()
    if code:
        assert run(["projection", "rebuild", *home]) == (4 if code == "HUB-P414" else 3)
        assert code in capsys.readouterr().err
    assert run([*(documented(code) if code else ["projection", "rebuild"]), "--lang", "en", *home]) == 0
    assert "made from the log, and in use now" in capsys.readouterr().out
    assert run(["projection", "diff", *home]) == 0
    with Installation(settings) as hub:
        assert digests(hub, hub.store) == before
        hub.follower().drain()
        assert digests(hub, hub.store)["persons"] == before["persons"]
        assert hub.log.bounds("persons", 0).end == facts, "something was decided twice"
    assert (tmp_path / "hub/views.db.aside-1").exists() == bool(code)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE persons_position SET accepted = '{' WHERE partition = 0",
        "UPDATE persons_position SET facts = '' WHERE partition = 0",
        "UPDATE persons_source SET name = CAST(x'ff' AS TEXT)",
    ],
)
def test_a_value_that_rotted_in_a_sound_file_is_damage(
    harm: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no JSON or no UTF-8 any more is told as damage (exit 4) with what mends it, never as a bug."""
    home = ["--home", str(tmp_path)]
    lived(tmp_path, *SERVED, day=D + 30)
    with closing(sqlite3.connect(tmp_path / FILES["views"])) as file:
        file.execute(harm)
        file.commit()
    capsys.readouterr()
    assert run(["projection", "rebuild", *home]) == 4
    assert "HUB-P414" in capsys.readouterr().err
    assert run([*documented("HUB-P414"), *home]) == 0
    assert run(["projection", "diff", *home]) == 0


def test_what_was_on_its_way_is_sent_after_the_views_were_lost(tmp_path: Path) -> None:
    """A decision's copy that waited in the lost outbox is sent again: the market knows the need in the end."""
    settings = fed(tmp_path, *REGISTERED, day=D + 3)
    with Installation(settings) as hub:
        persons = hub.workers[0]
        while persons.advance(0):
            waiting = hub.store.outgoing("persons", 0, 1000)
            if any(one.topic == "markets" for one in waiting):
                break
            relay(hub.groups[0], 0, hub.log, hub.store)
        else:
            raise AssertionError("no copy waits")
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"hub/views.db{end}").unlink(missing_ok=True)
    assert run(["projection", "rebuild", "--home", str(tmp_path)]) == 0
    with Installation(settings) as hub:
        hub.follower().drain()
        assert list(hub.store.scan("markets", "need"))


def test_a_rebuild_that_was_killed_leaves_views_that_lag(tmp_path: Path) -> None:
    """Killed while views are made in the place of lost ones, they are a beginning that any start reads on from."""
    lived(tmp_path, *SERVED, day=D + 30)
    settings = load(tmp_path, {})
    with Installation(settings) as hub:
        before = digests(hub, hub.store)
    assert wiring.set_aside_views(settings) == ["views.db.aside-1"]

    def killed(group: str, taken: int) -> None:
        raise KeyboardInterrupt

    with Installation(settings) as hub:
        shadows = wiring.shadows(settings, hub.projections, hub.store)
        with pytest.raises(KeyboardInterrupt):
            Rebuilding(hub.groups, hub.log, hub.store, shadows, hub.system, killed).rebuild()
        assert sum(hub.lag().values()) > 0
        hub.follower().drain()
        assert digests(hub, hub.store)["persons"] == before["persons"]
        assert not sum(hub.lag().values())


def test_the_lag_behind_another_log_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`projection lag` refuses by name what `diff` refuses: another log with the same positions, or other bytes."""
    lived(tmp_path, *REGISTERED, day=D + 3)
    home, own = ["--home", str(tmp_path)], tmp_path / FILES["log"]
    assert run(["projection", "lag", *home]) == 0
    assert run(["log", "copy", str(own), str(tmp_path / "copy.db")]) == 0
    own.rename(tmp_path / "own.db")
    (tmp_path / "copy.db").rename(own)

    def refused(code: str) -> None:
        for word in ("lag", "diff"):
            capsys.readouterr()
            assert run(["projection", word, *home]) == 4
            assert code in capsys.readouterr().err

    refused("HUB-P420")
    (tmp_path / "own.db").replace(own)
    with closing(sqlite3.connect(tmp_path / FILES["views"])) as views, views:
        views.execute("UPDATE persons_position SET last = zeroblob(32)")
    refused("HUB-P422")


def test_views_are_not_taken_from_a_hub_at_work(tmp_path: Path) -> None:
    """While `hub serve` runs, nothing is moved away under it, and views that are not there are not made beside it."""
    settings = fed(tmp_path, day=D)
    with wiring.lock(settings, "serve"):
        assert run(["projection", "rebuild", "--set-aside", "--home", str(tmp_path)]) == 7
        assert (tmp_path / FILES["views"]).exists()
        assert run(["projection", "rebuild", "--home", str(tmp_path)]) == 7
