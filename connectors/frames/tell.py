"""What rows say: new ones many at a time, changed ones against what they said before, vanished ones once more."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, islice, repeat
from typing import Any, Final

from connectors.frames.publish import Publisher
from connectors.frames.whom import Keeper
from connectors.rows.changes import Changes, Made, pack_made, unpack_made
from connectors.rows.people import Whom
from connectors.rows.prints import Prints
from connectors.rows.section import Draft, SectionMapper
from connectors.spool import Known, Place, Spool, TakenBack
from hub.ports.keys import Keys

_known: Final[Callable[[Any], Known]] = partial(tuple.__new__, Known)


class Teller:
    """Publishes what is new, and says what to remember of each row (`connectors.rows.changes` decides)."""

    def __init__(
        self, sections: Sequence[SectionMapper], spool: Spool, keys: Keys, publisher: Publisher, prints: Prints,
        remap: bool = False,
    ) -> None:  # fmt: skip
        self._changes, self._remapped = Changes(sections, prints, remap), Changes(sections, prints, True)
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
            if saying.corrects is not None:
                self._took_back(saying.corrects, token, 0)
            if new is not None:
                said.append(new)
        return b"".join(pack_made(said)), bool(sayings)

    def denies(self, drafts: Sequence[Draft], before: Known) -> bool:
        """Whether a row would change what it said for good."""
        return bool(before.events) and self._changes.denies(drafts, unpack_made(before.events))

    def stands(self, drafts: Sequence[Draft], before: Known) -> bool:
        """Whether a row says what was said of it, so that a remap would have nothing to say."""
        events = unpack_made(before.events)
        return not self._remapped.decide(drafts, events, lambda: self._former(events))[0]

    def vanished(self, rows: Sequence[Known], alias: str) -> None:
        """Say what the mapping says of rows that are no longer there, and forget them."""
        dropped: list[int] = []
        left: list[int] = []
        for row in rows:
            events = unpack_made(row.events)
            who = self._keeper.find(made.whom for made in events)  # nobody, where the mapping never asked for it
            place, said = Place(f"{alias}:0:", row.id), False
            for made in events:
                if made.whom in who and self._publisher.vanished(made, who[made.whom], place):
                    self._took_back(made, row.id, 1)
                    said = True
            (dropped if said else left).append(row.id)
        self._spool.rows.drop(dropped)
        self._spool.rows.leave(left)

    def take_back(self, back: TakenBack, place: Place) -> None:
        """Say once more what takes an event back: the hub refused it the first time."""
        for made in unpack_made(back.made):
            whom = self._keeper.find([made.whom]).get(made.whom)
            if whom is None:
                continue
            if not back.gone:
                self._publisher.retract(whom, made, place)
            elif not self._publisher.vanished(made, whom, place):
                continue
            self._took_back(made, back.token, back.gone)
        self._spool.taken.drop([back.number])

    def _took_back(self, made: Made, token: int, gone: int) -> None:
        """The event said last took this one back; it is kept until the hub has answered."""
        self._spool.taken.put(TakenBack(self._publisher.last, token, gone, 0, pack_made([made])[0]))

    def _whom(self, draft: Draft) -> int:
        """The spool's number of those whom an event concerns, 0 where no mapping will ever ask."""
        if not self._changes.tracked[draft.section]:
            return 0
        return self._keeper.number(Whom(draft.area, draft.basis, draft.site, draft.people))

    def _former(self, events: Sequence[Made]) -> dict[int, Draft]:
        """Drafts that say whom the row's earlier events concerned, by section."""
        known = self._keeper.find(made.whom for made in events)
        found = {}
        for made in events:
            if made.whom in known:
                area, basis, site, people = known[made.whom]
                found[made.section] = Draft(-1, area, basis, site, b"", b"", b"", people, (), "")
        return found
