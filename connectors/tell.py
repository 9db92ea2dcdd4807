"""What rows say: new ones many at a time, changed ones against what they said before, vanished ones once more."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, islice, repeat
from typing import Any, Final

from connectors.changes import Changes, Made, pack_made, unpack_made
from connectors.prints import Prints
from connectors.publish import Publisher
from connectors.section import Draft, SectionMapper
from connectors.spool import Known, Place, Spool
from connectors.whom import Keeper
from hub.ports.keys import Keys

_known: Final[Callable[[Any], Known]] = partial(tuple.__new__, Known)


class Teller:
    """Publishes what is new, and says what to remember of each row (`connectors.changes` decides)."""

    def __init__(
        self, sections: Sequence[SectionMapper], spool: Spool, keys: Keys, publisher: Publisher, prints: Prints
    ) -> None:
        self._changes = Changes(sections, prints)
        self._keeper = Keeper(keys, spool)
        self._publisher, self._spool = publisher, spool

    def first(
        self, tokens: Sequence[int], prints: Sequence[bytes], where: list[str], readings: Sequence[Any], seen: int
    ) -> list[Known]:
        """Publish all that new rows say; what to know of them. `where` is "alias:row:" of each, `seen` the read."""
        changes, publisher = self._changes, self._publisher
        sizes = list(map(len, readings))
        drafts: list[Draft] = list(chain.from_iterable(readings))
        several = len(drafts) > len(readings)
        if several:
            where = list(chain.from_iterable(map(repeat, where, sizes)))
        of = list(chain.from_iterable(map(repeat, tokens, sizes))) if several else tokens
        places = [place + draft.column for place, draft in zip(where, drafts, strict=True)]
        first = publisher.fresh(drafts, places, of)
        ids, print, whom, generation = changes.ids, changes.print, self._whom, publisher.generation
        made = pack_made(
            [(ids[draft[0]], generation, n, print(draft), whom(draft)) for n, draft in enumerate(drafts, first)]
        )
        if several:
            events = iter(made)
            made = [b"".join(islice(events, size)) for size in sizes]
        return list(map(_known, zip(tokens, prints, repeat(seen), repeat(0), made, strict=False)))

    def again(self, drafts: Sequence[Draft], token: int, before: Known, place: str) -> tuple[bytes, bool]:
        """Publish what is new of a row; what to remember of its events, and whether anything was said."""
        events = unpack_made(before.events)
        sayings, said = self._changes.decide(drafts, events, lambda: self._former(events))
        for saying in sayings:
            whom = 0 if saying.section is None else self._whom(saying.draft)
            new = self._publisher.say(saying, Place(place + saying.draft.column, token), whom)
            if new is not None:
                said.append(new)
        return b"".join(pack_made(said)), bool(sayings)

    def vanished(self, rows: Sequence[Known], alias: str) -> None:
        """Say what the mapping says of rows that are no longer there, and forget them."""
        dropped: list[int] = []
        left: list[int] = []
        for row in rows:
            events = unpack_made(row.events)
            who = self._keeper.find(made.whom for made in events)
            said = self._publisher.vanished(events, who, Place(f"{alias}:0:", row.id))
            (dropped if said else left).append(row.id)
        self._spool.rows.drop(dropped)
        self._spool.rows.leave(left)

    def forget_others(self) -> None:
        """Forget whom nothing concerns any more that rows said."""
        self._keeper.forget_others()

    def _whom(self, draft: Draft) -> int:
        """The spool's number of those whom an event concerns, 0 where no mapping will ever ask."""
        if not self._changes.tracked[draft.section]:
            return 0
        return self._keeper.number((draft.area, draft.basis, draft.people))

    def _former(self, events: Sequence[Made]) -> dict[int, Draft]:
        """Drafts that say whom the row's earlier events concerned, by section."""
        known = self._keeper.find(made.whom for made in events)
        found = {}
        for made in events:
            if made.whom in known:
                area, basis, people = known[made.whom]
                found[made.section] = Draft(-1, area, basis, b"", b"", b"", people, (), "")
        return found
