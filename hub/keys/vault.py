"""The vault's own keys are rotated: everything in it is written anew under others (hub.vault.anew, decision 029)."""

from typing import Final

from hub import wiring
from hub.config import Settings
from hub.core.calendar import iso
from hub.core.errors import DataError

KEY: Final = "K_vault"
LOCK: Final = "vault-keys"
"""Held while keys and database of the vault are read or written together."""


def rotate(settings: Settings) -> dict[str, int]:
    """Write the vault anew; how much there was, nothing where one that was cut off had only its last step to do.

    Raises DataError HUB-B305 where no vault is here, and what `write_anew` raises.
    """
    if not wiring.is_made(settings, "vault"):
        raise DataError("HUB-B305", name="vault")
    until = iso(wiring.system_of(settings).today())
    with wiring.lock(settings, LOCK):
        return wiring.renew_vault(settings, until)
