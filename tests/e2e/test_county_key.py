"""The county's key is rotated while agencies go on: every person stays the same one, and no fact is lost or doubled."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from connectors.edge import FILE
from connectors.rows.tokens import KEY, key_check
from connectors.spool import Spool
from hub import wiring
from hub.config import load
from hub.core.errors import DataError, IntegrityError
from hub.core.frame import KIND_SUBJECT
from hub.keys import county
from tests.e2e.laws import law_invariants, law_rows_are_the_fold
from tests.e2e.rig import AGENCIES, CODEC, NAMES, Home, Model, facts

pytestmark = pytest.mark.slow


@pytest.fixture
def home(model: Model, tmp_path: Path) -> Home:
    """An installation after its first step; the agencies' sources go on."""
    return model.after(1, tmp_path / "home")


def told(folder: Path) -> "Counter[tuple[Any, ...]]":
    """What agencies said, person by person: types and fields of all that is said of one, without salts and numbers."""
    of: dict[bytes, list[Any]] = defaultdict(list)
    for fact in facts(folder, AGENCIES):
        _, fields = CODEC.decode(fact.value)
        for role, kind, value in fact.refs:
            if kind == KIND_SUBJECT:
                of[value].append((fact.type, role, repr(fields[1:])))
    return Counter(tuple(sorted(each)) for each in of.values())


def rotated(home: Home) -> None:
    """Two steps, in which every connector asks and links."""
    home.call("keys", "rotate", KEY)
    home.step()
    home.step()


def spool_of(home: Home, name: str) -> Any:
    """What a connector remembers."""
    edge = wiring.open_edge(home.settings, name)
    with Spool(edge.spool_path, name, write=False) as spool:
        return spool.state


def test_every_person_stays_the_same_through_a_rotation(home: Home) -> None:
    """Newer key, overlap, older key destroyed, and the agencies go on: all persons are those of the undisturbed run."""
    old = key_check(wiring.open_edge(home.settings, NAMES[0]).keys)
    rotated(home)
    assert all(one.linked and not one.unlinked for one in county.standing(home.settings))
    assert (
        "HUB-K315"
        in home.call(
            "agency",
            "invite",
            "new",
            "--publisher",
            "health",
            "--area",
            "220102",
            "--to",
            str(home.folder / "x"),
            expect=3,
        ).stderr
    )
    home.call("keys", "retire", KEY)
    while home.done < len(home.model.steps):
        home.step()
    assert told(home.folder) == told(home.model.home)
    law_rows_are_the_fold(home)
    law_invariants(home)
    new = {key_check(wiring.open_edge(home.settings, name).keys) for name in NAMES}
    assert len(new) == 1
    assert old not in new
    assert not list(home.folder.rglob(f"{KEY}-until-*"))


def test_the_older_key_stays_until_everybody_is_linked_at_the_hub(home: Home) -> None:
    """It is not destroyed before, and one that is taken away all the same stops its connector before it reads a row."""
    home.call("keys", "rotate", KEY)
    assert home.call("keys", "rotate", KEY, expect=3).stderr.count("HUB-K310") == 1
    home.step()
    home.grow()
    home.feed()
    with pytest.raises(DataError) as stop:  # linked by the connectors, but the hub took nothing of it yet
        county.retire(home.settings, (), False)
    assert stop.value.code == "HUB-K311"
    home.drain()
    late = edge_of(home, NAMES[0])
    with Spool(late.spool_path, NAMES[0]) as spool, spool.transaction():
        spool.save(spool.state._replace(county=key_check(late.keys, late.keys.before(KEY)[0])))
    assert NAMES[0] in home.call("keys", "retire", KEY, expect=3).stderr
    next((late.folder / "keys").glob(f"{KEY}-until-*")).unlink()
    with pytest.raises(IntegrityError) as wrong:
        home.feed([NAMES[0]])
    assert wrong.value.code == "HUB-C410"


def edge_of(home: Home, name: str) -> Any:
    """A connector's folder."""
    return wiring.open_edge(home.settings, name)


