"""A fetch of frames: judged, opened and checked, one after the other, before anything of them is sent."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from hub.codec import Codec
from hub.core.errors import IntegrityError
from hub.core.record import Record
from hub.flow.accept import NEXT
from hub.intake.arrive import REFUSE, Arrival, Door, Opened
from hub.intake.check import Checked, Registry
from hub.ports.intake import Chain, Connector, IntakeState, IntakeStore, Taken
from hub.ports.keys import Keys
from hub.ports.log import Log

STEP: Final = 8  # frames read at once
STARTED: Final = "agency.SourceStarted"


class Work(NamedTuple):
    """A frame with everything found out about it before persons are resolved.

    `opened` and the connector's `last_event` are there when the frame's number is used up.
    """

    arrival: Arrival
    record: Record
    opened: Opened | None = None
    checked: tuple[Checked, ...] = ()
    last_event: int = 0


class Fetch:
    """Reads what comes next of one agency, under one registry. `works` is what there is to do, in order."""

    def __init__(
        self,
        log: Log,
        store: IntakeStore,
        keys: Keys,
        codec: Codec,
        state: IntakeState,
        recovered: Iterable[Taken],
        connectors: Mapping[str, Connector],
    ) -> None:
        self._log, self._store, self._state = log, store, state
        self._door = Door(state.agency, keys, connectors)
        self._registries = {id: Registry(each, codec) for id, each in connectors.items()}
        self._hashes = {(each.connector, each.generation, each.number): each.hash for each in recovered}
        self.chains = dict(state.chains)
        self.works: list[Work] = []

    def read(self, events: int) -> None:
        """Take frames until they hold `events` events, or exactly as far as a fetch that died wanted to go.

        A fork ends the fetch before it; raises the fork's IntegrityError when it comes first.
        """
        state, begun = self._state, self._state.intent
        while begun or events > 0:
            at = state.offset + len(self.works)
            limit = min(STEP, begun - at) if begun else STEP
            records = self._log.read(f"ingress.{state.agency}", 0, at, limit) if limit > 0 else []
            if not records:
                return
            for record in records:
                try:
                    work = self._work(state.offset + len(self.works), record)
                except IntegrityError:
                    if self.works:
                        return
                    raise
                self.works.append(work)
                events -= max(1, work.arrival.header.events)
                if events <= 0 and not begun:
                    return

    def _work(self, offset: int, record: Record) -> Work:
        arrival = self._door.judge(offset, record, self.chains, self._taken, self._store.ruled_out)
        header = arrival.header
        if arrival.verdict != NEXT:
            return Work(arrival, record)
        before = self.chains.get(header.connector)
        same = before is not None and before.generation == header.generation
        opened = self._door.open(arrival, before.last_event if before and same else 0)
        check = self._registries[header.connector].check
        checked = tuple([check(entry, header.generation) for entry in opened.entries])
        if before and not same and (code := _no_start(before, opened, checked)):
            return Work(arrival._replace(verdict=REFUSE, code=code), record)
        last = opened.entries[-1].number if opened.entries else (before.last_event if before and same else 0)
        chain = Chain(header.connector, header.incarnation, header.generation, header.number, arrival.hash, last)
        self.chains[header.connector] = chain
        self._hashes[header.connector, header.generation, header.number] = arrival.hash
        return Work(arrival, record, opened, checked, last)

    def _taken(self, connector: str, generation: int, number: int) -> bytes | None:
        return self._hashes.get((connector, generation, number)) or self._store.taken(connector, generation, number)


def _no_start(before: Chain, opened: Opened, checked: tuple[Checked, ...]) -> str:
    """Why a frame may not begin a new generation: it must say which spool it follows."""
    if opened.code:
        return opened.code
    first = checked[0] if checked else None
    follows = first is not None and first.type == STARTED and first.fields is not None
    return "" if follows and first.fields.previous == before.incarnation else "HUB-I310"  # type: ignore[union-attr]
