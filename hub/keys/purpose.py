"""A view's `K_purpose` is rotated: everybody gets another pseudonym in it, at once, behind a fence (decision 033).

There is no overlap: what leads from an old pseudonym to the new one would lead whoever has the old key there, too.
"""

from typing import Final

from hub import founding, wiring
from hub.config import Settings
from hub.core.errors import HubError, IntegrityError
from hub.deliver.rebuild import Rebuilding, Rebuilt
from hub.flow.rebuild import Progress
from hub.installation import Installation
from hub.ports.keys import COMING
from projections.dictionary import VIEWS

NAMES: Final = founding.PURPOSES
_PSEUDONYMS: Final = "name", ("value",)


def rotate(settings: Settings, name: str, progress: Progress | None = None) -> list[str]:
    """Make another key, the views again under it beside those in use, switch to them, destroy the old key; the views
    whose subscribers are to be told. Cut off, it is run again; until then the hub stands still (HUB-K333).

    Raises AlreadyRunning HUB-G701 while the hub is at work, IntegrityError HUB-P430 where the views differ from the log
    by more than their pseudonyms, and what `Rebuilding` raises. Then nothing is switched.
    """
    domain, coming = name.removeprefix(wiring.PURPOSE), f"{name}{COMING}"
    keys = wiring.hub_keys(settings)
    with wiring.lock(settings, "rebuild"), wiring.lock(settings, "serve"):
        cut_off = coming in keys.names()
        keys.make("secret", coming)
        try:
            _switch(settings, domain, progress)
        except HubError:
            if not cut_off:  # else the views in use may have their names under it already
                keys.destroy(coming)
            raise
        keys.promote(name, coming, "")
    return [view.name for view in VIEWS if view.domain == domain]


def _switch(settings: Settings, domain: str, progress: Progress | None) -> None:
    """Make the views again and switch to them. Raises before it switches, and never after."""
    with Installation(settings, domain) as hub:
        shadows = wiring.shadows(settings, hub.projections, hub.store)
        work = Rebuilding(hub.groups, hub.log, hub.store, shadows, hub.system, progress)
        found = work.rebuild()  # equal where it was cut off after the switch
        if not found.switched and _only_names(found):
            found = work.rebuild(accept_difference=True)
        if not found.switched:
            raise IntegrityError("HUB-P430", group=found.differences[0].group)


def _only_names(found: Rebuilt) -> bool:
    return all((one.table, one.fields) == _PSEUDONYMS for one in found.differences)
