"""From what is to be said to events in frames: encode, number, seal; and what there is to say of vanished rows."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from connectors.edge import EdgeSpec
from connectors.frames.seal import Sealable, Sealer
from connectors.rows.cells import Reader
from connectors.rows.changes import Made, Saying, section_id
from connectors.rows.contract import RETRACTED, SITE, Contract, contract_of
from connectors.rows.people import People, Whom
from connectors.rows.section import Draft, SectionMapper
from connectors.spool import Place
from hub.codec import Codec, framing
from hub.core.frame import CORRECTS, KIND_EVENT, Ref, pack_edge_event, pack_refs

STARTED: Final = "agency.SourceStarted"
FINISHED: Final = "agency.RunFinished"
NO_ROW: Final = Place("", 0)
_sealable: Final[Callable[[Any], Sealable]] = partial(tuple.__new__, Sealable)


class Publisher:
    """Encodes events and gives them to the sealer. `events` counts them."""

    def __init__(self, spec: EdgeSpec, sections: list[SectionMapper], sealer: Sealer, today: int, now_ms: int) -> None:
        self.events = 0
        self._spec, self._sealer, self._today, self._now_ms = spec, sealer, today, now_ms
        self._go_live = spec.go_live
        self._codec = Codec()
        self._kinds = [framing(section.contract.kind.id) for section in sections]
        self._ids = [section_id(section.section.name) for section in sections]
        self._by_id = {section_id(section.section.name): section for section in sections}

    @property
    def last(self) -> int:
        """The number of the event said last."""
        return self._sealer.event

    @property
    def generation(self) -> int:
        """Of the incarnation that events are numbered in."""
        return self._sealer.generation

    def fresh(self, drafts: Sequence[Draft], places: Iterable[str], tokens: Iterable[int]) -> int:
        """Publish drafts, each with the place and the token of its row; the number of the first."""
        sections, areas, _, _, fronts, tellings, backs, people, refs, _ = zip(*drafts, strict=True)
        self.events += len(drafts)
        kinds = map(self._kinds.__getitem__, sections)
        fields = map(b"".join, zip(fronts, tellings, backs, strict=True))
        packed = [pack_refs(some) if some else b"" for some in refs]
        return self._sealer.add(
            list(map(_sealable, zip(kinds, fields, areas, people, packed, places, tokens, strict=True)))
        )

    def say(self, saying: Saying, place: Place, whom: int) -> Made | None:
        """Publish one event of a row, concerning `whom`; what must be remembered of it, None for a retraction."""
        draft = saying.draft
        if saying.section is None:
            assert saying.corrects is not None
            self.retract(Whom(draft.area, draft.basis, draft.site, draft.people), saying.corrects, place)
            return None
        refs = draft.refs
        if saying.corrects is not None:
            refs = (
                *refs,
                Ref(CORRECTS, KIND_EVENT, pack_edge_event(saying.corrects.generation, saying.corrects.number)),
            )
        number = self.fresh([draft._replace(refs=refs)], [place.place], [place.token])
        return Made(self._ids[saying.section], self._sealer.generation, number, saying.print, whom)

    def retract(self, whom: Whom, target: Made, place: Place) -> None:
        """Say that an event never was: of its person, or of its site, which names the market that keeps it."""
        fields = {"occurred_minute": None, SITE: whom.site or None, **self._now(whom.area, whom.basis)}
        refs = (Ref(CORRECTS, KIND_EVENT, pack_edge_event(target.generation, target.number)),)
        self._add(contract_of(RETRACTED), fields, self._today, whom.area, whom.people, refs, place)

    def vanished(self, made: Made, whom: Whom, place: Place) -> bool:
        """Say what the mapping says where the row of an event is no longer there; whether it says anything.

        `whom` is whom the event concerned.
        """
        mapper = self._by_id.get(made.section)
        if mapper is None or mapper.section.on_vanish == "nothing":
            return False
        if mapper.section.on_vanish == "retract":
            self.retract(whom, made, place)
            return True
        contract = contract_of(mapper.section.on_vanish)
        fields = dict.fromkeys(contract.targets) | self._now(whom.area, whom.basis)
        if whom.site and SITE in fields:
            fields[SITE] = whom.site
        for name, cell in mapper.section.vanish.items():
            fields[name] = Reader(cell, contract.targets[name], {}, self._today).read([None])[0]
        self._add(contract, fields, self._today, whom.area, whom.people, (), place)
        return True

    def own(self, type: str, **fields: Any) -> None:
        """An event of the connector itself, about no person."""
        contract = contract_of(type)
        whole = dict.fromkeys(contract.targets) | self._now(self._spec.area, "public_duty") | fields
        self._add(contract, whole, self._today, self._spec.area, (), (), NO_ROW)

    def _now(self, area: str, basis: str) -> dict[str, Any]:
        return {"occurred_on": self._today, "recorded_at": self._now_ms, "area": area, "legal_basis": basis}

    def _add(
        self,
        contract: Contract,
        fields: dict[str, Any],
        occurred_on: int,
        area: str,
        people: People,
        refs: tuple[Ref, ...],
        place: Place,
    ) -> None:
        fields["mode"] = "history" if occurred_on < self._go_live else "live"
        self.events += 1
        values = [fields[name] for name in contract.kind.cls._fields[1:]]
        value = self._codec.encode(contract.kind.type, (b"\0" * 16, *values))  # the sealer has the salts
        self._sealer.add([Sealable(framing(contract.kind.id), value[21:], area, people, pack_refs(refs), *place)])
