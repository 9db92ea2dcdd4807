"""From what is to be said to events in frames: encode, number, seal; and what there is to say of vanished rows."""

from collections.abc import Mapping as Map
from typing import Any, Final

from connectors.cells import Reader
from connectors.changes import Made, Persons, Saying, section_id, unpack_made
from connectors.contract import RETRACTED, Contract, contract_of
from connectors.edge import EdgeSpec
from connectors.rows import Draft, SectionMapper
from connectors.seal import Sealer
from connectors.spool import Place
from hub.codec import Codec
from hub.core.frame import CORRECTS, KIND_EVENT, Ref, pack_edge_event

STARTED: Final = "agency.SourceStarted"
FINISHED: Final = "agency.RunFinished"
NO_ROW: Final = Place("", 0)


class Publisher:
    """Encodes events and gives them to the sealer. `events` counts them."""

    def __init__(self, spec: EdgeSpec, sections: list[SectionMapper], sealer: Sealer, today: int, now_ms: int) -> None:
        self.events = 0
        self._spec, self._sealer, self._today, self._now_ms = spec, sealer, today, now_ms
        self._go_live = spec.go_live
        self._encode = Codec().encode
        self._forms = [_Form(section.contract) for section in sections]
        self._ids = [section_id(section.section.name) for section in sections]
        self._by_id = {section_id(section.section.name): section for section in sections}

    @property
    def generation(self) -> int:
        """Of the incarnation that events are numbered in."""
        return self._sealer.generation

    def area_and_basis(self, draft: Draft) -> tuple[str, str]:
        """Area and legal basis of a draft."""
        form = self._forms[draft.section]
        return draft.values[form.area], draft.values[form.basis]

    def fresh(self, draft: Draft, place: str, token: int, refs: tuple[Ref, ...] = ()) -> int:
        """Publish a draft, and return its number. The fields before the area have their order from the contract."""
        form, values = self._forms[draft.section], draft.values
        mode = "history" if values[0] < self._go_live else "live"
        self.events += 1
        sealer = self._sealer
        value = self._encode(form.type, (sealer.salt(), *values[:3], mode, *values[3:]))
        return sealer.add(value, values[form.area], draft.people, refs or draft.refs, place, token)

    def say(self, saying: Saying, place: Place) -> Made | None:
        """Publish one event of a row; what must be remembered of it, None for a retraction."""
        draft = saying.draft
        if saying.section is None:
            assert saying.corrects is not None
            area, basis = draft.values
            self.retract(area, basis, draft.people, saying.corrects, place)
            return None
        refs = draft.refs
        if saying.corrects is not None:
            refs = (*refs, Ref(CORRECTS, KIND_EVENT, pack_edge_event(*saying.corrects)))
        number = self.fresh(draft, *place, refs)
        return Made(self._ids[saying.section], self._sealer.generation, number, saying.print)

    def retract(self, area: str, basis: str, people: Persons, target: tuple[int, int], place: Place) -> None:
        """Say that an event never was."""
        fields = {"occurred_minute": None, **self._now(area, basis)}
        refs = (Ref(CORRECTS, KIND_EVENT, pack_edge_event(*target)),)
        self._add(contract_of(RETRACTED), fields, self._today, area, people, refs, place)

    def vanished(self, events: bytes, who: Map[int, tuple[str, str, Persons]], place: Place) -> bool:
        """Say what the mapping says of a row that is no longer there; whether it said anything."""
        said = False
        for made in unpack_made(events):
            mapper = self._by_id.get(made.section)
            if mapper is None or mapper.section.on_vanish == "nothing":
                continue
            area, basis, people = who[made.section]
            if mapper.section.on_vanish == "retract":
                self.retract(area, basis, people, (made.generation, made.number), place)
            else:
                contract = contract_of(mapper.section.on_vanish)
                fields = dict.fromkeys(contract.targets) | self._now(area, basis)
                for name, cell in mapper.section.vanish.items():
                    fields[name] = Reader(cell, contract.targets[name], {}, self._today).read([None])[0]
                self._add(contract, fields, self._today, area, people, (), place)
            said = True
        return said

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
        people: Persons,
        refs: tuple[Ref, ...],
        place: Place,
    ) -> None:
        fields["mode"] = "history" if occurred_on < self._go_live else "live"
        self.events += 1
        values = [fields[name] for name in contract.kind.cls._fields[1:]]
        value = self._encode(contract.kind.type, (self._sealer.salt(), *values))
        self._sealer.add(value, area, people, refs, *place)


class _Form:
    """Where the engine's fields stand among a section's values."""

    def __init__(self, contract: Contract) -> None:
        names = tuple(contract.targets)
        assert names[:3] == ("occurred_on", "occurred_minute", "recorded_at")
        assert contract.kind.cls._fields[:5] == ("salt", *names[:3], "mode")
        self.type = contract.kind.type
        self.area, self.basis = names.index("area"), names.index("legal_basis")
