"""What is new in a row: its drafts against what was published of it before (architecture §5).

A row's fingerprint tells whether it must be read at all; an event's fingerprint tells whether it must be said again. So
a changed mapping, a new column or a touched time of change publishes nothing that is not new.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Map
from itertools import starmap
from typing import Final, NamedTuple

from connectors.mapping.language import REFUSE
from connectors.rows.people import Somebody
from connectors.rows.prints import Prints
from connectors.rows.section import Draft, SectionMapper
from hub.core.area import market_of
from hub.core.frame import pack_refs

_MADE: Final = struct.Struct(">IHI16sI")


class Made(NamedTuple):
    """An event that was published of a row: which section made it, its number, and its keyed fingerprint.

    `whom` is the spool's number of those whom it concerned, 0 where no mapping will ever ask.
    """

    section: int
    generation: int
    number: int
    print: bytes
    whom: int


class Saying(NamedTuple):
    """An event to publish: `corrects` is the one that it takes the place of.

    `section` is the one whose draft it is, or None for a retraction.
    """

    section: int | None
    draft: Draft
    print: bytes
    corrects: Made | None


def section_id(name: str) -> int:
    """A section's number in the spool, which outlives its place in the mapping."""
    return zlib.crc32(name.encode())


def pack_made(made: Iterable[tuple[int, int, int, bytes, int]]) -> list[bytes]:
    """Published events, 30 bytes each; those of a row are joined."""
    return list(starmap(_MADE.pack, made))


def unpack_made(packed: bytes) -> list[Made]:
    """The inverse of `pack_made`."""
    return [Made(*one) for one in _MADE.iter_unpack(packed)]


class Changes:
    """Decides what to publish of a row that is new or changed."""

    def __init__(self, sections: Sequence[SectionMapper], prints: Prints, remap: bool = False) -> None:
        """`remap` corrects whatever another mapping said, whether or not a changed row is a correction."""
        self._remap = remap
        self._corrects = [remap or section.section.on_change == "correct" for section in sections]
        self.ids = [section_id(section.section.name) for section in sections]
        """By section: its number in the spool, which outlives its place in the mapping."""
        self._correcting = dict(zip(self.ids, self._corrects, strict=True))
        self._of_events = [prints.of_events(id).copy for id in self.ids]
        self._final = {
            id for id, section in zip(self.ids, sections, strict=True) if section.section.on_change == REFUSE
        }
        self.tracked = [s.section.on_change == "correct" or s.section.on_vanish != "nothing" for s in sections]
        """By section: must it be kept whom its events concern, since a retraction may need it?"""

    def print(self, draft: Draft) -> bytes:
        """The fingerprint of an event: of all but its salt, its mode and the time of recording."""
        section, _, _, _, front, _, back, people, refs, _ = draft
        who = [somebody.hash for somebody in people]
        hash = self._of_events[section]()
        hash.update(b"".join((front, back, bytes((len(who),)), *who, pack_refs(refs) if refs else b"")))
        return hash.digest()

    def denies(self, drafts: Sequence[Draft], before: Sequence[Made]) -> bool:
        """Whether drafts would change what was said for good."""
        said = {made.section: made.print for made in before if made.section in self._final}
        says = {self.ids[draft.section]: self.print(draft) for draft in drafts}
        return any(says.get(section) != print for section, print in said.items())

    def decide(
        self, drafts: Sequence[Draft], before: Sequence[Made], people: Callable[[], Map[int, Draft]]
    ) -> tuple[list[Saying], list[Made]]:
        """What to say, and which of the events published before still stand.

        `people` gives, by section, drafts that say whom or which site the earlier events concerned; it is asked only
        when needed.
        """
        old = {made.section: made for made in before}
        sayings: list[Saying] = []
        stand: list[Made] = []
        for draft in drafts:
            id = self.ids[draft.section]
            print = self.print(draft)
            made = old.pop(id, None)
            if made is not None and made.print == print:
                stand.append(made)
                continue
            corrects = None
            if made is not None and self._corrects[draft.section]:
                corrects = made
                earlier = people().get(id)
                if earlier is None or same_owner(earlier, draft):
                    sayings.append(Saying(draft.section, draft, print, corrects))
                    continue
                sayings.append(Saying(None, earlier, b"", corrects))
                corrects = None
            sayings.append(Saying(draft.section, draft, print, corrects))
        for id, made in old.items():
            earlier = people().get(id) if self._correcting.get(id, self._remap) else None
            if earlier is None:
                stand.append(made)
            else:
                sayings.append(Saying(None, earlier, b"", made))
        return sayings, stand


def _same(one: Somebody, other: Somebody) -> bool:
    """The same role and the same tokens; where the county has two keys, one of them may have those of one key only."""
    some, others = set(one.tokens), set(other.tokens)
    kinds = {kind for kind, _ in some} == {kind for kind, _ in others}
    return one.role == other.role and kinds and (some <= others or others <= some)


def same_owner(one: Draft, other: Draft) -> bool:
    """Whether a correction finds what it corrects: the same persons, as far as tokens tell, or the same site of the
    same market."""
    if len(one.people) != len(other.people) or not all(map(_same, one.people, other.people)):
        return False
    return one.site == other.site and (not one.site or market_of(one.area) == market_of(other.area))
