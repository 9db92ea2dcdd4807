"""Whether the keys of a side are there, whole, and those that its data was made with: asked before a backup, and by
`hub doctor`. With other keys nothing fails at once: the same person would silently become another one."""

from collections.abc import Iterable
from contextlib import closing

from connectors import edge as edges
from connectors.edge import Edge
from connectors.rows.tokens import KeyedTokens, require_linked
from connectors.spool import Spool
from hub import founding, wiring
from hub.config import Settings
from hub.core.errors import IntegrityError
from hub.intake.route import SECRET
from hub.ports.keys import Keys


def check_hub(settings: Settings, older: bool = False) -> int:
    """How many keys the hub has. Raises DataError HUB-G120 for one that lacks, HUB-G122 for one that is incomplete,
    IntegrityError HUB-I436 where `K_intake` is not the key of intake's ids."""
    keys = wiring.hub_keys(settings)
    _read(keys, founding.HUB_KEYS)
    if wiring.is_made(settings, "intake"):
        with closing(wiring.open_intake_store(settings, older)) as store:
            if not store.same_key(keys.mac(SECRET, "key check")(b"")[:16]):
                raise IntegrityError("HUB-I436")
    return len(founding.HUB_KEYS)


def check_vault(settings: Settings) -> int:
    """How many keys the vault has. Raises as `check_hub`, and IntegrityError HUB-V411 for another `K_vault`."""
    _read(wiring.FileKeys(settings.folder(settings.keys_vault)), founding.VAULT_KEYS)
    if wiring.is_made(settings, "vault"):
        wiring.open_vault(settings).close()
    return len(founding.VAULT_KEYS)


def check_edge(edge: Edge) -> str:
    """The key check of a connector's `K_edge`. Raises as `check_hub`, and IntegrityError HUB-C410 where its spool's
    tokens were made with another one."""
    _read(edge.keys, edges.OWN_KEYS)
    check = KeyedTokens(edge.keys).check()
    if edge.spool_path.exists():
        with Spool(edge.spool_path, edge.spec.connector, write=False) as spool:
            require_linked(edge.spec.connector, spool.state.county, check)
    return check


def _read(keys: Keys, wanted: Iterable[tuple[str, str]]) -> None:
    for kind, name in wanted:
        if kind == "secret":
            keys.mac(name, "there")
        else:
            keys.public(name)
