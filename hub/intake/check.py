"""The registry, event by event: what a connector may say. What needs no vault is judged before it is asked."""

from typing import Any, Final, NamedTuple

from hub.codec import Codec
from hub.core.area import MUNICIPALITIES
from hub.core.errors import IntegrityError
from hub.core.frame import (
    CASE,
    CAUSE,
    CORRECTS,
    KIND_EVENT,
    KIND_SUBJECT,
    OFFER,
    PATIENT,
    PREVIOUS_CASE,
    STAFF,
    Entry,
    Ref,
    unpack_edge_event,
)
from hub.ports.intake import Connector

RETRACTED: Final = "agency.Retracted"
HUB: Final = "hub."
MARKET, SUBJECT = "market", "subject"
_ROLES: Final = frozenset((CORRECTS, CASE, OFFER, PREVIOUS_CASE, CAUSE))


class Checked(NamedTuple):
    """An event after the registry: its type's route and fields, or the code that refuses it."""

    type: str
    route: str
    fields: Any
    code: str


class Registry:
    """What one connector may publish, event by event."""

    def __init__(self, connector: Connector, codec: Codec) -> None:
        self._decode = codec.decode
        self._types = frozenset(connector.types.split())
        self._areas = tuple(connector.areas.split())
        self._sites = frozenset(connector.sites.split())
        self._known_types: dict[str, str] = {}
        self._known_areas: dict[str, bool] = {}

    def check(self, entry: Entry, generation: int) -> Checked:
        """The event's type, route and fields, or the code of what it may not be.

        A retraction that names a site follows that site's fact to its market.
        """
        try:
            kind, fields = self._decode(entry.value)
        except IntegrityError:
            return Checked("", "", None, "HUB-I320")
        type, area, persons = kind.type, entry.area, entry.persons
        code = self._known_types.get(type)
        if code is None:
            code = self._known_types[type] = self._type_code(type, kind.route)
        route = MARKET if type == RETRACTED and fields.site else kind.route
        if code:
            return Checked(type, "", None, code)
        if fields.area != area or not self._allows_area(area):
            return Checked(type, "", None, "HUB-I323")
        if self._sites and (site := getattr(fields, "site", None)) and site not in self._sites:
            return Checked(type, "", None, "HUB-I324")
        if not _names_persons(persons, route):
            return Checked(type, "", None, "HUB-I325")
        if entry.refs and not all(_may_name(ref, generation, entry.number) for ref in entry.refs):
            return Checked(type, "", None, "HUB-I326")
        if "\0" in "".join([entry.place, *[field for field in fields if field.__class__ is str]]):
            return Checked(type, "", None, "HUB-I328")
        return Checked(type, route, fields, "")

    def _type_code(self, type: str, route: str) -> str:
        named = type in self._types or f"{type.partition('.')[0]}.*" in self._types
        if not named or type.startswith(HUB):
            return "HUB-I321"
        return "" if route in (SUBJECT, MARKET) else "HUB-I322"

    def _allows_area(self, area: str) -> bool:
        found = self._known_areas.get(area)
        if found is None:
            sound = area.isdigit() and (len(area) >= 4 or area[:2] in MUNICIPALITIES)
            found = self._known_areas[area] = sound and area.startswith(self._areas)
        return found


def _names_persons(persons: tuple[tuple[int, int], ...], route: str) -> bool:
    """Whether every role is one of a person, and there is a patient where one is needed."""
    needed = route == SUBJECT
    for role, _ in persons:
        if not PATIENT <= role <= STAFF:
            return False
        needed = needed and role != PATIENT
    return not needed


def _may_name(ref: Ref, generation: int, number: int) -> bool:
    """Whether an edge may make this reference: never a subject, and an event only of its own and from before."""
    if ref.role not in _ROLES or ref.kind == KIND_SUBJECT or not ref.value:
        return False
    if ref.kind != KIND_EVENT:
        return True
    try:
        return unpack_edge_event(ref.value) < (generation, number)
    except IntegrityError:
        return False
