"""What is new in a row: its drafts against what was published of it before (architecture §5).

A row's fingerprint tells whether it must be read at all; an event's fingerprint tells whether it must be said again. So
a changed mapping, a new column or a touched time of change publishes nothing that is not new.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Map
from typing import Final, NamedTuple

from connectors.people import Somebody
from connectors.prints import Prints
from connectors.rows import Draft, SectionMapper

_MADE: Final = struct.Struct(">IHI16s")
_FORM: Final = 2

Persons = tuple[tuple[int, Somebody], ...]


class Made(NamedTuple):
    """An event that was published of a row: which section made it, its number, and its keyed fingerprint."""

    section: int
    generation: int
    number: int
    print: bytes


class Saying(NamedTuple):
    """An event to publish: `corrects` is the (generation, number) of the one that it takes the place of.

    `section` is the one whose draft it is, or None for a retraction.
    """

    section: int | None
    draft: Draft
    print: bytes
    corrects: tuple[int, int] | None


def section_id(name: str) -> int:
    """A section's number in the spool, which outlives its place in the mapping."""
    return zlib.crc32(name.encode())


def pack_made(made: Iterable[tuple[int, int, int, bytes]]) -> bytes:
    """Published events of a row, 26 bytes each."""
    return b"".join(_MADE.pack(*one) for one in made)


def unpack_made(packed: bytes) -> list[Made]:
    """The inverse of `pack_made`."""
    return [Made(*one) for one in _MADE.iter_unpack(packed)]


class Changes:
    """Decides what to publish of a row that is new or changed."""

    def __init__(self, sections: Sequence[SectionMapper], prints: Prints) -> None:
        self._sections = sections
        self._ids = [section_id(section.section.name) for section in sections]
        self._by_id = dict(zip(self._ids, sections, strict=True))
        self._prints = prints
        names = [list(section.contract.targets) for section in sections]
        self._recorded = [each.index("recorded_at") for each in names]
        self.tracked = [s.section.on_change == "correct" or s.section.on_vanish != "nothing" for s in sections]
        """By section: must it be kept whom its events concern, since a retraction may need it?"""

    def id(self, number: int) -> int:
        """A section's number in the spool."""
        return self._ids[number]

    def print(self, draft: Draft) -> bytes:
        """The fingerprint of an event: of all but its salt, its mode and the time of recording."""
        at, values = self._recorded[draft.section], draft.values
        said = values[:at] + values[at + 1 :]
        who = [somebody.hash for _, somebody in draft.people]
        return self._prints.event((self._ids[draft.section], said, who, [tuple(ref) for ref in draft.refs]))

    def decide(
        self, drafts: Sequence[Draft], before: Sequence[Made], people: Callable[[], Map[int, Draft]]
    ) -> tuple[list[Saying], list[Made]]:
        """What to say, and which of the events published before still stand.

        `people` gives, by section, drafts that say whom the earlier events concerned; it is asked only when needed.
        """
        old = {made.section: made for made in before}
        sayings: list[Saying] = []
        stand: list[Made] = []
        for draft in drafts:
            id = self._ids[draft.section]
            print = self.print(draft)
            made = old.pop(id, None)
            if made is not None and made.print == print:
                stand.append(made)
                continue
            corrects = None
            if made is not None and self._sections[draft.section].section.on_change == "correct":
                corrects = made.generation, made.number
                earlier = people().get(id)
                if earlier is None or same_people(earlier.people, draft.people):
                    sayings.append(Saying(draft.section, draft, print, corrects))
                    continue
                sayings.append(Saying(None, earlier, b"", corrects))
                corrects = None
            sayings.append(Saying(draft.section, draft, print, corrects))
        for id, made in old.items():
            section = self._by_id.get(id)
            if section is not None and section.section.on_change == "correct" and id in people():
                sayings.append(Saying(None, people()[id], b"", (made.generation, made.number)))
            else:
                stand.append(made)
        return sayings, stand


def same_people(one: Persons, other: Persons) -> bool:
    """Whether two events concern the same persons, as far as tokens tell."""
    return [(role, who.tokens) for role, who in one] == [(role, who.tokens) for role, who in other]
