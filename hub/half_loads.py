"""First loads of connectors here that are half in while the hub decides, or will soon."""

from contextlib import suppress
from typing import Final

from connectors.backfill.half import half_in
from hub import wiring
from hub.config import Settings
from hub.core.errors import HubError

_MINUTE_MS: Final = 60_000


class HalfLoads:
    """Looks at them once a minute, however often it is asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._looked = 0
        self._notices: tuple[HubError, ...] = ()

    def notices(self) -> tuple[HubError, ...]:
        """HUB-C480 and HUB-C481 of each; a connector that cannot be opened is the doctor's affair. Safe to ask from
        another thread."""
        now = wiring.system_of(self._settings).now_ms()
        if now - self._looked >= _MINUTE_MS or not self._looked:
            self._notices, self._looked = half_loads(self._settings), now
        return self._notices


def half_loads(settings: Settings) -> tuple[HubError, ...]:
    """Those of this moment."""
    today, found = wiring.system_of(settings).today(), []
    for name in wiring.edge_names(settings):
        with suppress(HubError, OSError):
            found.append(half_in(wiring.open_edge(settings, name), today))
    return tuple(one for one in found if one)
