"""A rotation that is killed at any file: the next command goes on with it, and the hub takes what is sent meanwhile."""

from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from connectors.run.run import run
from hub import wiring
from hub.core.errors import DataError
from hub.core.signers import digits
from hub.keys import county, signing, transport
from tests.deaths import Killed, killed_at
from tests.e2e.rig import Home, Model
from tests.e2e.test_restores import CONNECTOR
from tests.e2e.test_rotation import counts

pytestmark = pytest.mark.slow


@pytest.fixture
def home(model: Model, tmp_path: Path) -> Home:
    """An installation after its second step."""
    return model.after(2, tmp_path / "home")


def at_once(home: Home) -> None:
    """Where hub and connector are one."""
    try:
        signing.rotate(home.settings, CONNECTOR)
    except DataError as error:
        if error.code != "HUB-K320":  # it was over: only the older key is to be retired
            raise


def by_file(home: Home) -> None:
    """Each side by itself, as far as it did not come before."""
    edge = wiring.open_edge(home.settings, CONNECTOR)
    keys = wiring.keys_in(edge.folder / "keys")
    if signing.NEXT in keys.names() or len(known(home)) == 32:
        announced = signing.announce(edge)
        signing.take(home.settings, announced)
        (home.folder / "digits").write_text(digits(announced), encoding="utf-8")
    signing.use(edge, (home.folder / "digits").read_text(encoding="utf-8"))


DAYS = count(1)


def sends(home: Home) -> None:
    """The connector runs on another day, so that it sends a frame though nothing is new, and the hub takes it."""
    edge = wiring.open_edge(home.settings, CONNECTOR)
    path = edge.folder / "mapping.toml"
    text = path.read_text(encoding="utf-8")
    if "rhythm" not in text:
        path.write_text(f'rhythm = "1"\n{text}', encoding="utf-8")
    with closing(wiring.open_log(home.settings.database("log"))) as log:
        before = log.bounds(edge.ingress, 0).end
        assert not run(edge, log, wiring.FixedSystem(home.day + next(DAYS), key=b"k" * 32)).blocked
        assert log.bounds(edge.ingress, 0).end > before, "nothing was sent"
    home.drain()
    assert counts(home, CONNECTOR).get("refused frames", 0) == 0


def known(home: Home) -> bytes:
    """The public keys that the hub has of the connector."""
    with closing(wiring.open_intake_store(home.settings)) as store:
        return next(one.public_key for one in store.registry()[1] if one.id == CONNECTOR)


def dies(home: Home, at: int, act: Callable[[], object]) -> bool:
    """Whether the act was killed at its n-th file."""
    try:
        with killed_at(home.folder, at):
            act()
    except Killed:
        return True
    return False


@pytest.mark.parametrize("way", [at_once, by_file])
def test_a_signing_key_is_never_lost(home: Home, way: Callable[[Home], None]) -> None:
    """Killed at any file of announcing and promoting, the connector sends as before, and the same command ends it."""
    at, alive = 0, False
    while not alive:
        at += 1
        alive = not dies(home, at, lambda: way(home))
        sends(home)
        way(home)
        sends(home)
        edge = wiring.open_edge(home.settings, CONNECTOR)
        now = edge.keys.public("agency")
        assert known(home)[:32] == now, "the hub expects another key than the connector signs with"
        assert signing.retire(home.settings, CONNECTOR, False) != now.hex()
    assert at > 4, "nothing was killed"


@pytest.mark.parametrize("owner", transport.OWNERS)
def test_a_transport_key_is_rotated_to_its_end(home: Home, owner: str) -> None:
    """Killed at any file, connectors send and are read; the same command again brings the newest key to all here."""
    at, alive = 0, False
    while not alive:
        at += 1
        alive = not dies(home, at, lambda: transport.rotate(home.settings, owner))
        sends(home)
        with suppress(DataError):  # HUB-K301: it was over
            transport.rotate(home.settings, owner)
        new, *old = transport.uses(home.settings, owner)
        specs = {getattr(wiring.open_edge(home.settings, name).spec, f"{owner}_public").hex() for name in
                 wiring.edge_names(home.settings)}  # fmt: skip
        assert specs == {new.public}
        sends(home)
        for each in old:
            ends = partial(transport.retire, home.settings, owner, each.key, wiring.edge_names(home.settings))
            if dies(home, at, ends) and each.key in [use.key for use in transport.uses(home.settings, owner)]:
                ends()
            assert each.key not in [use.key for use in transport.uses(home.settings, owner)]
    assert at > 4, "nothing was killed"


def test_a_countys_key_is_destroyed_to_its_end(home: Home) -> None:
    """Killed at any file of retiring it, the same command destroys the older key everywhere."""
    home.call("keys", "rotate", "K_edge")
    home.step()
    home.step()
    at = 1
    while dies(home, at, lambda: county.retire(home.settings, (), True)):
        county.standing(home.settings)
        at += 1
    assert at > 4, "nothing was killed"
    assert not [path for path in home.folder.rglob("K_edge-until-*.key") if path.read_bytes().strip(b"0")]
    sends(home)
