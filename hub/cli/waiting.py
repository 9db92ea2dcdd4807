"""What waits in the log, as one who takes part in nothing sees it: two looks, and whether anything moved in between."""

import time
from contextlib import closing
from typing import Any, Final, NamedTuple

from hub import wiring
from hub.cli.main import explain
from hub.codec import Codec
from hub.config import Settings
from hub.core.errors import HubError
from hub.flow.unread import Unread, since, told, unread
from hub.ports.intake import IntakeStore

BETWEEN_SECONDS: Final = 2.0


class Waiting(NamedTuple):
    """A partition with records that were not taken yet, and HUB-L560 where nobody takes them."""

    unread: Unread
    error: HubError | None

    def document(self) -> dict[str, Any]:
        """As JSON."""
        one = self.unread
        place = {"topic": one.topic, "partition": one.partition, "records": one.records}
        return {**place, "error": explain(self.error) if self.error else None}


def waiting(settings: Settings, intake: IntakeStore) -> list[Waiting]:
    """Every partition where records wait; nobody takes those that have waited for longer than a worker's patience and
    are not taken while we look, either. Raises Unreachable.
    """
    system, projections, codec = wiring.system_of(settings), wiring.projected(settings), Codec()
    with (
        closing(wiring.open_log(settings.database("log"), make=False)) as log,
        closing(wiring.open_store(settings, projections)) as store,
    ):
        groups = [(each.group, each.topic) for each in projections]

        def look() -> list[Unread]:
            return [one for one in unread(log, store, groups, intake.offsets()) if one.records]

        long_ago = system.now_ms() - 1000 * settings.worker_patience
        found = look()
        suspects = {one.place: one.at for one in found if since(log, codec, one) < long_ago}
        if suspects:
            time.sleep(BETWEEN_SECONDS)
            found = look()
        return [Waiting(one, told(log, codec, one) if suspects.get(one.place) == one.at else None) for one in found]
