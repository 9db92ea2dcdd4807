"""The key of a view's pseudonyms is rotated: everybody has another one there, and nothing else has changed."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub import wiring
from hub.core.errors import DataError, IntegrityError
from hub.keys import purpose
from tests.deaths import Killed, killed_at
from tests.e2e.laws import law_invariants, law_rows_are_the_fold
from tests.e2e.rig import Home, Model

pytestmark = pytest.mark.slow

KEY, DOMAIN = "K_purpose-case", "case"


@pytest.fixture
def home(model: Model, tmp_path: Path) -> Home:
    """An installation after its second step."""
    return model.after(2, tmp_path / "home")


def names(home: Home) -> dict[str, dict[int, bytes]]:
    """The pseudonyms of persons by domain."""
    found: dict[str, dict[int, bytes]] = {}
    with closing(wiring.open_store(home.settings, wiring.projected(home.settings))) as store:
        for id, domain, name in store.scan("persons", "name"):
            found.setdefault(domain, {})[id] = name
    return found


def test_everybody_has_another_pseudonym_in_that_view_alone(home: Home) -> None:
    """No pseudonym of the view stays, each person has one, other views and all rows are as before, and the hub goes on;
    the old key is nowhere any more."""
    before, rows = names(home), home.rows()
    old = (home.settings.folder(home.settings.keys_hub) / f"{KEY}.key").read_bytes()
    told = home.call("keys", "rotate", KEY).stdout
    assert "v_case_v1" in told
    after = names(home)
    assert before[DOMAIN].keys() == after[DOMAIN].keys()
    assert not set(before[DOMAIN].values()) & set(after[DOMAIN].values())
    assert {d: n for d, n in before.items() if d != DOMAIN} == {d: n for d, n in after.items() if d != DOMAIN}
    assert home.rows() == rows
    assert not any(old in path.read_bytes() for path in home.folder.rglob("*.key"))
    home.step()
    home.call("projection", "diff")
    law_rows_are_the_fold(home)
    law_invariants(home)


@pytest.mark.parametrize("cut", ["before the switch", "after the switch", "at the old key", "at the new key"])
def test_a_rotation_that_was_cut_off_keeps_the_hub_still_until_it_is_done(
    home: Home, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    """Killed at any step, no name is given under the wrong key: the hub tells the command that ends it."""
    before = names(home)[DOMAIN]
    keys = home.settings.folder(home.settings.keys_hub)
    with monkeypatch.context() as patch:
        dies(patch, cut)
        with pytest.raises(Killed):
            purpose.rotate(home.settings, KEY)
    if (keys / f"{KEY}-next.key").exists():
        with pytest.raises(DataError) as stop:
            home.drain()
        assert (stop.value.code, stop.value.exit_code) == ("HUB-K333", 3)
        purpose.rotate(home.settings, KEY)
    assert not set(before.values()) & set(names(home)[DOMAIN].values())
    home.call("projection", "diff")


def dies(patch: pytest.MonkeyPatch, cut: str) -> None:
    """The program dies there."""
    switch, promote = purpose.Rebuilding.rebuild, wiring.FileKeys.promote

    def rebuilt(self: Any, accept_difference: bool = False) -> Any:
        if accept_difference and cut == "before the switch":
            raise Killed
        found = switch(self, accept_difference)
        if accept_difference and cut == "after the switch":
            raise Killed
        return found

    def promoted(self: Any, name: str, *rest: Any) -> None:
        with killed_at(self._folder, {"at the old key": 2, "at the new key": 3}.get(cut, 0)):
            promote(self, name, *rest)

    patch.setattr(purpose.Rebuilding, "rebuild", rebuilt)
    patch.setattr(wiring.FileKeys, "promote", promoted)


def test_views_that_are_damaged_are_not_given_new_names(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more than pseudonyms differs from the log nothing is switched, and the hub goes on under the old key."""
    before = names(home)
    monkeypatch.setattr(purpose, "_only_names", lambda found: False)
    with pytest.raises(IntegrityError) as stop:
        purpose.rotate(home.settings, KEY)
    assert stop.value.code == "HUB-P430"
    assert names(home) == before
    home.drain()


def test_what_is_not_rotated_says_why(home: Home) -> None:
    """K_intake and K_gateway each refuse by a code of their own, and change nothing."""
    before = {path.name: path.read_bytes() for path in home.folder.rglob("*.key")}
    for key, code in (("K_intake", "HUB-K332"), ("K_gateway", "HUB-K334")):
        for word in ("rotate", "retire"):
            assert code in home.call("keys", word, key, expect=3).stderr
    assert {path.name: path.read_bytes() for path in home.folder.rglob("*.key")} == before
