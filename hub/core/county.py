"""Key checks of a county's `K_edge`, as frames tell them and the registry expects them (decision 028).

One check, or two with a blank between them while the key is rotated: the newer one first.
"""

from typing import Final

LINKED: Final = "linked:"
"""Before the first digits of a key check, in `epochs` of a frame: its people are linked under that key."""
_DIGITS: Final = 8


def has_two(checks: str) -> bool:
    """Whether the key is being rotated."""
    return " " in checks


def newest(checks: str) -> str:
    """The check of the key that stays."""
    return checks.partition(" ")[0]


def oldest(checks: str) -> str:
    """The check of the key under which the hub knows everybody."""
    return checks.rpartition(" ")[2]


def is_known(told: str, registered: str) -> bool:
    """Whether tokens under these keys link the people of the county.

    While it has two keys, the older one must be among them, until everybody is linked under the newer one. Afterwards
    the newer one must be the first; what another one says besides does no harm.
    """
    keys, known = told.split(), registered.split()
    return bool(keys) and (keys == known[-len(keys) :] if has_two(registered) else keys[0] == registered)


def with_linked(epochs: str, check: str) -> str:
    """`epochs` of a connector that linked its people under the key of this check."""
    return f"{epochs} {LINKED}{check[:_DIGITS]}"


def has_linked(epochs: str, told: str, check: str) -> bool:
    """Whether a frame says that its connector needs no older key than the one of this check."""
    return told == check or f"{LINKED}{check[:_DIGITS]}" in epochs.split()
