"""Keys rotate while everything goes on: nothing is lost, and an old key goes only when nobody needs it."""

import json
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from hub import backup, wiring
from hub.config import load
from hub.core.errors import DataError, IntegrityError
from hub.core.frame import BODY_LABEL, PERSONS_LABEL, unpack_frame
from hub.keys import transport
from tests.e2e.rig import NAMES, Home, Model
from tests.e2e.test_restores import CONNECTOR, law_as_if_nothing_had_been

pytestmark = pytest.mark.slow

WORDS = "five words that nobody guesses"


@pytest.fixture
def home(model: Model, tmp_path: Path) -> Home:
    """An installation after its second step; the agencies' sources go on."""
    return model.after(2, tmp_path / "home")


def old_key(home: Home, owner: str) -> transport.Use:
    """The key that another one took the place of."""
    (_, old) = transport.uses(home.settings, owner)
    return old


def test_both_keys_open_frames_until_the_old_one_is_retired(home: Home) -> None:
    """Frames under the old key that wait, frames under the new one, and all after them: as if nothing had been."""
    for owner in transport.OWNERS:
        assert [use.connectors for use in transport.uses(home.settings, owner)] == [tuple(sorted(NAMES))]
    home.grow()
    half = [name for name in NAMES if name != CONNECTOR]
    home.feed(half)  # these frames wait under the old key
    home.done -= 1
    for owner in transport.OWNERS:
        home.call("keys", "rotate", owner)
        assert old_key(home, owner).connectors == tuple(sorted(NAMES))
        with pytest.raises(DataError) as stop:
            transport.retire(home.settings, owner, old_key(home, owner).key, ())
        assert (stop.value.code, stop.value.exit_code) == ("HUB-K303", 3)
    law_as_if_nothing_had_been(home)
    for owner in transport.OWNERS:
        new, old = transport.uses(home.settings, owner)
        assert CONNECTOR in new.connectors
        assert CONNECTOR not in old.connectors


def test_what_was_sent_under_a_retired_key_can_never_be_read_again(home: Home) -> None:
    """The key is gone, the log keeps every byte of the old frames, nobody opens them; new ones are taken as before."""
    home.call("keys", "rotate", "hub")
    home.call("keys", "rotate", "vault")
    home.step()
    old = {owner: old_key(home, owner) for owner in transport.OWNERS}
    silent = sorted({name for use in old.values() for name in use.connectors})
    assert silent != sorted(NAMES), "nobody sent anything, so that this test would prove nothing"
    assert home.call("keys", "retire", "hub", "hub", expect=3).stderr.count("HUB-K302") == 1
    gone = [word for name in silent for word in ("--gone", name)]
    for owner, use in old.items():
        home.call("keys", "retire", owner, use.key, *gone)
    shown = json.loads(home.call("keys", "list", "--json").stdout)
    assert [one["key"] for one in shown if one["kind"] == "wrap"] == ["hub", "vault"]
    settings = home.settings
    hub, vault = wiring.hub_keys(settings), wiring.FileKeys(settings.folder(settings.keys_vault))
    with closing(wiring.open_log(settings.database("log"))) as log:
        frame = unpack_frame(log.read("ingress.civil-affairs", 0, 0, 1)[0].value)
    for keys, name, wrapped, label in (
        (hub, "hub", frame.body_key, BODY_LABEL),
        (vault, "vault", frame.persons_key, PERSONS_LABEL),
    ):
        with pytest.raises(IntegrityError):
            keys.unwrap(name, wrapped, label)
    before = home.facts()
    home.drain()
    home.step()
    assert home.facts() > before


def test_frames_that_nobody_took_yet_keep_their_key(model: Model, tmp_path: Path) -> None:
    """A connector of which intake never took a frame needs the old key as long as its first ones wait."""
    home = model.twin(tmp_path / "twin")
    home.grow()
    home.feed([CONNECTOR])
    home.call("keys", "rotate", "hub")
    assert old_key(home, "hub").connectors == (CONNECTOR,)
    home.call("keys", "retire", "hub", old_key(home, "hub").key, expect=3)
    home.drain()
    assert home.facts("agency/")


def test_the_vault_under_other_keys_knows_everybody(home: Home, tmp_path: Path) -> None:
    """Written anew while frames wait and while a program has the old keys in memory; backups of before and after it
    are put back whole, each with the keys that it was made with: as if nothing had been."""
    backup.create(home.settings, "vault", "", tmp_path / "before", WORDS)
    home.grow()
    home.feed()
    home.done -= 1
    with closing(wiring.open_log(home.settings.database("log"))) as log:
        intake = wiring.open_intake(home.settings, log)
        intake.advance("health", 100)
        home.call("keys", "rotate", "K_vault")
        assert "HUB-K301" in home.call("keys", "rotate", "K_vault", expect=3).stderr
        assert "HUB-K316" in home.call("keys", "retire", "K_vault", "-", expect=3).stderr
        intake.advance("health", 100)
    backup.create(home.settings, "vault", "", tmp_path / "after", WORDS)
    backup.restore(tmp_path / "before", tmp_path / "other", WORDS)
    wiring.open_vault(load(tmp_path / "other")).close()
    shutil.rmtree(home.folder / "vault")
    backup.restore(tmp_path / "after", home.folder, WORDS)
    law_as_if_nothing_had_been(home)


