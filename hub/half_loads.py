"""First loads of connectors here that are half in while the hub decides, or will soon."""

from contextlib import suppress

from connectors.backfill.half import half_in
from hub import wiring
from hub.config import Settings
from hub.core.errors import HubError


def half_loads(settings: Settings) -> tuple[HubError, ...]:
    """HUB-C480 and HUB-C481 of each; a connector that cannot be opened is the doctor's affair."""
    today, found = wiring.system_of(settings).today(), []
    for name in wiring.edge_names(settings):
        with suppress(HubError, OSError):
            found.append(half_in(wiring.open_edge(settings, name), today))
    return tuple(one for one in found if one)
