"""Privacy labels as an order: which of two labels protects a value at least as well (domain §6)."""

import re
from typing import Any, Final

from hub.schema.shape import Label

CLASSES: Final = ("direct", "quasi", "sensitive", "plain")
PURPOSES: Final = ("referral", "audit", "supervision", "statistics")
_TRANSFORM: Final = re.compile(r"token|seal|drop|month|keep|band:[1-9][0-9]{0,5}|area:[1-6]")
_CLASS_STRENGTH: Final = {"plain": 0, "quasi": 1, "sensitive": 1, "direct": 2}
_STRENGTH: Final = {"keep": 0, "area": 1, "band": 1, "month": 1, "token": 2, "seal": 3, "drop": 4}


def label_fault(raw: Any) -> str:
    """The part of a field's `privacy` that is wrong, "privacy" for all of it; "" when nothing is."""
    if not isinstance(raw, dict) or set(raw) != {"class", "transform", "purposes"}:
        return "privacy"
    purposes = raw["purposes"]
    if raw["class"] not in CLASSES:
        return "class"
    if not isinstance(raw["transform"], str) or not _TRANSFORM.fullmatch(raw["transform"]):
        return "transform"
    if not isinstance(purposes, list) or not purposes or any(one not in PURPOSES for one in purposes):
        return "purposes"
    return "purposes" if len(set(purposes)) != len(purposes) else ""


def loosened(old: Label, new: Label) -> str:
    """Which part of a label protects less than before: "class", "transform" or "purposes"; "" when none does.

    quasi and sensitive protect against different things: neither may replace the other.
    """
    if new.kind != old.kind and _CLASS_STRENGTH[new.kind] <= _CLASS_STRENGTH[old.kind]:
        return "class"
    if not _as_strong(old.transform, new.transform):
        return "transform"
    return "purposes" if set(new.purposes) - set(old.purposes) else ""


def _as_strong(old: str, new: str) -> bool:
    if old == new:
        return True
    (was, _, wide), (now, _, width) = old.partition(":"), new.partition(":")
    if _STRENGTH[was] != _STRENGTH[now]:
        return _STRENGTH[now] > _STRENGTH[was]
    if was != now:
        return False  # a month and an area hide different things
    return int(width) >= int(wide) if was == "band" else int(width) <= int(wide)
