"""Intake: one fetch of an agency's frames to canonical records, outcomes and a position (laws 3, 8, 12).

    recover → read, judge, open, check → intend → resolve → route → append records → append outcomes → commit

Intake is never replayed from the beginning: before each fetch it takes what the outcomes say beyond its store. What it
appends is a function of the frames and of the numbers before them, so that a fetch that died anywhere is done again
with the same records; readers accept the next and drop what they had.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from hub.codec import Codec
from hub.core.county import has_two
from hub.core.errors import IntegrityError
from hub.core.frame import Entry
from hub.core.outcome import EventOutcome, Outcome, pack_outcome
from hub.core.record import Record
from hub.flow.accept import REPEAT
from hub.flow.advance import record_hash
from hub.intake.arrive import REFUSE, Opened
from hub.intake.fetch import Fetch, Work
from hub.intake.hear import heard, heard_again
from hub.intake.recover import recover, require_same_past, tell
from hub.intake.route import SECRET, Lane, Routed, Router
from hub.ports.intake import IntakeState, IntakeStore, Pace, Taken
from hub.ports.keys import Keys
from hub.ports.log import Log
from hub.ports.vault import Resolved, Sealed, Vault

EVENTS: Final = 10_000
TOTALS: Final = ("sent", "appended", "repeat", "refused", "registered", "ahead", "refused frames")


class Progress(NamedTuple):
    """What a fetch did, in events: sent = appended + repeat + refused; those of frames that are ahead come again.

    `frames` counts the records read; 0 means that nothing is left to do. `registered` persons became known. Of
    `refused_frames` nothing was believed, so that their events are not among those sent.
    """

    frames: int = 0
    sent: int = 0
    appended: int = 0
    repeat: int = 0
    refused: int = 0
    registered: int = 0
    ahead: int = 0
    refused_frames: int = 0


class Intake:
    """Opens frames, has persons resolved, and appends events to `persons` and `markets`, agency by agency."""

    def __init__(self, log: Log, vault: Vault, keys: Keys, store: IntakeStore, codec: Codec | None = None) -> None:
        """Raises IntegrityError HUB-I436 when `K_intake` is another than before: every event would get another id."""
        if not store.same_key(keys.mac(SECRET, "key check")(b"")[:16]):
            raise IntegrityError("HUB-I436")
        self._log, self._vault, self._keys, self._store = log, vault, keys, store
        self._codec = codec or Codec()
        self._ready: set[str] = set()

    def close(self) -> None:
        """Close its store and the vault; the log is its owner's."""
        self._store.close()
        self._vault.close()

    def agencies(self) -> list[str]:
        """Every agency that has a connector, sorted."""
        return self._store.agencies()

    def totals(self, agency: str) -> dict[str, int]:
        """The totals of law 8 since the beginning, and how many events each code refused."""
        return dict(sorted(self._store.state(agency).counts.items()))

    def ruled_out(self, frame: str) -> bool:
        """Whether somebody decided that this frame, by its SHA-256, is not its connector's history."""
        return self._store.ruled_out(bytes.fromhex(frame))

    def offset(self, agency: str) -> int:
        """The next offset of the agency's frames, by what is committed."""
        return self._store.state(agency).offset

    def offsets(self) -> dict[str, int]:
        """The next offset of every agency's frames."""
        return self._store.offsets()

    def paces(self) -> list[Pace]:
        """Rhythm and last run of every connector."""
        return self._store.paces()

    def advance(self, agency: str, events: int = EVENTS) -> Progress:
        """Take up to about `events` events of an agency. Whatever it raised, it may be called again and goes on.

        Raises AppendUncertain when nobody knows what landed, and IntegrityError: HUB-I420 to I422 for a fork of a
        connector, I430 to I434 when log, store, outcomes and vault do not belong together, I440 when two intakes work.
        """
        if agency not in self._ready:
            for topic in ("ingress", "outcomes"):
                self._log.create(f"{topic}.{agency}", 1)
            self._ready.add(agency)
        state = self._store.state(agency)
        before, answered = state.offset, state.answered
        recovered = recover(self._log, state)
        if recovered:
            state.heard |= heard_again(self._log, self._keys, self._codec, agency, answered, state.answered)
        require_same_past(self._log, self._vault, state)
        while True:
            revision, connectors = self._store.registry()
            own = {each.id: each for each in connectors if each.agency == agency}
            fetch = Fetch(self._log, self._store, self._keys, self._codec, state, recovered, own)
            fetch.read(events)
            if not fetch.works:
                if recovered:
                    self._store.commit(before, state, recovered)
                return Progress()
            if state.intent or self._store.intend(agency, state.offset + len(fetch.works), revision):
                return self._take(before, state, fetch, recovered)

    def _take(self, before: int, state: IntakeState, fetch: Fetch, recovered: Sequence[Taken]) -> Progress:
        agency, was = state.agency, dict(state.counts)
        people = self._resolve(state, fetch.works)
        router = Router(agency, self._codec, self._keys, self._log.topics(), state.next)
        outcomes: list[Record] = []
        taken = list(recovered)
        for work in fetch.works:
            header = work.arrival.header
            if work.opened is None and work.arrival.verdict != REFUSE:
                names = ("sent", "repeat") if work.arrival.verdict == REPEAT else ("ahead",)
                for name in names:
                    state.counts[name] = state.counts.get(name, 0) + header.events
                continue
            routed = self._route(router, work, people)
            state.next = {(lane.topic, lane.partition): lane.number for lane in router.lanes()}
            outcome = _outcome(state, work, routed)
            outcomes.append(Record(outcome.connector.encode(), b"", pack_outcome(outcome)))
            tell(state, outcome, routed.registered)
            state.heard |= heard(work)
            if work.opened is not None:
                taken.append(Taken(header.connector, header.generation, header.number, work.arrival.hash))
        self._send(state, router.lanes(), outcomes)
        state.offset += len(fetch.works)
        state.last, state.chains, state.intent = record_hash(fetch.works[-1].record), fetch.chains, 0
        progress = Progress(len(fetch.works), *(state.counts.get(name, 0) - was.get(name, 0) for name in TOTALS))
        if progress.sent != progress.appended + progress.repeat + progress.refused:
            raise IntegrityError("HUB-I441", agency=agency)
        self._store.commit(before, state, taken)
        return progress

    def _resolve(self, state: IntakeState, works: Sequence[Work]) -> dict[int, list[Resolved | None] | None]:
        """Ask the vault for the persons of every frame that could be opened, all at once; by offset."""
        asked: dict[int, Sealed] = {}
        for arrival, _, opened, checked, _ in works:
            frame, header = arrival.frame, arrival.header
            if opened is not None and frame is not None and not opened.code:
                pairs = zip(opened.entries, checked, strict=True)
                wanted = _persons(entry for entry, judged in pairs if not judged.code)
                named = _persons(opened.entries) if has_two(header.key_check) else None
                address = f"{header.agency}/{header.connector}/{header.generation}/{header.number}"
                asked[arrival.offset] = Sealed(
                    address, arrival.hash, frame.persons, frame.persons_key, frame.header_bytes, wanted, named
                )
        if not asked:
            return {}
        found = self._vault.resolve(state.agency, max(asked) + 1, list(asked.values()))
        return dict(zip(asked, found, strict=True))

    def _route(self, router: Router, work: Work, people: dict[int, list[Resolved | None] | None]) -> Routed:
        opened = work.opened
        if opened is None:
            return Routed((), 0)
        if opened.code:
            return Routed(_all_refused(opened), 0)
        return router.route(opened, work.checked, people[work.arrival.offset])

    def _send(self, state: IntakeState, lanes: Sequence[Lane], outcomes: list[Record]) -> None:
        """Records first: an outcome says that they are there."""
        for lane in lanes:
            if lane.records:
                self._log.append(lane.topic, lane.partition, lane.records)
        if outcomes:
            state.answered = self._log.append(f"outcomes.{state.agency}", 0, outcomes) + len(outcomes)


def _persons(entries: Iterable[Entry]) -> frozenset[int]:
    """The places in a frame of all persons whom these events name."""
    return frozenset(i for persons in {entry.persons for entry in entries} for _, i in persons)


def _outcome(state: IntakeState, work: Work, routed: Routed) -> Outcome:
    """The next outcome of the agency; the state's counters are put forward."""
    arrival, header = work.arrival, work.arrival.header
    state.sequence += 1
    if work.opened is not None and not work.opened.code:
        state.vault = arrival.offset + 1
    return Outcome(
        state.sequence, arrival.offset, header.connector, header.incarnation, header.generation, header.number,
        arrival.hash, arrival.code, work.last_event, state.vault, routed.events,
        tuple((topic, partition, number) for (topic, partition), number in sorted(state.next.items())),
    )  # fmt: skip


def _all_refused(opened: Opened) -> tuple[EventOutcome, ...]:
    """The events of a frame that nobody could read, or that says of itself that it links nobody."""
    return (EventOutcome(b"\0" * 32, opened.code, "", 0, 0),) * opened.arrival.header.events