def test_rows_that_cannot_be_read_any_more_are_counted(home: Home) -> None:
    """Whom only a vanished row names can not be linked: the older key goes only where that is accepted."""
    name = "civil-affairs-steps"
    home.call("keys", "rotate", KEY)
    home.step()
    spool = edge_of(home, name)
    with Spool(spool.spool_path, name) as opened, opened.transaction():
        known = next(opened.rows.unseen(opened.state.read + 1))[0]
        opened.rows.put([known._replace(id=known.id ^ 1)])  # as if its source had had one row more
    home.grow()
    home.feed(accept_vanished=1000)
    home.drain()
    assert spool_of(home, name).unlinked == 1
    assert "HUB-K312" in home.call("keys", "retire", KEY, expect=3).stderr
    assert "1" in home.call("keys", "list").stdout
    home.call("keys", "retire", KEY, "--leave-unlinked")


def test_a_rotation_that_was_killed_is_gone_on_with(home: Home) -> None:
    """Cut off after any of its files, it ends when it is run again: one newer key, everywhere."""
    code = (
        "import os, sys\n"
        "left = int(sys.argv.pop(1))\n"
        "real = os.replace\n"
        "def replace(*args, **kwargs):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left < 0:\n"
        "        os.kill(os.getpid(), 9)\n"
        "    real(*args, **kwargs)\n"
        "os.replace = replace\n"
        "from hub.cli.main import main\n"
        "main()\n"
    )
    kills = 0
    for left in (0, 1, 2, 3, 4, 9):
        done = subprocess.run(
            [sys.executable, "-c", code, str(left), "keys", "rotate", KEY, "--home", str(home.folder)],
            env=home.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        kills += done.returncode == -9
    assert kills == 6
    home.call("keys", "rotate", KEY)
    checks = {tuple(key_check(edge.keys, key) for key in (KEY, *edge.keys.before(KEY)))
              for edge in (edge_of(home, name) for name in NAMES)}  # fmt: skip
    assert len(checks) == 1
    ((new, old),) = checks
    assert len({one["key_check"] for one in registered(home)}) == 1
    assert registered(home)[0]["key_check"] == f"{new} {old}"


def registered(home: Home) -> list[Any]:
    """Every connector, as the hub knows it."""
    return [one for agency in json.loads(home.call("agency", "list", "--json").stdout) for one in agency["connectors"]]


def test_a_carried_key_is_compared_with_its_check_first(home: Home, tmp_path: Path) -> None:
    """The keeper makes it, the hub is told its check, an agency takes the file: a wrong one changes nothing."""
    file, away = tmp_path / "county.key", tmp_path / "away"
    check = json.loads(home.call("keys", "rotate", KEY, "--to", str(file), "--json").stdout)["check"]
    assert home.call("keys", "rotate", KEY, "--check", check, expect=3).stderr.count("HUB-K313") == 1
    (home.folder / "edges").rename(away)  # the hub alone: its agencies are elsewhere
    home.call("keys", "rotate", KEY, "--check", check)
    old = registered(home)[0]["key_check"].split()[1]
    assert {one["key_check"] for one in registered(home)} == {f"{check} {old}"}
    away.rename(home.folder / "edges")
    before = {path: path.read_bytes() for path in (home.folder / "edges").rglob("*.key")}
    wrong = home.call("keys", "rotate", KEY, "--from", str(file), "--check", "ab" * 16, expect=3)
    assert "HUB-K314" in wrong.stderr
    assert before == {path: path.read_bytes() for path in (home.folder / "edges").rglob("*.key")}
    home.call("keys", "rotate", KEY, "--from", str(file), "--check", check)
    home.step()
    home.step()
    assert {spool_of(home, path.parent.name).county for path in home.folder.glob(f"edges/*/{FILE}")} == {check}


def test_a_keys_file_has_a_keys_name(tmp_path: Path) -> None:
    """A file whose name does not end in .key is neither made nor carried: another key beside it would be taken."""
    kept = wiring.keys_in(tmp_path)
    kept.make("secret", "K_edge")
    before = (tmp_path / "K_edge.key").read_bytes()
    for name in ("K_edge", "K_edge.new", "K_edge.key.txt"):
        with pytest.raises(DataError) as stop:
            county.make(tmp_path / name)
        assert stop.value.code == "HUB-K330"
        (tmp_path / name).write_bytes(before)
        with pytest.raises(DataError) as carried:
            county.rotate(load(tmp_path), tmp_path / name, key_check(kept))
        assert carried.value.code == "HUB-K330"
        (tmp_path / name).unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["K_edge.key"]
    assert county.make(tmp_path / "new.key") == key_check(kept, "new")