def test_a_connector_signs_with_a_new_key_when_the_hub_has_it(home: Home, tmp_path: Path) -> None:
    """Announced in a file, both good, then the old one forgotten; wrong digits change nothing."""
    file, name = str(tmp_path / "new.key"), CONNECTOR
    edge = wiring.open_edge(home.settings, name)
    old, path = edge.keys.public("agency"), edge.folder / "keys/agency.key"
    home.call("keys", "rotate", "agency", name, "--to", file)
    home.call("keys", "rotate", "agency", name, "--check", "1" * 25, expect=3)
    assert wiring.open_edge(home.settings, name).keys.public("agency") == old
    told = home.call("keys", "rotate", "agency", "--from", file).stdout
    assert "HUB-K303" in home.call("keys", "retire", "agency", name, expect=3).stderr
    (digits,) = re.findall(r"[\d-]{29}", told)
    before = path.read_bytes()
    home.call("keys", "rotate", "agency", name, "--check", digits)
    home.step()
    home.call("keys", "retire", "agency", name)
    path.write_bytes(before)  # whoever has the old key signs for nobody any more
    home.grow()
    home.feed([name])
    assert counts(home, name).get("refused frames", 0) == 0
    home.drain()
    assert counts(home, name)["frame HUB-I303"] > 0


def test_a_signing_key_that_nobody_announced_is_not_taken(home: Home, tmp_path: Path) -> None:
    """An announcement that another key signed, or that was changed on the way, changes nothing at the hub."""
    file = tmp_path / "new.key"
    home.call("keys", "rotate", "agency", CONNECTOR, "--to", str(file))
    other = next(name for name in NAMES if name != CONNECTOR)
    for wrong in (other, "nobody"):
        (tmp_path / f"{wrong}.key").write_text(file.read_text().replace(CONNECTOR, wrong), encoding="utf-8")
        call = home.call("keys", "rotate", "agency", "--from", str(tmp_path / f"{wrong}.key"), expect=3)
        assert "HUB-K318" in call.stderr
    home.call("keys", "rotate", "agency", CONNECTOR)  # all of it here, at once
    law_as_if_nothing_had_been(home)


def counts(home: Home, name: str) -> dict[str, int]:
    """What intake counted of a connector's agency."""
    agency = wiring.open_edge(home.settings, name).spec.agency
    with closing(wiring.open_intake_store(home.settings)) as store:
        return store.state(agency).counts


def test_every_key_is_listed_and_none_is_shown(home: Home) -> None:
    """Of hub, vault, county and connectors: kind, generation, day, check digits, and which older ones are still good;
    no key material in any form."""
    home.call("keys", "rotate", "hub")
    home.call("keys", "rotate", "K_vault")
    home.call("keys", "rotate", "K_edge")
    home.call("keys", "rotate", "agency", CONNECTOR, "--to", str(home.folder / "new"))
    files = list(home.folder.rglob("*.key"))
    told, text = home.call("keys", "list", "--json").stdout, home.call("keys", "list").stdout
    shown = [one for one in json.loads(told) if "generation" in one]
    owners = {"hub": "hub", "keys": "county"}
    assert sorted((one["owner"], one["key"]) for one in shown) == sorted(
        ("hub" if path.is_relative_to(home.settings.folder(home.settings.keys_hub)) else
         "vault" if path.is_relative_to(home.settings.folder(home.settings.keys_vault)) else
         owners.get(path.parent.parent.name, "county") if path.parent.parent.name == "edges" else
         path.parent.parent.name, path.stem) for path in files
    )  # fmt: skip
    for path in files:
        assert path.read_text(encoding="ascii").split()[1] not in told + text
        assert path.stem.startswith("rows-") or path.stem in text
    old = {(one["owner"], one["key"].partition("-until-")[0]) for one in shown if one["overlaps"]}
    assert old == {("hub", "hub"), ("vault", "K_vault"), *((name, "K_edge") for name in ("county", *NAMES))}
    of_hub = [one for one in shown if one["owner"] == "hub" and one["kind"] == "wrap"]
    assert [one["generation"] for one in of_hub] == [2, 1]
    assert {one["kind"] for one in shown} == {"secret", "sign", "wrap"}
    assert len({one["check"] for one in shown if one["owner"] in ("hub", "vault")}) == sum(
        one["owner"] in ("hub", "vault") for one in shown
    )
    edge = {one["check"] for one in shown if one["key"] == "K_edge"}
    assert len(edge) == 1
    assert all(re.fullmatch("[0-9a-f]{32}", one["check"]) for one in shown)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", one["since"]) for one in shown)
